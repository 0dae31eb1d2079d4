"""What stands around a name and tells what it is: « le projet X » is no institution, « le cabinet X » is one.

The network sees a few words on either side; these rules know the noun that governs a name, the minister whose
portfolio it is, and the phrase that an acronym abbreviates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tagger.entities.names import is_acronym, missed_words
from tagger.text.typography import fold_accents

if TYPE_CHECKING:
    from tagger.article import EntityType
    from tagger.entities.recogniser import Found

_READ = 160  # characters before a name
_DEFINED_WITHIN = 140
_MOST_WORDS_DEFINING = 14
_LONGEST_ACRONYM = 8
_LEAST_INSTITUTION = 4  # places' are shorter: RFA, BAR


def _one_of(words: str) -> str:
    return f"(?:{'|'.join(words.split())})"


# A thing names what follows it at once: « le projet Sankoré », « l'émission Etech ».
_THING = re.compile(
    r"\b"
    + _one_of(
        "projet programme plateforme application logiciel stratégie émission concours prix câble opération campagne "
        "initiative étude baromètre hackathon salon plan challenge trophée rapport bouquet jeton cryptomonnaie "
        "technologie système navigateur virus caravane rubrique chanson film roman livre ouvrage album série "
        "documentaire norme moteur tablette offre"
    )
    + r"s?(?:\s[\wÀ-ÿ-]+(?:al|ale|ique|ais|aise|ain|aine|éen|éenne))?\s(?:«\s)?$"
)
_INSTITUTION = re.compile(
    r"\b"
    + _one_of(
        "journal quotidien magazine hebdomadaire mensuel cabinet société entreprise startup start-up opérateur "
        "groupe ong association banque observatoire syndicat fournisseur éditeur agence compagnie filiale fabricant "
        "incubateur parti coalition collectif mouvement firme publication"
    )
    + r"(?:\s[\wÀ-ÿ-]+(?:ais|aise|ien|ienne|ain|aine|ois|oise|al|ale|ique))?\s(?:«\s)?$",
    re.IGNORECASE,
)
_HEADED = re.compile(
    r"\b(?:directeur général|directrice générale|pdg|cofondateur|cofondatrice|fondateur|fondatrice|patron(?:ne)?"
    r"|administrateur|administratrice)\s(?:de\s|d')$|\bchez\s$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b" + _one_of("ville commune localité village route avenue arrondissement") + r"\s(?:de\s|du\s|d')$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\b(?:(?:le|la|du|au)\s|l')$")
_DOMAIN = re.compile(r"(?:^|[\s(«\"])\.$")  # « le .sn »

_MINISTER = re.compile(r"\b(?:ministres?|chargée?s? (?:de la|du|des|de l')\s?$)", re.IGNORECASE)
_NO_MINISTER = re.compile(
    r"\b(?:minist[eè]res?|direct\w+|présiden\w+|patron(?:ne)?s?|sociétés?|groupes?|agences?|bureaux?|siège|guichets?)\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?:\sde la|\sde l'|\sdu|\sdes|\set la|\set le|\set)\s?$")
_PORTFOLIOS = frozenset(
    fold_accents(
        "action administration affaires agriculture aménagement artisanat budget collectivités commerce "
        "communication coopération culture décentralisation développement digital digitalisation eau économie "
        "éducation élevage emploi énergie enseignement environnement équipement famille femme finances formation "
        "francophonie hydraulique industrie information infrastructures innovation intégration intérieur jeunesse "
        "justice langues mines modernisation numérique pêche plan poste postes promotion recherche relations santé "
        "sports technologies télécommunications tourisme transformation transition transports travail urbanisme"
    ).split()
)
_NAME_AFTER_PORTFOLIO = re.compile(
    rf"(?<=[\w] )(?!(?i:{'|'.join(sorted(_PORTFOLIOS))})\b)[A-Z][\w'-]+(?: [A-Z][\w'-]+)+$"
)
_OPENING = re.compile(r"[\wÀ-ÿ]+")

# Nouns that head what an acronym may abbreviate without being an institution's name.
_THINGS_ABBREVIATED = frozenset(
    "appel challenge conference espace espaces festival formation foire indice journee journees lettre noms "
    "plateforme point points projet reglement revenu salon schema semaine service services sommet strategie "
    "systeme taux".split()
)
_BEFORE_ACRONYM = re.compile(
    r"([^.;:()\n]{3,})(?:\s\((?:ou |en abrégé )?|, (?:ou )?(?:la |le |l'|les )|, en abrégé (?:la |le |l')?)$"
)
_INTRODUCING = ("(", "ou ", "en abrégé ", "la ", "le ", "les ", "l'")


def type_in_context(text: str, start: int, end: int, entity_type: EntityType) -> EntityType | None:
    """Give the type that the words before a marked name give it, or None where it names nobody.

    Countries stay what they are, and so do institutions that their own noun announces.
    """
    if entity_type == "COUNTRY":
        return entity_type
    before = text[max(0, start - _READ) : start]
    surface = text[start:end]
    if _THING.search(before) or _DOMAIN.search(before) or _is_portfolio(before, surface):
        return None
    if entity_type != "ORG" and (_INSTITUTION.search(before) or _HEADED.search(before)):
        return "ORG"
    if entity_type == "PER" and _PLACE.search(before):
        return "LOC"
    return entity_type


def is_institution_acronym(text: str, start: int, end: int) -> bool:
    """Say whether an acronym is an institution's: four capitals at least, after an article (« le RDPC »)."""
    surface = text[start:end]
    return (
        surface.isupper()
        and surface.isalpha()
        and _LEAST_INSTITUTION <= len(surface) <= _LONGEST_ACRONYM
        and bool(_ARTICLE.search(text[max(0, start - _READ) : start]))
    )


def portfolio_length(text: str, start: int, end: int) -> int:
    """Give the number of characters of a minister's portfolios that were marked as one name with the minister's.

    « ministre du Digital Aminata Zerbo »: the name is of two words at least that both have capitals.
    """
    surface = text[start:end]
    name = _NAME_AFTER_PORTFOLIO.search(fold_accents(surface))
    before = text[max(0, start - _READ) : start]
    return name.start() if name and _is_portfolio(before, surface[: name.start()]) else 0


def _is_portfolio(before: str, surface: str) -> bool:
    """Say whether a name is what a minister is in charge of (« ministre de l'Industrie et de l'Artisanat »)."""
    first = _OPENING.match(surface)
    if (
        not first
        or fold_accents(first.group()).lower() not in _PORTFOLIOS
        or is_acronym(surface)
        or not _LISTED.search(before)
    ):
        return False
    ministers = list(_MINISTER.finditer(before))
    return bool(ministers) and not _NO_MINISTER.search(before, ministers[-1].start())


def without_things(text: str, found: Iterable[Found]) -> list[Found]:
    """Leave out the acronyms that the text introduces for something else than an institution: « un appel (RAC) »."""
    found = list(found)
    things = {name.surface for name in found if _abbreviates_thing(text, name)}
    return [name for name in found if name.surface not in things or name.known]


def _abbreviates_thing(text: str, name: Found) -> bool:
    acronym = fold_accents(name.surface).lower().replace(".", "")
    if name.field != "text" or not acronym.isalnum() or not 2 < len(acronym) <= _LONGEST_ACRONYM:  # noqa: PLR2004
        return False
    before = text[max(0, name.start - _DEFINED_WITHIN) : name.start]
    match = _BEFORE_ACRONYM.search(before) if before.endswith(_INTRODUCING) else None  # the search takes its time
    if match is None:
        return False
    words = re.findall(r"[a-z0-9&]+", fold_accents(match.group(1)).lower())[-_MOST_WORDS_DEFINING:]
    for first in range(len(words) - 1, -1, -1):
        missed = missed_words(acronym, tuple(words[first:]))
        if missed is not None and missed <= 1:
            return words[first] in _THINGS_ABBREVIATED
    return False
