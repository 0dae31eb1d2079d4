"""A text cut into paragraphs and pieces, so that names, evidence and the lead's sentences can be shown in it."""

from __future__ import annotations

import re
from bisect import bisect
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from tagger.article import Entity, EntityType, FieldSpan, Mention, Span, TextField

_PARAGRAPH = re.compile(r"[^\r\n]+")
Value = TypeVar("Value")
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
    taken = [(span.start, span.end, True) for span in lead]
    borders = sorted({border for start, end, _ in (*named, *spoken, *taken) for border in (start, end)})
    by_entity, by_keyword, by_lead = _Covering(named), _Covering(spoken), _Covering(taken)
    cut = []
    for paragraph in _PARAGRAPH.finditer(text):
        first, last = (bisect(borders, border) for border in paragraph.span())
        ends = sorted({*paragraph.span(), *borders[first:last]})
        pieces = []
        for start, end in pairwise(ends):
            entity = next(iter(by_entity.at(start, end)), None)
            pieces.append(
                Piece(
                    start=start,
                    text=text[start:end],
                    entity=entity,
                    type=None if entity is None else entities[entity].type,
                    keywords=tuple(dict.fromkeys(by_keyword.at(start, end))),
                    in_lead=bool(by_lead.at(start, end)),
                )
            )
        cut.append(pieces)
    return cut


class _Covering(Generic[Value]):
    """Spans with their values; asked for piece by piece, in the order of the text, which of them cover it."""

    def __init__(self, spans: Iterable[tuple[int, int, Value]]) -> None:
        self._coming = deque(sorted(spans, key=lambda span: span[:2]))
        self._open: list[tuple[int, int, Value]] = []

    def at(self, start: int, end: int) -> list[Value]:
        """Give the values of the spans that cover a piece; none begins or ends inside of it."""
        while self._coming and self._coming[0][0] <= start:
            self._open.append(self._coming.popleft())
        self._open = [span for span in self._open if span[1] >= end]
        return [value for _, _, value in self._open]


def contexts(fields: dict[TextField, str], mentions: Sequence[Mention]) -> Iterator[Context]:
    """Give each mention with the words around it; without a text, the mention stands alone."""
    for index, mention in enumerate(mentions):
        text = fields[mention.field]
        before = text[max(0, mention.start - _CONTEXT) : mention.start]
        after = text[mention.end : mention.end + _CONTEXT]
        yield Context(index, before, mention.text, after)
