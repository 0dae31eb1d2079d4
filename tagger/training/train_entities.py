"""Trains, measures and writes the entity recogniser."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from spacy.language import Language

from tagger.entities.known_names import KnownName
from tagger.entities.pipeline import (
    ENTITIES_FORMAT,
    NETWORK_FILES,
    NETWORK_FOLDER,
    PIPELINE,
    load_pipeline,
    untrained_recogniser,
)
from tagger.errors import InvalidRecordError
from tagger.keywords.classifier import Rows
from tagger.model_files import Manifest, file_entries, file_hash, write_manifest
from tagger.training.corpus import Corpus
from tagger.training.cross_validation import deal_folds
from tagger.training.entity_card import write_entity_card
from tagger.training.entity_evaluation import EntityEvaluation, evaluate_entities
from tagger.training.entity_network import EntityRecipe, recogniser_of, samples_at, train_network
from tagger.training.entity_samples import Sample, general_samples
from tagger.training.entity_unseen import UNSEEN_FILE, UnseenSpans, mark, write_unseen
from tagger.training.grouping import GroupedArticle

_LIBRARIES = ("spacy", "thinc", "numpy", PIPELINE)

Progress = Callable[[str], None]


def train_entities(
    corpus: Corpus,
    names: Sequence[KnownName],
    general: list[Sample],
    grouped: Sequence[GroupedArticle],
    general_tests: Sequence[Path],
    folder: Path,
    recipe: EntityRecipe,
    jobs: int,
    progress: Progress,
) -> tuple[EntityEvaluation, Manifest]:
    """Train the recogniser on a whole corpus and write it into `folder`, with what its folds' networks mark.

    `general` are marked texts of the general press; `grouped` articles with grouped mentions and `general_tests`
    CoNLL files to measure on as well; `jobs` networks are trained side by side, each in a process of its own.
    """
    progress("looking for near-duplicates")
    nlp, unseen = _train_all(corpus, general, recipe, jobs, progress)
    data = {path.name: file_hash(path) for path in corpus.files}
    manifest = _write_recogniser(folder, nlp, unseen, recipe, data)
    evaluation = evaluate_entities(corpus, names, unseen, grouped, folder, general_tests, progress)
    manifest = manifest.model_copy(update={"scores": evaluation.model_dump()})
    write_manifest(folder, manifest)
    write_entity_card(folder, manifest, evaluation, corpus, min(len(general), recipe.general))
    return evaluation, manifest


def read_general(path: Path, names: Sequence[KnownName], recipe: EntityRecipe) -> list[Sample]:
    """Read as many articles of the general press as training can use, marked by the off-the-shelf pipeline.

    Raises:
        InvalidRecordError: a line is no JSON object with a text.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        texts = [
            _text(line, number, path) for number, line in enumerate(islice(lines, recipe.passes * recipe.general), 1)
        ]
    return general_samples(texts, load_pipeline(), names, random.Random(recipe.seed))  # noqa: S311 - nothing secret


def _text(line: str, number: int, path: Path) -> str:
    try:
        record = json.loads(line)
        return str(record["text"] if "text" in record else record["article"])
    except (ValueError, KeyError, TypeError):
        raise InvalidRecordError(
            f"Line {number} of {path} cannot be learnt from. It needs to be a JSON object with a `text`."
        ) from None


def _train_all(
    corpus: Corpus, general: list[Sample], recipe: EntityRecipe, jobs: int, progress: Progress
) -> tuple[Language, list[UnseenSpans]]:
    """Train the network on a whole corpus; give also what networks mark in the folds that they have not seen."""
    groups = corpus.groups()
    folds = deal_folds(corpus, groups, recipe.seed)
    everything = np.arange(len(corpus))
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        whole = pool.submit(_train_and_mark, corpus, everything, everything[:0], len(folds), general, recipe)
        trained = {
            pool.submit(
                _train_and_mark, corpus, everything[~np.isin(groups, groups[fold])], fold, number, general, recipe
            ): number
            for number, fold in enumerate(folds)
        }
        unseen = []
        for done, task in enumerate(as_completed(trained), 1):
            unseen += task.result()[1]
            progress(f"{done} of {len(folds)} folds trained and tested")
        nlp = untrained_recogniser(load_pipeline().config["components"]["ner"]["model"])
        recogniser_of(nlp).from_bytes(whole.result()[0])
    return nlp, sorted(unseen, key=lambda spans: (spans.fold, spans.id))


def _train_and_mark(
    corpus: Corpus, rows: Rows, fold: Rows, number: int, general: list[Sample], recipe: EntityRecipe
) -> tuple[bytes, list[UnseenSpans]]:
    nlp = train_network(samples_at(corpus, rows), general, recipe, lambda step: None)
    return recogniser_of(nlp).to_bytes(), mark(nlp, corpus, fold, number)


def _write_recogniser(
    folder: Path, nlp: Language, unseen: list[UnseenSpans], recipe: EntityRecipe, data: dict[str, str]
) -> Manifest:
    """Write a trained network, what its folds' networks mark, and a manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    recogniser_of(nlp).to_disk(folder / NETWORK_FOLDER, exclude=["vocab"])
    write_unseen(folder / UNSEEN_FILE, unseen)
    files = file_entries(folder, (*NETWORK_FILES, UNSEEN_FILE))
    digest = sha256("".join(files[name].sha256 for name in NETWORK_FILES).encode()).hexdigest()[:8]
    manifest = Manifest(
        name="osiris-entities",
        version=f"{version('osiris-tagger')}+{digest}",
        format=ENTITIES_FORMAT,
        data=data,
        parameters={**asdict(recipe), "network": nlp.config["components"]["ner"]["model"]},
        libraries={name: version(name) for name in _LIBRARIES},
        scores={},
        files=files,
    )
    write_manifest(folder, manifest)
    return manifest
