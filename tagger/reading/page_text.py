"""The text of a whole web page, as a browser saves it: menus, lists of headlines, footers and an article.

The article is the stretch of lines with the most prose: prose lines count for it, short lines against it,
and the best stretch wins (maximum subsequence segmentation: Pasternak and Roth, « Extracting article text
from the web with maximum subsequence segmentation », WWW 2009, here with hand-set scores).
"""

from __future__ import annotations

import re

from tagger.article import Article
from tagger.reading.cleaning import clean_line, join_paragraphs
from tagger.reading.dates import find_date
from tagger.reading.press_lines import (
    Provenance,
    is_date_line,
    is_furniture,
    publication_line,
    source_line,
)

_TICKER_GAP = re.compile(r"\S(?: {3,}|\t+)(?=\S)")
_TICKER_MIN_GAPS = 3
_LIST_ITEM = re.compile(r"^\s*[•·▪◦*\-–]\s")
_PROSE_END = re.compile(r"[.!?…:;»\"”)]\s*$")
_PROSE_MIN_CHARS = 70
_PROSE_SCORE_CAP = 400
_SHORT_LINE_PENALTY = 45
_TITLE_MAX_CHARS = 250
_TITLE_SEARCH_LINES = 12
_BREADCRUMB = re.compile(r"^\s*(?:accueil|home)\s*[>»›/|]\s*\S", re.IGNORECASE)


def is_page_text(text: str) -> bool:
    """Say whether `text` is a page with its surroundings and not an article alone."""
    lines = [line for line in text.splitlines() if line.strip()]
    if any(_is_ticker(line) or _BREADCRUMB.match(line) or publication_line(line) for line in lines):
        return True
    list_items = sum(bool(_LIST_ITEM.match(line)) for line in lines)
    short = sum(not _is_prose(line) for line in lines)
    return list_items >= 8 and short > len(lines) / 2  # noqa: PLR2004 - a menu, not a list in an article


def read_page_text(text: str) -> Article:
    """Read the article out of the text of a page; title, date and source come from the lines around it."""
    lines = [line.rstrip() for line in text.splitlines()]
    start, end = _best_stretch(lines)
    start, published = _skip_publication_line(lines, start, end)
    title_index = _title_index(lines, start)
    provenance = published or _provenance_between(lines, 0 if title_index is None else title_index, start)
    body: list[str] = []
    for line in lines[start:end]:
        if found := source_line(line):
            provenance = provenance or found
        elif not is_furniture(line) and not _is_ticker(line):
            body.append(line)
    return Article(
        title=clean_line(lines[title_index]) if title_index is not None else "",
        text=join_paragraphs(body),
        date=provenance.date if provenance else None,
        source=provenance.source if provenance else None,
    )


def _is_ticker(line: str) -> bool:
    """Say whether `line` is a row of headlines or menu entries, set apart by wide gaps."""
    return len(_TICKER_GAP.findall(line)) >= _TICKER_MIN_GAPS


def _is_prose(line: str) -> bool:
    return len(line.strip()) >= _PROSE_MIN_CHARS and bool(_PROSE_END.search(line)) and not _LIST_ITEM.match(line)


def _score(line: str) -> int:
    if not line.strip() or is_furniture(line) or _is_ticker(line):
        return 0
    if _is_prose(line):
        return min(len(line), _PROSE_SCORE_CAP)
    return -_SHORT_LINE_PENALTY


def _best_stretch(lines: list[str]) -> tuple[int, int]:
    """Give the half-open range of lines with the greatest total score, beginning and ending with prose."""
    best_total, best = 0, (0, len(lines))
    total, start = 0, 0
    for index, line in enumerate(lines):
        score = _score(line)
        if total <= 0:
            total, start = 0, index
        total += score
        if score > 0 and total > best_total:
            best_total, best = total, (start, index + 1)
    first, end = best
    if best_total:
        while _score(lines[first]) <= 0:
            first += 1
    return first, end


def _skip_publication_line(lines: list[str], start: int, end: int) -> tuple[int, Provenance | None]:
    """Move `start` behind a « Publié … » line; look for one inside the stretch, then just above it."""
    for index in range(start, end):
        if published := publication_line(lines[index]):
            return index + 1, published
    for index in range(start - 1, max(start - _TITLE_SEARCH_LINES, -1), -1):
        if published := publication_line(lines[index]):
            return start, published
    return start, None


def _title_index(lines: list[str], start: int) -> int | None:
    """Find the title: the nearest line above the article that says something and is no date or byline."""
    for index in range(start - 1, max(start - _TITLE_SEARCH_LINES, -1), -1):
        line = lines[index].strip()
        if (
            not line
            or len(line) > _TITLE_MAX_CHARS
            or is_furniture(line)
            or _is_ticker(line)
            or _BREADCRUMB.match(line)
        ):
            continue
        if is_date_line(line) or publication_line(line) or source_line(line) or len(line.split()) < 3:  # noqa: PLR2004
            continue
        return index
    return None


def _provenance_between(lines: list[str], first: int, last: int) -> Provenance | None:
    for line in lines[first:last]:
        if is_date_line(line):
            return Provenance(None, find_date(line))
    return None
