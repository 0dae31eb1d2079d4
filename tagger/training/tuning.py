"""Looks for better parameters of the classifier of terms: random settings, measured on the same folds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from sklearn.model_selection import ParameterSampler

from tagger.keywords.classifier import KeywordClassifier
from tagger.keywords.vocabulary import Vocabulary
from tagger.training.corpus import Corpus
from tagger.training.cross_validation import Recipe, TrainingSet, cross_validate
from tagger.training.scores import KeywordScores

Progress = Callable[[str], None]

_SPACE = {
    "regularisation": [0.1, 0.25, 0.5, 1.0],
    "positive_weight": [2.0, 4.0, 8.0],
    "primary_weight": [0.0, 0.5, 1.0],
    "word_weight": [1.0, 2.0, 3.0, 4.0],
    "min_df": [2, 3, 5],
    "title_weight": [1, 2, 3],
    "words_read": [150, 200, 300],
}


class Trial(BaseModel):
    """A setting and what it gives."""

    parameters: dict[str, Any]
    scores: KeywordScores


def tune_classifier(
    corpus: Corpus, vocabulary: Vocabulary, trials: int, seed: int, progress: Progress
) -> list[Trial]:
    """Measure today's setting and `trials` random ones; best first, by micro F1 and the rank of the primary keyword.

    The best of many is flattered by having been chosen: measure it again with another seed before relying on it.
    """
    data = TrainingSet.make(corpus, vocabulary, None, progress)
    folds = data.folds(seed)
    settings = [{}, *ParameterSampler(_SPACE, trials, random_state=seed)]
    found = []
    for number, parameters in enumerate(settings, 1):
        recipe = Recipe(terms=KeywordClassifier(seed=seed, **parameters))
        unseen = cross_validate(data, recipe, folds, lambda step, n=number: progress(f"setting {n}: {step}"))  # type: ignore[misc]
        found.append(Trial(parameters=parameters, scores=unseen.measure("fast")))
    return sorted(found, key=lambda trial: -(trial.scores.micro_f1 + trial.scores.mean_reciprocal_rank))
