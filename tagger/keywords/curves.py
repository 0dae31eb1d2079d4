"""A straight line for each keyword, by which a model's score becomes log-odds.

Composed briefs and pages are filed by different hands: a score that is enough for one keyword is too little for
another. Most keywords have too few examples for a line of their own, so each has one that deviates from the common
line as far as its examples warrant (a hierarchical model with normal priors: A. Gelman and J. Hill, « Data Analysis
Using Regression and Multilevel/Hierarchical Models », 2007, chapter 14; here its most probable values).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# Takes log-odds (n, K); gives how badly they foretell what is known, and the slope of that (n, K).
Loss = Callable[[Floats], tuple[float, Floats]]

_PIVOT = -2.0  # the score, in log-odds, near which decisions fall: there slopes turn the lines
_INTERCEPT_SPREAD = 1.0  # standard deviation of the keywords' own intercepts, in log-odds
_SLOPE_SPREAD = 0.2  # standard deviation of the keywords' own slopes, around 1
_COMMON_PRECISION = 1e-3  # of the prior of what all keywords share: enough to bound it where nothing overlaps
_STEPS = 200


@dataclass(frozen=True)
class Curves:
    """Log-odds of keyword k: ``scale * (slopes[k] * score + intercepts[k]) + common + context @ weights``."""

    scale: float
    common: float
    weights: Floats
    slopes: Floats
    intercepts: Floats


def fit_curves(scores: Floats, context: Floats, loss: Loss) -> Curves:
    """Fit lines to scores (n, K) and context (n, C) that keep the loss and the deviations small."""
    from scipy.optimize import minimize

    keywords, contexts = scores.shape[1], context.shape[1]
    centred = scores - _PIVOT

    def split(values: Floats) -> tuple[float, float, Floats, Floats, Floats]:
        weights, turns, shifts = np.split(values[2:], [contexts, contexts + keywords])
        return values[0], values[1], weights, 1 + _SLOPE_SPREAD * turns, _INTERCEPT_SPREAD * shifts

    def penalised(values: Floats) -> tuple[float, Floats]:
        scale, common, weights, slopes, shifts = split(values)
        found, slope = loss(scale * centred * slopes + shifts + common + (context @ weights)[:, None])
        by_score, by_row = slope * centred, slope.sum(axis=1)
        gradient = np.concatenate(
            [
                [(by_score * slopes).sum(), by_row.sum()],
                by_row @ context,
                by_score.sum(axis=0) * scale * _SLOPE_SPREAD,
                slope.sum(axis=0) * _INTERCEPT_SPREAD,
            ]
        )
        strayed = values - start
        return found + 0.5 * float(precision * strayed @ strayed), gradient + precision * strayed

    start = np.zeros(2 + contexts + 2 * keywords)
    start[0] = 1.0
    precision = np.ones(len(start))
    precision[: 2 + contexts] = _COMMON_PRECISION
    values = minimize(penalised, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    scale, common, weights, slopes, shifts = split(values)
    # around a score of 0 instead of the pivot
    intercepts = shifts / scale - _PIVOT * (slopes - 1)
    return Curves(float(scale), float(common - scale * _PIVOT), weights, slopes, intercepts)


def each_applies_or_not(labels: npt.NDArray[np.int8]) -> Loss:
    """Give the loss of log-odds by which keywords (n, K) apply, each by itself (logistic)."""
    from scipy.special import expit

    def loss(odds: Floats) -> tuple[float, Floats]:
        return float(np.logaddexp(0, odds).sum() - (odds * labels).sum()), expit(odds) - labels

    return loss


def one_is_chosen(chosen: npt.NDArray[np.intp]) -> Loss:
    """Give the loss of scores by which one keyword of each article, `chosen` (n,), wins against all (softmax)."""
    rows = np.arange(len(chosen))

    def loss(odds: Floats) -> tuple[float, Floats]:
        shares = np.exp(odds - odds.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        missed = -float(np.log(np.maximum(shares[rows, chosen], 1e-300)).sum())
        shares[rows, chosen] -= 1
        return missed, shares

    return loss
