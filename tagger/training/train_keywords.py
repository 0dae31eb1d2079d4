"""Trains the keyword models: cross-validation for decisions and scores, then the models themselves."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tagger.keywords.decision import Decision
from tagger.keywords.encoder import ENCODER, SentenceEncoder
from tagger.keywords.linear import LinearModel
from tagger.keywords.model import (
    FORMAT,
    KEYWORDS,
    KeywordManifest,
    Profile,
    versions,
    write_best,
    write_fast,
)
from tagger.keywords.vocabulary import VOCABULARY_FILE, Vocabulary
from tagger.model_files import file_hash
from tagger.training.ablation import ablation
from tagger.training.card import write_cards
from tagger.training.corpus import Corpus
from tagger.training.cross_validation import Recipe, TrainingSet, UnseenScores, cross_validate
from tagger.training.promotion import compare_with_service
from tagger.training.zero_shot import fit_zero_shot, zero_shot_recall

_LIBRARIES = ("numpy", "scikit-learn", "safetensors")

Progress = Callable[[str], None]


def train_keywords(
    corpus: Corpus,
    vocabulary: Vocabulary,
    training_data: Path,
    models: Path,
    encoder: SentenceEncoder | None,
    recipe: Recipe,
    progress: Progress,
    with_ablation: bool = False,
    in_service: KeywordManifest | None = None,
) -> dict[Profile, KeywordManifest]:
    """Train on `corpus` and write the models, their manifests and cards into the folder of models `models`.

    Without an encoder only the profile `fast` is trained, and a `best` that stood there is removed, since it was
    made for another `fast`. The same corpus, vocabulary and recipe give the same files. `with_ablation` measures
    also what each part gives, for the cards; it takes four times as long. With the manifest of the model `in_service`
    what is trained is compared with it, for `tagger.training.promotion`; it takes twice as long.
    """
    data = TrainingSet.make(corpus, vocabulary, encoder, progress)
    unseen = cross_validate(data, recipe, data.folds(recipe.terms.seed), progress)
    data.fit_terms(recipe.terms, data.everything(), lambda step: progress(f"the model itself: {step}"))
    linear: LinearModel = recipe.terms.model_
    hashes = {path.name: file_hash(path) for path in (*corpus.files, training_data / VOCABULARY_FILE)}
    manifest = partial(_manifest, data, unseen, hashes)
    fast_folder, best_folder = models / KEYWORDS / "fast", models / KEYWORDS / "best"
    trained: dict[Profile, KeywordManifest] = {
        "fast": write_fast(fast_folder, linear, manifest("fast", recipe.terms.get_params(), {}))
    }
    if encoder and data.vectors is not None:
        semantic = data.fit_semantic(recipe.semantic, data.everything())
        builds_on = versions(trained["fast"], encoder)
        trained["best"] = write_best(best_folder, semantic, manifest("best", vars(recipe.semantic), builds_on))
    else:
        shutil.rmtree(best_folder, ignore_errors=True)
    if in_service:
        compare_with_service(data, unseen, recipe, in_service, list(trained), models, progress)
    measured = ablation(data, unseen, recipe, progress) if with_ablation else {}
    write_cards(models, trained, corpus, linear, measured)
    return trained


def ensure_encoder(shipped: Path, models: Path) -> SentenceEncoder:
    """Load the encoder of the folder `models`, which gets a copy of the shipped one if it has none."""
    if not (models / ENCODER).is_dir():
        shutil.copytree(shipped / ENCODER, models / ENCODER)
    return SentenceEncoder.load(models / ENCODER)


def _manifest(
    data: TrainingSet,
    unseen: UnseenScores,
    hashes: dict[str, str],
    profile: Profile,
    parameters: dict[str, Any],
    builds_on: dict[str, str],
) -> KeywordManifest:
    """Learn a profile's decision from what models say of articles unseen, measure it, and say what it was made of."""
    decision = Decision.fit(unseen.of(profile), unseen.labels, unseen.primaries)
    zero_shot = fit_zero_shot(data, unseen, profile, decision)
    scores = unseen.measure(profile).model_dump()
    return KeywordManifest(
        name=profile,
        version=version("osiris-tagger"),
        format=FORMAT,
        data=hashes,
        parameters=parameters,
        libraries={name: version(name) for name in _LIBRARIES},
        scores={**scores, "zero_shot_recall_at_5": zero_shot_recall(data, unseen, profile, decision, zero_shot)},
        files={},
        keyword_ids=[keyword.id for keyword in data.vocabulary],
        decision=decision,
        zero_shot=zero_shot,
        builds_on=builds_on,
        feedback=[data.corpus.ids[number] for number in data.corpus.feedback],
    )
