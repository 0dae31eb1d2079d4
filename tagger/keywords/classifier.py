"""A linear multi-label classifier over TF-IDF terms, as a scikit-learn estimator.

One linear support vector machine a keyword (LinearSVC) on sublinear, L2-normalised TF-IDF of the terms of
`tagger.keywords.terms`. The press says first what matters: of a long article only the beginning is read,
and the title counts several times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin

from tagger.article import Article
from tagger.keywords.terms import Word, terms_of, words_of
from tagger.text.typography import normalise

Scores = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int8]

_NEVER = -3.0  # the score of a keyword without any example: well below every learnt one


class KeywordClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Scores every keyword for articles.

    Parameters
    ----------
    C: inverse regularisation strength of each machine.
    positive_weight: how much more an example of the keyword counts than any other article.
    min_df: number of articles that a term must occur in.
    title_weight: how often the title counts.
    words_read: number of words of the text that are read.
    seed: seed of the solver.

    Attributes after `fit`, for K keywords and F terms
    ----------
    columns_: dict from term to its column, F items.
    idf_: float32 array (F,).
    coef_: float32 array (K, F).
    intercept_: float32 array (K,).
    """

    def __init__(
        self,
        C: float = 1.0,  # noqa: N803 - scikit-learn's name
        positive_weight: float = 4.0,
        min_df: int = 3,
        title_weight: int = 2,
        words_read: int = 200,
        seed: int = 0,
    ) -> None:
        self.C = C
        self.positive_weight = positive_weight
        self.min_df = min_df
        self.title_weight = title_weight
        self.words_read = words_read
        self.seed = seed

    def fit(self, X: Sequence[Article], y: Labels) -> Self:  # noqa: N803
        """Learn from articles and their keywords, `y` an indicator array (n, K)."""
        from sklearn.svm import LinearSVC

        counts = [self._count(article) for article in X]
        document_frequency = Counter(term for count in counts for term in count)
        kept = sorted(term for term, frequency in document_frequency.items() if frequency >= self.min_df)
        self.columns_ = {term: column for column, term in enumerate(kept)}
        frequencies = np.array([document_frequency[term] for term in kept], dtype=np.float64)
        self.idf_ = (np.log((1 + len(counts)) / (1 + frequencies)) + 1).astype(np.float32)

        matrix = self._matrix(counts)
        labels = np.asarray(y)
        self.classes_ = np.arange(labels.shape[1])
        self.coef_ = np.zeros((labels.shape[1], len(kept)), dtype=np.float32)
        self.intercept_ = np.full(labels.shape[1], _NEVER, dtype=np.float32)
        for keyword in np.flatnonzero(labels.any(axis=0)):
            weights = {0: 1.0, 1: self.positive_weight}
            machine = LinearSVC(C=self.C, class_weight=weights, random_state=self.seed)
            machine.fit(matrix, labels[:, keyword])
            self.coef_[keyword] = machine.coef_[0]
            self.intercept_[keyword] = machine.intercept_[0]
        return self

    def decision_function(self, X: Sequence[Article]) -> Scores:  # noqa: N803
        """Give the score of every keyword, an array (n, K)."""
        scores = np.empty((len(X), len(self.intercept_)), dtype=np.float32)
        for row, article in enumerate(X):
            columns, values = self.weigh(self._count(article))
            scores[row] = self.score(columns, values)
        return scores

    def predict(self, X: Sequence[Article]) -> Labels:  # noqa: N803
        """Give the keywords whose score is positive, an indicator array (n, K)."""
        return (self.decision_function(X) > 0).astype(np.int8)

    def words(self, title: str, text: str) -> tuple[list[Word], list[Word]]:
        """Give the words of a (normalised) title and text that the classifier reads."""
        return words_of(title), words_of(text, self.words_read)

    def count(self, title: list[Word], text: list[Word]) -> Counter[str]:
        """Count the terms of what `words` gave."""
        counts = Counter(terms_of(text))
        for term in terms_of(title):
            counts[term] += self.title_weight
        return counts

    def weigh(self, counts: Counter[str]) -> tuple[npt.NDArray[np.intp], Scores]:
        """Give the columns of the known terms and their normalised TF-IDF values."""
        columns = self.columns_
        known = [(columns[term], count) for term, count in counts.items() if term in columns]
        known.sort()
        indices = np.array([column for column, _ in known], dtype=np.intp)
        values = 1 + np.log(np.array([count for _, count in known], dtype=np.float32))
        values *= self.idf_[indices]
        norm = float(np.linalg.norm(values))
        return indices, (values / norm if norm else values).astype(np.float32)

    def score(self, columns: npt.NDArray[np.intp], values: Scores) -> Scores:
        """Give the score of every keyword (K,) from weighted terms."""
        return np.asarray(self.coef_[:, columns] @ values + self.intercept_, dtype=np.float32)

    def _count(self, article: Article) -> Counter[str]:
        return self.count(*self.words(normalise(article.title).text, normalise(article.text).text))

    def _matrix(self, counts: list[Counter[str]]) -> Any:  # noqa: ANN401 - scipy has no types
        from scipy.sparse import csr_matrix

        weighed = [self.weigh(count) for count in counts]
        return csr_matrix(
            (
                np.concatenate([values for _, values in weighed]),
                np.concatenate([columns for columns, _ in weighed]),
                np.cumsum([0, *(len(values) for _, values in weighed)]),
            ),
            shape=(len(counts), len(self.columns_)),
        )
