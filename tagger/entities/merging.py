"""From mentions to entities: each person, institution, country and place once, under its full name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tagger.article import EntityType
from tagger.entities.known_names import KnownName, KnownNames, name_key
from tagger.entities.names import PARTICLES, is_acronym, stands_for
from tagger.entities.recogniser import Found

_TYPE_RANK: dict[EntityType, int] = {"COUNTRY": 0, "ORG": 1, "PER": 2, "LOC": 3}


@dataclass(eq=False)
class Group:
    """The mentions of one entity, in order."""

    type: EntityType
    known: KnownName | None = None
    mentions: list[Found] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The known name, or the fullest form in the article where that is an older or another name."""
        forms = {" ".join(mention.surface.split()) for mention in self.mentions}
        fullest = max(sorted(forms), key=lambda form: (len(name_key(form).split()), not form.isupper(), len(form)))
        if self.known is None or self.known.was_called(fullest):
            return fullest
        if self.type == "COUNTRY" or is_acronym(fullest) or _same_words(fullest, self.known.name):
            return self.known.name
        return fullest


def _same_words(form: str, name: str) -> bool:
    return name_key(form).split() == name_key(name).split()


def merge(found: Iterable[Found], title: str, text: str, known_names: KnownNames) -> list[Group]:
    """Group the mentions of an article by whom they name; `title` and `text` are normalised."""
    mentions = _one_type_a_name(list(found))
    countries = set(known_names.demonyms_in(text)) | _named_countries(mentions)
    mentions = _without_doubtful_links(mentions, countries)
    groups: list[Group] = []
    groups += _merge_known([mention for mention in mentions if mention.known])
    unknown = [mention for mention in mentions if not mention.known]
    people = [mention for mention in unknown if mention.type == "PER"]
    _merge_people(people, groups)
    _merge_by_name([mention for mention in unknown if mention.type != "PER"], groups)
    _join_parts_of_people(groups)
    _bind_acronyms(groups, {"title": title, "text": text})
    return _link(groups, known_names, _main_country(mentions), countries)


def _one_type_a_name(mentions: list[Found]) -> list[Found]:
    """Give all mentions with the same words the type that most of them have; a known name's type wins."""
    votes: dict[str, Counter[EntityType]] = defaultdict(Counter)
    known: dict[str, KnownName] = {}
    for mention in mentions:
        key = name_key(mention.surface)
        votes[key][mention.type] += 1
        if mention.known:
            known[key] = mention.known
    result = []
    for mention in mentions:
        key = name_key(mention.surface)
        name = known.get(key)
        best = max(votes[key].items(), key=lambda item: (item[1], -_TYPE_RANK[item[0]]))[0]
        result.append(replace(mention, type=name.type if name else best, known=name))
    return result


def _merge_known(mentions: list[Found]) -> list[Group]:
    by_id: dict[tuple[EntityType, str], Group] = {}
    for mention in mentions:
        if mention.known is None:
            continue
        key = (mention.known.type, mention.known.id)
        group = by_id.setdefault(key, Group(mention.known.type, mention.known))
        group.mentions.append(mention)
    return list(by_id.values())


def _named_countries(mentions: list[Found]) -> set[str]:
    """Give the ISO codes of the countries that the article names, itself or by a place in them."""
    return {m.known.country for m in mentions if m.known and m.type in ("COUNTRY", "LOC") and m.known.country}


def _without_doubtful_links(mentions: list[Found], countries: set[str]) -> list[Found]:
    """Unlink acronyms of another country than those the article speaks of: a wrong link is worse than none."""
    return [
        replace(mention, known=None)
        if mention.known
        and mention.type == "ORG"
        and mention.known.country
        and is_acronym(mention.surface)
        and countries
        and mention.known.country not in countries
        else mention
        for mention in mentions
    ]


def _merge_people(mentions: list[Found], groups: list[Group]) -> None:
    """Add people to `groups`: full names first, then what is the last part of one (« El Habti »).

    A surname that two people share goes to the one who was named last before it.
    """
    named: dict[str, list[tuple[list[str], Group]]] = defaultdict(list)  # last word -> full names ending in it
    for group in groups:
        if group.type == "PER":
            for form in {group.name, *(mention.surface for mention in group.mentions)}:
                _remember(form, group, named)
    for mention in sorted(mentions, key=lambda item: -len(_name_words(item.surface))):
        words = _name_words(mention.surface)
        owners = (
            {id(owner): owner for full, owner in named[words[-1]] if full[-len(words) :] == words} if words else {}
        )
        if owners:
            group = _nearest(list(owners.values()), mention)
            group.mentions.append(mention)
        else:
            group = Group("PER", None, [mention])
            groups.append(group)
            _remember(mention.surface, group, named)
    for group in groups:
        group.mentions.sort(key=_place)


def _remember(form: str, group: Group, named: dict[str, list[tuple[list[str], Group]]]) -> None:
    if words := _name_words(form):
        named[words[-1]].append((words, group))


def _join_parts_of_people(groups: list[Group]) -> None:
    """Give a lone first name or surname, whatever it was taken for, to the one person who bears it."""
    owners: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        words = _name_words(group.name)
        if group.type == "PER" and len(words) > 1:
            for part in {words[0], words[-1]}:
                owners[part].append(group)
    for group in list(groups):
        person = owners.get(name_key(group.name), [])
        if group.known is None and len(person) == 1:
            _join(person[0], group)
            groups.remove(group)


def _name_words(name: str) -> list[str]:
    return [word for word in name_key(name).split() if word not in PARTICLES]


def _place(mention: Found) -> tuple[bool, int]:
    return mention.field == "text", mention.start


def _nearest(candidates: list[Group], mention: Found) -> Group:
    """Give the candidate named last before `mention`, or else first after it."""

    def distance(group: Group) -> tuple[bool, int]:
        before = [item.start for item in group.mentions if _place(item) < _place(mention)]
        if before:
            return False, mention.start - max(before)
        return True, min(item.start for item in group.mentions)

    return min(candidates, key=distance)


def _merge_by_name(mentions: list[Found], groups: list[Group]) -> None:
    by_key: dict[tuple[EntityType, str], Group] = {}
    for mention in mentions:
        key = (mention.type, name_key(mention.surface).replace(".", ""))
        if key not in by_key:
            by_key[key] = Group(mention.type)
            groups.append(by_key[key])
        by_key[key].mentions.append(mention)


def _bind_acronyms(groups: list[Group], texts: dict[str, str]) -> None:
    """Join an acronym with the name beside whose parentheses it stands, in either order."""
    owner = {(mention.field, mention.start): group for group in groups for mention in group.mentions}
    for group in list(groups):
        for mention in list(group.mentions):
            opening = re.match(r"\s?\(\s?", texts[mention.field][mention.end : mention.end + 3])
            if opening is None:
                continue
            other = owner.get((mention.field, mention.end + opening.end()))
            if other is None or other is group or other not in groups or group not in groups:
                continue
            if _are_name_and_acronym(group, other):
                _join(group, other)
                groups.remove(other)
                owner.update({(item.field, item.start): group for item in other.mentions})


def _are_name_and_acronym(first: Group, second: Group) -> bool:
    if "PER" in (first.type, second.type):
        return False
    long, short = sorted((first.name, second.name), key=len, reverse=True)
    return is_acronym(short) and stands_for(short, long)


def _join(group: Group, other: Group) -> None:
    """Take the mentions of `other` into `group`; the fuller name decides the type, a known name over all."""
    fuller = group if group.known or (len(group.name) >= len(other.name) and not other.known) else other
    group.type, group.known = fuller.type, fuller.known
    group.mentions = sorted([*group.mentions, *other.mentions], key=_place)


def _main_country(mentions: list[Found]) -> str | None:
    """Give the country that the article names most, with its places, or None where two are level."""
    counts = Counter(
        mention.known.country
        for mention in mentions
        if mention.known and mention.known.country and mention.type in ("COUNTRY", "LOC")
    )
    (first, most), (_, next_most) = [*counts.most_common(2), (None, 0), (None, 0)][:2]
    return first if most > next_most else None


def _link(groups: list[Group], known_names: KnownNames, country: str | None, countries: set[str]) -> list[Group]:
    """Link what was recognised to known names, and join what turns out to be the same one."""
    linked: dict[tuple[EntityType, str], Group] = {}
    result = []
    for group in groups:
        if group.known is None:
            group.known = known_names.link(group.name, group.type, country, countries)
        key = (group.type, group.known.id) if group.known else None
        if key and key in linked:
            _join(linked[key], group)
            continue
        if key:
            linked[key] = group
        result.append(group)
    return result
