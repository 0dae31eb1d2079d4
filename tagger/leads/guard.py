"""Checks that a lead says nothing that its article does not say: names, numbers, dates, quotations, negations.

It looks things up; it does not understand. Who did what to whom can be turned round without its noticing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tagger.article import Entity
from tagger.entities.known_names import KnownNames
from tagger.entities.names import is_acronym, is_name, stands_for
from tagger.keywords.terms import FUNCTION_WORDS
from tagger.leads.dates import Dates, dates_of
from tagger.leads.negation import Denials, denials_of
from tagger.leads.numbers import Number, codes_of, numbers_of
from tagger.leads.sentences import read_sentences
from tagger.leads.shortening import begins_with_verb
from tagger.text.typography import fold_accents

FaultKind = Literal["name", "number", "date", "quotation", "negation"]

_QUOTATION = re.compile(r"«\s*([^«»]+?)\s*»|\"([^\"]+)\"")
_ELLIPSIS = re.compile(r"\[?\(?\.\.\.\)?\]?")
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_CAPITALISED = r"[A-ZÀ-Ý][\w&]*(?:[-.'][\w&]+)*"
_NAME = re.compile(
    rf"(?<![\w])(?:[dlDL]')?(?P<name>{_CAPITALISED}(?:\s+(?:(?:el|al|ben|bin|ould|mint|von|van|di|da|dos)\s+)?{_CAPITALISED})*)"
)
_HONORIFIC = re.compile(r"\b(?:MM?\.|Mmes?|Mlles?|Dr|Pr|Me)\s+(?=[A-ZÀ-Ý])")
_HEAD = re.compile(r"(?:^|[.!?:;«\"(]\s*)$")
# A noun has an article before it: a lone word before a verb and its object (« Wave baisse ses tarifs ») is a name.
_VERB_AND_OBJECT = re.compile(
    r"\s+[a-zà-ÿ]{2,}(?:e|ent|it|d|t)\s+(?:les?\s|la\s|l'|une?\s|des\s|ses\s|son\s|sa\s|leurs?\s)"
)
_CALENDAR = re.compile(
    r"(?<!\d)\d{1,2}(?:er)?(?=\s+(?:et\s+(?:\w+\s+)?\d{1,2}(?:er)?\s+)?(?:janvier|février|mars|avril|mai|juin|juillet|août"
    r"|septembre|octobre|novembre|décembre))|(?<![\d.,\s])\s?(?:19|20)\d\d(?!\d|\s?\d{3}|[.,]\d)"
)
_SMALL_WORD = re.compile(r"(?<![\w])[a-zà-ÿ][\w]*")
_STEM_CHARS = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a lead that its article does not bear out."""

    kind: FaultKind
    text: str


class Source:
    """An article to hold leads against; what is needed of it is found when it is needed, once."""

    def __init__(
        self,
        title: str,
        text: str,
        entities: Sequence[Entity] = (),
        known_names: KnownNames | None = None,
        published: dt.date | None = None,
    ) -> None:
        """Take a normalised title and text; `entities` and `known_names` tell under which names things go."""
        self._text = f"{title}\n{text}"
        self._entities = entities
        self._known_names = known_names
        self._published = published

    def faults(self, lead: str) -> list[Fault]:
        """Find what a normalised lead says and this article does not."""
        return [
            *(Fault("name", name) for name in self._unknown_names(lead)),
            *(Fault("number", number) for number in self._unknown_numbers(lead)),
            *(Fault("date", date) for date in self._unknown_dates(lead)),
            *(Fault("quotation", quotation) for quotation in self._unknown_quotations(lead)),
            *(Fault("negation", stem) for stem in denials_of(lead).reversed_from(self._denials)),
        ]

    @cached_property
    def _folded(self) -> str:
        return _fold(self._text)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(self._folded.split())

    @cached_property
    def _stems(self) -> frozenset[str]:
        """The beginnings of the words that the article writes small."""
        return frozenset(_fold(word).strip()[:_STEM_CHARS] for word in _SMALL_WORD.findall(self._text))

    @cached_property
    def _numbers(self) -> list[Number]:
        return numbers_of(_CALENDAR.sub(" ", self._text))

    @cached_property
    def _dates(self) -> Dates:
        return dates_of(self._text, self._published)

    @cached_property
    def _denials(self) -> Denials:
        return denials_of(self._text)

    @cached_property
    def _forms(self) -> list[list[str]]:
        """The words of every form under which the article's entities go in it."""
        forms = {
            form for entity in self._entities for form in (entity.name, *(item.text for item in entity.mentions))
        }
        return [_fold(form).split() for form in forms]

    @cached_property
    def _known_forms(self) -> list[list[str]]:
        """The words of every form of the known names that the article has."""
        hits = self._known_names.find(self._text) if self._known_names else []
        return [_fold(form).split() for hit in hits if hit.known for form in (hit.known.name, *hit.known.forms)]

    @cached_property
    def _countries(self) -> set[str]:
        """The ISO codes of the countries that are named, or whose people or things are."""
        if self._known_names is None:
            return set()
        named = {hit.known.country for hit in self._known_names.find(self._text) if hit.known and hit.known.country}
        return named.union(self._known_names.demonyms_in(self._text))

    def _unknown_names(self, lead: str) -> Iterator[str]:
        lead = _HONORIFIC.sub("de ", lead)  # so that the full stop of « M. » begins no sentence
        for match in _NAME.finditer(lead):
            name = match["name"]
            is_head = bool(_HEAD.search(lead[: match.start()]))
            if is_head and not self._is_name_at_head(name, lead[match.end() :]):
                name = name.partition(" ")[2]
            if any(map(is_name, name.split())) and not self._knows(name):
                yield name
        if self._known_names:
            for word in lead.split():
                codes = self._known_names.demonyms_in(word)
                if codes and self._countries.isdisjoint(codes):
                    yield word.strip(',.;:!?«»"')

    def _is_name_at_head(self, name: str, after: str) -> bool:
        """Say whether the first word of a sentence belongs to a name, though any word has a capital there."""
        first, _, rest = name.partition(" ")
        folded = _fold(first).strip()
        if folded in FUNCTION_WORDS or folded.isdigit():
            return False
        if self._known_names and any(hit.start == 0 for hit in self._known_names.find(name)):
            return True
        if folded[:_STEM_CHARS] in self._stems:
            return False
        return bool(rest) or is_acronym(first) or begins_with_verb(after) or bool(_VERB_AND_OBJECT.match(after))

    def _knows(self, name: str) -> bool:
        """Say whether the article names this, or something that also goes by this name."""
        words = _fold(name).split()
        folded = " ".join(words)
        if f" {folded} " in self._folded:
            return True
        if words in self._known_forms or any(_in_order(words, form) for form in self._forms):
            return True
        if self._is_country_hinted(name):
            return True
        if len(words) == 1:
            return self._has_relative(folded) or (is_acronym(name) and self._spells_out(name))
        return any(
            (self._is_place(left) or self._is_place(right) or self._is_demonym(left))
            and self._knows(left)
            and self._knows(right)
            for left, right in _splits(name)
        )

    def _has_relative(self, word: str) -> bool:
        """Say whether the article has a word of the same stem (« africain » for « Afrique »)."""
        return any(
            len(word) >= _STEM_CHARS and (word[:_STEM_CHARS] == other[:_STEM_CHARS] or word.rstrip("s") == other)
            for other in self._words
        ) or (word == "afrique" and "afric" in self._stems)

    def _spells_out(self, acronym: str) -> bool:
        """Say whether a name in the article can be what an acronym stands for."""
        return any(stands_for(acronym, " ".join(form)) for form in self._forms if len(form) > 1)

    def _is_country_hinted(self, name: str) -> bool:
        hits = self._known_names.find(name) if self._known_names else []
        return any(
            hit.type == "COUNTRY"
            and hit.known
            and hit.known.id in self._countries
            and hit.end - hit.start == len(name)
            for hit in hits
        )

    def _is_place(self, name: str) -> bool:
        hits = self._known_names.find(name) if self._known_names else []
        return any(hit.type in ("COUNTRY", "LOC") and hit.end - hit.start == len(name) for hit in hits)

    def _is_demonym(self, name: str) -> bool:
        return self._known_names is not None and self._known_names.is_demonym(name)

    def _unknown_numbers(self, lead: str) -> Iterator[str]:
        for number in numbers_of(_CALENDAR.sub(" ", lead)):
            units = {other.unit for other in self._numbers if number.may_be(other)}
            if not units or (number.unit and units - {None} and number.unit not in units):
                yield number.surface
        for code in codes_of(lead):
            if f" {_fold(code).strip()} " not in self._folded:
                yield code

    def _unknown_dates(self, lead: str) -> Iterator[str]:
        values = {value for number in self._numbers for value in number.values}
        for date in dates_of(lead).unfounded_in(self._dates):
            if not (date.isdigit() and float(date) in values):
                yield date

    def _unknown_quotations(self, lead: str) -> Iterator[str]:
        for match in _QUOTATION.finditer(lead):
            for part in _ELLIPSIS.split(match.group(1) or match.group(2)):
                if part.strip() and _fold(part) not in self._folded:
                    yield part.strip()


def keep_faithful(lead: str, source: Source) -> tuple[str, list[Fault]]:
    """Give a (normalised) lead without the sentences that have faults, and the faults; the lead may be empty then."""
    faults = source.faults(lead)
    if not faults:
        return lead, []
    kept = [sentence for sentence in read_sentences(lead, []) if not source.faults(sentence.text)]
    if not kept or kept[0].points_back:
        return "", faults
    return " ".join(sentence.text for sentence in kept), faults


def _fold(text: str) -> str:
    """Give the words of a text without accents and capitals, each between single spaces."""
    return f" {_NOT_A_WORD.sub(' ', fold_accents(text).lower()).strip()} "


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """Part a name of several words in two, in every way."""
    for match in re.finditer(r"\s+", name):
        yield name[: match.start()], name[match.end() :]


def _in_order(words: Sequence[str], form: Sequence[str]) -> bool:
    """Say whether all `words` occur in `form` in their order."""
    rest = iter(form)
    return all(word in rest for word in words)
