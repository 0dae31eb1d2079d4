"""The lines that press sites put into and around an article, and what they tell of it.

One place for all patterns that depend on how the French-language press writes its pages. A line is matched
in normalised form (straight apostrophes, plain spaces).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from tagger.reading.dates import find_date
from tagger.text.typography import normalise

_INSERT = re.compile(
    r"""^\W*(?:
        (?:(?:à|a)\s+)?(?:lire|voir|écouter|regarder|découvrir)\s+(?:aussi|également|egalement|encore|plus)\b
        | (?:à|a)\s+lire\s*[:|]
        | (?:à|a)\s+ne\s+pas\s+manquer\b
        | (?:sur\s+le\s+même\s+(?:sujet|thème))\b
        | cliquez\s+(?:ici|sur)\b
        | (?:pour\s+)?lire\s+(?:la\s+suite|l'article|l'intégralité)\b
        | (?:partager|partagez|imprimer|tweeter|tweetez|enregistrer|commenter|réagir|s'abonner|abonnez-vous)\b.{0,80}$
        | publicité\W*$ | annonce\W*$ | advertisement\W*$ | newsletter\b.{0,80}$
        | suivez[-\s](?:nous|notre)\b | rejoignez\s+(?:nous|notre)\b
        | inscrivez-vous\b | téléchargez\s+(?:notre|l')\s*application\b
        | merci\s+d'avoir\s+signalé\b
        | cette\s+image\s+sera\s+automatiquement\b
        | tous\s+droits\s+réservés\b | copyright\b | ©
        | (?:mots[-\s]clés|tags|étiquettes|catégories?)\s*:
        | \d+\s+commentaires?\W*$ | laisser\s+un\s+commentaire\b | aucun\s+commentaire\b
        | (?:article|billet)\s+(?:précédent|suivant)\b
        | ce\s+site\s+utilise\s+des\s+cookies\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CAPTION = re.compile(
    r"^\W*(?:(?:crédit|crédits|credit|photo|ph|image|légende|illustration|infographie|vidéo)s?\b[^.]{0,15}[:©/]"
    r"|photo\s+d'(?:illustration|archives?)|\(?(?:ph\.|photo)\s|dr\s*$)",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"^\W*source\s*:\s*(?P<source>[^,)]{2,80}?)\s*(?:,\s*(?P<date>[^)]{4,60}?))?\s*\)?\W*$", re.I)
_WEEKDAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
_PUBLISHED = re.compile(
    r"^\W*(?:publié|mis\s+en\s+ligne|posté|paru|modifié|mis\s+à\s+jour)e?\b"
    r"(?:\s+dans\s+(?P<source>.{2,60}?))?(?:\s+par\s+.{2,60}?)?[\s:,]+(?:le\s+)?"
    rf"(?P<date>(?:{_WEEKDAY}\s+)?\d.{{3,50}})$",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(
    r"^\W*(?:le\s+)?"
    rf"{_WEEKDAY}?\s*\d{{1,2}}(?:er)?\s+[a-zéèûôA-Z.]{{3,9}}\s+(?:19|20)\d\d\b.{{0,20}}$",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"^\W*(?:(?:[Pp]ar|[Rr]édigé\s+par|[Pp]ropos\s+recueillis\s+par|[ÉEé]crit\s+par)\s*:?\s+"
    r"(?:[A-ZÀ-Ý][\w'.-]*|de|et|avec|la|le|,|&)(?:\s+(?:[A-ZÀ-Ý][\w'.()-]*|de|et|avec|la|le|&|,))*)\W*$"
)


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
    return bool(_INSERT.match(normalise(line.strip()).text))


def is_caption(line: str) -> bool:
    """Say whether `line` is a picture's caption or credit."""
    return bool(_CAPTION.match(normalise(line.strip()).text))


def is_byline(line: str) -> bool:
    """Say whether `line` names the author and nothing else (« Par Awa Diop »)."""
    return bool(_BYLINE.match(normalise(line.strip()).text))


def is_date_line(line: str) -> bool:
    """Say whether `line` holds a date and nothing else."""
    return bool(_DATE_LINE.match(normalise(line.strip()).text))


def source_line(line: str) -> Provenance | None:
    """Read « (Source : APAnews, 2 juillet 2025) »."""
    return _provenance(_SOURCE, line)


def publication_line(line: str) -> Provenance | None:
    """Read « Publié dans Challenge le 01 - 07 - 2025 »."""
    found = _provenance(_PUBLISHED, line)
    return found if found and found.date else None


def _provenance(pattern: re.Pattern[str], line: str) -> Provenance | None:
    match = pattern.match(normalise(line.strip()).text)
    if match is None:
        return None
    return Provenance(match["source"], find_date(match["date"] or ""))
