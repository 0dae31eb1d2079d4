"""A text cut into paragraphs and pieces, so that names, evidence and the lead's sentences can be shown in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tagger.article import Entity, EntityType, FieldSpan, Mention, Span, TextField

_PARAGRAPH = re.compile(r"[^\r\n]+")
_CONTEXT = 28  # characters shown on either side of a mention


@dataclass(frozen=True)
class Piece:
    """A stretch of one paragraph over which nothing changes.

    `start` is its offset in the field, in code points. `entity` is the index of the entity named here, `keywords`
    are the ids of those that the stretch speaks for, `in_lead` tells that the lead took it.
    """

    start: int
    text: str
    entity: int | None
    type: EntityType | None
    keywords: tuple[str, ...]
    in_lead: bool


@dataclass(frozen=True)
class Context:
    """A mention with the words around it."""

    index: int
    before: str
    text: str
    after: str


def paragraphs(
    text: str,
    field: TextField,
    entities: Sequence[Entity],
    evidence: Iterable[tuple[str, FieldSpan]],
    lead: Iterable[Span] = (),
) -> list[list[Piece]]:
    """Cut the text of a field into paragraphs of pieces; `evidence` are keyword ids, each with its span."""
    named = [
        (mention.start, mention.end, place)
        for place, entity in enumerate(entities)
        for mention in entity.mentions
        if mention.field == field
    ]
    spoken = [(span.start, span.end, keyword) for keyword, span in evidence if span.field == field]
    taken = [(span.start, span.end) for span in lead]
    spans = [*((start, end) for start, end, _ in named), *((start, end) for start, end, _ in spoken), *taken]
    borders = {border for span in spans for border in span}
    cut = []
    for paragraph in _PARAGRAPH.finditer(text):
        inner = {border for border in borders if paragraph.start() < border < paragraph.end()}
        cut.append(
            [
                _piece(text, start, end, entities, named, spoken, taken)
                for start, end in pairwise(sorted({*paragraph.span(), *inner}))
            ]
        )
    return cut


def _piece(
    text: str,
    start: int,
    end: int,
    entities: Sequence[Entity],
    named: list[tuple[int, int, int]],
    spoken: list[tuple[int, int, str]],
    taken: list[tuple[int, int]],
) -> Piece:
    entity = next((place for first, last, place in named if first <= start and end <= last), None)
    keywords = dict.fromkeys(keyword for first, last, keyword in spoken if first <= start and end <= last)
    return Piece(
        start=start,
        text=text[start:end],
        entity=entity,
        type=None if entity is None else entities[entity].type,
        keywords=tuple(keywords),
        in_lead=any(first <= start and end <= last for first, last in taken),
    )


def contexts(fields: dict[TextField, str], mentions: Sequence[Mention]) -> Iterator[Context]:
    """Give each mention with the words around it; without a text, the mention stands alone."""
    for index, mention in enumerate(mentions):
        text = fields[mention.field]
        before = text[max(0, mention.start - _CONTEXT) : mention.start]
        after = text[mention.end : mention.end + _CONTEXT]
        yield Context(index, before, mention.text, after)
