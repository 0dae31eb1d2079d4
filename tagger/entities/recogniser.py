"""Finds where names stand in a text: spaCy's recogniser and the known names, put together."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from tagger.article import EntityType, TextField
from tagger.entities.known_names import Hit, KnownName, KnownNames
from tagger.entities.names import MINISTRY, acronym_spans, is_name, trim_name

_TYPES: dict[str, EntityType] = {"PER": "PER", "ORG": "ORG", "LOC": "LOC"}


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
    """Recognises names with a spaCy pipeline and a list of known names."""

    def __init__(self, nlp: Language, known_names: KnownNames) -> None:
        self._nlp = nlp
        self._known_names = known_names
        meta = nlp.meta
        self.version = f"{meta['lang'].split('_')[0]}_{meta['name']} {meta['version']} + known names"

    def recognise(self, title: str, text: str) -> list[Found]:
        """Find all names, in the order in which they stand, title first; no two overlap."""
        found: list[Found] = []
        fields: tuple[tuple[TextField, str], ...] = (("title", title), ("text", text))
        for (field, content), doc in zip(fields, self._nlp.pipe([title, text]), strict=True):
            hits = self._known_names.find(content)
            candidates = [
                *_ministries(field, content),
                *_acronyms(field, content),
                *self._recognised(field, content, doc),
            ]
            candidates = [item for item in candidates if not self._known_names.is_demonym(item.surface)]
            found.extend(_combine(field, content, candidates, hits))
        return found

    def _recognised(self, field: TextField, text: str, doc: Doc) -> list[Found]:
        """Take what the pipeline recognised, its borders put right; who follows a demonym is a person."""
        found = []
        for span in doc.ents:
            entity_type = _TYPES.get(span.label_)
            if entity_type is None:
                continue
            start, end = trim_name(text, span.start_char, span.end_char, is_person=entity_type == "PER")
            first, _, rest = text[start:end].partition(" ")
            if rest and self._known_names.is_demonym(first):  # « le Mauritanien Sidi Ould Tah »
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
