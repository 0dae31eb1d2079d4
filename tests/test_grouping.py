"""Mentions grouped by whom they name: the measure, and the grouping on articles grouped by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tagger.entities.extractor import EntityExtractor
from tagger.entities.known_name_files import load_known_names
from tagger.entities.known_names import KnownNames
from tagger.errors import InvalidRecordError
from tagger.resources import models_dir, training_data_dir
from tagger.training.grouping import (
    GROUPS_FILE,
    BCubed,
    GroupedArticle,
    load_grouped_articles,
    score_extraction,
    score_merging,
)


@pytest.fixture(scope="module")
def articles() -> list[GroupedArticle]:
    return load_grouped_articles(training_data_dir() / GROUPS_FILE)


def b_cubed(groups: list[str], expected: list[str]) -> tuple[float, float]:
    scores = BCubed()
    scores.add(groups, expected)
    return scores.precision, scores.recall


def test_b_cubed_is_as_published() -> None:
    """The example of Bagga and Baldwin, 1998: two of three groups run together."""
    expected = ["12345", "67", "89abc"]
    assert b_cubed(["12345", "6789abc"], expected) == (pytest.approx(16 / 21, abs=0.001), 1.0)
    assert b_cubed(["1234589abc", "67"], expected) == (pytest.approx(7 / 12, abs=0.001), 1.0)
    assert b_cubed(expected, expected) == (1.0, 1.0)
    assert b_cubed(list("123456789abc"), expected) == (1.0, pytest.approx(0.25))


def test_missing_and_spurious_mentions_count() -> None:
    assert b_cubed(["ab"], ["ab", "c"]) == (1.0, pytest.approx(2 / 3))
    assert b_cubed(["ab", "x"], ["ab"]) == (pytest.approx(2 / 3), 1.0)
    assert b_cubed(["abx"], ["ab"]) == (pytest.approx(4 / 9), 1.0)
    assert b_cubed([], ["ab"]) == (0.0, 0.0)


def test_gold_is_consistent(articles: list[GroupedArticle]) -> None:
    assert len(articles) >= 80
    for article in articles:
        mentions = [mention for entity in article.entities for mention in entity.mentions]
        assert all(
            (article.title if m.field == "title" else article.text)[m.start : m.end] == m.text for m in mentions
        )
        assert len({(m.field, m.start) for m in mentions}) == len(mentions)


def test_mentions_are_grouped_as_a_careful_reader_does(articles: list[GroupedArticle]) -> None:
    known_names = KnownNames(load_known_names(training_data_dir()))
    assert score_merging(articles, known_names).f1 >= 0.97


def test_extraction_is_scored_on_what_it_finds(articles: list[GroupedArticle]) -> None:
    scores = score_extraction(articles[:5], EntityExtractor.load(models_dir(), training_data_dir()))
    assert 0.3 < scores.f1 < 1
    assert scores.expected == sum(len(entity.mentions) for article in articles[:5] for entity in article.entities)


def test_broken_gold_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecordError, match="There is no file"):
        load_grouped_articles(tmp_path / GROUPS_FILE)
    (tmp_path / GROUPS_FILE).write_text('{"id": "a"}\n', encoding="utf-8")
    with pytest.raises(InvalidRecordError, match="line 1"):
        load_grouped_articles(tmp_path / GROUPS_FILE)
