"""From decisions on the desk to models that suggest otherwise, and into service."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tagger.article import Suggestion
from tagger.cli import app
from tagger.errors import FeedbackError, InvalidRecordError, PromotionError
from tagger.feedback import Articles, Decisions
from tagger.feedback.decision_kinds import (
    Decision,
    EntityRemoved,
    KeywordAccepted,
    KeywordAdded,
    KeywordRejected,
    Place,
    Reviewed,
)
from tagger.feedback.learning import exported, feedback_records, learn
from tagger.keywords.model import KeywordModel
from tagger.keywords.suggester import KeywordSuggester
from tagger.keywords.vocabulary import Vocabulary, load_vocabulary
from tagger.resources import models_dir, training_data_dir
from tagger.settings import Settings
from tagger.store.database import Database
from tagger.text.typography import normalise
from tagger.training.comparison import Comparison, Difference
from tagger.training.corpus import Emphasis, load_corpus
from tagger.training.entity_comparison import compare_entities
from tagger.training.entity_samples import samples_of
from tagger.training.promotion import check_not_worse, go_back, promote, read_comparison
from tests.annotations import TEXT, annotation, mentions

STRIKE = (
    "Les travailleurs de la société ont observé un arrêt de travail {when}. Le syndicat réclame de meilleurs "
    "salaires pour les femmes ingénieures de {place} et dénonce le silence de la direction. {end}"
)
NEAR = [
    ("Débrayage à Thiès", STRIKE.format(when="lundi matin", place="Thiès", end="Une nouvelle réunion est prévue.")),
    ("Débrayage à Kaolack", STRIKE.format(when="mardi", place="Kaolack", end="Le préfet a reçu les délégués.")),
    ("Débrayage à Saint-Louis", STRIKE.format(when="hier", place="Saint-Louis", end="La grève se poursuivra jeudi.")),
    ("Débrayage à Ziguinchor", STRIKE.format(when="ce matin", place="Ziguinchor", end="Les clients patientent.")),
]


@dataclass(frozen=True)
class Filed:
    """A text that was filed elsewhere."""

    title: str
    text: str
    keyword_ids: tuple[str, ...]


@pytest.fixture(scope="module")
def vocabulary(small_data: Path) -> Vocabulary:
    return load_vocabulary(small_data)


@pytest.fixture(scope="module")
def parameters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parameters") / "quick.json"
    path.write_text('{"epochs": 3}', encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def in_service(small_data: Path, parameters: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("service") / "models"
    run("train", "--training-data", small_data, "--output", folder, "--profile", "fast", "--parameters", parameters)
    return folder


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("TAGGER_DATA_DIR", str(tmp_path))
    opened = Database.open(Settings(data_dir=tmp_path))
    yield opened
    opened.close()


def run(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def suggestions(models: Path, vocabulary: Vocabulary, title: str, text: str) -> list[Suggestion]:
    suggester = KeywordSuggester(KeywordModel.load(models, "fast"), vocabulary)
    return suggester.suggest(normalise(title), normalise(text), 8)


def correct(database: Database, title: str, text: str, found: list[Suggestion], right: str, name: str) -> None:
    """Do what an editor does: reject what is suggested, and put another keyword."""
    given = annotation(title, text).model_copy(update={"keywords": found})
    stored = Articles(database).add(given, "desk", keep_text=True)
    decisions: list[Decision] = [
        KeywordRejected(keyword_id=item.keyword_id) for item in found if item.suggested and item.keyword_id != right
    ]
    chosen = [*decisions, KeywordAdded(keyword_id=right, keyword=name), Reviewed()]
    Decisions(database).record(stored.id, None, stored.revision, chosen)


def test_three_corrections_change_what_is_suggested_and_what_is_not_worse_is_promoted(
    database: Database, in_service: Path, small_data: Path, vocabulary: Vocabulary, parameters: Path, tmp_path: Path
) -> None:
    *corrected, unseen = NEAR
    before = suggestions(in_service, vocabulary, *unseen)
    assert before[0].keyword == "Mouvements sociaux"
    assert next(item for item in before if item.keyword == "Genre").suggested is False
    for title, text in corrected:
        correct(database, title, text, suggestions(in_service, vocabulary, title, text), "genre", "Genre")

    candidate = tmp_path / "candidate"
    arguments = ["--training-data", small_data, "--profile", "fast", "--parameters", parameters]
    assert "Name another folder" in run("train", "--with-feedback", *arguments, "--output", models_dir(), code=3)
    printed = run("train", "--with-feedback", *arguments, "--models", in_service, "--output", candidate, "--promote")
    assert "in service" in printed

    after = suggestions(candidate, vocabulary, *unseen)
    assert (after[0].keyword, after[0].suggested) == ("Genre", True)
    others = {item.keyword: item.probability for item in after}
    assert others["Mouvements sociaux"] < before[0].probability / 2

    current = tmp_path / "models/current"
    assert f"TAGGER_MODELS_DIR={current}".replace(" ", "") in printed.replace(" ", "")
    manifest = KeywordModel.load(current, "fast").manifest
    assert manifest.version == KeywordModel.load(candidate, "fast").manifest.version
    assert manifest.feedback == ["feedback-1", "feedback-2", "feedback-3"]
    assert (tmp_path / "models/previous").resolve() == in_service.resolve()
    run("promote", "--back")
    assert current.resolve() == in_service.resolve()
    run("promote", "--back")
    assert current.resolve() != in_service.resolve()

    scores = read_comparison(candidate, KeywordModel.load(in_service, "fast").manifest)["fast"]
    assert scores.articles == manifest_articles(small_data) + 3
    with pytest.raises(PromotionError, match="other models"):
        read_comparison(candidate, manifest)


def manifest_articles(data: Path) -> int:
    return len(load_corpus(data / "corpus").tested)


def test_records_say_what_was_accepted_refused_and_left_open(database: Database, vocabulary: Vocabulary) -> None:
    articles, decisions = Articles(database), Decisions(database)
    stored = articles.add(annotation(record_id="7"), "desk", keep_text=True)
    keywords: list[Decision] = [
        KeywordRejected(keyword_id="regulation-des-telecoms"),
        KeywordAdded(keyword_id="genre", keyword="Genre"),
        KeywordAdded(keyword_id="no-longer-there", keyword="Ancien"),
    ]
    removed = EntityRemoved(mention=Place.of(mentions("Dakar")[0]))
    decisions.record(stored.id, None, 1, [*keywords, removed])
    articles.add(annotation(text=f"{TEXT} Bis."), "desk", keep_text=True)  # nothing was decided about it
    (record,) = feedback_records(database, vocabulary)
    assert record.model_dump(include={"id", "origin", "keywords", "rejected", "unsure", "reviewed", "lead"}) == {
        "id": f"feedback-{stored.id}",
        "origin": "feedback",
        "keywords": ["Genre"],
        "rejected": ["Régulation des télécoms"],
        "unsure": ["Sonatel/Orange"],
        "reviewed": False,
        "lead": None,
    }
    assert record.entities is not None
    assert record.title_entities is not None
    assert [TEXT[name.start : name.end] for name in record.entities] == ["ARTP", "Sonatel", "Abdoul Ly", "Sonatel"]
    with exported(database, vocabulary, "entities") as path:
        (brief,) = load_corpus(path)
    text, title = samples_of(brief)
    assert {(text.text[name.start : name.end], name.type) for name in text.names} == {
        ("ARTP", "ORG"),
        ("Sonatel", "ORG"),
        ("Abdoul Ly", "PER"),
    }
    assert len(title.names) == 2
    assert not brief.is_tested


def test_without_texts_or_decisions_there_is_nothing_to_learn(database: Database, vocabulary: Vocabulary) -> None:
    stored = Articles(database).add(annotation(), "desk", keep_text=False)
    Decisions(database).record(stored.id, None, 1, [KeywordAccepted(keyword_id="fintech")])
    with pytest.raises(FeedbackError, match="TAGGER_KEEP_TEXTS"), exported(database, vocabulary, "keywords"):
        pass
    assert "Review articles" in run("train", "entities", "--with-feedback", "--output", models_dir() / "x", code=3)


def test_the_export_is_a_corpus(database: Database, tmp_path: Path) -> None:
    stored = Articles(database).add(annotation(), "desk", keep_text=True)
    Decisions(database).record(stored.id, None, 1, [KeywordAccepted(keyword_id="fintech"), Reviewed()])
    path = tmp_path / "feedback.jsonl"
    assert "1 articles" in run("feedback", "export", "--output", path)
    (brief,) = load_corpus(path)
    assert (brief.primary, brief.origin, brief.is_tested) == ("Fintech", "feedback", True)
    run("feedback", "erase-article", stored.id, "--yes")
    run("feedback", "erase-article", stored.id, "--yes", code=3)
    assert "0 articles" in run("feedback", "export", "--output", path)
    assert "TAGGER_RETENTION_DAYS" in run("feedback", "prune", code=3)
    assert "0 articles" in run("feedback", "prune", "--days", 1)


def test_texts_that_others_filed_are_learnt(database: Database, vocabulary: Vocabulary) -> None:
    articles, decisions = Articles(database), Decisions(database)
    text = "La Banque centrale autorise les portefeuilles mobiles. Les clients pourront payer partout."
    learn(articles, decisions, vocabulary, [Filed("", text, ("fintech", "genre"))])
    learn(articles, decisions, vocabulary, [Filed("", text, ("fintech", "genre"))])  # nothing new
    (record,) = feedback_records(database, vocabulary)
    assert (record.origin, record.keywords, record.rejected) == ("annif", ["Fintech", "Genre"], [])
    assert record.reviewed
    learn(articles, decisions, vocabulary, [Filed("", text, ("genre",))])
    (record,) = feedback_records(database, vocabulary)
    assert (record.keywords, record.rejected) == (["Genre"], ["Fintech"])
    assert articles.waiting() == 0
    assert len(decisions.history(1)) == 2


def write(path: Path, *records: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps({"text": f"Texte {record['id']}.", **record}) + "\n" for record in records))
    return path


def test_decisions_weigh_more_and_what_is_open_weighs_nothing(tmp_path: Path, vocabulary: Vocabulary) -> None:
    corpus = write(tmp_path / "c.jsonl", {"id": "a", "keywords": ["Genre"]}, {"id": "b", "keywords": ["Fintech"]})
    decided = write(
        tmp_path / "feedback.jsonl",
        {
            "id": "feedback-1",
            "origin": "feedback",
            "keywords": ["Formation"],
            "rejected": ["Genre"],
            "unsure": ["Fintech"],
        },
        {"id": "feedback-2", "origin": "feedback", "keywords": [], "rejected": ["Genre"]},
        {"id": "feedback-3", "origin": "feedback", "keywords": ["Genre"], "reviewed": False},
        {"id": "feedback-4", "origin": "feedback", "text": "TEXTE  a !", "keywords": ["Fintech"]},
    )
    assert load_corpus(corpus).weights(vocabulary, Emphasis()) is None
    both = load_corpus(corpus, decided)
    assert both.ids == ["b", "feedback-1", "feedback-2", "feedback-3", "feedback-4"]  # `a` was filed anew
    assert both.tested.tolist() == [0, 1, 4]
    place = {keyword.name: row for row, keyword in enumerate(vocabulary)}
    assert both.primaries(vocabulary).tolist() == [
        place["Fintech"],
        place["Formation"],
        -1,
        place["Genre"],
        place["Fintech"],
    ]
    weights = both.weights(vocabulary, Emphasis(accepted=3, rejected=12))
    assert weights is not None
    assert np.unique(weights[0]).tolist() == [1]
    assert weights[1, [place[name] for name in ("Formation", "Genre", "Fintech", "Sonatel/Orange")]].tolist() == [
        3,
        12,
        0,
        1,
    ]
    assert both.labels(vocabulary).sum(axis=1).tolist() == [1, 1, 0, 1, 1]
    with pytest.raises(InvalidRecordError):
        load_corpus(write(tmp_path / "bad.jsonl", {"id": "x", "rejected": ["Genre"]}))


def difference(score: str, low: float, high: float) -> Difference:
    return Difference(score=score, first=0.5, second=0.5 + (low + high) / 2, difference=0, low=low, high=high)


@pytest.mark.parametrize(
    ("found", "is_worse"),
    [
        (difference("micro_f1", -0.05, -0.01), True),
        (difference("micro_f1", -0.05, 0.01), False),
        (difference("micro_f1", 0.01, 0.05), False),
        (difference("calibration_error", 0.01, 0.05), True),
        (difference("calibration_error", -0.05, -0.01), False),
    ],
)
def test_only_what_is_clearly_worse_is_refused(found: Difference, is_worse: bool) -> None:
    comparison = {"fast": Comparison(first="a", second="b", articles=10, differences=[found])}
    if is_worse:
        with pytest.raises(PromotionError, match=f"{found.score} of fast"):
            check_not_worse(comparison)
    else:
        check_not_worse(comparison)


def test_a_worse_candidate_is_refused_on_held_out_articles(
    database: Database, in_service: Path, small_data: Path, tmp_path: Path
) -> None:
    worse = tmp_path / "worse"
    path = worse / "keywords/fast/manifest.json"
    shutil.copytree(in_service, worse)
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["keyword_ids"].reverse()  # every score under another keyword's name
    path.write_text(json.dumps(manifest), encoding="utf-8")
    arguments = ["--models", in_service, "--training-data", small_data, "--samples", 100]
    assert "not compared" in run("promote", worse, *arguments, code=3)
    held_out = small_data / "corpus/osiris-briefs.jsonl"
    assert "precision_at_1 of fast" in run("promote", worse, *arguments, "--corpus", held_out, code=3)
    assert not (tmp_path / "models/current").exists()
    assert "In service" in run("promote", in_service, *arguments, "--corpus", held_out)
    assert "Name the folder" in run("promote", tmp_path, *arguments, code=3)
    assert "tagger promote candidate" in run("promote", *arguments, code=3)


def test_a_candidate_without_a_profile_in_service_is_refused(in_service: Path, tmp_path: Path) -> None:
    with pytest.raises(PromotionError, match="profile best"):
        promote(in_service, models_dir(), tmp_path)
    with pytest.raises(PromotionError, match="nothing to go back to"):
        go_back(tmp_path)


def test_a_recogniser_compared_with_itself_is_not_worse() -> None:
    corpus, folder = load_corpus(training_data_dir() / "corpus"), models_dir() / "entities"
    found = compare_entities(folder, folder, corpus, 100, 0)
    assert found.articles > 700
    assert found.differences[0].first > 0.8
    assert (found.differences[0].low, found.differences[0].high) == (0, 0)
    assert found.worse == []
