"""Finds where names stand in a text: the trained network and the known names, put together."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast, get_args

from tagger.article import EntityType, TextField
from tagger.entities.contexts import is_institution_acronym, portfolio_length, type_in_context, without_things
from tagger.entities.known_names import Hit, KnownName, KnownNames
from tagger.entities.names import at_head, day_length, is_acronym, is_name, office_length, rank_length, trim_name

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

ENTITIES = "entities"
_TYPES = get_args(EntityType)
_MOST_CHARS = 10_000
_LONGEST_WORD = 25
_LEAST_REPEATED = 3
_SMALL_WORDS = frozenset("l la le les d de du des et à au aux en".split())
_NAME_GOES_ON = re.compile(r"\s(?:\d|[A-ZÀ-Ý])")
_CAPITALS_BEFORE, _CAPITALS_AFTER = re.compile(r"\b[A-ZÀ-Ý]{2,}\W{1,3}$"), re.compile(r"\W{1,3}[A-ZÀ-Ý]{2,}\b")
_ARTICLES = ("Le ", "La ", "Les ", "L'")
_HYPHENATED = re.compile(r"(?:-(?!là\b|ci\b|t\b|il\b|elle\b)[a-zà-ÿ]+)+(?!\w)")
_AFTER_HEADING = re.compile(r"\s?(?:[:–—]|-\s|$)")
_CAPITAL_BEFORE = re.compile(r"(?<!\w)([A-ZÀ-Ý][\w-]+)\s$")


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
        from tagger.entities.pipeline import load_recogniser

        nlp, manifest = load_recogniser(folder)
        return cls(nlp, known_names, f"{manifest.name} {manifest.version}")

    def memory_zone(self) -> AbstractContextManager[object]:
        """Give a context at whose end the words that were met in it are forgotten; for one thread at a time."""
        return self._nlp.memory_zone()

    def recognise(self, title: str, text: str) -> list[Found]:
        """Find all names, in the order in which they stand, title first; no two overlap."""
        starts = [*pieces(text)]
        parts = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
        in_title, *in_parts = (name_spans(doc) for doc in self._nlp.pipe([title, *parts], batch_size=2))
        in_text = [
            NameSpan(start + name.start, start + name.end, name.type)
            for start, names in zip(starts, in_parts, strict=True)
            for name in names
        ]
        return settle(title, text, in_title, in_text, self._known_names)


def pieces(text: str) -> Iterator[int]:
    """Give where the pieces of a text begin in which the network reads it: an article is one, a book has many.

    The network takes some 20 kB for each word that it reads at once. A piece ends with a line if it can, or a word.
    """
    start = 0
    yield start
    while len(text) - start > _MOST_CHARS:
        end = start + _MOST_CHARS
        start = next((cut for sign in "\n " if (cut := text.rfind(sign, start, end) + 1) > start), end)
        yield start


def name_spans(doc: Doc) -> list[NameSpan]:
    """Give the names that a pipeline marked in a document, under the pipeline's own labels."""
    return [NameSpan(span.start_char, span.end_char, cast("EntityType", span.label_)) for span in doc.ents]


def settle(
    title: str, text: str, in_title: list[NameSpan], in_text: list[NameSpan], known_names: KnownNames
) -> list[Found]:
    """Make the names of an article out of what the network marked in title and text and what is known."""
    found = [
        *_settle_field("title", title, in_title, known_names),
        *without_things(text, _settle_field("text", text, in_text, known_names)),
    ]
    return [*found, *_repeated("title", title, found), *_repeated("text", text, found)]


def _repeated(field: TextField, content: str, found: list[Found]) -> list[Found]:
    """Find again the people and institutions that the network marked elsewhere, and people's surnames alone."""
    types: dict[str, EntityType] = {}
    for name in found:
        if name.type in ("PER", "ORG"):
            types.setdefault(name.surface, name.type)
            if name.type == "PER":
                types.setdefault(name.surface.split()[-1], name.type)
    forms = sorted((form for form in types if len(form) >= _LEAST_REPEATED and form[0].isupper()), key=len)
    if not forms:
        return []
    spans = iter(sorted((name.start, name.end) for name in found if name.field == field))
    taken = next(spans, None)
    repeated = []
    for match in re.finditer(rf"(?<![\w-])(?:{'|'.join(map(re.escape, reversed(forms)))})(?![\w-])", content):
        while taken and taken[1] <= match.start():
            taken = next(spans, None)
        is_free = taken is None or match.end() <= taken[0]
        if is_free and not (types[match.group()] == "ORG" and _NAME_GOES_ON.match(content, match.end())):
            repeated.append(Found(field, match.start(), match.end(), match.group(), types[match.group()]))
    return repeated


def _settle_field(field: TextField, content: str, spans: list[NameSpan], known_names: KnownNames) -> list[Found]:
    """Settle the names of the title or of the text.

    The network decides where names stand. A known name gives its type and its identity to what has the same borders,
    parts what is made up of known names alone (« UM6P Rabat »), and is added where the network marked nothing.
    """
    marked = _marked(field, content, spans, known_names)
    hits = known_names.find(content)
    found: list[Found] = []
    for name, over in _with_hits(marked, hits):
        if name is None:
            found += [_of_hit(field, content, hit) for hit in over if _is_added(content, hit)]
        elif covering := _covering(content, name, over):
            if not found or found[-1].end <= covering.start:  # it may cover several: « Emirats », « Arabes Unis »
                found.append(_of_hit(field, content, covering))
        elif len(over) == 1 and (over[0].start, over[0].end) == (name.start, name.end):
            found.append(_of_hit(field, content, over[0]) if over[0].known else name)
        else:
            inside = [hit for hit in over if name.start <= hit.start and hit.end <= name.end]
            is_made_up = inside and _make_up(content, name, inside)
            found += [_of_hit(field, content, hit) for hit in inside] if is_made_up else [name]
    return found


def _marked(field: TextField, text: str, spans: list[NameSpan], known_names: KnownNames) -> list[Found]:
    """Take what the network marked and can be a name."""
    found: list[Found] = []
    for span in spans:
        if span.type not in _TYPES:  # MISC, which the network goes on using for what is no name to us
            continue
        start, end = trim_name(text, span.start, span.end)
        if countries := _rubric(field, text, start, end, known_names):
            found += countries
            continue
        start, entity_type = _without_what_precedes(text, start, end, span.type, known_names)
        if entity_type == "PER":
            end = _end_of_hyphenated(text, end)
        surface = text[start:end]
        in_context = type_in_context(text, start, end, entity_type)
        if in_context is None:
            continue
        entity_type = in_context
        if (
            entity_type == "LOC"
            and is_institution_acronym(text, start, end)
            and not known_names.bearers(surface, "LOC")
        ):
            entity_type = "ORG"
        if entity_type == "COUNTRY" and not known_names.bearers(surface, "COUNTRY"):  # Caroline du Sud, Angleterre
            entity_type = "LOC"
        if is_name(surface) and not known_names.is_demonym(surface):
            found.append(Found(field, start, end, surface, entity_type))
    return found


def _without_what_precedes(
    text: str, start: int, end: int, entity_type: EntityType, known_names: KnownNames
) -> tuple[int, EntityType]:
    """Give where a marked name begins without day, demonym, rank and office, and the type that these give it."""
    start += day_length(text, start, end)
    first, _, rest = text[start:end].partition(" ")
    if rest and known_names.is_demonym(first):  # « le Mauritanien Sidi Ould Tah »
        start, entity_type = start + len(first) + 1, "PER"
    if entity_type == "COUNTRY":
        return start, entity_type
    while start < end:
        rank = rank_length(text[start:end]) if entity_type in ("PER", "ORG") else 0
        office, is_holders = (0, False) if rank else office_length(text[start:end])
        if not rank and not office:
            break
        start += rank or office
        if rank or is_holders:
            entity_type = "PER"
        elif entity_type == "PER":
            entity_type = "ORG"
    if portfolio := portfolio_length(text, start, end):
        start, entity_type = start + portfolio, "PER"
    return start, entity_type


def _end_of_hyphenated(text: str, end: int) -> int:
    """Give the end of a person's name of which the network left out what follows a hyphen (« Kim Jong-un »)."""
    match = _HYPHENATED.match(text, end)
    return match.end() if match else end


def _rubric(field: TextField, text: str, start: int, end: int, known_names: KnownNames) -> list[Found]:
    """Give the countries and places of a rubric that was marked as one name: « Sénégal/Télécoms », « Mali-Internet ».

    A hyphen makes a rubric only at the head of a title; what is known as a whole is none (« Guinée-Bissau »).
    """
    surface = text[start:end]
    is_heading = field == "title" and at_head(text, start) and _AFTER_HEADING.match(text, end)
    separator = "/" if "/" in surface else "-" if is_heading and "-" in surface and " " not in surface else None
    if separator is None or any(known_names.bearers(surface, kind) for kind in _TYPES):
        return []
    found = []
    for part in re.finditer(rf"[^{separator}]+", surface):
        name = part.group().strip()
        known = known_names.bearers(name, "COUNTRY") or (known_names.bearers(name, "LOC") if separator == "/" else [])
        if len(known) != 1:
            break
        at = start + surface.index(name, part.start())
        found.append(Found(field, at, at + len(name), name, known[0].type, known[0]))
    return found


def _with_hits(marked: list[Found], hits: list[Hit]) -> Iterator[tuple[Found | None, list[Hit]]]:
    """Give each marked name with the known ones that it overlaps; before it, under None, those that overlap none."""
    waiting = deque(hits)
    for name in marked:
        free: list[Hit] = []
        over: list[Hit] = []
        while waiting and waiting[0].start < name.end:
            hit = waiting.popleft()
            (over if hit.end > name.start else free).append(hit)
        yield None, free
        yield name, over
        if over and over[-1].end > name.end:  # it may overlap the next name too
            waiting.appendleft(over[-1])
    yield None, list(waiting)


def _covering(text: str, name: Found, over: list[Hit]) -> Hit | None:
    """Give the known name of which a marked one is only a part: « Emirats [Arabes Unis] », « Le [Soleil] ».

    Of an institution or a place that is its article alone: what else stands before or after may be said of it.
    """
    for hit in over:
        if not (hit.start <= name.start and name.end <= hit.end) or hit.end - hit.start == name.end - name.start:
            continue
        is_whole = hit.type in ("COUNTRY", "PER") and name.type != "COUNTRY" and text[hit.start].isupper()
        if is_whole or (hit.end == name.end and text[hit.start : name.start] in _ARTICLES):
            return hit
    return None


def _of_hit(field: TextField, text: str, hit: Hit) -> Found:
    return Found(field, hit.start, hit.end, text[hit.start : hit.end], hit.type, hit.known)


def _is_added(text: str, hit: Hit) -> bool:
    """Say whether a known name counts where the network marked nothing.

    A company's name of one word may be a service's there (« sur Facebook »), a country's a part of a programme's
    (« Sénégal 2050 », « Smart Sénégal »).
    """
    surface = text[hit.start : hit.end]
    if hit.type == "ORG":
        return " " in surface or is_acronym(surface)
    if hit.type == "COUNTRY":
        return surface.isupper() or not (_NAME_GOES_ON.match(text, hit.end) or _is_end_of_name(text, hit.start))
    return hit.type == "PER"


def _is_end_of_name(text: str, start: int) -> bool:
    match = _CAPITAL_BEFORE.search(text, max(0, start - _LONGEST_WORD), start)
    return match is not None and not at_head(text, match.start(1))


def _is_in_line_of_capitals(text: str, name: Found) -> bool:
    before, after = text[max(0, name.start - _LONGEST_WORD) : name.start], text[name.end : name.end + _LONGEST_WORD]
    return bool(_CAPITALS_BEFORE.search(before) or _CAPITALS_AFTER.match(after))


def _make_up(text: str, name: Found, inside: list[Hit]) -> bool:
    """Say whether a marked name is nothing but the known names inside it, with small words between them.

    In a line all in capitals every word looks like a name, so there the known names are enough.
    """
    if name.surface.isupper() and " " in name.surface and _is_in_line_of_capitals(text, name):
        return True
    rest = list(text[name.start : name.end])
    for hit in inside:
        rest[hit.start - name.start : hit.end - name.start] = " " * (hit.end - hit.start)
    return all(word.lower() in _SMALL_WORDS for word in re.findall(r"\w+", "".join(rest)))
