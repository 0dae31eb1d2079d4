"""Annif's TSV vocabularies: a line a subject, with its URI, its label and perhaps a notation.

The format has room for no more: groups, definitions, synonyms, counts, former names and retired keywords stay behind.
"""

from __future__ import annotations

from tagger.errors import VocabularyError
from tagger.keywords.incoming import Incoming, id_of, uri_of
from tagger.keywords.vocabulary import Vocabulary, slug

_MAX_COLUMNS = 3


def write_annif_tsv(vocabulary: Vocabulary) -> str:
    """Write the active keywords as Annif reads them."""
    return "".join(f"<{uri_of(keyword.id)}>\t{keyword.name}\n" for keyword in vocabulary.active)


def read_annif_tsv(text: str) -> list[Incoming]:
    """Read a TSV vocabulary; as in Annif, a URI without a label is a subject that is no longer used.

    Raises:
        VocabularyError: a line has no URI first.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    return [_subject(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _subject(number: int, line: str) -> Incoming:
    uri, label, notation = (*(cell.strip() for cell in line.split("\t", _MAX_COLUMNS - 1)), "", "")[:_MAX_COLUMNS]
    uri = uri.removeprefix("<").removesuffix(">")
    if ":" not in uri or " " in uri:
        raise VocabularyError(
            f"Line {number} does not begin with a URI and a tab: {line!r}. Annif's TSV is `<URI>`, a tab, a label."
        )
    return Incoming(uri, id_of(uri) or slug(notation) or None, label or None, {} if label else {"status": "retired"})
