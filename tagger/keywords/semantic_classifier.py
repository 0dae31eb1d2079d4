"""Trains the semantic part: logistic regressions over the encoder's vectors of articles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from tagger.keywords.classifier import Labels, Rows
from tagger.keywords.linear import Scores
from tagger.keywords.semantic import SemanticModel, unit

_NEVER = -8.0  # the log-odds of a keyword without any example
_ITERATIONS = 300


@dataclass(frozen=True)
class SemanticClassifier:
    """How to train; the parameters are those of `KeywordClassifier`, here for logistic regression.

    One binary model a keyword says whether an article has it; one multinomial model says which keyword is the
    primary one. Their log-odds are added, the latter `primary_weight` times.
    """

    C: float = 10.0
    positive_weight: float = 2.0
    primary_weight: float = 2.0

    def fit(self, vectors: Scores, labels: Labels, primaries: Rows, weights: Scores | None = None) -> SemanticModel:
        """Learn from vectors (n, H), keywords (n, K) and the primary ones (n,), -1 where there is none.

        `weights` (n, K) say how much each article counts for each keyword.
        """
        with threadpool_limits(1):  # many small problems: threads would wait for each other more than they work
            return self._fit(vectors, labels, primaries, weights)

    def _fit(self, vectors: Scores, labels: Labels, primaries: Rows, weights: Scores | None) -> SemanticModel:
        centre = vectors.mean(axis=0)
        units = unit(vectors - centre)
        coef = np.zeros((labels.shape[1], vectors.shape[1]), dtype=np.float32)
        intercept = np.full(labels.shape[1], _NEVER, dtype=np.float32)
        class_weights = {0: 1.0, 1: self.positive_weight}
        for keyword in np.flatnonzero(labels.any(axis=0) & ~labels.all(axis=0)):
            one = LogisticRegression(C=self.C, class_weight=class_weights, max_iter=_ITERATIONS)
            one.fit(units, labels[:, keyword], None if weights is None else weights[:, keyword])
            coef[keyword], intercept[keyword] = one.coef_[0], one.intercept_[0]
        filed = np.flatnonzero(primaries >= 0)
        if len(np.unique(primaries[filed])) > 2:  # noqa: PLR2004 - with two, one model would stand for both
            which = LogisticRegression(C=self.C, max_iter=_ITERATIONS)
            which.fit(units[filed], primaries[filed], None if weights is None else weights[filed, primaries[filed]])
            coef[which.classes_] += self.primary_weight * which.coef_
            intercept[which.classes_] += self.primary_weight * which.intercept_
        return SemanticModel(centre, coef, intercept)
