"""The entity recogniser trained, measured and shipped."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.entities.pipeline import load_pipeline
from tagger.entities.recogniser import ENTITIES, NameSpan
from tagger.feedback import Articles, Decisions
from tagger.feedback.decision_kinds import EntityRetyped, Place
from tagger.model_files import Manifest, file_hash
from tagger.resources import models_dir, training_data_dir
from tagger.settings import Settings
from tagger.store.database import Database
from tagger.training.corpus import Brief, MarkedName
from tagger.training.entity_samples import Sample, example, marked_text, read_conllu, samples_of, varied
from tagger.training.entity_scores import EntityScores
from tests.annotations import annotation, mentions


def manifest() -> Manifest:
    path = models_dir() / ENTITIES / "manifest.json"
    return Manifest.model_validate_json(path.read_text(encoding="utf-8"))


def test_shipped_recogniser_learnt_from_the_corpus_as_it_stands() -> None:
    for name, digest in manifest().data.items():
        path = training_data_dir() / "corpus" / name
        assert file_hash(path) == digest, f"{name} changed since `tagger train entities`"


def test_shipped_recogniser_weighs_at_most_25_megabytes() -> None:
    assert sum(entry.bytes for entry in manifest().files.values()) <= 25_000_000


def test_shipped_recogniser_is_ahead_of_every_pipeline_for_each_type() -> None:
    systems = manifest().scores["systems"]
    ours = systems.pop("with rules and known names")["types"]
    peers = [scores["types"] for name, scores in systems.items() if name.startswith("fr_")]
    assert peers
    for kind, score in ours.items():
        assert score["f1"] > max(peer[kind]["f1"] for peer in peers) + 0.05


def test_scores_count_exact_borders_and_types() -> None:
    wanted = {NameSpan(0, 5, "PER"), NameSpan(10, 15, "ORG"), NameSpan(20, 25, "LOC")}
    found = {NameSpan(0, 5, "PER"), NameSpan(10, 15, "LOC"), NameSpan(20, 24, "LOC"), NameSpan(30, 32, "LOC")}
    scores = EntityScores.of([(wanted, found)]).types
    assert (scores["PER"].precision, scores["PER"].recall) == (1, 1)
    assert scores["ORG"].f1 == 0
    assert (scores["all"].precision, scores["all"].recall, scores["all"].names) == (0.25, 0.3333, 3)


def test_marks_follow_the_normalised_text() -> None:
    text = "Créée à l’Ouest : la « Cote\u00a0d’Ivoire »… et l\u2019e\u0301cole Œuvre"
    start = text.index("Œuvre")
    sample = marked_text(text, [MarkedName(start=start, end=start + 5, type="ORG")])
    (name,) = sample.names
    assert sample.text[name.start : name.end] == "Oeuvre"


def test_a_title_teaches_only_where_it_was_annotated() -> None:
    brief = Brief(id="1", primary="Fintech", title="Dakar", text="A Dakar.")
    assert [sample.text for sample in samples_of(brief)] == ["A Dakar."]
    brief.title_entities = []
    assert [sample.text for sample in samples_of(brief)] == ["A Dakar.", "Dakar"]


@given(st.text(max_size=200), st.integers(0, 1000))
def test_varied_texts_keep_their_length(text: str, seed: int) -> None:
    sample = Sample(text, ())
    assert len(varied(sample, 1.0, random.Random(seed)).text) == len(text)


def test_what_is_unsure_teaches_nothing() -> None:
    sample = Sample("Le Magal de Touba ravit Dakar.", (NameSpan(3, 17, "MISC"), NameSpan(24, 29, "LOC")))  # type: ignore[arg-type]
    made = example(load_pipeline(), sample)
    tags = dict(zip([token.text for token in made.reference], made.get_aligned_ner(), strict=True))
    assert (tags["Magal"], tags["ravit"], tags["Dakar"]) == (None, "O", "U-LOC")


def test_conll_files_are_read() -> None:
    lines = ["# text\n", "0\tAziz\tB-PER\n", "1\tSy\tI-PER\n", "2\tà\tO\n", "3\tDakar\tB-LOC\n", "\n", "0\tOui\tO\n"]
    assert read_conllu(lines) == [
        (["Aziz", "Sy", "à", "Dakar"], {NameSpan(0, 2, "PER"), NameSpan(3, 4, "LOC")}),
        (["Oui"], set()),
    ]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "tagger", *arguments], capture_output=True, text=True, env=environment, check=False
    )


def correct_an_article(data_dir: Path) -> None:
    """Let an editor say that Dakar is an institution here."""
    database = Database.open(Settings(data_dir=data_dir))
    stored = Articles(database).add(annotation(), "desk", keep_text=True)
    decision = EntityRetyped(mention=Place.of(mentions("Dakar")[0]), type="ORG")
    Decisions(database).record(stored.id, None, stored.revision, [decision])
    database.close()


def test_train_and_evaluate_through_the_command(
    small_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGGER_DATA_DIR", str(tmp_path))
    correct_an_article(tmp_path)
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name, most in (("osiris-briefs.jsonl", 15), ("composed-briefs.jsonl", 5)):
        lines = (small_data / "corpus" / name).read_text(encoding="utf-8").splitlines()[:most]
        (corpus / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    general = tmp_path / "general.jsonl"
    general.write_text(json.dumps({"text": "Le maire de Lyon a reçu Marie Curie. " * 9}) + "\n", encoding="utf-8")
    conll = tmp_path / "sentences.conllu"
    conll.write_text("0\tLyon\tB-LOC\n1\tdort\tO\n\n", encoding="utf-8")
    models = tmp_path / "models"
    data = ("--corpus", str(corpus), "--training-data", str(small_data))
    teaching = ("--general", str(general), "--passes", "1", "--with-feedback")
    trained = run("train", "entities", *data, *teaching, "--output", str(models))
    assert trained.returncode == 0, trained.stderr
    learnt = json.loads((models / ENTITIES / "manifest.json").read_text(encoding="utf-8"))["data"]
    assert set(learnt) == {"osiris-briefs.jsonl", "composed-briefs.jsonl", "feedback.jsonl"}
    assert "osiris-entities" in trained.stdout
    assert "the general French press" in (models / ENTITIES / "README.md").read_text(encoding="utf-8")
    figures = tmp_path / "figures.json"
    measured = run(
        "evaluate", "entities", *data, "--models", str(models), "--general", str(conll), "--json", str(figures)
    )
    assert measured.returncode == 0, measured.stderr
    assert "fr_core_news_md" in measured.stdout
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert found["articles"] == 15
    assert set(found["general"]["sentences.conllu"]) >= {"the network alone", "fr_core_news_md"}
    shutil.copytree(models_dir() / "keywords", models / "keywords")
    shutil.copytree(models_dir() / "encoder", models / "encoder")
    article = tmp_path / "article.txt"
    article.write_text("Aziz Akhannouch a reçu la presse à Rabat, au Maroc, mardi soir.", encoding="utf-8")
    annotated = run("annotate", str(article), "--models", str(models), "--jsonl")
    assert json.loads(annotated.stdout)["model"]["entities"].startswith("osiris-entities")


@pytest.mark.parametrize("line", ["no json", '{"title": "x"}', "[1]"])
def test_bad_general_texts_are_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "general.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    refused = run("train", "entities", "--general", str(path), "--output", str(tmp_path / "models"))
    assert refused.returncode == 3
    assert "Line 1" in refused.stderr


def test_an_altered_recogniser_is_refused(tmp_path: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(models_dir(), models)
    with (models / ENTITIES / "network" / "model").open("ab") as file:
        file.write(b"x")
    article = tmp_path / "article.txt"
    article.write_text("Aziz Akhannouch a reçu la presse à Rabat, au Maroc, mardi soir.", encoding="utf-8")
    refused = run("annotate", str(article), "--models", str(models))
    assert refused.returncode == 3
    assert "was altered" in refused.stderr
