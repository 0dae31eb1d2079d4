"""The linear model that scores keywords: TF-IDF terms times weights, in plain NumPy.

`tagger.keywords.classifier` trains it; annotating needs no more than this. Words repeat, so the columns of a
word's terms are looked up once and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tagger.keywords.terms import Word, pair, terms_of_word, words_of

Scores = npt.NDArray[np.float32]
Columns = npt.NDArray[np.intp]

_CACHED_WORDS = 50_000


@dataclass(frozen=True)
class LinearModel:
    """Weights of K keywords over F terms.

    `columns` gives each term its column, `idf` (F,) what it counts: its rarity times the weight of its kind.
    `coef` (K, F) and `intercept` (K,) are the weights; scoring is fastest where those of a term lie side by side in
    memory (Fortran's order). Of a text the first `words_read` words are read; the title counts `title_weight` times.
    """

    columns: dict[str, int]
    idf: Scores
    coef: Scores
    intercept: Scores
    title_weight: int
    words_read: int

    def words(self, title: str, text: str) -> tuple[list[Word], list[Word]]:
        """Give the words of a normalised title and text that the model reads."""
        return words_of(title), words_of(text, self.words_read)

    def weigh(self, title: list[Word], text: list[Word]) -> tuple[Columns, Scores]:
        """Give the columns of the known terms, in order, and their sublinear TF-IDF values, of norm one."""
        terms = [*self._terms(text), *self._terms(title) * self.title_weight]
        indices, counts = np.unique(np.concatenate(terms), return_counts=True)
        values = (1 + np.log(counts)) * self.idf[indices]
        norm = float(np.linalg.norm(values))
        return indices, (values / norm if norm else values).astype(np.float32)

    def score(self, columns: Columns, values: Scores) -> Scores:
        """Give the score of every keyword (K,) from weighted terms."""
        return np.asarray(values @ self.coef.T[columns] + self.intercept, dtype=np.float32)

    def likeness_to(self, texts: list[tuple[str, str]]) -> LinearModel:
        """Give a model that scores the likeness (cosine) to (normalised) titles and texts, a row for each.

        Words of these texts that have no column get one.
        """
        words = [self.words(title, text) for title, text in texts]
        own = dict.fromkeys(word.text for title, text in words for word in (*title, *text))
        new = [word for word in own if word not in self.columns]
        columns = self.columns | {word: len(self.columns) + place for place, word in enumerate(new)}
        idf = np.append(self.idf, np.full(len(new), self.idf.max(), dtype=np.float32))
        coef = np.zeros((len(texts), len(columns)), dtype=np.float32)
        likeness = replace(
            self, columns=columns, idf=idf, coef=coef, intercept=np.zeros(len(texts), dtype=np.float32)
        )
        for row, (title, text) in enumerate(words):
            indices, values = likeness.weigh(title, text)
            coef[row, indices] = values
        return likeness

    @cached_property
    def word_columns(self) -> Callable[[str], Columns]:
        """A function that gives the columns of a word's own terms: the word and its n-grams."""

        @lru_cache(maxsize=_CACHED_WORDS)
        def find(word: str) -> Columns:
            return self._known(terms_of_word(word))

        return find

    def pair_columns(self, words: list[Word]) -> list[tuple[Word, Word, int]]:
        """Give the neighbouring words that are a known term, with its column."""
        found = ((first, second, self.columns.get(pair(first, second))) for first, second in pairwise(words))
        return [(first, second, column) for first, second, column in found if column is not None]

    def _terms(self, words: list[Word]) -> list[Columns]:
        """Give the columns of the known terms of a text, each as often as it occurs."""
        pairs = np.array([column for _, _, column in self.pair_columns(words)], dtype=np.intp)
        return [*(self.word_columns(word.text) for word in words), pairs]

    def _known(self, terms: Iterable[str]) -> Columns:
        found = (self.columns.get(term) for term in terms)
        return np.array([column for column in found if column is not None], dtype=np.intp)
