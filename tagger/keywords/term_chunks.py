"""The TF-IDF matrix of a corpus in chunks on disk: training reads it many times and holds one chunk at a time."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, load_npz, save_npz

from tagger.keywords.linear import Columns, Scores
from tagger.keywords.terms import Word, terms_of

CHUNK_ARTICLES = 2_000
_MAX_COUNTED_TERMS = 3_000_000  # about 400 MB; beyond it the rarest are forgotten

Read = tuple[list[Word], list[Word]]  # the words of a title and of a text


class TermChunks:
    """Chunks of TF-IDF rows with the numbers of their articles, in a temporary folder while the block lasts."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tagger-terms-")
        self._rows: list[npt.NDArray[np.intp]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, rows: npt.NDArray[np.intp], weighed: Sequence[tuple[Columns, Scores]], columns: int) -> None:
        """Keep the weighed terms of the articles `rows`; the matrix has so many `columns`."""
        save_npz(self._path(len(self._rows)), sparse_rows(weighed, columns), compressed=False)
        self._rows.append(rows)

    def shuffled(self, random: np.random.Generator) -> Iterator[tuple[npt.NDArray[np.intp], Any]]:
        """Give every chunk once, in a random order: the articles' numbers (n,) and their matrix (n, F)."""
        for number in random.permutation(len(self._rows)):
            yield self._rows[number], load_npz(self._path(number))

    def _path(self, number: int) -> Path:
        return Path(self._folder.name) / f"{number}.npz"


def sparse_rows(weighed: Sequence[tuple[Columns, Scores]], columns: int) -> Any:  # noqa: ANN401 - scipy has no types
    """Give weighed terms as a scipy matrix (n, F)."""
    values = np.concatenate([values for _, values in weighed])
    indices = np.concatenate([indices for indices, _ in weighed])
    ends = np.cumsum([0, *(len(values) for _, values in weighed)])
    return csr_matrix((values, indices, ends), shape=(len(weighed), columns))


def document_frequencies(articles: Iterable[Read]) -> Counter[str]:
    """Count in how many articles each term occurs; in bounded memory, so the rarest terms may be left out."""
    frequencies: Counter[str] = Counter()
    for title, text in articles:
        frequencies.update({*terms_of(title), *terms_of(text)})
        if len(frequencies) > _MAX_COUNTED_TERMS:
            _forget_rarest(frequencies)
    return frequencies


def _forget_rarest(frequencies: Counter[str]) -> None:
    """Drop terms from the rarest on until half the room is free (lossy counting, Manku and Motwani, 2002)."""
    floor = 1
    while len(frequencies) > _MAX_COUNTED_TERMS // 2:
        for term in [term for term, count in frequencies.items() if count <= floor]:
            del frequencies[term]
        floor += 1
