"""Plain text: an article typed or pasted as it is, or the text of a whole page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from tagger.article import Article
from tagger.reading.cleaning import clean_line, join_paragraphs, unwrap
from tagger.reading.osiris_page import is_osiris_page, read_osiris_page
from tagger.reading.page_text import check_lines, is_page_text, read_page_text
from tagger.reading.press_lines import dateline_origin, is_furniture, origin_line, split_body

_TITLE_MAX_CHARS = 200
_HEADLINE_MIN_WORDS = 4
_OVERLINE_MAX_WORDS = 3
_OVERLINE = re.compile(r"[A-ZÀ-Ý][^a-zà-ÿ.!?:;,«»\"]{2,40}$|[A-ZÀ-Ý][\w'’-]{2,20}(?:/[A-ZÀ-Ý][\w'’-]{2,20})?$")
_NOTICE = re.compile(r"\W*(?:communiqu[ée](?:\s+de\s+presse)?|pour\s+diffusion\s+immédiate)\W*$", re.IGNORECASE)
_STARRED = re.compile(r"^([*_]{1,2})(?=\S)([^*_]*\S)\1$")


def read_plain_text(text: str) -> Article:
    """Read an article out of text, whatever stands around it.

    Raises:
        UnreadablePageError: there are too many lines to look at each.
    """
    check_lines(text.splitlines())
    text = unwrap(text)
    if is_osiris_page(text):
        return read_osiris_page(text)
    if is_page_text(text):
        return read_page_text(text)
    return _read_article(text)


def _read_article(text: str) -> Article:
    """Read text that is an article alone: a first line that is no sentence is its title."""
    lines = [line for line in map(clean_line, text.splitlines()) if line]
    above = _lines_above_title(lines, text)
    origins = [origin for line in lines[:above] if (origin := origin_line(line))]
    del lines[:above]
    title = _without_stars(lines.pop(0)) if len(lines) > 1 and _is_title(lines[0]) else ""
    body, provenance = split_body(lines)
    origins += [provenance, dateline_origin(body)]
    return Article(
        title=title,
        text=join_paragraphs(body),
        date=next((origin.date for origin in origins if origin.date), None),
        source=next((origin.source for origin in origins if origin.source), None),
    )


def _is_title(line: str) -> bool:
    return len(line) <= _TITLE_MAX_CHARS and not line.endswith((".", ",", ";", ":"))


def _without_stars(title: str) -> str:
    """Take away the signs by which a messenger prints a title bold or slanted."""
    return _STARRED.sub(r"\2", title)


def _lines_above_title(lines: Sequence[str], text: str) -> int:
    """Count the lines that stand above the title: dates, notices, and the subject in a word or two.

    A line is a subject only directly above one that can be a title and has prose below it.
    """
    count = 0
    while count + 2 < len(lines) and _is_above(lines[count]) and _may_be_title(lines[count + 1]):
        count += 1
    if count + 2 < len(lines) and _OVERLINE.match(lines[count]) and len(lines[count].split()) <= _OVERLINE_MAX_WORDS:
        title, below = lines[count + 1 : count + 3]
        is_directly_above = any(
            clean_line(first) == lines[count] and clean_line(second) == title
            for first, second in pairwise(text.splitlines())
        )
        count += is_directly_above and _is_headline(title) and not _is_headline(below)
    return count


def _is_above(line: str) -> bool:
    return bool(origin_line(line) or _NOTICE.match(line))


def _may_be_title(line: str) -> bool:
    return _is_title(line) and not (is_furniture(line) or origin_line(line))


def _is_headline(line: str) -> bool:
    return _may_be_title(line) and len(line.split()) >= _HEADLINE_MIN_WORDS
