"""The linear model that scores keywords: TF-IDF terms times weights, in plain NumPy.

`tagger.keywords.classifier` trains it; annotating needs no more than this.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tagger.keywords.terms import Word, terms_of, words_of

Scores = npt.NDArray[np.float32]
Columns = npt.NDArray[np.intp]


@dataclass(frozen=True)
class LinearModel:
    """Weights of K keywords over F terms.

    `columns` gives each term its column, `idf` (F,) its rarity; `coef` (K, F) and `intercept` (K,) are the
    weights. Of a text the first `words_read` words are read; the title counts `title_weight` times.
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
        """Give the columns of the known terms, in order, and their normalised TF-IDF values."""
        return weigh(count_terms(title, text, self.title_weight), self.columns, self.idf)

    def score(self, columns: Columns, values: Scores) -> Scores:
        """Give the score of every keyword (K,) from weighted terms."""
        return np.asarray(self.coef[:, columns] @ values + self.intercept, dtype=np.float32)


def count_terms(title: list[Word], text: list[Word], title_weight: int) -> Counter[str]:
    """Count the terms of a title and a text."""
    counts = Counter(terms_of(text))
    for term in terms_of(title):
        counts[term] += title_weight
    return counts


def weigh(counts: Counter[str], columns: dict[str, int], idf: Scores) -> tuple[Columns, Scores]:
    """Give the columns of the known terms, in order, and their sublinear TF-IDF values of norm one."""
    known = sorted((columns[term], count) for term, count in counts.items() if term in columns)
    indices = np.array([column for column, _ in known], dtype=np.intp)
    values = 1 + np.log(np.array([count for _, count in known], dtype=np.float32))
    values *= idf[indices]
    norm = float(np.linalg.norm(values))
    return indices, (values / norm if norm else values).astype(np.float32)
