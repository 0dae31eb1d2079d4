"""The text of a whole web page, as a browser saves it: menus, lists of headlines, footers and an article.

The article is the stretch of lines with the most prose: prose lines count for it, short lines against it,
and the best stretch wins (maximum subsequence segmentation: Pasternak and Roth, « Extracting article text
from the web with maximum subsequence segmentation », WWW 2009, here with hand-set scores).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

from tagger.article import Article
from tagger.errors import UnreadablePageError
from tagger.reading.cleaning import clean_line, join_paragraphs
from tagger.reading.dates import find_date
from tagger.reading.press_lines import (
    Provenance,
    dateline_origin,
    is_date_line,
    is_end,
    is_furniture,
    is_insert,
    publication_line,
    source_line,
    split_body,
)
from tagger.text.typography import normalise

_TICKER_GAP = re.compile(r"\s{3,}|\t+")
_TICKER_MIN_HEADLINES = 4
_HEADLINE_MIN_CHARS = 15
_MENU_MIN_LINES = 8
_HEADLINES_MIN_LINES = 12
_MENU_WORD = re.compile(
    r"^\W*(?:(?P<sure>accueil|home|menu|contacts?|contactez[- ]nous|mentions\s+légales|qui\s+sommes[- ]nous"
    r"|à\s+propos(?:\s+de\s+nous)?|newsletter|connexion|se\s+connecter|s'inscrire|s'abonner|abonnements?"
    r"|abonnez-vous|rechercher?|plan\s+du\s+site|flux\s+rss|rss|archives|publicité|politique\s+de\s+confidentialité"
    r"|conditions\s+générales.{0,30}|facebook|twitter|instagram|youtube|linkedin|whatsapp|les\s+plus\s+(?:lus|populaires))"
    r"|actualités?|actus?|à\s+la\s+une|politique|économie|société|sports?|culture|international|afrique|monde|santé"
    r"|éducation|faits\s+divers|high-?tech|technologies?|multimédia|télécoms?|opinions?|tribunes?|dossiers?|interviews?"
    r"|vidéos?|photos?|people|musique|religion|justice|environnement|nécrologie|forum|annonces|emplois?)\W*$",
    re.IGNORECASE,
)
_SIGNS_MIN, _MENU_WORDS_MIN = 2, 3
_MENU_ROW = re.compile(r"[^|•·>»]{2,40}(?:\s[|•·>»]\s[^|•·>»]{2,40}){3,}")  # « Accueil | Politique | Sport | Forum »
_MENU_GAP = re.compile(r"\s[|•·>»]\s")
_NUMBERED = re.compile(r"^\W*\d|:\s")  # an item of a list, not an entry of a menu
_LIST_ITEM = re.compile(r"^\s*[•·▪◦*\-–]\s")
_SENTENCE_END = re.compile(r"[.!?…»\"”)]\s*$")
_ENDS_OPENLY = re.compile(r"[.;:,!?»]\s*$")  # a sentence or an item of a list, not an entry of a menu
_PROSE_END = re.compile(r"[.!?…:;»\"”)]\s*$")
_PROSE_MIN_CHARS = 70
_PROSE_SCORE_CAP = 400
_SHORT_LINE_PENALTY = 45
_MAX_LINES = 100_000
_TITLE_MAX_CHARS = 250
_TITLE_MIN_WORDS = 3
_TITLE_SEARCH_LINES = 15
_BYLINE_WITH_DATE = re.compile(r"^(?:par|publié|posté|le)\b|.*\|", re.IGNORECASE)
_BREADCRUMB = re.compile(r"^\s*(?:accueil|home)\s*[>»›/|]\s*\S", re.IGNORECASE)


def check_lines(lines: Sequence[str]) -> None:
    """Refuse what no article stands in.

    Raises:
        UnreadablePageError: there are too many lines to look at each.
    """
    if len(lines) > _MAX_LINES:
        raise UnreadablePageError(
            f"The page has {len(lines)} lines; at most {_MAX_LINES} are read. Send the article's text alone."
        )


def is_page_text(text: str) -> bool:
    """Say whether `text` is a page with its surroundings and not an article alone.

    Short lines by themselves are none: an article may be a list of prizes, or of those who are appointed.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if any(_is_ticker(line) or _BREADCRUMB.match(line) for line in lines):
        return True
    short = sum(not _is_prose(line) and not _ENDS_OPENLY.search(line) for line in lines)
    if short < _MENU_MIN_LINES or short <= len(lines) / 2:
        return False
    menu = [match for line in lines if (match := _MENU_WORD.match(normalise(line).text))]
    signs = sum(bool(match["sure"]) for match in menu) + sum(map(_is_sign, lines))
    return signs >= _SIGNS_MIN or (signs > 0 and signs + len(menu) > _MENU_WORDS_MIN) or _opens_with_headlines(lines)


def _is_sign(line: str) -> bool:
    """Say whether `line` is a row of a menu, a button or the like, which no article holds by itself."""
    return bool(_MENU_ROW.fullmatch(line.strip())) or is_insert(line) or is_end(line)


def _opens_with_headlines(lines: Sequence[str]) -> bool:
    """Say whether a long list of short lines stands above the first prose."""
    above = list(takewhile(lambda line: not _is_prose(line), lines))
    entries = [line for line in above if not _ENDS_OPENLY.search(line) and not _NUMBERED.search(line)]
    return len(entries) >= _HEADLINES_MIN_LINES and len(above) < len(lines)


def without_menu(lines: Iterable[str]) -> list[str]:
    """Leave out the menu above an article's prose, and what then stands below it; lines without a menu stay."""
    lines = list(filter(str.strip, lines))
    first = next((number for number, line in enumerate(lines) if _is_prose(line)), 0)
    entries = [_menu_words(line) for line in lines[:first]]
    signs = sum(found > 0 or not any(map(str.isalnum, line)) for found, line in zip(entries, lines, strict=False))
    if sum(entries) <= _MENU_WORDS_MIN or signs < first / 2:
        return lines
    _, end = _best_stretch(lines)
    return lines[first:] if any(map(_is_prose, lines[end:])) else lines[first:end]


def _menu_words(line: str) -> int:
    """Count the entries of a line that are words of menus."""
    return sum(bool(_MENU_WORD.match(entry)) for entry in _MENU_GAP.split(normalise(line).text))


def read_page_text(text: str) -> Article:
    """Read the article out of the text of a page; title, date and source come from the lines around it."""
    lines = [line.rstrip() for line in text.splitlines()]
    start, end = _best_stretch(lines)
    head, start, published = _publication(lines, start, end)
    title_index = _title_index(lines, min(head, start))
    body, origin = split_body(line for line in lines[start:end] if not _is_ticker(line))
    dateline = dateline_origin(body)
    first = title_index + 1 if title_index is not None else max(0, start - _TITLE_SEARCH_LINES)
    chapo = " ".join(clean_line(line) for line in lines[first:head] if _is_prose(line))
    return Article(
        title=clean_line(lines[title_index]) if title_index is not None else "",
        text=join_paragraphs(body),
        chapo=(chapo or None) if title_index is not None and head < start else None,
        date=published.date or origin.date or _date_above(lines[first:start]) or dateline.date,
        source=published.source or origin.source or dateline.source,
    )


def _is_ticker(line: str) -> bool:
    """Say whether `line` is a row of headlines, set apart by wide gaps."""
    parts = _TICKER_GAP.split(line.strip())
    return len(parts) >= _TICKER_MIN_HEADLINES and sum(map(len, parts)) >= _HEADLINE_MIN_CHARS * len(parts)


def _is_prose(line: str) -> bool:
    return len(line.strip()) >= _PROSE_MIN_CHARS and bool(_PROSE_END.search(line)) and not _LIST_ITEM.match(line)


def _score(line: str) -> int:
    if not line.strip() or is_furniture(line) or _is_ticker(line):
        return 0
    if _is_prose(line):
        return min(len(line), _PROSE_SCORE_CAP)
    return 0 if _ENDS_OPENLY.search(line) else -_SHORT_LINE_PENALTY


def _best_stretch(lines: list[str]) -> tuple[int, int]:
    """Give the half-open range of lines with the greatest total score, beginning and ending with prose.

    Short sentences that follow it are a part of the article too.
    """
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
    while end < len(lines) and (not lines[end].strip() or _ends_article(lines[end])):
        end += 1
    return first, end


def _ends_article(line: str) -> bool:
    """Say whether a short line is one more sentence, or names the article's source."""
    return bool(source_line(line)) or (bool(_SENTENCE_END.search(line)) and not is_furniture(line))


def _publication(lines: list[str], start: int, end: int) -> tuple[int, int, Provenance]:
    """Find the « Publié … » line inside the stretch, or else just above it.

    Gives where that line stands (the title is above it), where the text begins, and what the line says.
    """
    for index in [*range(start, end), *range(start - 1, max(start - _TITLE_SEARCH_LINES, -1), -1)]:
        if published := publication_line(lines[index]):
            return index, max(start, index + 1), published
    return start, start, Provenance(None, None)


def _title_index(lines: list[str], start: int) -> int | None:
    """Find the title: the nearest line above that says something and is no date, byline or caption."""
    for index in range(start - 1, max(start - _TITLE_SEARCH_LINES, -1), -1):
        line = lines[index].strip()
        if not line or len(line) > _TITLE_MAX_CHARS or len(line.split()) < _TITLE_MIN_WORDS:
            continue
        if is_furniture(line) or _is_ticker(line) or _BREADCRUMB.match(line) or _LIST_ITEM.match(line):
            continue
        if is_date_line(line) or publication_line(line) or source_line(line) or _is_prose(line):
            continue
        if find_date(line) and _BYLINE_WITH_DATE.match(line):
            continue
        return index
    return None


def _date_above(lines: list[str]) -> dt.date | None:
    """Give the date in the lines between title and text."""
    return next((date for line in lines if not _is_prose(line) and (date := find_date(line))), None)
