"""Names that the press of this field uses again and again, and where they stand in a text.

All forms of all names are searched at once (Aho-Corasick, pyahocorasick) in a text without accents and in
lower case; whether a hit is the name is then decided by its borders and its capitals. A form that also
means something else (« Orange ») or is shared (« CDP ») gives an institution without saying which.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import ahocorasick

from tagger.article import EntityType
from tagger.entities.names import at_head, is_acronym
from tagger.text.typography import fold_accents, normalise

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_EX = re.compile(r"\b[Ee]x-$")
_ENUMERATION = re.compile(r"(?:,\s[A-Z][\w]+){0,3}(?:,|\set)\s[A-Z]")
_MAX_ACRONYM_CHARS = 6
_MIN_TITLE_CASE_ACRONYM = 4  # « Artp » is a way to write ARTP, « Art » is not one to write ART


@dataclass(frozen=True, slots=True)
class KnownName:
    """A person, institution, country or place that is known by name."""

    id: str
    name: str
    type: EntityType
    country: str | None
    forms: tuple[str, ...]
    ambiguous_forms: tuple[str, ...]
    demonyms: frozenset[str] = frozenset()
    former_names: tuple[str, ...] = ()

    def was_called(self, name: str) -> bool:
        """Say whether `name` is a former name of it."""
        return name_key(name) in map(name_key, self.former_names)


@dataclass(frozen=True, slots=True)
class Hit:
    """A known form found in a text; `known` is None where several names of one type share it."""

    start: int
    end: int
    type: EntityType
    known: KnownName | None


@lru_cache(maxsize=50_000)
def name_key(name: str) -> str:
    """Give the form in which names are compared: no accents, no capitals, single spaces."""
    return " ".join(fold_accents(normalise(name).text).lower().replace("-", " ").split())


class KnownNames:
    """Finds known names in texts and links recognised names to them."""

    def __init__(self, names: Iterable[KnownName]) -> None:
        names = list(names)
        self._demonyms: dict[str, set[str]] = defaultdict(set)  # two countries for « congolais »
        self._owners: dict[str, list[KnownName]] = defaultdict(list)
        written: dict[str, str] = {}  # forms to search for, as they are written
        for name in names:
            for demonym in name.demonyms:
                self._demonyms[name_key(demonym)].add(name.id)
            for form in {*name.forms, *name.ambiguous_forms}:
                if name not in self._owners[name_key(form)]:
                    self._owners[name_key(form)].append(name)
                written.setdefault(_search_form(form), form)
        self._ambiguous = {name_key(form) for name in names for form in name.ambiguous_forms}
        self._automaton = ahocorasick.Automaton()
        for searched, form in written.items():
            owners = self._owners[name_key(form)]
            if len({owner.type for owner in owners}) == 1:
                self._automaton.add_word(searched, (len(searched), form, owners))
        self._automaton.make_automaton()

    def find(self, text: str) -> list[Hit]:
        """Find the known names in a normalised text, the longest where several overlap."""
        folded = _search_form(text)
        if len(folded) != len(text) or not self._automaton:  # a letter whose lower case is longer: too rare to serve
            return []
        hits: list[Hit] = []
        for last, (length, form, owners) in self._automaton.iter(folded):
            start, end = last - length + 1, last + 1
            if not _is_whole_word(text, start, end) or not _has_its_capitals(text[start:end], form):
                continue
            is_ambiguous = name_key(form) in self._ambiguous
            if is_ambiguous and (owners[0].type != "ORG" or not _is_surely_a_name(text, start, end, form)):
                continue
            known = owners[0] if len(owners) == 1 and not is_ambiguous else None
            hits.append(Hit(start, end, owners[0].type, known))
        return _longest(hits)

    def named_in(self, text: str) -> set[KnownName]:
        """Give every known name of which some form may stand in a normalised text."""
        folded = _search_form(text)
        if not self._automaton:
            return set()
        hits = ((last - length + 1, last + 1, owners) for last, (length, _, owners) in self._automaton.iter(folded))
        return {owner for start, end, owners in hits if _is_whole_word(text, start, end) for owner in owners}

    def demonyms_in(self, text: str, *named: set[str]) -> Counter[str]:
        """Count by ISO code the words for a country's people or things in a text (« sénégalais »).

        `named` are countries that the article names otherwise: what several countries share (« congolais ») counts
        for those of them that the first set has to hold any, or for all.
        """
        counts: Counter[str] = Counter()
        for word, count in Counter(_WORD.findall(fold_accents(text).lower())).items():
            sharing = self._demonyms.get(word, set())
            for code in next((sharing & codes for codes in named if sharing & codes), sharing):
                counts[code] += count
        return counts

    @cached_property
    def countries(self) -> dict[str, str]:
        """The names of the known countries by ISO code."""
        owners = {owner for owners in self._owners.values() for owner in owners if owner.type == "COUNTRY"}
        return {owner.id: owner.name for owner in owners}

    def demonym_country(self, word: str) -> str | None:
        """Give the ISO code of the one country whose demonym `word` is (« sénégalaise », but not « congolaise »)."""
        codes = self._demonyms.get(name_key(word), set())
        return next(iter(codes)) if len(codes) == 1 else None

    def bearers(self, name: str, entity_type: EntityType) -> list[KnownName]:
        """Give all known names of a type that have the form `name`."""
        return [known for known in self._owners.get(name_key(name), ()) if known.type == entity_type]

    def is_demonym(self, name: str) -> bool:
        """Say whether `name` calls people after their country (« Sénégalais »)."""
        return name_key(name) in self._demonyms

    def link(self, name: str, entity_type: EntityType, country: str | None, countries: set[str]) -> KnownName | None:
        """Find the known name for a recognised one, of the same type.

        A name that several bear, or that also means something else, is linked only if exactly one of them
        belongs to `country`, the ISO code of the country that the article is about, or else to no country. An
        acronym must belong to one of the `countries` that the article speaks of, if it speaks of any: most
        acronyms stand for something else elsewhere.
        """
        key = name_key(name)
        candidates = self.bearers(name, entity_type)
        if len(candidates) > 1 or key in self._ambiguous:
            local = [known for known in candidates if known.country == country]
            candidates = local or [known for known in candidates if known.country is None]
        elif countries and is_acronym(name):
            candidates = [known for known in candidates if known.country is None or known.country in countries]
        return candidates[0] if len(candidates) == 1 else None


def _longest(hits: list[Hit]) -> list[Hit]:
    """Keep the longest of hits that overlap, the first of two as long, in the order of the text."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
        elif hit.end - hit.start > kept[-1].end - kept[-1].start:  # « [Le Cap] Vert »
            kept[-1] = hit
    return kept


def _is_surely_a_name(text: str, start: int, end: int, form: str) -> bool:
    """Say whether a word that also means something else is a name here: its capitals are not due to its place.

    At the head of a sentence it is one only if it is written in capitals throughout or leads an enumeration of
    names (« Orange, Free et Expresso »).
    """
    surface = text[start:end]
    if surface.isupper() and len(surface) > 1:
        return form.isupper()
    return surface[0].isupper() and (not at_head(text, start) or bool(_ENUMERATION.match(text[end : end + 40])))


def _search_form(text: str) -> str:
    return fold_accents(text).lower()


def _is_whole_word(text: str, start: int, end: int) -> bool:
    """Say whether the stretch ends where words end; a hyphen joins words (Guinée-Bissau), but for « ex- »."""
    before, after = text[start - 1 : start], text[end : end + 2]
    if (before and (before.isalnum() or before in "_@.")) or (
        before == "-" and text[start - 2 : start - 1].isalnum() and not _EX.search(text[max(0, start - 4) : start])
    ):
        return False
    return not (after[:1].isalnum() or after[:1] == "_" or (after[:1] == "-" and after[1:].isalnum()))


def _has_its_capitals(surface: str, form: str) -> bool:
    """Say whether `surface` is written as a name: « Maroc » or « MAROC », « ARTP » or « Artp »."""
    letters = [character for character in form if character.isalpha()]
    if len(letters) <= _MAX_ACRONYM_CHARS and all(map(str.isupper, letters)):
        return surface.isupper() or (len(letters) >= _MIN_TITLE_CASE_ACRONYM and surface.istitle())
    if form.startswith(("Le ", "La ", "Les ", "L'")):  # « Le Pays » is a newspaper, « Le pays » is not
        return surface == form or surface.isupper()
    if form[:1].isupper():
        return surface[:1].isupper()
    return any(map(str.isupper, surface)) or not any(map(str.isupper, form))
