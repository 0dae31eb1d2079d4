"""A group of mentions of one entity, and which of several groups a short form goes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from tagger.article import EntityType
from tagger.entities.known_names import KnownName, name_key
from tagger.entities.names import is_acronym
from tagger.entities.recogniser import Found
from tagger.text.typography import fold_accents

Place = tuple[bool, int]


def place(mention: Found) -> Place:
    """Give what mentions are ordered by: the title before the text."""
    return mention.field == "text", mention.start


@dataclass(eq=False)
class Group:
    """The mentions of one entity, in order. `first` is where it is first named by a form that is surely its own."""

    type: EntityType
    known: KnownName | None = None
    mentions: list[Found] = field(default_factory=list)
    first: Place = (True, 0)

    @property
    def name(self) -> str:
        """The fullest form in the article, or the known name where the article only has less than that.

        A company that has been renamed since keeps the name of its time.
        """
        fullest = _fullest(self.mentions)
        if self.known is None or self.known.was_called(fullest):
            return fullest
        if self.type == "COUNTRY" or is_acronym(fullest) or _says_no_more(fullest, self.known.name):
            return self.known.name
        return fullest


AnyGroup = TypeVar("AnyGroup", bound=Group)


def nearest(candidates: Iterable[AnyGroup]) -> AnyGroup:
    """Give the group that was named last so far, or else the one that will be named first.

    Mentions are put into groups in the order of the text, so a group's last mention is the last so far.
    """

    def distance(group: AnyGroup) -> tuple[bool, int, int]:
        if group.mentions:
            in_text, start = place(group.mentions[-1])
            return False, -in_text, -start
        in_text, start = group.first
        return True, in_text, start

    return min(candidates, key=distance)


def join(group: Group, other: Group) -> None:
    """Take the mentions of `other` into `group`; the fuller name decides the type, a known name over all."""
    fuller = group if group.known or (len(group.name) >= len(other.name) and not other.known) else other
    group.type, group.known = fuller.type, fuller.known
    group.mentions = sorted([*group.mentions, *other.mentions], key=place)


def _fullest(mentions: list[Found]) -> str:
    """Give the form with the most words; of two, the one not in capitals, longer, with its accents, then the first.

    A capital that only the head of a sentence or a title gives (« Ministère ») is left where another mention is
    without it.
    """
    forms = list(dict.fromkeys(" ".join(mention.surface.split()) for mention in mentions))
    fullest = max(
        forms,
        key=lambda form: (
            len(name_key(form).split()),
            not form.isupper(),
            len(form),
            sum(letter != plain for letter, plain in zip(form, fold_accents(form), strict=True)),
        ),
    )
    lower = fullest[:1].lower() + fullest[1:]
    return lower if lower in forms else fullest


def _says_no_more(form: str, name: str) -> bool:
    return set(name_key(form).split()) <= set(name_key(name).split())
