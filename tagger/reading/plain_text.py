"""Plain text: an article typed or pasted as it is, or the text of a whole page."""

from __future__ import annotations

from tagger.article import Article
from tagger.reading.cleaning import clean_line, join_paragraphs, unwrap
from tagger.reading.dates import find_date
from tagger.reading.osiris_page import is_osiris_page, read_osiris_page
from tagger.reading.page_text import check_lines, is_page_text, read_page_text
from tagger.reading.press_lines import is_date_line, split_body

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
    title = lines.pop(0) if len(lines) > 1 and _is_title(lines[0]) else ""
    date = find_date(lines.pop(0)) if len(lines) > 1 and is_date_line(lines[0]) else None
    body, provenance = split_body(lines)
    return Article(
        title=title,
        text=join_paragraphs(body),
        date=date or provenance.date,
        source=provenance.source,
    )


def _is_title(line: str) -> bool:
    return len(line) <= _TITLE_MAX_CHARS and not line.endswith((".", ",", ";", ":"))
