"""The text of an OSIRIS page, whose layout is known.

From top to bottom: menu, breadcrumb, title, date, the keyword it is filed under, the chapô (which the CMS
may cut in the middle of a word), the article, « (Source : APAnews, 2 juillet 2025) », feed, links, and the
cloud of all keywords with their counts.
"""

from __future__ import annotations

import re

from tagger.article import Article
from tagger.reading.cleaning import clean_line, join_paragraphs
from tagger.reading.dates import find_date
from tagger.reading.press_lines import dateline_origin, is_date_line, split_body

# Possessive, and never past a line's end before something stands in it: time grows with the page and no faster.
_BREADCRUMB = re.compile(r"^[^\S\n]*+Accueil\s*+>.*\S", re.MULTILINE)
_CLOUD_ENTRY = re.compile(r"^[^\S\n]*+[•*-]?[^\S\n]*+\d++/\d++\s++(?P<name>\S.*)$", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?…»)\"]\s*$")
_MIN_CHAPO_CHARS = 60
_MAX_KEYWORD_CHARS = 60
_KEYWORD_RANK = re.compile(r"^\d+\.\s*")


def is_osiris_page(text: str) -> bool:
    """Say whether `text` is a page of osiris.sn: its breadcrumb and its keyword cloud."""
    return bool(_BREADCRUMB.search(text)) and (
        "Navigation par mots clés" in text or len(_CLOUD_ENTRY.findall(text)) > 10  # noqa: PLR2004
    )


def read_osiris_page(text: str) -> Article:
    """Read an OSIRIS page, the keyword and the chapô that it shows included."""
    breadcrumb = _BREADCRUMB.search(text)
    lines = [clean_line(line) for line in text[breadcrumb.end() if breadcrumb else 0 :].splitlines()]
    lines = [line for line in lines if line]
    title = lines.pop(0) if lines else ""
    date = find_date(lines.pop(0)) if lines and is_date_line(lines[0]) else None
    keywords = _filed_keywords(lines, {match["name"].rstrip() for match in _CLOUD_ENTRY.finditer(text)})
    chapo = lines.pop(0) if lines and _is_cut_chapo(lines[0]) else None

    body, provenance = split_body(lines)
    dateline = dateline_origin(body)
    return Article(
        title=title,
        text=join_paragraphs(body),
        chapo=chapo,
        date=date or provenance.date or dateline.date,
        source=provenance.source or dateline.source,
        keywords=keywords,
    )


def _filed_keywords(lines: list[str], cloud: set[str]) -> list[str]:
    """Take the keywords off the front of `lines`: they are entries of the page's own cloud."""
    keywords = []
    while lines and len(lines[0]) <= _MAX_KEYWORD_CHARS:
        name = _KEYWORD_RANK.sub("", lines[0])
        if name not in cloud:
            break
        keywords.append(name)
        lines.pop(0)
    return keywords


def _is_cut_chapo(line: str) -> bool:
    return len(line) >= _MIN_CHAPO_CHARS and not _SENTENCE_END.search(line)
