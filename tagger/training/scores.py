"""How good keyword suggestions are: ranking of the editor's own keyword, and the suggested set."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel

from tagger.keywords.decision import Answers, Chosen, Labels, Probabilities, Rows

_CALIBRATION_BINS = 10


class KeywordScores(BaseModel):
    """Scores of one run. The first four look at the primary keyword, the others at the whole set.

    `calibration_error` is the expected calibration error over ten bins of the probabilities of 1 % and more.
    """

    precision_at_1: float
    recall_at_3: float
    recall_at_5: float
    mean_reciprocal_rank: float
    micro_f1: float
    macro_f1: float
    ndcg: float
    calibration_error: float


def keyword_scores(answers: Answers, primaries: Rows, labels: Labels) -> KeywordScores:
    """Score what a model answers against primary keywords (n,) and all keywords (n, K)."""
    ranks = np.argmax(answers.order == primaries[:, None], axis=1)
    return KeywordScores(
        precision_at_1=_rounded(np.mean(ranks == 0)),
        recall_at_3=_rounded(np.mean(ranks < 3)),  # noqa: PLR2004
        recall_at_5=_rounded(np.mean(ranks < 5)),  # noqa: PLR2004
        mean_reciprocal_rank=_rounded(np.mean(1 / (ranks + 1))),
        micro_f1=_rounded(micro_f1(answers.chosen, labels)),
        macro_f1=_rounded(_macro_f1(answers.chosen, labels)),
        ndcg=_rounded(_ndcg(answers.order, labels)),
        calibration_error=_rounded(calibration_error(answers.probabilities, labels)),
    )


def micro_f1(chosen: Chosen, labels: Labels) -> float:
    """Give F1 over all decisions together."""
    return float(2 * (chosen & (labels == 1)).sum() / max(chosen.sum() + labels.sum(), 1))


def calibration_error(probabilities: Probabilities, labels: Labels) -> float:
    """Give the expected calibration error over the decisions with a probability of at least 1 %."""
    counted = probabilities >= 0.01  # noqa: PLR2004
    p, y = probabilities[counted], labels[counted]
    bins = np.minimum((p * _CALIBRATION_BINS).astype(int), _CALIBRATION_BINS - 1)
    gaps = [abs(p[bins == b].mean() - y[bins == b].mean()) * (bins == b).sum() for b in np.unique(bins)]
    return float(np.sum(gaps) / max(len(p), 1))


def _macro_f1(chosen: Chosen, labels: Labels) -> float:
    """Give the mean F1 of the keywords that have an example or were suggested."""
    hits = (chosen & (labels == 1)).sum(axis=0)
    seen = chosen.sum(axis=0) + labels.sum(axis=0)
    return float(np.mean(2 * hits[seen > 0] / seen[seen > 0]))


def _ndcg(order: Rows, labels: Labels) -> float:
    """Give the normalised discounted cumulative gain of the whole ranking, each right keyword worth one."""
    gains = np.take_along_axis(labels, order, axis=1)
    discounts = 1 / np.log2(np.arange(2, labels.shape[1] + 2))
    ideal = np.array([discounts[:count].sum() for count in labels.sum(axis=1)])
    return float(np.mean((gains @ discounts) / np.maximum(ideal, 1e-9)))


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 4)
