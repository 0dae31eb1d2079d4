"""Institutions and places told apart: their full names, and the short forms that go to them.

Every name that the article writes is a `_Name`. Some are short for longer ones: an acronym, the head of a long
name (« la Commission »), a ministry without all it is in charge of, a brand without its country. A mention of
such a name goes to the longer one that was named last before it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tagger.article import TextField
from tagger.entities.groups import Group, Place, join, nearest, place
from tagger.entities.known_names import KnownName, KnownNames
from tagger.entities.names import (
    FUNCTION_WORDS,
    HEADS,
    Words,
    gender_before,
    institution_words,
    is_acronym,
    ministry_portfolios,
    missed_words,
    stands_for,
)
from tagger.entities.recogniser import Found

_Identity = tuple[str, str, str | None]

_ARTICLE = r"(?:l'|la |le |les )?[\"«]?\s?"
_PARENTHESIS = re.compile(r"(?:\s(?:du|de|des|d')\b[^.,;:()\n]{0,30})?\s?\(\s?(?:ou |en abrégé )?" + _ARTICLE)
_ALSO_CALLED = re.compile(
    r"\s?,?\s(?:ou|dite?s?|abrégée?s? en|sous le sigle|(?:plus|mieux) connue?s? sous le (?:nom|sigle) d[e'])\s?"
    + _ARTICLE
)
_APPOSITION = re.compile(r"\s?,\s" + _ARTICLE)
_RENAMED = re.compile(
    r"\s?[,(]?\s?(?:qui )?(?:(?:est |était |a été )?(?:devenue?|rebaptisée?|renommée?)|devient|s'appelle désormais"
    r"|connue? (?:désormais |aujourd'hui )?sous la marque|anciennement|autrefois|naguère|jadis|aujourd'hui|désormais"
    r"|ex[- ]|l'ancien(?:ne)?|l'ex[- ])\s?" + _ARTICLE
)
_COMPLEMENT = re.compile(r"\s(?:du |de la |de l'|des |de |d')")
_NEXT_WORD = re.compile(r"\s([a-zà-ÿ-]{4,})\b")
# What a company or a newspaper can be named without.
_DESIGNATIONS = frozenset(
    "group groupe holding technologies corporation corp company quotidien hebdo magazine".split()
)
_LEAST_TITLE_CASE_ACRONYM = 4  # « Chat » for « Centre des handicapés au travail »
_LEAST_LOOSE_ACRONYM = 3
_MOST_ALIKE = 0.5


@dataclass(eq=False)
class _Name(Group):
    """A name as the article writes it, with what it can be short for: the likeliest names first.

    `forms` has what is `written` and, of a known name, all that it is called.
    """

    forms: set[Words] = field(default_factory=set)
    written: set[Words] = field(default_factory=set)
    is_acronym: bool = False
    longer: list[list[_Name]] = field(default_factory=list)

    @property
    def gender(self) -> str | None:
        """The gender of the noun at its head."""
        return next((HEADS[form[0]] for form in sorted(self.forms) if form[0] in HEADS), None)


def merge_institutions(
    mentions: Sequence[Found], texts: Mapping[TextField, str], known_names: KnownNames
) -> list[Group]:
    """Group the mentions of institutions, places and countries, given in order, by what they name."""
    definitions = _definitions(mentions, texts)
    countries = _countries_of_homonyms(mentions, texts, known_names)
    names = _names(mentions, {_key(short) for short, _ in definitions}, countries)
    by_place = {place(mention): name for name, own in names for mention in own}
    _relate([name for name, _ in names], definitions, by_place, known_names)
    bound = {place(short): by_place[place(long)] for short, long in definitions}
    for mention in mentions:
        at = place(mention)
        name = _resolve(bound.get(at) or by_place[at], texts[mention.field], mention)
        name.mentions.append(mention)
        by_place[at] = name
    _join_renamed(mentions, texts, by_place)
    return [name for name, _ in names if name.mentions]


def _key(mention: Found) -> str:
    return " ".join(institution_words(mention.surface))


def _names(
    mentions: Sequence[Found], defined: set[str], countries: Mapping[Place, str | None]
) -> list[tuple[_Name, list[Found]]]:
    """Give every name that the article writes, with its mentions.

    A known name is one whatever its form, unless the article itself says what a form (`defined`) stands for, or
    the institution named is another country's. Homonyms of several countries are several names.
    """
    names: dict[_Identity, tuple[_Name, list[Found]]] = {}
    homonyms: dict[str, list[_Name]] = defaultdict(list)
    for mention in mentions:
        key, at = _key(mention), place(mention)
        country = countries.get(at)
        known = mention.known
        if known and known.type == "ORG" and country and known.country not in (None, country):
            known = None
        own = known if key not in defined and at not in countries else None
        identity: _Identity = ("known", own.id, own.type) if own else (mention.type, key, country)
        if identity not in names:
            names[identity] = _Name(mention.type, known, first=at), []
            if country:
                homonyms[key].append(names[identity][0])
        name, its_mentions = names[identity]
        name.written.add(institution_words(mention.surface))
        name.is_acronym = " " not in key and (name.is_acronym or is_acronym(mention.surface))
        its_mentions.append(mention)
    for (_, key, country), (name, _) in names.items():
        if key in homonyms and country is None:
            name.longer.append(homonyms[key])
    for name, _ in names.values():
        name.forms |= name.written
        if name.known and name.type == "ORG":
            name.forms.update(map(institution_words, name.known.forms))
    return list(names.values())


def _definitions(mentions: Sequence[Found], texts: Mapping[TextField, str]) -> list[tuple[Found, Found]]:
    """Find where the article says what an acronym stands for: the acronym's mention and the long name's."""
    found = []
    for first, second in pairwise(mentions):
        if first.field != second.field or "COUNTRY" in (first.type, second.type):
            continue
        gap = texts[first.field][first.end : second.start]
        short, long = sorted((first, second), key=lambda mention: len(institution_words(mention.surface)))
        if len(institution_words(short.surface)) > 1 or len(institution_words(long.surface)) == 1:
            continue
        is_bound = _PARENTHESIS.fullmatch(gap) or _ALSO_CALLED.fullmatch(gap)
        if (is_bound and is_acronym(short.surface) and stands_for(_key(short), long.surface)) or (
            (is_bound or _APPOSITION.fullmatch(gap)) and _spells(short.surface, institution_words(long.surface))
        ):
            found.append((short, long))
    return found


def _spells(surface: str, words: Words) -> bool:
    """Say whether a short name, in capitals or not, is made of the initials of `words`, one at most passed over."""
    key = " ".join(institution_words(surface))
    if " " in key:
        return False
    missed = missed_words(key, words)
    if is_acronym(surface):
        return missed is not None and missed <= (len(key) >= _LEAST_LOOSE_ACRONYM)
    return missed == 0 and len(key) >= _LEAST_TITLE_CASE_ACRONYM


def _countries_of_homonyms(
    mentions: Sequence[Found], texts: Mapping[TextField, str], known_names: KnownNames
) -> dict[Place, str | None]:
    """Give the country of each mention of a name that the article says of several (« l'Assemblée du Togo »)."""
    codes = {place(m): m.known.country for m in mentions if m.type == "COUNTRY" and m.known}
    by_key: dict[str, dict[Place, str | None]] = defaultdict(dict)
    for mention in mentions:
        words = institution_words(mention.surface)
        if mention.type == "ORG" and (words[0] in HEADS or is_acronym(mention.surface)):
            by_key[" ".join(words)][place(mention)] = _country_after(
                mention, texts[mention.field], codes, known_names
            )
    return {
        at: country
        for countries in by_key.values()
        if len({*countries.values()} - {None}) > 1
        for at, country in countries.items()
    }


def _country_after(
    mention: Found, text: str, codes: Mapping[Place, str | None], known_names: KnownNames
) -> str | None:
    """Give the country that follows a name as its complement (« du Togo ») or as an adjective (« togolaise »)."""
    if match := _COMPLEMENT.match(text, mention.end):
        return codes.get((mention.field == "text", match.end()))
    match = _NEXT_WORD.match(text, mention.end)
    return known_names.demonym_country(match[1]) if match else None


def _relate(
    names: list[_Name],
    definitions: Iterable[tuple[Found, Found]],
    by_place: Mapping[Place, _Name],
    known_names: KnownNames,
) -> None:
    """Tell every name what it can be short for."""
    defined: dict[_Name, list[_Name]] = defaultdict(list)
    for short, long in definitions:
        defined[by_place[place(short)]].append(by_place[place(long)])
    for name, longer in defined.items():
        _add(name, longer)
    institutions = [name for name in names if name.type in ("ORG", "LOC")]
    by_first_word: dict[str, list[_Name]] = defaultdict(list)
    by_known = {name.known.id: name for name in institutions if name.known}
    for name in institutions:
        for word in {form[0] for form in name.forms}:
            by_first_word[word].append(name)
    for name in institutions:
        if len(own := min(name.written, key=len)) == 1 and (name.is_acronym or not name.known):
            _add(name, _spelled(name, own[0], institutions, known_names))
        if name.known or name.type != "ORG":
            continue
        bearers = known_names.bearers(" ".join(own), "ORG")
        in_article = [by_known[known.id] for known in bearers if known.id in by_known]
        if len(in_article) == 1:
            _add(name, in_article)
        namesakes = [other for other in by_first_word[own[0]] if other is not name]
        _add(name, [other for other in namesakes if _is_head_of(own, other)])
        _add(name, _branch(own, namesakes, bearers, known_names))


def _add(name: _Name, longer: list[_Name]) -> None:
    """Add to what `name` can be short for; what is itself short for `name` cannot be meant."""
    tier = [other for other in longer if other is not name and name not in _all_longer(other)]
    if tier:
        name.longer.append(tier)


def _all_longer(name: _Name) -> Iterator[_Name]:
    for tier in name.longer:
        for other in tier:
            yield other
            yield from _all_longer(other)


def _spelled(name: _Name, key: str, institutions: Iterable[_Name], known_names: KnownNames) -> list[_Name]:
    """Find the long names that the article writes and whose initials an acronym spells.

    A known acronym means what it always does, unless the long name says nearly the same.
    """
    surface = key.upper() if name.is_acronym else key
    bearers = known_names.bearers(key, "ORG")
    return [
        other
        for other in institutions
        if any(len(form) > 1 and form[0][0] == key[0] and _spells(surface, form) for form in other.written)
        and (name.known is None or (other.known is None and _are_alike(other, name.known)))
        and (other.known is None or not bearers or other.known in bearers)
    ]


def _are_alike(name: _Name, known: KnownName) -> bool:
    """Say whether a name has most of its words in common with a known one."""
    own = {word for form in name.forms for word in form} - FUNCTION_WORDS
    others = (set(institution_words(form)) - FUNCTION_WORDS for form in known.forms)
    return any(len(own & other) >= _MOST_ALIKE * len(own | other) for other in others)


def _is_head_of(own: Words, other: _Name) -> bool:
    """Say whether a name is the beginning of a longer one that can be used alone."""
    if own[0] == "ministere" and len(own) > 1:
        return any(_is_part_of_ministry(own, form) for form in other.forms)
    return any(
        len(form) > len(own) and form[: len(own)] == own and (own[0] in HEADS or form[len(own)] in FUNCTION_WORDS)
        for form in other.forms
    )


def _is_part_of_ministry(own: Words, form: Words) -> bool:
    """Say whether a ministry is named with some of what another is in charge of."""
    short, long = ministry_portfolios(own), ministry_portfolios(form)
    return own != form and len(own) < len(form) and all(any(_same_portfolio(a, b) for b in long) for a in short)


def _same_portfolio(short: Words, long: Words) -> bool:
    """Compare « Numérique » with « Transition numérique »; but the Treasury is not « Économie numérique »."""
    return short == long or (short != ("economie",) and short in (long[: len(short)], long[-len(short) :]))


def _branch(own: Words, namesakes: list[_Name], bearers: Sequence[KnownName], known_names: KnownNames) -> list[_Name]:
    """Find the one longer name that only adds a country or « Group » to a brand.

    Where several names begin with the brand, or where it is known as another company, nobody can tell.
    """
    if own[0] in HEADS or len(namesakes) != 1 or (bearers and namesakes[0].known not in bearers):
        return []
    rests = [form[len(own) :] for form in namesakes[0].forms if form[: len(own)] == own and len(form) > len(own)]
    if any(set(rest) <= _DESIGNATIONS or known_names.bearers(" ".join(rest), "COUNTRY") for rest in rests):
        return namesakes
    return []


def _resolve(name: _Name, text: str, mention: Found) -> _Name:
    """Follow a mention from short names to the longest that it can mean."""
    while name.longer:
        gender = gender_before(text, mention.start) if name.is_acronym else None
        agreeing = (
            [other for other in tier if None in (gender, other.gender) or gender == other.gender]
            for tier in name.longer
        )
        name = nearest(next(filter(None, agreeing), name.longer[0]))
    return name


def _join_renamed(mentions: Sequence[Found], texts: Mapping[TextField, str], by_place: dict[Place, _Name]) -> None:
    """Join the two names of a company that was renamed, where the article says so."""
    for first, second in pairwise(mentions):
        if first.field != second.field or (first.type, second.type) != ("ORG", "ORG"):
            continue
        name, other = by_place[place(first)], by_place[place(second)]
        if name is not other and _RENAMED.fullmatch(texts[first.field][first.end : second.start]):
            by_place.update({place(mention): name for mention in other.mentions})
            join(name, other)
            other.mentions = []
