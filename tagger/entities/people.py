"""People told apart: full names, and the short forms that go to them.

A short form (« M. Diop », « Aminata », « A. Traoré ») goes to a person whose full name it abbreviates and whose
gender it does not contradict; where several are left, to the one named last before it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from tagger.article import TextField
from tagger.entities.groups import Group, nearest, place
from tagger.entities.known_names import KnownName, name_key
from tagger.entities.names import PARTICLES, Gender, Words
from tagger.entities.recogniser import Found

_CONTEXT_CHARS = 60
_BEFORE = r"(?:^|[\s(«\"'])"
_FEMININE = re.compile(
    _BEFORE + r"(?:(?:Mmes?|Mlles?)\.?|Madame|Mademoiselle|(?:[Pp]résidente|[Dd]irectrice|[Aa]vocate|[Ff]ondatrice"
    r"|[Cc]oordinatrice|[Dd]éputée|[Ss]énatrice|[Cc]hanteuse|[Ii]ngénieure|[Cc]onseillère|[Cc]hercheuse|[Gg]érante"
    r"|[Mm]ilitante|[Rr]omancière|[Rr]eine|épouse|femme|soeur|fille|mère|veuve)(?: générale| adjointe)?,?)\s+$"
)
# « Le président » has long been said of women too, so of the masculine words only kinship tells.
_MASCULINE = re.compile(_BEFORE + r"(?:MM?\.|Mr\.?|Monsieur|Messieurs|(?:[Rr]oi|mari|époux|frère|fils|père),?)\s+$")
_LAWYER = "me"
_TITLE = re.compile(
    _BEFORE + r"(Mes?|Maîtres?|Pr|[Pp]rofesseure?|Dr|[Dd]octeure?|[Pp]résidente?|[Mm]inistre|[Gg]énéral|[Cc]olonel"
    r"|[Cc]apitaine|[Cc]ommissaire|[Jj]uge|[Mm]aire)\.?\s+$"
)
_TITLES = {
    **dict.fromkeys(("me", "mes", "maître", "maîtres"), _LAWYER),
    **dict.fromkeys(("pr", "professeur", "professeure"), "pr"),
    **dict.fromkeys(("dr", "docteur", "docteure"), "dr"),
}
_CIVIL = re.compile(_BEFORE + r"(?:M\.|Monsieur|Mme|Madame|Mlle)\s+$")
# Named only to say whose child somebody else is: « fils de l'ancien ministre Cheikh Tidiane Sy ».
_ASIDE = re.compile(r"\b(?:fils|fille|neveu|nièce|frère|soeur|veuve|épouse)\s(?:de\s|du\s|d')(?:[\w'-]+\s){0,4}$")
_ALIAS = re.compile(
    r"\s?[,(]?\s?(?:alias|dite?|surnommée?|(?:plus|mieux) connue? sous le (?:nom|pseudonyme|surnom) d[e'])"
    r"\s?[\"«']?\s?"
)
_WORD = re.compile(r"[^\W_]+")
_DOUBLED = re.compile(r"([^aeiou])\1")


@dataclass(eq=False)
class _Person(Group):
    """A person of the article: the forms of the full name, and what tells one from a namesake."""

    forms: list[Words] = field(default_factory=list)
    gender: Gender | None = None
    titles: set[str] = field(default_factory=set)
    is_aside: bool = False


@dataclass(frozen=True, slots=True)
class _Clues:
    """What stands before a mention and says something of the person."""

    gender: Gender | None
    title: str | None
    is_civil: bool
    is_aside: bool


def merge_people(mentions: Sequence[Found], texts: Mapping[TextField, str]) -> list[Group]:
    """Group the mentions of people, given in order, by whom they name."""
    clues = [_clues(texts[mention.field], mention.start) for mention in mentions]
    people = _People(mentions, clues, _aliases(mentions, texts))
    for mention, clue in zip(mentions, clues, strict=True):
        people.add(mention, clue)
    return [person for person in people.all if person.mentions]


@lru_cache(maxsize=50_000)
def name_words(name: str) -> Words:
    """Give the words by which people are compared: no particles, and one spelling for « N'Diaye » and « Ndiaye »."""
    plain = [_DOUBLED.sub(r"\1", word.replace("y", "i")) for word in _WORD.findall(name_key(name).replace("'", ""))]
    words = [("hadj" if word == "hadji" else word) for word in plain]
    return tuple(word for word in words if word not in PARTICLES) or tuple(words) or (name,)


# First names, spelt as names are compared.
_WOMEN = name_words(
    "aby adja adji agnes aicha aida aissata aissatou alice aminata amina anna anta arame assitan astou aurelie awa "
    "bernadette bineta binta bintou catherine chantal christelle claudine clarisse coumba daba diarra diatou "
    "dieynaba edwige elisabeth estelle fanta fatima fatimata fatou fatouma fatoumata francoise genevieve ghizlane "
    "halima hawa helene ines isabelle jeanne kadiatou kadidia khadija khady laure leila mariama mariam marie mariem "
    "marieme marion marthe maimouna mireille nadege nadia nafi nafissatou nathalie ndella ndeye ngone odile oulimata "
    "oumou oumy penda prisca rama ramata ramatoulaye reine rokhaya rose salimata salma sandrine seynabou sokhna "
    "solange sonia sophie sylvie valerie veronique viviane yande zeinabou zeynab"
)
_MEN = name_words(
    "abdou abdoul abdoulaye abdourahmane abou aboubacar ahmed alain alassane alioune aliou alpha amadou antoine "
    "assane aziz babacar bakary bassirou boubacar brahima bruno christian christophe daniel demba denis didier "
    "djibril doudou driss drissa emmanuel etienne francois georges gilbert habib hamidou harouna herve ibou ibra "
    "ibrahim ibrahima idrissa ismaila issa issoufou jacques jean joseph karim khalifa koffi kofi kossi lamine "
    "lassana laurent luc macky malick mamadou marc mohamed mohammed moctar modou moise momar mouhamadou mouhamed "
    "moussa moustapha nicolas olivier omar oumar ousmane ousseynou pape papa pascal patrice paul philippe pierre "
    "robert roger saliou salif samba samuel sekou serge seydou serigne sidi sidy souleymane soumaila thierno thierry "
    "vincent xavier yacouba yaya yves youssou youssouf"
)
_GENDERS: dict[str, Gender] = {**dict.fromkeys(_WOMEN, "f"), **dict.fromkeys(_MEN, "m")}


class _People:
    """The people of an article: first those with a full name of their own, then mention by mention."""

    def __init__(
        self, mentions: Sequence[Found], clues: Sequence[_Clues], aliases: Mapping[Words, set[Words]]
    ) -> None:
        self.all: list[_Person] = []
        self._by_word: dict[str, list[_Person]] = defaultdict(list)
        self._known: dict[str, _Person] = {}
        self._aliases = aliases
        by_form: dict[Words, list[int]] = defaultdict(list)
        for number, mention in enumerate(mentions):
            by_form[name_words(mention.surface)].append(number)
        for form in sorted(by_form, key=lambda form: (form not in aliases, -_full_words(form), -len(form))):
            if len(form) == 1:
                continue
            own = [mentions[number] for number in by_form[form]]
            known = next((mention for mention in own if mention.known), None)
            owners = self._owners(form)
            if known or not owners:
                owners = [self._person(form, known or own[0])]
            if len(owners) == 1:
                _note(owners[0], [clues[number] for number in by_form[form]])

    def add(self, mention: Found, clue: _Clues) -> None:
        """Put `mention`, which stands after all those added before, where it belongs."""
        form = name_words(mention.surface)
        fitting = [person for person in self._owners(form) if _agree(person, clue)]
        if not fitting or (mention.known and len(form) > 1):
            fitting = [self._person(form, mention, clue.gender)]
        person = _likeliest(fitting, form, clue)
        person.gender = person.gender or clue.gender
        person.mentions.append(mention)

    def _person(self, form: Words, mention: Found, gender: Gender | None = None) -> _Person:
        known = mention.known
        person = self._known.get(known.id) if known else None
        if person is None:
            person = _Person("PER", known, first=place(mention), gender=gender or _gender_of_first_name(form))
            self.all.append(person)
        if known:
            self._known[known.id] = person
        person.first = min(person.first, place(mention))
        for name in (form, *_forms(known), *_with_surname(form, self._aliases.get(form, ()))):
            if name in person.forms:
                continue
            person.forms.append(name)
            for word in name:
                if person not in self._by_word[word]:
                    self._by_word[word].append(person)
        return person

    def _owners(self, form: Words) -> list[_Person]:
        """Find the people whose names `form` can abbreviate."""
        rarest = min((word for word in form if len(word) > 1), key=lambda word: len(self._by_word[word]), default="")
        return [person for person in self._by_word[rarest] if any(_abbreviates(form, full) for full in person.forms)]


def _full_words(form: Words) -> int:
    """Count the words that are more than an initial."""
    return sum(len(word) > 1 for word in form)


def _clues(text: str, start: int) -> _Clues:
    before = text[max(0, start - _CONTEXT_CHARS) : start]
    gender: Gender | None = "f" if _FEMININE.search(before) else "m" if _MASCULINE.search(before) else None
    title = match[1].lower() if (match := _TITLE.search(before)) else None
    return _Clues(
        gender, _TITLES.get(title, title) if title else None, bool(_CIVIL.search(before)), bool(_ASIDE.search(before))
    )


def _note(person: _Person, clues: Iterable[_Clues]) -> None:
    """Keep what is said before the mentions of a full name."""
    clues = list(clues)
    person.gender = next((clue.gender for clue in clues if clue.gender), person.gender)
    person.titles.update(clue.title for clue in clues if clue.title)
    person.is_aside = all(clue.is_aside for clue in clues)


def _aliases(mentions: Sequence[Found], texts: Mapping[TextField, str]) -> dict[Words, set[Words]]:
    """Find nicknames: « Makhtar Fall, alias Xuman », « Boubacar Diop, dit « Buuba » »."""
    aliases: dict[Words, set[Words]] = defaultdict(set)
    for first, second in pairwise(mentions):
        gap = texts[first.field][first.end : second.start] if first.field == second.field else ""
        if gap and _ALIAS.fullmatch(gap):
            full, nickname = name_words(first.surface), name_words(second.surface)
            aliases[full].add(nickname)
    return aliases


def _with_surname(full: Words, nicknames: Iterable[Words]) -> Iterator[Words]:
    for nickname in nicknames:
        yield nickname
        if len(nickname) == 1:
            yield (*nickname, full[-1])


def _forms(known: KnownName | None) -> Iterator[Words]:
    return map(name_words, (known.name, *known.forms)) if known else iter(())


def _gender_of_first_name(form: Words) -> Gender | None:
    return _GENDERS.get(form[0]) if len(form) > 1 else None


def _agree(person: _Person, clue: _Clues) -> bool:
    return person.gender is None or clue.gender is None or person.gender == clue.gender


def _likeliest(people: list[_Person], form: Words, clue: _Clues) -> _Person:
    """Choose between namesakes by title, gender, the part of the name that is given, and who was named last."""
    if len(people) == 1:
        return people[0]

    def doubt(person: _Person) -> tuple[bool, bool, int, bool]:
        is_misnamed = bool(clue.title and clue.title not in person.titles) or (
            clue.is_civil and _LAWYER in person.titles
        )
        return is_misnamed, clue.gender == "f" and person.gender is None, _part(form, person.forms), person.is_aside

    least = min(map(doubt, people))
    return nearest(person for person in people if doubt(person) == least)


def _part(form: Words, names: Iterable[Words]) -> int:
    """Rate a short form: a surname is likelier than a first name, that than a middle name."""
    return min(0 if name[-1] == form[-1] else 1 if name[0] == form[0] else 2 for name in names)


def _abbreviates(short: Words, full: Words) -> bool:
    """Say whether `short` can stand for `full`.

    Words may be left out or cut to initials as long as the surname stays, and the surname may come first.
    """
    if len(short) == 1:
        return short[0] in full
    if len(short) > len(full):
        return False
    if any(full[start : start + len(short)] == short for start in range(len(full) - len(short) + 1)):
        return True
    if any(len(word) == 1 for word in short):
        return _in_order(short, full) and short[-1] == full[-1]
    return any(
        _in_order(turned, full) and turned[-1] == full[-1] and turned[0] == full[0]
        for turned in (short, (*short[1:], short[0]), (short[-1], *short[:-1]))
    )


def _in_order(short: Words, full: Words) -> bool:
    """Say whether the words of `short`, or what they are the initials of, stand in `full` in this order."""
    rest = iter(full)
    return all(any(word == other or (len(word) == 1 and other[0] == word) for other in rest) for word in short)
