"""Plain text: an article typed or pasted as it is, or the text of a whole page."""

from __future__ import annotations

from tagger.article import Article
from tagger.reading.cleaning import clean_line, join_paragraphs, unwrap
from tagger.reading.dates import find_date
from tagger.reading.osiris_page import is_osiris_page, read_osiris_page
from tagger.reading.page_text import check_lines, is_page_text, read_page_text
from tagger.reading.press_lines import dateline_origin, is_date_line, split_body

_TITLE_MAX_CHARS = 200


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
    above = _lines_above_title(lines)
    date = next(filter(None, map(find_date, lines[:above])), None)
    del lines[:above]
    title = _without_stars(lines.pop(0)) if len(lines) > 1 and _is_title(lines[0]) else ""
    body, provenance = split_body(lines)
    dateline = dateline_origin(body)
    return Article(
        title=title,
        text=join_paragraphs(body),
        date=date or provenance.date or dateline.date,
        source=provenance.source or dateline.source,
    )


def _is_title(line: str) -> bool:
    return len(line) <= _TITLE_MAX_CHARS and not line.endswith((".", ",", ";", ":"))


def _without_stars(title: str) -> str:
    """Take away the signs by which a messenger prints a title bold or slanted."""
    return _STARRED.sub(r"\2", title)


def _lines_above_title(lines: Sequence[str]) -> int:
    """Count the lines that a newspaper sets above the title: a date, a notice, the subject in a word or two.

    A subject is one only where two lines that are no sentences follow each other, and prose follows them.
    """
    count = 0
    while count + 2 < len(lines) and _is_headline(lines[count + 1]) and (is_date_line(lines[count]) or _is_notice(lines[count])):
        count += 1
    if count + 2 < len(lines) and _is_overline(lines[count]) and _is_headline(lines[count + 1]):
        count += not _is_headline(lines[count + 2])
    return count
