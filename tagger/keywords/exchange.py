"""The vocabulary in the formats of other programs: SKOS in Turtle, and Annif's TSV."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from tagger.keywords.annif_tsv import read_annif_tsv, write_annif_tsv
from tagger.keywords.incoming import Incoming
from tagger.keywords.vocabulary import Vocabulary


class ExchangeFormat(StrEnum):
    """A format that the vocabulary is exported to and imported from."""

    SKOS = "skos"
    ANNIF_TSV = "annif-tsv"


_ENDINGS = {".ttl": ExchangeFormat.SKOS, ".tsv": ExchangeFormat.ANNIF_TSV}


def format_of_file(name: str) -> ExchangeFormat | None:
    """Tell the format from the ending of a file's name; None if it does not tell."""
    return _ENDINGS.get(Path(name).suffix.lower())


def write_vocabulary(vocabulary: Vocabulary, format: ExchangeFormat) -> str:
    """Write the vocabulary in a format."""
    if format is ExchangeFormat.ANNIF_TSV:
        return write_annif_tsv(vocabulary)
    from tagger.keywords.skos import write_skos

    return write_skos(vocabulary)


def read_vocabulary(text: str, format: ExchangeFormat) -> list[Incoming]:
    """Read the keywords of a file.

    Raises:
        VocabularyError: the text is not of that format.
    """
    if format is ExchangeFormat.ANNIF_TSV:
        return read_annif_tsv(text)
    from tagger.keywords.skos import read_skos

    return read_skos(text)
