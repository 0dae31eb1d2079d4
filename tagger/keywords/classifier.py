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
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.svm import LinearSVC

from tagger.article import Article
from tagger.keywords.linear import LinearModel, Scores
from tagger.keywords.terms import Word, terms_of, words_of
from tagger.text.typography import normalise

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

    Attributes after `fit`
    ----------------------
    model_: the `LinearModel` of K keywords over F terms.
    classes_: the row numbers of the keywords (K,).
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
        labels = np.asarray(y)
        read = [self._read(article) for article in X]
        columns, idf = self._choose_terms(read)
        coef = np.zeros((labels.shape[1], len(columns)), dtype=np.float32)
        intercept = np.full(labels.shape[1], _NEVER, dtype=np.float32)
        self.classes_ = np.arange(labels.shape[1])
        self.model_ = LinearModel(columns, idf, coef, intercept, self.title_weight, self.words_read)

        matrix = self._matrix(read)
        for keyword in np.flatnonzero(labels.any(axis=0)):
            weights = {0: 1.0, 1: self.positive_weight}
            machine = LinearSVC(C=self.C, class_weight=weights, random_state=self.seed)
            machine.fit(matrix, labels[:, keyword])
            coef[keyword] = machine.coef_[0]
            intercept[keyword] = machine.intercept_[0]
        return self

    def decision_function(self, X: Sequence[Article]) -> Scores:  # noqa: N803
        """Give the score of every keyword, an array (n, K)."""
        scores = np.empty((len(X), len(self.classes_)), dtype=np.float32)
        for row, article in enumerate(X):
            scores[row] = self.model_.score(*self.model_.weigh(*self._read(article)))
        return scores

    def predict(self, X: Sequence[Article]) -> Labels:  # noqa: N803
        """Give the keywords whose score is positive, an indicator array (n, K)."""
        return (self.decision_function(X) > 0).astype(np.int8)

    def _read(self, article: Article) -> tuple[list[Word], list[Word]]:
        """Give the words of the title and of the text that count."""
        return words_of(normalise(article.title).text), words_of(normalise(article.text).text, self.words_read)

    def _choose_terms(self, read: list[tuple[list[Word], list[Word]]]) -> tuple[dict[str, int], Scores]:
        """Give the terms that occur in enough articles a column each, and their rarity (F,)."""
        frequencies = Counter(term for title, text in read for term in {*terms_of(title), *terms_of(text)})
        terms = sorted(term for term, frequency in frequencies.items() if frequency >= self.min_df)
        shares = np.array([(1 + len(read)) / (1 + frequencies[term]) for term in terms])
        return {term: column for column, term in enumerate(terms)}, (np.log(shares) + 1).astype(np.float32)

    def _matrix(self, read: list[tuple[list[Word], list[Word]]]) -> Any:  # noqa: ANN401 - scipy has no types
        """Give the TF-IDF values of all articles as a scipy matrix (n, F)."""
        weighed = [self.model_.weigh(title, text) for title, text in read]
        values = np.concatenate([values for _, values in weighed])
        indices = np.concatenate([indices for indices, _ in weighed])
        ends = np.cumsum([0, *(len(values) for _, values in weighed)])
        return csr_matrix((values, indices, ends), shape=(len(read), len(self.model_.columns)))
