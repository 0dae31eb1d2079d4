"""How a keyword that has no example is scored, learnt by treating each known keyword as if it were new.

A new keyword is known by its name, definition and synonyms alone. For the keywords that have examples, the
likeness of articles to these words is known, and so is whether the keyword applies: what holds for all of them
together is taken to hold for the next one.
"""

from __future__ import annotations

import numpy as np

from tagger.keywords.decision import Decision
from tagger.keywords.model import DEFINITION_PART, SEMANTIC_PART, Profile, ZeroShot
from tagger.keywords.semantic import unit
from tagger.training.cross_validation import PartScores, TrainingSet, UnseenScores

_FIRST = 5


def fit_zero_shot(data: TrainingSet, unseen: UnseenScores, profile: Profile, decision: Decision) -> ZeroShot:
    """Learn the weights of the likenesses so that the sums stand beside the combined scores of other keywords."""
    from sklearn.linear_model import LogisticRegression

    likeness = _likeness(data, unseen, profile)
    columns = np.stack([part.reshape(-1) for part in likeness.values()], axis=1)
    curve = LogisticRegression(C=1e3, max_iter=1000).fit(columns, unseen.labels.reshape(-1))
    combined = decision.combine(unseen.of(profile))
    best = -np.sort(-combined, axis=1)[:, : len(decision.context)]
    usual_context = float((best @ np.array(decision.context)).mean())
    return ZeroShot(
        parts={name: round(float(weight), 6) for name, weight in zip(likeness, curve.coef_[0], strict=True)},
        intercept=round(float(curve.intercept_[0]) - decision.intercept - usual_context, 6),
    )


def zero_shot_recall(
    data: TrainingSet, unseen: UnseenScores, profile: Profile, decision: Decision, zero_shot: ZeroShot
) -> float:
    """Give how often the primary keyword is among the first five if it alone had no example."""
    combined = decision.applies.bend(decision.combine(unseen.of(profile)))
    likeness = _likeness(data, unseen, profile)
    alone = np.sum([zero_shot.parts[name] * part for name, part in likeness.items()], axis=0) + zero_shot.intercept
    rows = np.arange(len(combined))
    combined[rows, unseen.primaries] = -np.inf
    before = (combined > alone[rows, unseen.primaries][:, None]).sum(axis=1)
    return round(float(np.mean(before < _FIRST)), 4)


def _likeness(data: TrainingSet, unseen: UnseenScores, profile: Profile) -> PartScores:
    """Give the cosines of the tested articles and what the vocabulary says of each keyword (m, K)."""
    likeness = {DEFINITION_PART: unseen.parts[DEFINITION_PART]}
    if profile == "best" and data.vectors is not None:
        units = unit(data.vectors - data.vectors.mean(axis=0))
        likeness[SEMANTIC_PART] = (units[unseen.tested] @ units[len(data.corpus) :].T).astype(np.float64)
    return likeness
