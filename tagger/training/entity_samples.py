"""Texts with their names marked, which the entity recogniser learns from and is tested on."""

from __future__ import annotations

import random
import re
import warnings
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, offsets_to_biluo_tags

from tagger.article import EntityType
from tagger.entities.known_names import KnownName, name_key
from tagger.entities.recogniser import NameSpan, name_spans
from tagger.text.sentences import sentence_spans
from tagger.text.typography import fold_accents, normalise
from tagger.training.corpus import Brief, MarkedName

_GENERAL_WORDS = 110
_MIN_GENERAL_WORDS = 25
_UNKNOWN = "-"  # the tag of a token that teaches nothing
_WITHOUT_ACCENTS = 0.4  # share of the varied texts


class Sample(NamedTuple):
    """A normalised text and the names in it."""

    text: str
    names: tuple[NameSpan, ...]


def marked_text(text: str, names: Iterable[MarkedName]) -> Sample:
    """Normalise a text and carry the marks over."""
    normalised = normalise(text)
    starts = normalised.starts

    def place(offset: int) -> int:
        return offset if starts is None else bisect_left(starts, offset)

    return Sample(normalised.text, tuple(NameSpan(place(name.start), place(name.end), name.type) for name in names))


def samples_of(brief: Brief) -> list[Sample]:
    """Give what a brief teaches: its text and, where it was annotated, its title."""
    title = [] if brief.title_entities is None else [marked_text(brief.title, brief.title_entities)]
    return [marked_text(brief.text, brief.entities), *title]


def general_samples(
    texts: Iterable[str], pipeline: Language, names: Sequence[KnownName], randomness: random.Random
) -> list[Sample]:
    """Take a paragraph out of each text of the general press, its names marked by an off-the-shelf `pipeline`.

    Rehearsing what the network could do keeps it from forgetting it (A. Robins, « Catastrophic forgetting,
    rehearsal and pseudorehearsal », 1995). Places that are countries are marked so.
    """
    countries = country_forms(names)
    paragraphs = [_paragraph(normalise(text).text, randomness) for text in texts]
    return [Sample(doc.text, tuple(with_countries(doc, countries))) for doc in pipeline.pipe(paragraphs)]


def with_countries(doc: Doc, countries: set[str]) -> list[NameSpan]:
    """Give what an off-the-shelf pipeline, which knows no COUNTRY, marked in a document, that type put in."""
    return [
        span._replace(type="COUNTRY")
        if span.type == "LOC" and name_key(doc.text[span.start : span.end]) in countries
        else span
        for span in name_spans(doc)
    ]


def country_forms(names: Iterable[KnownName]) -> set[str]:
    """Give all names of all countries, in the form in which names are compared."""
    return {name_key(form) for name in names if name.type == "COUNTRY" for form in (name.name, *name.forms)}


def _paragraph(text: str, randomness: random.Random) -> str:
    paragraphs = [part for part in text.split("\n") if len(part.split()) >= _MIN_GENERAL_WORDS] or [text]
    return " ".join(randomness.choice(paragraphs).split()[:_GENERAL_WORDS])


def varied(sample: Sample, share: float, randomness: random.Random) -> Sample:
    """Write some samples as the press also does: a sentence in capitals, or everything without accents.

    Neither changes the length of a text, so the marks stay where they are.
    """
    if randomness.random() >= share:
        return sample
    if randomness.random() < _WITHOUT_ACCENTS:
        return sample._replace(text=fold_accents(sample.text))
    spans = sentence_spans(sample.text)
    start, end = randomness.choice(spans) if spans else (0, len(sample.text))
    capitals = sample.text[start:end].upper()
    if len(capitals) != end - start:  # « ß » becomes « SS »
        return sample
    return sample._replace(text=sample.text[:start] + capitals + sample.text[end:])


def example(pipeline: Language, sample: Sample) -> Example:
    """Make a training example.

    What the off-the-shelf pipeline calls MISC may be an institution or no name at all to us: it teaches nothing, and
    neither does a name whose borders are inside tokens.
    """
    doc = pipeline.make_doc(sample.text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would tell of every name with borders inside tokens
        tags = offsets_to_biluo_tags(doc, list(sample.names))
    return Example.from_dict(doc, {"entities": [_UNKNOWN if tag.endswith("-MISC") else tag for tag in tags]})


def read_conllu(lines: Iterable[str]) -> list[tuple[list[str], set[NameSpan]]]:
    """Read sentences of CoNLL-U or a like format: word in the second column, IOB2 tag in the last.

    Gives the words and the names, offsets counted in words.
    """
    sentences = []
    for block in re.split(r"\n\s*\n", "".join(lines)):
        rows = [line.split("\t") for line in block.splitlines() if line and not line.startswith("#")]
        if rows:
            sentences.append(([row[1] for row in rows], _iob_names([row[-1] for row in rows])))
    return sentences


def _iob_names(tags: list[str]) -> set[NameSpan]:
    names: set[NameSpan] = set()
    start, kind = 0, ""
    for place, tag in enumerate([*tags, "O"]):
        if kind and tag != f"I-{kind}":
            names.add(NameSpan(start, place, cast("EntityType", kind)))
            kind = ""
        if not kind and tag != "O":
            start, kind = place, tag[2:]
    return names
