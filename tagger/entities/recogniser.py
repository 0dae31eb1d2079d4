"""Finds where names stand in a text: the trained network and the known names, put together."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, cast, get_args

from spacy.language import Language
from spacy.tokens import Doc

from tagger.article import EntityType, TextField
from tagger.entities.known_names import Hit, KnownName, KnownNames
from tagger.entities.names import MINISTRY, acronym_spans, is_name, trim_name
from tagger.entities.pipeline import load_recogniser

_TYPES = get_args(EntityType)


class NameSpan(NamedTuple):
    """A name as a network or an annotator marks it: offsets in a normalised text, and type."""

    start: int
    end: int
    type: EntityType


@dataclass(frozen=True, slots=True)
class Found:
    """A name found in the (normalised) title or text."""

    field: TextField
    start: int
    end: int
    surface: str
    type: EntityType
    known: KnownName | None = None


class Recogniser:
    """Recognises names with a trained spaCy network and a list of known names."""

    def __init__(self, nlp: Language, known_names: KnownNames, version: str) -> None:
        self._nlp = nlp
        self._known_names = known_names
        self.version = version

    @classmethod
    def load(cls, folder: Path, known_names: KnownNames) -> Recogniser:
        """Load the trained network in `folder`.

        Raises:
            ModelError: a file is missing or altered, or of another format.
        """
        nlp, manifest = load_recogniser(folder)
        return cls(nlp, known_names, f"{manifest.name} {manifest.version}")

    def recognise(self, title: str, text: str) -> list[Found]:
        """Find all names, in the order in which they stand, title first; no two overlap."""
        in_title, in_text = (name_spans(doc) for doc in self._nlp.pipe([title, text]))
        return [
            *settle("title", title, in_title, self._known_names),
            *settle("text", text, in_text, self._known_names),
        ]


def name_spans(doc: Doc) -> list[NameSpan]:
    """Give the names that a pipeline marked in a document, under the pipeline's own labels."""
    return [NameSpan(span.start_char, span.end_char, cast("EntityType", span.label_)) for span in doc.ents]


def settle(field: TextField, content: str, spans: list[NameSpan], known_names: KnownNames) -> list[Found]:
    """Make the names of a title or text out of what the network marked and what is known."""
    candidates = [
        *_ministries(field, content),
        *_acronyms(field, content),
        *_recognised(field, content, spans, known_names),
    ]
    candidates = [item for item in candidates if not known_names.is_demonym(item.surface)]
    return _combine(field, content, candidates, known_names.find(content))


def _recognised(field: TextField, text: str, spans: list[NameSpan], known_names: KnownNames) -> list[Found]:
    """Take what the network marked, its borders put right; who follows a demonym is a person."""
    found = []
    for span in spans:
        entity_type = span.type
        if entity_type not in _TYPES:  # MISC, which the network goes on using for what is no name to us
            continue
        start, end = trim_name(text, span.start, span.end, is_person=entity_type == "PER")
        first, _, rest = text[start:end].partition(" ")
        if rest and known_names.is_demonym(first):  # « le Mauritanien Sidi Ould Tah »
            start, entity_type = start + len(first) + 1, "PER"
        surface = text[start:end]
        if is_name(surface) and (entity_type == "ORG" or surface[0].isupper()):
            found.append(Found(field, start, end, surface, entity_type))
    return found


def _ministries(field: TextField, text: str) -> list[Found]:
    """Find ministries, whose long names pipelines cut at « et de »."""
    return [Found(field, match.start(), match.end(), match.group(), "ORG") for match in MINISTRY.finditer(text)]


def _acronyms(field: TextField, text: str) -> list[Found]:
    """Take acronyms for institutions; pipelines call many of them places."""
    return [
        Found(field, start, end, text[start:end], "ORG")
        for start, end in acronym_spans(text)
        if is_name(text[start:end])
    ]


def _combine(field: TextField, text: str, candidates: list[Found], hits: list[Hit]) -> list[Found]:
    """Settle which of the overlapping finds stay.

    A known name wins over what lies inside it or is as long; a longer recognised name wins over the known
    names inside it (« Université virtuelle du Sénégal »), unless these make up all of it (« UM6P Rabat »).
    """
    ends = [hit.end for hit in hits]
    taken = _Taken()
    for candidate in sorted(candidates, key=lambda item: item.start - item.end):
        near = hits[bisect_right(ends, candidate.start) : bisect_left(ends, candidate.end) + 1]
        inside = [hit for hit in near if candidate.start <= hit.start and hit.end <= candidate.end]
        crossing = [hit for hit in near if hit not in inside and hit.start < candidate.end]
        if crossing or (inside and _make_up(text, candidate, inside)):
            continue  # the known names themselves are taken below
        taken.add(candidate)
    for hit in hits:
        taken.add(Found(field, hit.start, hit.end, text[hit.start : hit.end], hit.type, hit.known))
    return taken.found


class _Taken:
    """Finds in the order of the text, none overlapping another."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self._starts: list[int] = []

    def add(self, candidate: Found) -> None:
        """Take `candidate` unless it overlaps one taken before."""
        place = bisect_left(self._starts, candidate.start)
        before = self.found[place - 1].end if place else 0
        after = self._starts[place] if place < len(self._starts) else candidate.end
        if before <= candidate.start and candidate.end <= after:
            self.found.insert(place, candidate)
            self._starts.insert(place, candidate.start)


def _make_up(text: str, candidate: Found, inside: list[Hit]) -> bool:
    """Say whether nothing but small words of `candidate` lies outside the known names inside it.

    In a line all in capitals every word looks like a name, so there the known names are enough.
    """
    if candidate.surface.isupper() and " " in candidate.surface:
        return True
    rest = list(text[candidate.start : candidate.end])
    for hit in inside:
        rest[hit.start - candidate.start : hit.end - candidate.start] = " " * (hit.end - hit.start)
    return not any(word[0].isupper() or word[0].isdigit() for word in "".join(rest).split())
