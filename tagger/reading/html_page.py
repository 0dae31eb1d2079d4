"""Web pages: trafilatura finds the article and its metadata; press and OSIRIS habits are handled here."""

from __future__ import annotations

import datetime as dt
import re

from lxml import html as lxml_html
from lxml.etree import iterwalk
from trafilatura import bare_extraction
from trafilatura.settings import Document

from tagger.article import Article
from tagger.reading.cleaning import clean_line, join_paragraphs
from tagger.reading.osiris_page import is_osiris_page, read_osiris_page
from tagger.reading.page_text import check_lines, read_page_text, without_menu
from tagger.reading.parsing import parse_page
from tagger.reading.press_lines import dateline_origin, publication_line, source_line, split_body
from tagger.text.typography import normalise

_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr "
    "li main nav ol p pre section table td th title tr ul".split()
)
_OSIRIS = "osiris"
_NOT_TEXT = frozenset("script style noscript template head svg".split())
_COMMENT_BLOCKS = ("comments", "comments-area", "comment-list", "commentlist", "comment-respond", "forum", "respond")
_COMMENTS = [
    f"//*[(self::div or self::section or self::ol or self::ul or self::aside) and "
    f"(@id='{name}' or contains(concat(' ', normalize-space(@class), ' '), ' {name} ')) and not(.//h1)]"
    for name in _COMMENT_BLOCKS
]
_CHAPO = "//*[contains(@class, 'chapo') or contains(@class, 'standfirst')]"
_HEADINGS = "(//h1)[position() <= 20]"
_LOWER_HEADINGS = "(//h2)[position() <= 20]"
_TITLES = ("(//meta[@property='og:title']/@content)[position() <= 2]", "(//title/text())[position() <= 3]")
_SITE_NAME = "(//meta[@property='og:site_name']/@content)[1]"
_HOME = re.compile(r"(?:https?://[^/]+)?/?|\.?/?(?:index\.\w{2,5})?|#?", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:www\.)?[\w-]+\.[a-z]{2,6}", re.IGNORECASE)
_TITLE_MIN_WORDS = 4
_TITLE_MAX_CHARS = 1000
_ALL = "//*"
_MAX_ELEMENTS = 10_000  # trafilatura's time grows with the square of their number
_SITE_SEPARATOR = re.compile(r"\s+[-–—|•»]\s+")
_SITE_MAX_WORDS = 4
_DATES = {"extensive_search": False, "original_date": True}  # a guessed date is worse than none


def read_html(markup: str, url: str | None = None) -> Article:
    """Read an article out of a web page.

    An OSIRIS page is read by its known layout. Where trafilatura finds nothing, or would take too long, the text of
    the whole page is searched as a saved page would be.

    Raises:
        UnreadablePageError: the page is made to be costly.
    """
    root = parse_page(markup)
    if root is None:
        return Article(text="", url=url)
    title, chapo = _title(root), _first_text(root, _CHAPO)
    lines = _lines(root)
    check_lines(lines)
    if _OSIRIS in markup.lower() and is_osiris_page("\n".join(lines)):
        return read_osiris_page("\n".join(lines)).model_copy(update={"url": url})
    page = _extracted(markup, url) if len(root.xpath(_ALL)) <= _MAX_ELEMENTS else None
    if page is None or not page.text:
        article = read_page_text("\n".join(lines))
        return article.model_copy(update={"url": url, "title": title or article.title})

    above = {normalise(title).text, normalise(chapo).text}
    body, provenance = split_body(
        line
        for line in without_menu(page.text.splitlines())
        if normalise(clean_line(line.lstrip("- "))).text not in above
    )
    named = next(filter(None, map(source_line, lines)), provenance)
    dateline = dateline_origin(body)
    return Article(
        title=title or clean_line(page.title or ""),
        text=join_paragraphs(body),
        chapo=chapo or clean_line(page.description or "") or None,
        date=provenance.date or named.date or _iso_date(page.date) or _published(lines) or dateline.date,
        source=provenance.source or named.source or page.sitename or dateline.source,
        url=url or page.url or None,
    )


def _extracted(markup: str, url: str | None) -> Document | None:
    page = bare_extraction(
        markup,
        url=url,
        with_metadata=True,
        include_comments=False,
        include_tables=False,
        prune_xpath=_COMMENTS,
        date_extraction_params=_DATES,
    )
    return page if isinstance(page, Document) else None


def read_fragment(markup: str) -> str:
    """Give the text of a piece of HTML, such as a feed's entry, with a blank line between its blocks."""
    root = parse_page(f"<div>{markup}</div>") if markup.strip() else None
    return "" if root is None else join_paragraphs(_lines(root))


def _title(root: lxml_html.HtmlElement) -> str:
    """Give the article's title: the heading that the page's own title repeats, else that title without the site.

    A heading that names the site is none; under one, the first heading of the second rank that says something may be.
    """
    named = [clean_line(str(title)[:_TITLE_MAX_CHARS]) for path in _TITLES for title in root.xpath(path)]
    repeated = [normalise(name).text for name in named]
    sites = {normalise(clean_line(str(name))).text for name in root.xpath(_SITE_NAME)}
    first = root.xpath(_HEADINGS)
    headings = [(heading, _heading_text(heading)) for heading in [*first, *root.xpath(_LOWER_HEADINGS)]]
    headings = [
        (heading, text)
        for heading, text in headings
        if text and normalise(text).text not in sites and not _is_logo(heading, text)
    ]
    found = [text for _, text in headings if any(normalise(text).text in name for name in repeated)]
    if found:
        return max(found, key=len)  # the first of them, unless another holds more of the page's title
    if first and not any(heading.tag == "h1" for heading, _ in headings):
        lower = next((text for _, text in headings if len(text.split()) >= _TITLE_MIN_WORDS), "")
        if lower and (not named or _is_site_title(repeated[-1], first)):
            return lower
    if not named:
        return ""
    parts = _SITE_SEPARATOR.split(named[0])
    if len(parts) > 1 and len(parts[-1].split()) <= _SITE_MAX_WORDS:
        parts.pop()
    elif len(parts) > 1 and len(parts[0].split()) <= _SITE_MAX_WORDS:
        parts.pop(0)
    return " - ".join(parts)


def _heading_text(heading: lxml_html.HtmlElement) -> str:
    return clean_line(" ".join(heading.text_content()[:_TITLE_MAX_CHARS].split()))


def _is_logo(heading: lxml_html.HtmlElement, text: str) -> bool:
    """Say whether a heading is a link to the site's first page and nothing else, or the site's address."""
    links = heading.xpath("ancestor::a | .//a")
    is_home = any(_HOME.fullmatch(link.get("href") or "") and _heading_text(link) == text for link in links[:3])
    return is_home or bool(_DOMAIN.fullmatch(text))


def _is_site_title(title: str, logos: list[lxml_html.HtmlElement]) -> bool:
    """Say whether a page's title begins with the site's name, so that it is that of every page."""
    names = [normalise(_heading_text(logo)).text for logo in logos]
    return any(name and _SITE_SEPARATOR.split(title)[0] == name for name in names)


def _first_text(root: lxml_html.HtmlElement, path: str) -> str:
    return next(
        (text for found in root.xpath(path) if (text := clean_line(" ".join(found.text_content().split())))), ""
    )


def _published(lines: list[str]) -> dt.date | None:
    """Give the date of the page's « Publié … » line."""
    return next((found.date for line in lines if (found := publication_line(line))), None)


def _iso_date(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _lines(root: lxml_html.HtmlElement) -> list[str]:
    """Give the text of a page, a line a block, as a browser would save it."""
    pieces: list[str] = []
    walk = iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if element.tag in _BLOCKS:
            pieces.append("\n")
        if event == "start" and element.tag in _NOT_TEXT:
            walk.skip_subtree()
        elif text := element.text if event == "start" else element.tail:
            pieces.append(text.replace("\n", " "))
    return [line.strip() for line in "".join(pieces).splitlines()]
