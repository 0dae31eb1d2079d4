"""Sentences of French press text, by rule: quick, and exact to the character.

A full stop ends a sentence unless it belongs to an abbreviation, an initial or a number; a quotation
« … » is kept in one piece with the sentence it stands in; a line break always ends one.
"""

from __future__ import annotations

import re

_ABBREVIATIONS = frozenset(
    "m mm mme mmes mlle mlles dr drs pr prs me mgr st ste sr jr cf p pp tél bd fig chap éd hon cdt gén lt sgt "
    "janv févr avr juill oct nov déc".split()
)
_END = re.compile(
    r"(?:[.!?]+|\.\.\.)[\s]?[»\"”)\]]*(?=\s|$)"
    r"|[.!?]+(?=(?:Les?|La|Une?|Ils?|Elles?|Selon|Dans|En|Ces?|Cette|Mais|Pour|Depuis|[LDC]')(?:\s|[A-ZÀ-Ýa-zà-ÿ]))"
    # Pages that lose their line breaks glue paragraphs: « … dans le mois".Selon », « … en 2013.Des ».
    r"|(?:(?<=[a-zà-ÿ]{3})|(?<=\d\d)|(?<=[)»%\"]))[.!?]+(?!(?:Com|Net|Org)\b)(?=[A-ZÀ-Ý](?:[a-zà-ÿ]{2}|'))"
    r"|[.!?]+[»\"](?=[A-ZÀ-Ý][a-zà-ÿ'])"
    r"|(?<=[a-zà-ÿ]{3})[.!?]+(?=\"[A-ZÀ-Ý][a-zà-ÿ'])"
)
_LINE = re.compile(r"[^\n]+")
_LAST_WORD = re.compile(r"([^\W_]+)\.$")
_STARTS_LOWER = re.compile(r"\s*[a-zà-öø-ÿ,;:]")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Give the start and end of each sentence of `text` (normalised), without the spaces around it."""
    spans = []
    for line in _LINE.finditer(text):
        start = line.start()
        for end in [*_ends(text, line.start(), line.end()), line.end()]:
            stripped = _strip(text, start, end)
            if stripped:
                spans.append(stripped)
            start = end
    return spans


def _ends(text: str, start: int, stop: int) -> list[int]:
    """Give the places inside one line where a sentence ends."""
    ends = []
    sentence_start = start
    for match in _END.finditer(text, start, stop):
        end = match.end()
        if end >= stop or _continues(text, sentence_start, match.start(), end, stop):
            continue
        ends.append(end)
        sentence_start = end
    return ends


def _continues(text: str, start: int, mark: int, end: int, stop: int) -> bool:
    """Say whether the sentence goes on after the mark at `mark`."""
    if text.count("«", start, end) > text.count("»", start, end):
        return True
    if end < stop and not text[end].isspace() and text.count('"', start, end) % 2:  # glued: « "…mois."Est »
        return True
    if _STARTS_LOWER.match(text, end, stop):
        return True
    if text[mark : mark + 2].rstrip() != ".":
        return False
    word = _LAST_WORD.search(text, max(start, mark - 15), mark + 1)
    if word is None:
        return False
    before = word.group(1)
    is_initial = len(before) == 1 and before.isupper()
    return is_initial or before.lower() in _ABBREVIATIONS


def _strip(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
