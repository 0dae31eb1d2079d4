"""Trains the keyword model: cross-validation for calibration, threshold and scores, then the model itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tagger.article import Article
from tagger.keywords.calibration import Calibration
from tagger.keywords.classifier import KeywordClassifier, Labels
from tagger.keywords.model import FORMAT, KeywordManifest, describe_files, write_model_files
from tagger.keywords.vocabulary import VOCABULARY_FILE, Vocabulary
from tagger.model_files import file_hash
from tagger.training.card import write_card
from tagger.training.corpus import Corpus
from tagger.training.scores import KeywordScores, best_threshold, keyword_scores

MODEL_NAME = "tfidf-svc"
_FOLDS = 5
_LIBRARIES = ("numpy", "scikit-learn", "safetensors")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class CrossValidation:
    """What cross-validation taught: how to turn scores into decisions, and how good these are."""

    calibration: Calibration
    threshold: float
    scores: KeywordScores


def train_keywords(
    corpus: Corpus, vocabulary: Vocabulary, training_data: Path, output: Path, seed: int, progress: Progress
) -> KeywordManifest:
    """Train on `corpus` and write the model, its manifest and its card into the folder `output`.

    The same corpus, vocabulary and seed give the same files.
    """
    classifier = KeywordClassifier(seed=seed)
    validation = cross_validate(classifier, corpus, vocabulary, seed, progress)
    progress("training on the whole corpus")
    _fit(classifier, [brief.article for brief in corpus.briefs], corpus.labels(vocabulary), vocabulary)
    write_model_files(output, classifier.model_)
    manifest = describe_files(
        output,
        KeywordManifest(
            name=MODEL_NAME,
            version=version("osiris-tagger"),
            format=FORMAT,
            data={path.name: file_hash(path) for path in (*corpus.files, training_data / VOCABULARY_FILE)},
            parameters=classifier.get_params(),
            libraries={name: version(name) for name in _LIBRARIES},
            scores=validation.scores.model_dump(),
            files={},
            keyword_ids=[keyword.id for keyword in vocabulary],
            calibration=validation.calibration,
            threshold=validation.threshold,
        ),
    )
    write_card(output, manifest, corpus)
    return manifest


def cross_validate(
    classifier: KeywordClassifier, corpus: Corpus, vocabulary: Vocabulary, seed: int, progress: Progress
) -> CrossValidation:
    """Score the classifier on briefs it has not seen, near-duplicates never on both sides.

    Composed briefs teach and are never tested. Calibration and threshold are themselves
    chosen on the other folds when a fold is scored, so that no score is flattered by its own choice.
    """
    labels = corpus.labels(vocabulary)
    groups = corpus.groups()
    folds = test_folds(corpus, groups, seed)
    raw = np.zeros(labels.shape, dtype=np.float64)
    for number, tested in enumerate(folds, 1):
        progress(f"cross-validation, fold {number} of {len(folds)}")
        learnt = np.flatnonzero(~np.isin(groups, groups[tested]))
        _fit(classifier, corpus.subset(learnt), labels[learnt], vocabulary)
        raw[tested] = classifier.decision_function(corpus.subset(tested))
    everything = np.concatenate(folds)
    probabilities, chosen_thresholds = _calibrate_across_folds(raw, labels, folds)
    scores = keyword_scores(
        probabilities[everything],
        corpus.primaries(vocabulary)[everything],
        labels[everything],
        threshold=float(np.median(chosen_thresholds)),
    )
    calibration, threshold = _decide(raw[everything], labels[everything])
    return CrossValidation(calibration, threshold, scores)


def _fit(classifier: KeywordClassifier, articles: list[Article], labels: Labels, vocabulary: Vocabulary) -> None:
    """Train on articles, and on what the vocabulary says of each keyword as one more article."""
    own_words = [
        Article(title=keyword.name, text=f"{keyword.definition} {', '.join(keyword.synonyms)}")
        for keyword in vocabulary
    ]
    own_labels = np.eye(len(vocabulary), dtype=np.int8)
    classifier.fit([*articles, *own_words], np.vstack([labels, own_labels]))


def test_folds(corpus: Corpus, groups: npt.NDArray[np.intp], seed: int) -> list[npt.NDArray[np.intp]]:
    """Deal the briefs that may be tested into folds, the near-duplicates of one of the `groups` together."""
    from sklearn.model_selection import GroupKFold

    tested = np.array([index for index, brief in enumerate(corpus.briefs) if brief.is_tested])
    splitter = GroupKFold(_FOLDS, shuffle=True, random_state=seed)
    return [tested[test] for _, test in splitter.split(tested, groups=groups[tested])]


def _calibrate_across_folds(
    raw: npt.NDArray[np.float64], labels: Labels, folds: list[npt.NDArray[np.intp]]
) -> tuple[npt.NDArray[np.float64], list[float]]:
    probabilities = np.zeros_like(raw)
    thresholds = []
    for fold in folds:
        others = np.setdiff1d(np.concatenate(folds), fold)
        calibration, threshold = _decide(raw[others], labels[others])
        probabilities[fold] = calibration.probabilities(raw[fold])
        thresholds.append(threshold)
    return probabilities, thresholds


def _decide(raw: npt.NDArray[np.float64], labels: Labels) -> tuple[Calibration, float]:
    calibration = Calibration.fit(raw, labels)
    return calibration, best_threshold(calibration.probabilities(raw), labels)
