"""From scores to probabilities that mean what they say, and from these to what is suggested and in which order.

A logistic curve (Platt's method: J. Platt, « Probabilistic outputs for support vector machines », 1999) on scores
of articles that no part of the model had seen, over all keywords together, from which each keyword deviates as far
as its examples warrant. Beside a keyword's own score it sees the three best scores of the article, so that a keyword
far behind the first counts for less than the same score in an article where nothing is clear.

What surely applies is not always what an article is filed under: « Sonatel/Orange » applies to many a page on mobile
money. So of the keywords that are suggested the likeliest primary one comes first, by curves of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from tagger.keywords.curves import each_applies_or_not, fit_curves, one_is_chosen

Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Probabilities = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]
Rows = npt.NDArray[np.intp]
Chosen = npt.NDArray[np.bool_]

MAX_SUGGESTED = 6
_FLOOR = 0.1  # under this, not even the best keyword is suggested
_CONTEXT = 3  # how many of the article's best scores are looked at
_THRESHOLDS = np.round(np.arange(0.05, 0.96, 0.01), 2)
_BLOCKS = 5  # in turn, the curves are fitted without each of them
_LEAST_PARTED = 50  # articles; fewer are not parted into blocks
_PRECISIONS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


@dataclass(frozen=True)
class Answers:
    """What is answered for n articles, all (n, K): probabilities, whether suggested, and the keywords in their order.

    First comes, of the keywords suggested, the likeliest primary one, then all others by probability.
    """

    probabilities: Probabilities
    chosen: Chosen
    order: Rows

    def of(self, rows: Rows) -> Answers:
        """Give the answers for some of the articles."""
        return Answers(self.probabilities[rows], self.chosen[rows], self.order[rows])


class OperatingPoint(BaseModel):
    """The threshold that reaches a precision, and the recall that remains, both measured on unseen articles."""

    precision: float
    threshold: float
    recall: float


class KeywordCurve(BaseModel):
    """How each of the K keywords deviates from the common curve: its score counts as slope * score + intercept."""

    slopes: list[float]
    intercepts: list[float]

    def bend(self, combined: Probabilities) -> Probabilities:
        """Apply the keywords' own slopes and intercepts to combined scores (n, K)."""
        return np.asarray(combined * np.array(self.slopes) + np.array(self.intercepts))

    def of(self, rows: Rows) -> Self:
        """Give the curves of the keywords in some rows."""
        return type(self)(
            slopes=[self.slopes[row] for row in rows], intercepts=[self.intercepts[row] for row in rows]
        )

    def with_new(self, keywords: int) -> Self:
        """Give the curves of some more keywords, which follow the common one."""
        return type(self)(slopes=[*self.slopes, *[1.0] * keywords], intercepts=[*self.intercepts, *[0.0] * keywords])


class Decision(BaseModel):
    """How the scores of a model's parts become probabilities and suggestions.

    `parts` are the weights of the parts' scores, `context` those of the article's best sums. `applies` bends the
    sums towards whether a keyword applies at all, `is_primary` towards which one is the primary keyword.
    What reaches the probability `threshold`, chosen for F1, is suggested: one for all keywords, since their curves
    already differ. `operating_points` are for those who name a precision.
    """

    parts: dict[str, float]
    context: list[float]
    intercept: float
    applies: KeywordCurve
    is_primary: KeywordCurve
    threshold: float
    operating_points: list[OperatingPoint]

    @classmethod
    def fit(
        cls, scores: Mapping[str, Floats], labels: Labels, primaries: Rows, *, with_precisions: bool = True
    ) -> Self:
        """Learn from the scores of each part (n, K), the keywords of the articles (n, K) and the primary ones (n,).

        Where an article has no primary keyword, it is -1. What a named precision takes is measured on articles whose
        curves were fitted without them: it is a promise, and curves look better on what they were fitted to. For
        the threshold of the best F1 that makes no difference. `with_precisions` takes six times as long.
        """
        decision = cls._fit_curves(scores, labels, primaries)
        decision.threshold = choose_threshold(decision.probabilities(decision.combine(scores)), labels)
        if with_precisions:
            decision.operating_points = _operating_points(cls._unseen(scores, labels, primaries), labels)
        return decision

    @classmethod
    def _fit_curves(cls, scores: Mapping[str, Floats], labels: Labels, primaries: Rows) -> Self:
        """Fit the weights and the curves alone."""
        from sklearn.linear_model import LogisticRegression

        columns = np.stack([part.reshape(-1) for part in scores.values()], axis=1)
        blend = LogisticRegression(C=1e3, max_iter=1000).fit(columns, labels.reshape(-1)).coef_[0]
        summed = (columns @ blend).reshape(labels.shape)
        applies = fit_curves(summed, _best(summed), each_applies_or_not(labels))
        filed = np.flatnonzero(primaries >= 0)
        combined = applies.scale * summed[filed]
        filing = fit_curves(combined, np.zeros((len(filed), 0)), one_is_chosen(primaries[filed]))
        is_primary = KeywordCurve(slopes=_all_rounded(filing.slopes), intercepts=_all_rounded(filing.intercepts))
        if filing.scale <= 0:  # on so few articles that primary keywords have the lower scores: chance
            is_primary = KeywordCurve(slopes=[], intercepts=[]).with_new(labels.shape[1])
        return cls(
            parts={name: _rounded(applies.scale * weight) for name, weight in zip(scores, blend, strict=True)},
            context=_all_rounded(applies.weights / applies.scale),
            intercept=_rounded(applies.common),
            applies=KeywordCurve(
                slopes=_all_rounded(applies.slopes), intercepts=_all_rounded(applies.scale * applies.intercepts)
            ),
            is_primary=is_primary,
            threshold=1,
            operating_points=[],
        )

    @classmethod
    def _unseen(cls, scores: Mapping[str, Floats], labels: Labels, primaries: Rows) -> Probabilities:
        """Give probabilities (n, K) by curves that were fitted to the articles of the other blocks.

        Articles come fold by fold, so most near-duplicates stand in one block. Too few to be parted stay together.
        """
        rows = np.arange(len(labels))
        blocks = np.array_split(rows, _BLOCKS) if len(rows) >= _LEAST_PARTED else [rows]
        probabilities = np.zeros(labels.shape)
        for block in blocks:
            others = np.setdiff1d(rows, block) if len(blocks) > 1 else rows
            taught = {name: part[others] for name, part in scores.items()}
            decision = cls._fit_curves(taught, labels[others], primaries[others])
            probabilities[block] = decision.probabilities(
                decision.combine({name: part[block] for name, part in scores.items()})
            )
        return probabilities

    def combine(self, scores: Mapping[str, Floats]) -> Probabilities:
        """Add up the weighted scores of the parts, each (n, K)."""
        return np.asarray(sum(weight * scores[name].astype(np.float64) for name, weight in self.parts.items()))

    def probabilities(self, combined: Probabilities) -> Probabilities:
        """Turn combined scores (n, K) into the probabilities that the keywords apply, of the same shape."""
        context = _best(combined) @ np.array(self.context)
        return np.asarray(1 / (1 + np.exp(-(self.applies.bend(combined) + context[:, None] + self.intercept))))

    def answer(self, combined: Probabilities, precision: float | None = None) -> Answers:
        """Decide over articles with these combined scores (n, K), for F1 or so that a precision is reached.

        Who names a precision is not given the best keyword of every article: those alone would break the promise.
        """
        probabilities = self.probabilities(combined)
        chosen = suggested(probabilities, self.threshold_for(precision), best_anyway=precision is None)
        filing = np.where(chosen, self.is_primary.bend(combined), -np.inf)
        some = np.flatnonzero(chosen.any(axis=1))
        key = probabilities.copy()
        key[some, filing[some].argmax(axis=1)] = np.inf
        return Answers(probabilities, chosen, by_value(key))

    def threshold_for(self, precision: float | None) -> float:
        """Give the threshold that was chosen for F1, or the one that reaches the named precision."""
        if precision is None:
            return self.threshold
        return min((point.threshold for point in self.operating_points if point.precision >= precision), default=1.0)

    def of(self, rows: Rows) -> Self:
        """Give the decision over the keywords in some rows alone."""
        return self.model_copy(update={"applies": self.applies.of(rows), "is_primary": self.is_primary.of(rows)})

    def with_new(self, keywords: int) -> Self:
        """Give the decision over some more keywords, of which no example is known."""
        curves = {"applies": self.applies.with_new(keywords), "is_primary": self.is_primary.with_new(keywords)}
        return self.model_copy(update=curves)


def suggested(probabilities: Probabilities, threshold: float, *, best_anyway: bool = True) -> Chosen:
    """Decide (n, K): what reaches the threshold, at most six an article, and the best one unless it is hopeless."""
    return np.asarray(_suggested_up_to(probabilities, best_anyway) >= threshold)


def _suggested_up_to(probabilities: Probabilities, best_anyway: bool) -> Probabilities:
    """Give (n, K) the greatest threshold at which a keyword is still suggested."""
    ranks = np.argsort(by_value(probabilities), axis=1, kind="stable")
    greatest = np.where(ranks < MAX_SUGGESTED, probabilities, -np.inf)
    if best_anyway:
        greatest[(ranks == 0) & (probabilities >= _FLOOR)] = np.inf
    return greatest


def by_value(values: Probabilities) -> Rows:
    """Give the columns of each row (n, K), that of the greatest value first."""
    return np.argsort(-values, axis=1, kind="stable")


def micro_f1(chosen: Chosen, labels: Labels) -> float:
    """Give F1 over all decisions (n, K) together."""
    return float(2 * (chosen & (labels == 1)).sum() / max(chosen.sum() + labels.sum(), 1))


def choose_threshold(probabilities: Probabilities, labels: Labels) -> float:
    """Choose the threshold with the greatest F1."""
    greatest = _suggested_up_to(probabilities, best_anyway=True)
    return float(max(_THRESHOLDS, key=lambda value: micro_f1(greatest >= value, labels)))


def _operating_points(probabilities: Probabilities, labels: Labels) -> list[OperatingPoint]:
    """Find the lowest threshold that reaches each precision."""
    greatest = _suggested_up_to(probabilities, best_anyway=False)
    reached = []
    for threshold in _THRESHOLDS:
        chosen = greatest >= threshold
        hits = (chosen & (labels == 1)).sum()
        if chosen.any():
            reached.append((hits / chosen.sum(), float(threshold), _rounded(hits / max(labels.sum(), 1))))
    points = []
    for wanted in _PRECISIONS:
        lowest = next(((threshold, recall) for precision, threshold, recall in reached if precision >= wanted), None)
        if lowest:
            points.append(OperatingPoint(precision=wanted, threshold=lowest[0], recall=lowest[1]))
    return points


def _best(combined: Probabilities) -> Probabilities:
    """Give the article's best sums, in descending order (n, 3)."""
    count = min(_CONTEXT, combined.shape[1])
    best = np.zeros((len(combined), _CONTEXT))
    best[:, :count] = -np.sort(np.partition(-combined, count - 1, axis=1)[:, :count], axis=1)
    return best


def _rounded(value: float) -> float:
    return round(float(value), 6)


def _all_rounded(values: Probabilities) -> list[float]:
    return [_rounded(value) for value in values]
