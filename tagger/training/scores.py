"""How good keyword suggestions are: ranking of the editor's own keyword, and the suggested set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import BaseModel

from tagger.keywords.decision import Answers, Chosen, Labels, Probabilities, Rows, micro_f1

_BINS = 10
_LEAST_PROBABILITY = 0.01  # lower ones are most of all, nearly always rightly so, and would hide the others
_PRIMARY = "The keyword that the editor chose"
_WHOLE_SET = "All keywords that apply"
_PROBABILITIES = "The probabilities"


@dataclass(frozen=True)
class Measure:
    """What a score looks at, what it is called in tables and in full, and what it says in plain words."""

    group: str
    short: str
    name: str
    meaning: str
    lower_is_better: bool = False


class KeywordScores(BaseModel):
    """Scores of one run; `MEASURES` tells of each.

    `calibration_error` is the expected calibration error over ten bins of the probabilities of 1 % and more.
    """

    precision_at_1: Annotated[
        float,
        Measure(_PRIMARY, "P@1", "precision at 1", "Share of articles where the editor’s keyword is ranked first."),
    ]
    recall_at_3: Annotated[
        float, Measure(_PRIMARY, "R@3", "recall at 3", "Share of articles where it is among the first three.")
    ]
    recall_at_5: Annotated[
        float, Measure(_PRIMARY, "R@5", "recall at 5", "Share of articles where it is among the first five.")
    ]
    mean_reciprocal_rank: Annotated[
        float,
        Measure(
            _PRIMARY,
            "MRR",
            "mean reciprocal rank",
            "How high it ranks on the whole: an article counts 1 if it is first, ½ if second, ⅓ if third, and so on.",
        ),
    ]
    micro_f1: Annotated[
        float,
        Measure(
            _WHOLE_SET,
            "micro F1",
            "F1 of all decisions",
            "Are the suggested keywords right (precision), and are the right ones suggested (recall)? F1 is high "
            "only when both are. Every decision counts alike, so frequent keywords weigh most.",
        ),
    ]
    macro_f1: Annotated[
        float,
        Measure(
            _WHOLE_SET,
            "macro F1",
            "mean F1 of the keywords",
            "F1 keyword by keyword, then the mean: a rare keyword counts as much as a frequent one.",
        ),
    ]
    ndcg: Annotated[
        float,
        Measure(
            _WHOLE_SET,
            "nDCG",
            "normalised discounted cumulative gain",
            "How near the ranking comes to the ideal one, which has all right keywords on top; the top counts most.",
        ),
    ]
    calibration_error: Annotated[
        float,
        Measure(
            _PROBABILITIES,
            "calibration error",
            "expected calibration error, ten bins",
            "How far stated probabilities are from what turns out right: 0.02 is two points in a hundred, on "
            "average. Lower is better.",
            lower_is_better=True,
        ),
    ]


MEASURES: dict[str, Measure] = {name: field.metadata[0] for name, field in KeywordScores.model_fields.items()}


class ReliabilityBin(BaseModel):
    """The decisions with a probability near `probability`, and the share of them that were right."""

    probability: float
    share: float
    count: int


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


def calibration_error(probabilities: Probabilities, labels: Labels) -> float:
    """Give the expected calibration error: how far the stated probabilities are from what turns out right."""
    bins = _bins(probabilities, labels)
    gaps = [abs(each.probability - each.share) * each.count for each in bins]
    return float(np.sum(gaps) / max(sum(each.count for each in bins), 1))


def reliability(probabilities: Probabilities, labels: Labels) -> list[ReliabilityBin]:
    """Give what the calibration error is made of, to draw it; without the bins that nothing fell into."""
    return [
        ReliabilityBin(probability=_rounded(each.probability), share=_rounded(each.share), count=each.count)
        for each in _bins(probabilities, labels)
    ]


def _bins(probabilities: Probabilities, labels: Labels) -> list[ReliabilityBin]:
    """Part the decisions with a probability of at least 1 % into ten bins of equal width."""
    counted = probabilities >= _LEAST_PROBABILITY
    stated, right = probabilities[counted], labels[counted]
    bins = np.minimum((stated * _BINS).astype(int), _BINS - 1)
    return [
        ReliabilityBin(
            probability=float(stated[bins == number].mean()),
            share=float(right[bins == number].mean()),
            count=int((bins == number).sum()),
        )
        for number in np.unique(bins)
    ]


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
