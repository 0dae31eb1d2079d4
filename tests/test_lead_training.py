"""Training and measuring the writers of leads."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.errors import InvalidRecordError
from tagger.leads.extractive import ExtractiveWriter
from tagger.leads.importance import BUCKETS
from tagger.leads.network import Network
from tagger.leads.sentences import read_sentences
from tagger.leads.tokens import Tokens
from tagger.resources import training_data_dir
from tagger.text.typography import normalise
from tagger.training.corpus import load_corpus
from tagger.training.lead_corpus import load_examples
from tagger.training.rouge import _common_subsequence, bootstrap_interval, rouge, words
from tagger.training.train_leads import Recipe, _Counts, _Prepared, mean_network, train_and_write
from tests.test_cli import tagger


def test_rouge_by_hand() -> None:
    one, two, longest = rouge(words("Le chat noir dort."), words("le chat dort bien"))
    assert (one, longest) == (0.75, 0.75)
    assert two == pytest.approx(1 / 3)
    assert rouge([], words("le chat")) == (0, 0, 0)
    assert rouge(words("le le le"), words("le chat"))[0] == pytest.approx(
        0.4
    )  # a word counts as often as both have it


@given(st.text("abc", max_size=30), st.text("abc", max_size=30))
def test_longest_common_subsequence_is_that_of_the_table(first: str, second: str) -> None:
    table = np.zeros((len(first) + 1, len(second) + 1), dtype=int)
    for i, left in enumerate(first):
        for j, right in enumerate(second):
            table[i + 1, j + 1] = table[i, j] + 1 if left == right else max(table[i, j + 1], table[i + 1, j])
    assert _common_subsequence(list(first), list(second)) == table[-1, -1]


def test_interval_holds_the_mean() -> None:
    values = np.random.default_rng(1).normal(0.3, 0.1, size=(400, 3))
    low, high = bootstrap_interval(values, 200, 0)
    assert (low < values.mean(axis=0)).all()
    assert (values.mean(axis=0) < high).all()
    assert (high - low < 0.03).all()


def test_networks_side_by_side_give_their_mean() -> None:
    random = np.random.default_rng(0)

    def network() -> Network:
        sizes = ((5, 4), (4, 3), (3, 1))
        weights = [random.normal(size=size).astype(np.float32) for size in sizes]
        return Network(weights, [random.normal(size=size[1]).astype(np.float32) for size in sizes])

    networks, rows = [network() for _ in range(3)], random.normal(size=(50, 5)).astype(np.float32)
    expected = np.mean([each.apply(rows) for each in networks], axis=0)
    assert mean_network(networks).apply(rows) == pytest.approx(expected, abs=1e-5)


def test_a_word_is_described_to_the_trainer_without_its_own_article() -> None:
    """A word that one article alone has tells nothing of that article's lead; a common one is counted elsewhere."""

    def article(text: str, lead: str) -> _Prepared:
        sentences = read_sentences(text, [])
        return _Prepared("", sentences, Tokens.read("", sentences), words(lead), np.zeros(len(sentences)))

    told = article("La Sonatel ouvre ses fourreaux à la concurrence.", "La Sonatel ouvre ses fourreaux")
    others = [article("La Sonatel attend la décision du régulateur sénégalais.", "La Sonatel")] * 30
    counts = _Counts.of([told, *others])
    without = dict(zip(told.tokens.vocabulary, counts.propensity_without(told), strict=True))
    everywhere = dict(zip(told.tokens.vocabulary, counts.propensity()[told.tokens.hashes % BUCKETS], strict=True))
    overall = counts.taken.sum() / counts.having.sum()
    assert without["fourreaux"] == pytest.approx(np.log(overall / (1 - overall)), abs=1e-5)
    assert everywhere["fourreaux"] > without["fourreaux"]  # this is what would give the lead away
    assert without["sonatel"] > without["fourreaux"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty briefs with their hand-written leads."""
    path = tmp_path_factory.mktemp("leads") / "briefs.jsonl"
    briefs = islice(load_corpus(training_data_dir() / "corpus/osiris-briefs.jsonl"), 60)
    lines = [json.dumps({"title": brief.title, "text": brief.text, "lead": brief.lead}) for brief in briefs]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_trained_ranker_writes_the_same_twice(data: Path, tmp_path: Path) -> None:
    recipe, examples = Recipe(epochs=3, words_penalty=0), load_examples([data])
    versions = []
    for name in ("a", "b"):
        manifest = train_and_write(examples, examples[:10], [data], tmp_path / name, recipe, lambda _: None)
        versions.append(manifest.version)
    assert versions[0] == versions[1]
    assert "Lead ranker" in (tmp_path / "a/lead/README.md").read_text(encoding="utf-8")
    lead = ExtractiveWriter.load(tmp_path / "a").write("", normalise(examples[0].text))
    assert lead is not None


def test_evaluation_puts_the_writers_side_by_side(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("sumy", reason="sumy is not installed")
    figures = tmp_path / "figures.json"
    done = tagger("evaluate", "lead", "--data", data, "--limit", "15", "--json", figures)
    assert done.returncode == 0, done.stderr.decode()
    evaluation = json.loads(figures.read_text(encoding="utf-8"))
    scores = {item["writer"]: item for item in evaluation["writers"]}
    assert evaluation["articles"] == 15
    assert len(scores) == 9
    oracle = scores["best single sentence (oracle)"]
    assert oracle["rouge_1"]["mean"] >= scores["first sentence"]["rouge_1"]["mean"]
    assert scores["extractive"]["too_long"] == 0
    assert scores["extractive"]["rouge_1"]["low"] <= scores["extractive"]["rouge_1"]["mean"]
    assert all(item["written"] == 15 for item in scores.values())


def test_other_names_of_the_fields_and_gzip(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.write(json.dumps({"title": "T", "article": "Un texte.", "heading": "Un chapô."}) + "\n")
    (example,) = load_examples([path])
    assert (example.text, example.lead) == ("Un texte.", "Un chapô.")


@pytest.mark.parametrize("line", ['{"title": "T", "text": "Un texte."}', "{", ""])
def test_a_line_without_a_lead_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(InvalidRecordError, match=r"Line 1 of|no article"):
        load_examples([path])
