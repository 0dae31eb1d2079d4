"""What an article is about: how salient each entity is, and which countries it speaks of."""

from __future__ import annotations

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tagger.article import CountryShare, Entity, EntityType, Mention, Span

_IN_TITLE = 2.0
_IN_LEAD = 1.0
_HALF = 4.0  # points that make a salience of one half
# How much the mentions of an entity of each type say that the article is about its country.
_COUNTRY_WEIGHT: dict[EntityType, float] = {"COUNTRY": 1.0, "LOC": 0.7, "ORG": 0.5, "PER": 0.3}
_DEMONYM_WEIGHT = 0.5
_LEAST_SHARE = 0.05


def ranked(entities: Iterable[Entity], lead: Sequence[Span] = ()) -> list[Entity]:
    """Give entities their salience, and rank them by it; `lead` are the stretches of the text that its lead has."""
    in_order = sorted(entities, key=_first_place)
    rated = [
        entity.model_copy(update={"salience": _salience(entity.mentions, place / len(in_order), lead)})
        for place, entity in enumerate(in_order)
    ]
    return sorted(rated, key=lambda entity: -entity.salience)


def _first_place(entity: Entity) -> tuple[int, str]:
    """Give where the text first names an entity; one that only the title names comes last."""
    places = [mention.start for mention in entity.mentions if mention.field == "text"]
    return min(places, default=sys.maxsize), entity.name


def _salience(mentions: Sequence[Mention], lateness: float, lead: Sequence[Span]) -> float:
    """Rate an entity from 0 to 1: named in the title, in the lead, often, and early (`lateness` from 0 to 1)."""
    in_title = any(mention.field == "title" for mention in mentions)
    in_lead = any(
        mention.field == "text" and span.start <= mention.start < span.end for mention in mentions for span in lead
    )
    points = _IN_TITLE * in_title + _IN_LEAD * in_lead + math.log2(1 + len(mentions)) + 1 - lateness
    return round(points / (points + _HALF), 4)


def countries_of(entities: Iterable[Entity], demonyms: Counter[str], names: Mapping[str, str]) -> list[CountryShare]:
    """Rank the countries an article is about by what it names of each.

    Its mentions count most, then those of its places, and words for its people and things (`demonyms`: how many of
    each country, by ISO code). Institutions and people add to that; alone they say where a source is at home, so a
    country that only they belong to counts only where nothing else does. `names` are the countries' names by code.
    """
    named: dict[str, float] = defaultdict(float)
    implied: dict[str, float] = defaultdict(float)
    for code, count in demonyms.items():
        named[code] += _DEMONYM_WEIGHT * count
    for entity in entities:
        if entity.country:
            in_title = any(mention.field == "title" for mention in entity.mentions)
            weight = _COUNTRY_WEIGHT[entity.type] * (1 + in_title)
            points = named if entity.type in ("COUNTRY", "LOC") else implied
            points[entity.country] += weight * math.log2(1 + len(entity.mentions))
    points = {code: value + implied.get(code, 0) for code, value in named.items()} or implied
    total = sum(points.values())
    ranked = sorted(points.items(), key=lambda item: (-item[1], item[0]))
    return [
        CountryShare(country=code, name=names[code], share=round(value / total, 4))
        for code, value in ranked
        if code in names and value >= _LEAST_SHARE * total
    ]
