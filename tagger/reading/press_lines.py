"""The lines that press sites put into and around an article, and what they tell of it.

One place for all patterns that depend on how the French-language press writes its pages. A line is matched
in normalised form (straight apostrophes, plain spaces).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tagger.reading.dates import find_date
from tagger.text.typography import normalise

_INSERT = re.compile(
    r"""^\W*(?:
        (?:(?:à|a)\s+)?(?:lire|voir|écouter|regarder|découvrir)\s+(?:aussi|également|egalement|encore|ensuite)\b
        | (?:(?:à|a)\s+)?(?:lire|voir|écouter|regarder)\s*[:|]
        | (?:à|a)\s+ne\s+pas\s+manquer\b
        | (?-i:LIRE\s)
        | cliquez\s+ici\b
        | (?:pour\s+)?lire\s+(?:la\s+suite|l'article|l'intégralité)\b
        | suivez[-\s]nous\b | rejoignez[-\s]nous\b | abonnez-vous\b | inscrivez-vous\s+à\s+notre\b
        | téléchargez\s+(?:notre|l')\s*application\b
        | merci\s+d'avoir\s+signalé\b | cette\s+image\s+sera\s+automatiquement\b
        | tous\s+droits\s+réservés\b | copyright\W*(?:©|\(c\)|\d{4}) | ©
        | (?:mots[-\s]clés|tags|étiquettes|catégories?)\s*:
        | ce\s+site\s+utilise\s+des\s+cookies\b
        | (?:publicité|annonce|advertisement|newsletter)\W*$
        | (?:partager|partagez|imprimer|tweeter|tweetez|enregistrer|commenter|réagir|s'abonner|envoyer)
          (?:\s+(?:sur|par|cet|cette|l'article|à\s+la\s+newsletter)\b.{0,40})?\W*$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CAPTION = re.compile(
    r"^\W*(?:crédit|photo|ph|image|légende|illustration|infographie|vidéo)s?"
    r"(?:\s+(?:photos?|images?|d'illustration|d'archives?|dr|afp|aps))*\s*(?:[:©/]|$)"
    r"|^\W*ph\.\s|^.{0,200}(?:©|\(c\)\s*(?:\d{4}|(?-i:[A-ZÀ-Ý]))|via\s+getty)[^.]{0,60}$",
    re.IGNORECASE,
)
_LINK_HEADING = re.compile(
    r"^\W*(?:(?:\d+|aucun)\s+commentaires?|(?:articles?|sujets?|contenus?)\s+(?:similaires?|liés?|associés?|connexes?"
    r"|recommandés?|précédents?|suivants?)|dans\s+la\s+même\s+(?:rubrique|catégorie)"
    r"|(?:sur|dans)\s+le\s+même\s+(?:sujet|thème)|derniers?\s+articles?|facebook|twitter|whatsapp|telegram|linkedin)\W*$",
    re.IGNORECASE,
)
_END = re.compile(
    r"^\W*(?:(?:vos\s+)?(?:commentaires|réactions)(?:\s*\(\d+\))?|laisser\s+un\s+commentaire"
    r"|les\s+plus\s+(?:lus|populaires|commentés|récents)|fil\s+d'actu|liens\s+intéressants"
    r"|navigation\s+par\s+mots\s+clés)\W*$",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"^\W*source\s*:\s*(?P<source>[^,)]{2,80}?)\s*(?:,\s*(?P<date>[^)]{4,60}?))?\s*\)?\W*$", re.I)
_WEEKDAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
_PUBLISHED = re.compile(
    r"^\W*(?:publié|mis\s+en\s+ligne|posté|paru)e?\b"
    r"(?:\s+dans\s+(?P<source>.{2,60}?))?(?:\s+par\s+.{2,60}?)?[\s:,]+(?:le\s+)?"
    rf"(?P<date>(?:{_WEEKDAY}\s+)?\d.{{3,50}})$",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(
    r"^\W*(?:(?:mis\s+à\s+jour|modifié)\s*:?\s*)?(?:le\s+)?"
    rf"{_WEEKDAY}?\s*\d{{1,2}}(?:er)?\s+[a-zéèûôA-Z.]{{3,9}}\s+(?:19|20)\d\d\b.{{0,20}}$",
    re.IGNORECASE,
)
_CAPITALISED = r"[A-ZÀ-Ý][\w'.-]*"
_BYLINE = re.compile(
    r"^\W*(?:[Pp]ar|[Rr]édigé\s+par|[Pp]ropos\s+recueillis\s+par|[ÉEé]crit\s+par|[Aa]vec)\s*:?\s+"
    rf"(?:{_CAPITALISED}|de|et|avec|la|le|,|&)(?:\s+(?:{_CAPITALISED}|\([\w\s]+\)|de|et|avec|la|le|&|,))*\W*$"
)
_MAX_CHARS = 1000  # no such line is longer: only the beginning of a longer one is looked at
_SIGNATURE = re.compile(rf"^{_CAPITALISED}(?:\s+{_CAPITALISED}){{1,3}}(?:\s+\((?:à|avec)\s[^)]*\))?$")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where and when an article came out, as one of its lines says."""

    source: str | None
    date: dt.date | None


def furniture_spans(text: str) -> list[tuple[int, int]]:
    """Give the lines of a text that stand in the article without being a part of it."""
    return [match.span() for match in re.finditer(r"[^\n]+", text) if is_furniture(match.group())]


def is_furniture(line: str) -> bool:
    """Say whether `line` is an insert, a caption or a byline."""
    return is_insert(line) or is_caption(line) or is_byline(line)


def is_insert(line: str) -> bool:
    """Say whether `line` is a link, a notice or a button set into the article (« Lire aussi | … »)."""
    plain = _plain(line)
    return bool(_INSERT.match(plain) or _LINK_HEADING.match(plain))


def is_caption(line: str) -> bool:
    """Say whether `line` is a picture's caption or credit."""
    return bool(_CAPTION.match(_plain(line)))


def is_byline(line: str) -> bool:
    """Say whether `line` names the author and nothing else (« Par Awa Diop »)."""
    return bool(_BYLINE.match(_plain(line)))


def is_end(line: str) -> bool:
    """Say whether `line` heads what follows an article: comments, related articles, feeds."""
    return bool(_END.match(_plain(line)))


def is_date_line(line: str) -> bool:
    """Say whether `line` holds a date and nothing else."""
    return bool(_DATE_LINE.match(_plain(line)))


def source_line(line: str) -> Provenance | None:
    """Read « (Source : APAnews, 2 juillet 2025) »."""
    return _provenance(_SOURCE, line)


def publication_line(line: str) -> Provenance | None:
    """Read « Publié dans Challenge le 01 - 07 - 2025 »."""
    found = _provenance(_PUBLISHED, line)
    return found if found and found.date else None


def split_body(lines: Iterable[str]) -> tuple[list[str], Provenance]:
    """Part the lines of an article into its paragraphs and what others say of its origin.

    Furniture is left out, so is a signature at either end, and all that follows a heading such as
    « Commentaires ».
    """
    body: list[str] = []
    source, date = None, None
    for line in filter(str.strip, lines):
        if body and is_end(line):
            break
        found = source_line(line) or publication_line(line)
        if found is None and is_date_line(line):
            found = Provenance(None, find_date(line))
        if found:
            source, date = source or found.source, date or found.date
        elif not is_furniture(line):
            body.append(line)
    while len(body) > 1 and _is_signature(body[-1]) and not body[-2].rstrip().endswith((":", ";", ",")):
        if len(body) > 2 and _is_signature(body[-2]):  # noqa: PLR2004 - two names in a row are a list
            break
        body.pop()
    if len(body) > 1 and _is_signature(body[0]):
        body.pop(0)
    return body, Provenance(source, date)


def _is_signature(line: str) -> bool:
    return bool(_SIGNATURE.match(_plain(line)))


def _provenance(pattern: re.Pattern[str], line: str) -> Provenance | None:
    match = pattern.match(_plain(line))
    if match is None:
        return None
    return Provenance(match["source"], find_date(match["date"] or ""))


def _plain(line: str) -> str:
    return _normalised(line.strip()[:_MAX_CHARS])


@lru_cache(maxsize=1024)  # one line is asked about by every function here
def _normalised(line: str) -> str:
    return normalise(line).text
