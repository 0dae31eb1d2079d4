"""From mentions to entities: each person, institution, country and place once, under its full name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from tagger.article import EntityType, TextField
from tagger.entities.groups import Group, join, place
from tagger.entities.institutions import merge_institutions
from tagger.entities.known_names import KnownName, KnownNames, name_key
from tagger.entities.names import is_acronym
from tagger.entities.people import merge_people, name_words
from tagger.entities.recogniser import Found

_TYPE_RANK: dict[EntityType, int] = {"COUNTRY": 0, "ORG": 1, "PER": 2, "LOC": 3}
_CONGO = "congo"
_OTHER_CONGO = "RDC"


def merge(found: Iterable[Found], title: str, text: str, known_names: KnownNames) -> list[Group]:
    """Group the mentions of an article by whom they name; `title` and `text` are normalised."""
    mentions = _one_type_a_name(sorted(found, key=place))
    mentions = _right_congo(mentions, known_names)
    named = _named_countries(mentions)
    countries = set(known_names.demonyms_in(text, named)) | named
    mentions = _lone_names_as_people(_without_doubtful_links(mentions, countries))
    texts: dict[TextField, str] = {"title": title, "text": text}
    groups = [
        *merge_people([mention for mention in mentions if mention.type == "PER"], texts),
        *merge_institutions([mention for mention in mentions if mention.type != "PER"], texts, known_names),
    ]
    groups = _link(groups, known_names, _main_country(mentions), countries)
    return sorted(groups, key=lambda group: place(group.mentions[0]))


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


def _right_congo(mentions: list[Found], known_names: KnownNames) -> list[Found]:
    """Take « Congo » alone for the Democratic Republic where nothing else in the article points to the other one."""
    (other,) = known_names.bearers(_OTHER_CONGO, "COUNTRY") or (None,)
    named = {m.known.country for m in mentions if m.known and m.known.country and name_key(m.surface) != _CONGO}
    if other is None or other.country not in named:
        return mentions
    return [
        replace(mention, known=other)
        if mention.known and name_key(mention.surface) == _CONGO and mention.known.country not in named
        else mention
        for mention in mentions
    ]


def _lone_names_as_people(mentions: list[Found]) -> list[Found]:
    """Take a lone first name or surname for a person's, whatever it was taken for, if one person bears it."""
    bearers: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for mention in mentions:
        words = name_words(mention.surface)
        if mention.type == "PER" and len(words) > 1:
            for word in {words[0], words[-1]}:
                bearers[word].add(words)

    def is_persons(mention: Found) -> bool:
        words = name_words(mention.surface)
        return mention.known is None and len(words) == 1 and len(bearers.get(words[0], ())) == 1

    return [replace(mention, type="PER") if is_persons(mention) else mention for mention in mentions]


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
            join(linked[key], group)
            continue
        if key:
            linked[key] = group
        result.append(group)
    return result
