"""From scores to probabilities that mean what they say, and from these to what is suggested.

A logistic regression (Platt's method: J. Platt, « Probabilistic outputs for support vector machines », 1999) on
scores of articles that no part of the model had seen, over all keywords together: most keywords have too few
examples for a curve of their own. Beside a keyword's own score it sees the three best scores of the article, so
that a keyword far behind the first counts for less than the same score in an article where nothing is clear.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Probabilities = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]

MAX_SUGGESTED = 6
_FLOOR = 0.1  # under this, not even the best keyword is suggested
_CONTEXT = 3  # how many of the article's best scores are looked at
_CANDIDATES = np.round(np.arange(0.05, 0.96, 0.01), 2)
_PRECISIONS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
_SHRINKAGE = 20.0  # examples that a keyword needs for its own threshold to count as much as the common one


class OperatingPoint(BaseModel):
    """The threshold that reaches a precision, and the recall that remains, both measured on unseen articles."""

    precision: float
    threshold: float
    recall: float


class Decision(BaseModel):
    """How the scores of a model's parts become probabilities and suggestions.

    `parts` are the weights of the parts' scores, `context` those of the article's best sums. `thresholds` has
    one probability for each of the K keywords; `operating_points` are for those who name a precision.
    """

    parts: dict[str, float]
    context: list[float]
    intercept: float
    thresholds: list[float]
    operating_points: list[OperatingPoint]

    @classmethod
    def fit(cls, scores: Mapping[str, Floats], labels: Labels) -> Self:
        """Learn from the scores of each part (n, K) and the keywords of the articles (n, K)."""
        from sklearn.linear_model import LogisticRegression

        columns = np.stack([part.reshape(-1) for part in scores.values()], axis=1)
        blend = LogisticRegression(C=1e3, max_iter=1000).fit(columns, labels.reshape(-1)).coef_[0]
        summed = (columns @ blend).reshape(labels.shape)
        context = np.repeat(_best(summed), labels.shape[1], axis=0)
        curve = LogisticRegression(C=1e3, max_iter=1000)
        curve.fit(np.column_stack([summed.reshape(-1), context]), labels.reshape(-1))
        slope, *weights = curve.coef_[0]
        decision = cls(
            parts={name: _rounded(slope * weight) for name, weight in zip(scores, blend, strict=True)},
            context=[_rounded(weight / slope) for weight in weights],
            intercept=_rounded(curve.intercept_[0]),
            thresholds=[],
            operating_points=[],
        )
        probabilities = decision.probabilities(decision.combine(scores))
        decision.thresholds = choose_thresholds(probabilities, labels)
        decision.operating_points = _operating_points(probabilities, labels)
        return decision

    def combine(self, scores: Mapping[str, Floats]) -> Probabilities:
        """Add up the weighted scores of the parts, each (n, K)."""
        return np.asarray(sum(weight * scores[name].astype(np.float64) for name, weight in self.parts.items()))

    def probabilities(self, combined: Probabilities) -> Probabilities:
        """Turn combined scores (n, K) into probabilities of the same shape; their order is kept."""
        context = _best(combined) @ np.array(self.context)
        return np.asarray(1 / (1 + np.exp(-(combined + context[:, None] + self.intercept))))

    def thresholds_for(self, precision: float | None) -> npt.NDArray[np.float64]:
        """Give the thresholds (K,): those chosen for F1, or one for all that reaches the named precision."""
        if precision is None:
            return np.array(self.thresholds)
        reaching = [point.threshold for point in self.operating_points if point.precision >= precision]
        return np.full(len(self.thresholds), min(reaching, default=1.0))


def is_suggested(
    ranks: npt.NDArray[np.intp] | int, probabilities: Probabilities | float, thresholds: Floats | float
) -> npt.NDArray[np.bool_]:
    """Decide: what passes its threshold, at most six, and the best one (rank 0) unless it is hopeless."""
    ranks, probabilities = np.asarray(ranks), np.asarray(probabilities)
    best = (ranks == 0) & (probabilities >= np.minimum(_FLOOR, thresholds))
    others = (ranks < MAX_SUGGESTED) & (probabilities >= thresholds)
    return np.asarray(best | others)


def suggested(probabilities: Probabilities, thresholds: Floats | float) -> npt.NDArray[np.bool_]:
    """Decide for many articles at once (n, K)."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    return is_suggested(np.argsort(order, axis=1, kind="stable"), probabilities, thresholds)


def choose_thresholds(probabilities: Probabilities, labels: Labels) -> list[float]:
    """Choose each keyword's threshold for F1, drawn towards the common one where examples are few."""
    common = max(_CANDIDATES, key=lambda value: _f1(suggested(probabilities, value), labels))
    chosen = []
    for own, wanted in zip(probabilities.T, labels.T, strict=True):
        best = max(_CANDIDATES, key=lambda value: (_f1(own >= value, wanted), -abs(value - common)))
        share = wanted.sum() / (wanted.sum() + _SHRINKAGE)
        chosen.append(round(float(share * best + (1 - share) * common), 3))
    return chosen


def _operating_points(probabilities: Probabilities, labels: Labels) -> list[OperatingPoint]:
    """Find the lowest threshold that reaches each precision."""
    points = []
    for wanted in _PRECISIONS:
        for threshold in _CANDIDATES:
            passing = probabilities >= threshold
            hits = (passing & (labels == 1)).sum()
            if passing.sum() and hits / passing.sum() >= wanted:
                points.append(
                    OperatingPoint(
                        precision=wanted, threshold=float(threshold), recall=_rounded(hits / max(labels.sum(), 1))
                    )
                )
                break
    return points


def _best(combined: Probabilities) -> Probabilities:
    """Give the article's best sums, in descending order (n, 3)."""
    count = min(_CONTEXT, combined.shape[1])
    best = np.zeros((len(combined), _CONTEXT))
    best[:, :count] = -np.sort(np.partition(-combined, count - 1, axis=1)[:, :count], axis=1)
    return best


def _f1(chosen: npt.NDArray[np.bool_], labels: Labels) -> float:
    return float(2 * (chosen & (labels == 1)).sum() / max(chosen.sum() + labels.sum(), 1))


def _rounded(value: float) -> float:
    return round(float(value), 6)
