"""How well mentions are grouped into entities: B-cubed against articles grouped by hand.

A. Bagga & B. Baldwin, « Algorithms for Scoring Coreference Chains », 1998: precision and recall are taken mention
by mention, from the group it was put into and the group where it belongs. A mention that was not found, or that
is none, counts as wholly wrong.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from tagger.article import EntityType, Mention
from tagger.entities.extractor import EntityExtractor
from tagger.entities.groups import place
from tagger.entities.known_names import KnownNames
from tagger.entities.merging import merge
from tagger.entities.recogniser import Found
from tagger.errors import InvalidRecordError
from tagger.text.typography import NormalisedText, normalise

GROUPS_FILE = "entity_groups.jsonl"
WRITTEN = "written"  # the origin of articles that were written to be difficult, and that nothing learns from
_Item = TypeVar("_Item", bound=Hashable)


class GroupedEntity(BaseModel):
    """An entity of an article with all its mentions, as a careful reader grouped them."""

    name: str
    type: EntityType
    mentions: list[Mention]


class GroupedArticle(BaseModel):
    """An article whose mentions were grouped by hand."""

    model_config = ConfigDict(extra="ignore")

    id: str
    origin: str
    title: str
    text: str
    entities: list[GroupedEntity]


@dataclass(slots=True)
class BCubed:
    """Sums over the mentions of articles, from which precision, recall and F1 follow."""

    found: int = 0
    expected: int = 0
    _precise: float = 0.0
    _recalled: float = 0.0

    def add(self, groups: Iterable[Iterable[_Item]], expected: Iterable[Iterable[_Item]]) -> None:
        """Count the groups of one article against the `expected` ones."""
        own, right = _group_of_each(groups), _group_of_each(expected)
        self.found += len(own)
        self.expected += len(right)
        for item in own.keys() & right.keys():
            shared = len(own[item] & right[item])
            self._precise += shared / len(own[item])
            self._recalled += shared / len(right[item])

    @property
    def precision(self) -> float:
        """How much of the groups that mentions were put into belongs with them."""
        return self._precise / max(self.found, 1)

    @property
    def recall(self) -> float:
        """How much of what belongs with the mentions was put with them."""
        return self._recalled / max(self.expected, 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)


def load_grouped_articles(path: Path) -> list[GroupedArticle]:
    """Load articles grouped by hand, one JSON record a line.

    Raises:
        InvalidRecordError: the file is missing or a line is not such a record.
    """
    articles = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise InvalidRecordError(f"There is no file of grouped entities at {path}.") from None
    for number, line in enumerate(lines, 1):
        try:
            articles.append(GroupedArticle.model_validate_json(line))
        except ValidationError as error:
            raise InvalidRecordError(f"{path}, line {number}, is no article with grouped entities: {error}") from None
    return articles


def score_merging(articles: Iterable[GroupedArticle], known_names: KnownNames) -> BCubed:
    """Score the merging alone: it is given the mentions that the reader marked."""
    scores = BCubed()
    for article in articles:
        texts = {"title": normalise(article.title), "text": normalise(article.text)}
        expected = [
            [_found(mention, texts[mention.field], entity.type, known_names) for mention in entity.mentions]
            for entity in article.entities
        ]
        groups = merge(chain(*expected), texts["title"].text, texts["text"].text, known_names)
        scores.add([map(place, group.mentions) for group in groups], [map(place, mentions) for mentions in expected])
    return scores


def score_extraction(articles: Iterable[GroupedArticle], extractor: EntityExtractor) -> BCubed:
    """Score recogniser and merging together, on the mentions that the recogniser finds."""
    scores = BCubed()
    for article in articles:
        found, _ = extractor.extract(normalise(article.title), normalise(article.text), [])
        scores.add(
            [map(_span, entity.mentions) for entity in found],
            [map(_span, entity.mentions) for entity in article.entities],
        )
    return scores


def _group_of_each(groups: Iterable[Iterable[_Item]]) -> Mapping[_Item, frozenset[_Item]]:
    return {item: group for group in map(frozenset, groups) for item in group}


def _span(mention: Mention) -> tuple[str, int, int]:
    return mention.field, mention.start, mention.end


def _found(mention: Mention, text: NormalisedText, entity_type: EntityType, known_names: KnownNames) -> Found:
    """Give a marked mention as the recogniser would have found it."""
    start, end = mention.start, mention.end
    if text.starts is not None:
        start, end = bisect_left(text.starts, start), bisect_left(text.starts, end)
    surface = text.text[start:end]
    hits = known_names.find(surface)
    is_whole = len(hits) == 1 and (hits[0].start, hits[0].end) == (0, len(surface))
    known = hits[0].known if is_whole and hits[0].type == entity_type else None
    return Found(mention.field, start, end, surface, entity_type, known)
