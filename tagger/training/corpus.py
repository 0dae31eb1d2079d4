"""The articles that models learn from, with their keywords: JSON Lines that are read from disk as needed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from tagger.article import Article, EntityType
from tagger.errors import InvalidRecordError
from tagger.keywords.classifier import Labels, Rows
from tagger.keywords.linear import Scores
from tagger.keywords.vocabulary import Keyword, Vocabulary
from tagger.text.sketches import sketch
from tagger.text.typography import fold_accents

CORPUS_FOLDER = "corpus"
COMPOSED = "composed"
FEEDBACK = "feedback"
_NEAR_DUPLICATE_COSINE = 0.25
_COMPARED_AS_A_WHOLE = 20_000  # up to so many articles every pair is compared; beyond it, signatures
_SIGNATURE = 4


class MarkedName(BaseModel):
    """A name that an annotator marked, with its offsets and its type."""

    model_config = ConfigDict(extra="ignore")

    start: int
    end: int
    type: EntityType


class Brief(BaseModel):
    """An article of a corpus, with its keywords.

    `primary` is the keyword under which an editor filed it, `secondary` are further ones. A record of the
    contract has `keywords` instead, the first of which is the primary one. A brief of origin ``composed``
    stems from no page: it may teach, and is never tested on. `entities` are all names in the text;
    `title_entities` those in the title, or None where nobody marked them.

    One of origin ``feedback`` comes from the editors' desk. `rejected` are keywords that an editor refused there,
    `unsure` those that nobody decided on; where none was accepted, `primary` is empty. It is tested on where the
    article was `reviewed` and has a keyword.
    """

    model_config = ConfigDict(extra="ignore")

    id: str
    origin: str = ""
    date: str | None = None
    primary: str
    secondary: list[str] = []
    title: str = ""
    text: str
    lead: str | None = None
    entities: list[MarkedName] = []
    title_entities: list[MarkedName] | None = None
    rejected: list[str] = []
    unsure: list[str] = []
    reviewed: bool = True

    @model_validator(mode="before")
    @classmethod
    def _split_keywords(cls, record: Any) -> Any:  # noqa: ANN401 - whatever the line held
        if isinstance(record, dict) and "primary" not in record and record.get("keywords"):
            first, *others = record["keywords"]
            return {**record, "primary": first, "secondary": others}
        if isinstance(record, dict) and record.get("origin") == FEEDBACK:
            return {"primary": "", **record}
        return record

    @property
    def article(self) -> Article:
        """The brief as an article to annotate."""
        return Article(title=self.title, text=self.text)

    @property
    def is_tested(self) -> bool:
        """Whether the brief may stand in a test fold."""
        return self.origin != COMPOSED and self.reviewed and bool(self.primary)


@dataclass(frozen=True)
class Emphasis:
    """How many times an editor's decision counts as much as that of an ordinary brief.

    An ordinary brief under a keyword counts several times an ordinary one that is not under it (the classifiers'
    `positive_weight`); so that a refusal is as sure as an acceptance, `rejected` is that many times `accepted`.
    """

    accepted: float = 3.0
    rejected: float = 12.0


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where a brief stands on disk, and what must be known of all briefs at once."""

    id: str
    file: int
    offset: int
    primary: str
    secondary: tuple[str, ...]
    rejected: tuple[str, ...]
    unsure: tuple[str, ...]
    is_tested: bool
    is_feedback: bool
    signature: tuple[int, ...]
    words: int


@dataclass(frozen=True)
class Corpus:
    """Briefs on disk: about 300 bytes of each are held in memory. `files` are those they stand in."""

    files: tuple[Path, ...]
    _entries: list[_Entry] = field(repr=False)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Brief]:
        for index in range(len(self)):
            yield self.brief(index)

    def brief(self, index: int) -> Brief:
        """Read one brief."""
        entry = self._entries[index]
        with self.files[entry.file].open("rb") as lines:
            lines.seek(entry.offset)
            return Brief.model_validate_json(lines.readline())

    @property
    def ids(self) -> list[str]:
        """The briefs' ids."""
        return [entry.id for entry in self._entries]

    @property
    def tested(self) -> Rows:
        """The numbers of the briefs that may be tested on."""
        return np.array([number for number, entry in enumerate(self._entries) if entry.is_tested], dtype=np.intp)

    def labels(self, vocabulary: Vocabulary) -> Labels:
        """Give the keywords of the briefs, primary and secondary, an indicator array (n, K)."""
        rows = {keyword.id: row for row, keyword in enumerate(vocabulary)}
        labels = np.zeros((len(self), len(vocabulary)), dtype=np.int8)
        for number, entry in enumerate(self._entries):
            for name in filter(None, (entry.primary, *entry.secondary)):
                labels[number, rows[_keyword(vocabulary, name, entry.id).id]] = 1
        return labels

    def primaries(self, vocabulary: Vocabulary) -> Rows:
        """Give the row of each brief's primary keyword in the vocabulary (n,), -1 where it has none."""
        rows = {keyword.id: row for row, keyword in enumerate(vocabulary)}
        found = (
            rows[_keyword(vocabulary, entry.primary, entry.id).id] if entry.primary else -1 for entry in self._entries
        )
        return np.fromiter(found, dtype=np.intp, count=len(self))

    @property
    def feedback(self) -> Rows:
        """The numbers of the briefs that come from the editors' desk."""
        return np.array([number for number, entry in enumerate(self._entries) if entry.is_feedback], dtype=np.intp)

    def weights(self, vocabulary: Vocabulary, emphasis: Emphasis) -> Scores | None:
        """Say how much each brief counts for each keyword, an array (n, K); None where all count alike.

        Briefs from the editors' desk count more for the keywords that an editor accepted or refused, and not at all
        for those that nobody decided on.
        """
        if not len(self.feedback):
            return None
        rows = {keyword.id: row for row, keyword in enumerate(vocabulary)}
        weights = np.ones((len(self), len(vocabulary)), dtype=np.float32)
        for number in self.feedback:
            entry = self._entries[number]
            given = (
                (filter(None, (entry.primary, *entry.secondary)), emphasis.accepted),
                (entry.rejected, emphasis.rejected),
                (entry.unsure, 0.0),
            )
            for names, weight in given:
                for name in names:
                    weights[number, rows[_keyword(vocabulary, name, entry.id).id]] = weight
        return weights

    def groups(self) -> Rows:
        """Give each brief the number of its group of near-duplicates (n,).

        Those with a TF-IDF cosine over 0.25 are linked. In a corpus too large to compare every pair, those are
        linked that share one of the four least hashes of their eight-word sequences (A. Broder, 1997), which
        finds copies and reworked agency texts, not retellings.
        """
        if len(self) > _COMPARED_AS_A_WHOLE:
            return _linked_by_signature([entry.signature for entry in self._entries])
        from scipy.sparse.csgraph import connected_components
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = (f"{brief.title} {brief.text}" for brief in self)
        vectors = TfidfVectorizer(sublinear_tf=True, strip_accents="unicode").fit_transform(texts)
        similar = (vectors @ vectors.T) > _NEAR_DUPLICATE_COSINE
        return np.asarray(connected_components(similar, directed=False)[1], dtype=np.intp)

    def articles(self, indices: Rows | None = None) -> Articles:
        """Give the articles at `indices`, or all, each read from disk when it is asked for."""
        return Articles(self, np.arange(len(self)) if indices is None else indices)


@dataclass(frozen=True)
class Articles(Sequence[Article]):
    """Some of a corpus's articles as a sequence that holds none of them."""

    corpus: Corpus
    indices: Rows

    def __len__(self) -> int:
        return len(self.indices)

    @overload
    def __getitem__(self, place: int) -> Article: ...
    @overload
    def __getitem__(self, place: slice) -> Articles: ...
    def __getitem__(self, place: int | slice) -> Article | Articles:
        if isinstance(place, slice):
            return Articles(self.corpus, self.indices[place])
        return self.corpus.brief(int(self.indices[place])).article


def load_corpus(path: Path, feedback: Path | None = None) -> Corpus:
    """Find the briefs in a JSON Lines file, or in all of a folder in the order of their names.

    `feedback` is a further file, from the editors' desk: where an article of it stands in the corpus too, what the
    editors decided takes the place of what stood there.

    Raises:
        InvalidRecordError: a line is no brief.
    """
    files = tuple(sorted(path.glob("*.jsonl"))) if path.is_dir() else (path,)
    if not files or not files[0].is_file():
        raise InvalidRecordError(f"There is no corpus at {path}: no .jsonl file was found.")
    entries = [entry for number, file in enumerate(files) for entry in _entries(number, file)]
    if not entries:
        raise InvalidRecordError(f"The corpus at {path} has no article.")
    if feedback is None:
        return Corpus(files, entries)
    decided = list(_entries(len(files), feedback))
    known = {entry.words for entry in decided}
    return Corpus((*files, feedback), [*(entry for entry in entries if entry.words not in known), *decided])


def _entries(number: int, file: Path) -> Iterator[_Entry]:
    with file.open("rb") as lines:
        offset = 0
        for line_number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    brief = Brief.model_validate_json(line)
                except ValidationError as error:
                    raise InvalidRecordError(
                        f"Line {line_number} of {file} cannot be learnt from: {error} "
                        "A line needs an id, a text, and keywords (or primary and secondary)."
                    ) from None
                yield _Entry(
                    brief.id,
                    number,
                    offset,
                    brief.primary,
                    tuple(brief.secondary),
                    tuple(brief.rejected),
                    tuple(brief.unsure),
                    brief.is_tested,
                    brief.origin == FEEDBACK,
                    sketch(f"{brief.title} {brief.text}", _SIGNATURE),
                    _words_hash(f"{brief.title} {brief.text}"),
                )
            offset += len(line)


def _words_hash(text: str) -> int:
    """Give a hash of all words of a text: two with the same are one article."""
    words = re.findall(r"\w+", fold_accents(text).lower())
    return int.from_bytes(hashlib.blake2b(" ".join(words).encode(), digest_size=8).digest())


def _linked_by_signature(signatures: list[tuple[int, ...]]) -> Rows:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    first: dict[int, int] = {}
    links = [(number, first.setdefault(item, number)) for number, items in enumerate(signatures) for item in items]
    ones, (left, right) = np.ones(len(links), dtype=np.int8), np.array(links).T
    graph = coo_matrix((ones, (left, right)), shape=(len(signatures), len(signatures)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def _keyword(vocabulary: Vocabulary, name: str, brief: str) -> Keyword:
    keyword = vocabulary.resolve(name)
    if keyword is None:
        raise InvalidRecordError(
            f"Brief {brief} has the keyword {name!r}, which the vocabulary lacks. "
            "Add it (`tagger keywords add`) or import the vocabulary that the corpus uses (`tagger keywords import`)."
        )
    return keyword
