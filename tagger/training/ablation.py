"""What each part of the models gives: the same cross-validation with one thing left out at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import clone

from tagger.keywords.model import DEFINITION_PART, SEMANTIC_PART, TERMS_PART
from tagger.training.cross_validation import Recipe, TrainingSet, UnseenScores, cross_validate
from tagger.training.scores import KeywordScores

Progress = Callable[[str], None]


def ablation(data: TrainingSet, whole: UnseenScores, recipe: Recipe, progress: Progress) -> dict[str, KeywordScores]:
    """Measure variants of both profiles, from least to most; `whole` are the scores with nothing left out."""
    folds = data.folds(recipe.terms.seed)
    is_own = data.everything() >= len(data.corpus)
    is_tested = np.isin(data.everything(), data.corpus.tested)

    def run(name: str, taught: Any, **parameters: Any) -> UnseenScores:  # noqa: ANN401 - the estimator's own
        variant = replace(recipe, terms=clone(recipe.terms).set_params(**parameters))
        return cross_validate(data, variant, folds, lambda step: progress(f"{name}, {step}"), taught)

    def only(unseen: UnseenScores, *parts: str) -> UnseenScores:
        return replace(unseen, parts={name: unseen.parts[name] for name in parts})

    def terms_of(name: str, taught: Any, **parameters: Any) -> KeywordScores:  # noqa: ANN401
        return only(run(name, taught, **parameters), TERMS_PART).measure("best")

    measured = {
        "terms, without composed briefs": terms_of("composed", is_tested | is_own),
        "terms, without the vocabulary's texts": terms_of("vocabulary", ~is_own),
        "terms, without the machines of primary keywords": terms_of("primary", None, primary_weight=0.0),
        "terms": only(whole, TERMS_PART).measure("best"),
        "likeness to the vocabulary's texts alone": only(whole, DEFINITION_PART).measure("best"),
        "terms and likeness (profile `fast`)": whole.measure("fast"),
    }
    if data.vectors is not None:
        measured["encoder alone"] = only(whole, SEMANTIC_PART).measure("best")
        measured["terms and encoder"] = only(whole, TERMS_PART, SEMANTIC_PART).measure("best")
        measured["terms, likeness and encoder (profile `best`)"] = whole.measure("best")
    return measured
