"""The health of the models in use, told from decisions that are known."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from sqlalchemy import update

from tagger.feedback import Articles, Decisions
from tagger.feedback.decision_kinds import Decision, KeywordAccepted, KeywordAdded, KeywordRejected, Reviewed
from tagger.feedback.health import Counts, corpus_shares, health
from tagger.keywords.vocabulary import Vocabulary, load_vocabulary
from tagger.resources import training_data_dir
from tagger.service.desk.health_charts import acceptance_chart, certainty_chart, drift_chart, reliability_chart
from tagger.store.articles import ArticleRow
from tagger.store.database import Database
from tagger.store.decisions import EditRow
from tagger.store.tables import now
from tagger.training.corpus import load_corpus
from tagger.training.scores import calibration_error, reliability
from tests.annotations import TEXT, annotation

EXPECTED = {"fintech": 0.5, "genre": 0.5}


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(training_data_dir())


def decide(
    database: Database,
    number: int,
    keywords: dict[str, float],
    *decisions: Decision,
    model: str = "fast 1",
    weeks_ago: int = 0,
    language: str = "fr",
) -> int:
    """Store an article and decide about it, some weeks ago."""
    articles = Articles(database)
    given = annotation(text=f"{TEXT} Dépêche {number}.", keywords=keywords, model=model, language=language)
    stored = articles.add(given, "desk", keep_text=True)
    if decisions:
        Decisions(database).record(stored.id, None, 1, list(decisions))
    then = now() - dt.timedelta(weeks=weeks_ago)
    with database.session() as session:
        session.execute(update(EditRow).where(EditRow.article_id == stored.id).values(at=then))
        session.execute(update(ArticleRow).where(ArticleRow.id == stored.id).values(created_at=then))
    return stored.id


ACCEPT, REJECT = KeywordAccepted(keyword_id="fintech"), KeywordRejected(keyword_id="fintech")
ADD = KeywordAdded(keyword_id="genre", keyword="Genre")


def test_nothing_stored_is_no_fault(database: Database, vocabulary: Vocabulary) -> None:
    report = health(database, vocabulary, EXPECTED, weeks=4)
    assert len(report.weeks) == 4
    assert all(week.articles == 0 and week.counts.acceptance is None and not week.drifts for week in report.weeks)
    assert (report.keywords, report.models, report.changes, report.calibration_error) == ([], [], [], None)
    for chart in (acceptance_chart, reliability_chart, drift_chart, certainty_chart):
        ET.fromstring(chart(report))  # noqa: S314 - our own


def test_acceptance_is_counted_by_week_keyword_and_model(database: Database, vocabulary: Vocabulary) -> None:
    for number in range(3):
        decide(database, number, {"Fintech": 0.9}, ACCEPT, Reviewed(), weeks_ago=2)
    decide(database, 3, {"Fintech": 0.8}, REJECT, ADD, Reviewed(), weeks_ago=2)
    decide(database, 4, {"Fintech": 0.7}, REJECT, Reviewed(), model="fast 2")
    undone = decide(database, 5, {"Fintech": 0.7}, ACCEPT, model="fast 2")
    Decisions(database).undo(undone, None, 2)
    decide(database, 6, {"Fintech": 0.9}, ACCEPT, weeks_ago=30)  # too long ago
    report = health(database, vocabulary, EXPECTED, weeks=4)
    assert [week.counts for week in report.weeks] == [
        Counts(),
        Counts(accepted=3, rejected=1, missed=1),
        Counts(),
        Counts(rejected=1),
    ]
    assert report.weeks[1].counts.acceptance == 0.75
    assert [(item.keyword, item.counts) for item in report.keywords] == [
        ("Fintech", Counts(accepted=3, rejected=2)),
        ("Genre", Counts(missed=1)),
    ]
    assert report.keywords[0].weeks[report.weeks[1].monday] == Counts(accepted=3, rejected=1)
    assert [(model.version, model.counts) for model in report.models] == [
        ("fast 1", Counts(accepted=3, rejected=1, missed=1)),
        ("fast 2", Counts(rejected=1)),
    ]
    change = report.changes[0]
    assert (change.keyword, change.former.acceptance, change.current.acceptance) == ("Fintech", 0.75, 0.0)
    assert "3 acceptées sur 4" in acceptance_chart(report)


def test_calibration_is_held_against_decisions(database: Database, vocabulary: Vocabulary) -> None:
    for number in range(4):  # 0.9 is right three times of four, 0.2 is listed, left alone, and so wrong
        decide(database, number, {"Fintech": 0.9, "Genre": 0.2}, REJECT if number == 0 else ACCEPT, Reviewed())
    decide(database, 9, {"Fintech": 0.9}, ACCEPT)  # not reviewed: not counted
    report = health(database, vocabulary, EXPECTED, weeks=2)
    assert [(item.probability, item.share, item.count) for item in report.reliability] == [
        (0.2, 0.0, 4),
        (0.9, 0.75, 4),
    ]
    assert report.calibration_error == pytest.approx((0.2 + 0.15) / 2)
    assert "75" in reliability_chart(report)


def test_the_calibration_error_is_that_of_the_model_cards(database: Database, vocabulary: Vocabulary) -> None:
    for number in range(4):  # under 1 %, nothing counts
        keywords = {"Fintech": 0.9, "Genre": 0.2, "Portail": 0.004}
        decide(database, number, keywords, REJECT if number == 0 else ACCEPT, Reviewed())
    report = health(database, vocabulary, EXPECTED, weeks=2)
    stated, right = np.array([[0.9, 0.2, 0.004]] * 4), np.array([[0, 0, 0], *[[1, 0, 0]] * 3], dtype=np.int8)
    assert report.calibration_error == pytest.approx(calibration_error(stated, right))
    assert report.reliability == reliability(stated, right)


def test_nothing_is_said_of_calibration_where_no_keyword_reached_one_per_cent(
    database: Database, vocabulary: Vocabulary
) -> None:
    decide(database, 1, {"Genre": 0.004}, ADD, Reviewed())
    report = health(database, vocabulary, EXPECTED, weeks=2)
    assert (report.reliability, report.calibration_error) == ([], None)


def test_the_most_probable_keyword_need_not_be_the_one_to_file_under(
    database: Database, vocabulary: Vocabulary
) -> None:
    decide(database, 1, {"Fintech": 0.6, "Genre": 0.9})
    assert health(database, vocabulary, EXPECTED, weeks=2).weeks[-1].certainty == 0.9


def test_drift_is_told_from_chance(database: Database, vocabulary: Vocabulary) -> None:
    for number in range(20):
        usual = {"Fintech": 0.9} if number % 2 else {"Genre": 0.8}
        decide(database, number, usual, weeks_ago=1)
        decide(database, 100 + number, {"Fintech": 0.6}, language="fr" if number < 15 else "en")
    before, after = health(database, vocabulary, EXPECTED, weeks=2).weeks
    assert not before.drifts
    assert before.distance == 0
    assert after.drifts
    assert (before.certainty, after.certainty) == (pytest.approx(0.85), 0.6)
    assert (before.foreign, after.foreign) == (0, 0.25)
    report = health(database, vocabulary, EXPECTED, weeks=2)
    assert drift_chart(report).count("<circle") >= 2
    assert "polyline" in certainty_chart(report)


def test_shares_of_the_corpus(vocabulary: Vocabulary) -> None:
    shares = corpus_shares(load_corpus(training_data_dir() / "corpus/osiris-briefs.jsonl"), vocabulary)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["fintech"] > 0
