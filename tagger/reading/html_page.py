"""Web pages: trafilatura finds the article and its metadata; press and OSIRIS habits are handled here."""

from __future__ import annotations

import datetime as dt

from lxml import html as lxml_html
from lxml.etree import LxmlError, ParserError, iterwalk
from trafilatura import bare_extraction
from trafilatura.settings import Document

from tagger.article import Article
from tagger.reading.cleaning import clean_line, join_paragraphs
from tagger.reading.osiris_page import is_osiris_page, read_osiris_page
from tagger.reading.page_text import read_page_text
from tagger.reading.press_lines import Provenance, is_furniture, publication_line, source_line

_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr "
    "li main nav ol p pre section table td th title tr ul".split()
)
_OSIRIS = "osiris"
_NOT_TEXT = "//script | //style | //noscript | //template | //head | //svg"


def read_html(markup: str, url: str | None = None) -> Article:
    """Read an article out of a web page.

    An OSIRIS page is read by its known layout. Where trafilatura finds nothing, the text of the whole page
    is searched as a saved page would be.
    """
    if _OSIRIS in markup.lower() and is_osiris_page(page_text := _text_of(markup)):
        return read_osiris_page(page_text).model_copy(update={"url": url})
    page = bare_extraction(markup, url=url, with_metadata=True, include_comments=False, include_tables=False)
    if not isinstance(page, Document) or not page.text:
        return read_page_text(_text_of(markup)).model_copy(update={"url": url})

    title = clean_line(page.title or "")
    provenance: Provenance | None = None
    body: list[str] = []
    for line in page.text.splitlines():
        found = source_line(line) or publication_line(line)
        if found:
            provenance = provenance or found
        elif clean_line(line) != title and not is_furniture(line):
            body.append(line)
    chapo = clean_line(page.description or "")
    return Article(
        title=title,
        text=join_paragraphs(body),
        chapo=chapo or None,
        date=(provenance and provenance.date) or _iso_date(page.date),
        source=(provenance and provenance.source) or page.sitename or None,
        url=url or page.url or None,
    )


def _iso_date(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _text_of(markup: str) -> str:
    """Give the text of a page, a line a block, as a browser would save it."""
    try:
        root = lxml_html.fromstring(markup.encode("utf-8"), parser=lxml_html.HTMLParser(encoding="utf-8"))
    except (ParserError, LxmlError, ValueError):
        return ""
    for element in root.xpath(_NOT_TEXT):
        element.drop_tree()
    pieces: list[str] = []
    for event, element in iterwalk(root, events=("start", "end", "comment", "pi")):
        if element.tag in _BLOCKS:
            pieces.append("\n")
        if text := element.text if event == "start" else element.tail:
            pieces.append(text.replace("\n", " "))
    return "\n".join(line.strip() for line in "".join(pieces).splitlines())
