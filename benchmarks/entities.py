"""What each part of the recogniser's network and of its training gives, and smaller networks: one fold, few passes.

    python benchmarks/entities.py --general FILE.jsonl.gz [--passes 1] [--only WORD…] [--articles FILE.tsv]

Each variant learns from the articles outside of the first fold of the cross-validation and is measured on it: F1 of
exact borders and type, the network alone, and with rules and countries. The shipped network goes through the corpus
three times, on all folds; here only the differences between variants count, and one fold's F1 is good to a point
or so. With FILE.tsv (columns `headline` and `text`), the processor time of each network is measured on long
articles, all in turns. About five minutes of one core a variant and pass. Set OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from spacy.language import Language
from speed import load_articles

from tagger.entities.known_name_files import load_known_names
from tagger.entities.pipeline import load_pipeline, multiply_by_numpy, untrained_recogniser
from tagger.resources import training_data_dir
from tagger.training.corpus import CORPUS_FOLDER, load_corpus
from tagger.training.cross_validation import deal_folds
from tagger.training.entity_evaluation import NETWORK_ALONE, WITH_RULES, system_scores
from tagger.training.entity_network import EntityRecipe, recogniser_of, samples_at, train_network
from tagger.training.entity_samples import Sample, example
from tagger.training.entity_scores import ALL, TYPES
from tagger.training.entity_unseen import mark
from tagger.training.train_entities import read_general

_SHOWN_TO_BEGIN = 50  # samples from which a new network learns its sizes
_TIMED_ROUNDS = 3


@dataclass(frozen=True)
class Variant:
    """A way to train: what it learns from, and with which sizes a new network begins, if it does."""

    name: str
    composed: bool = True
    general: bool = True
    varied: bool = True
    new: dict[str, Any] | None = None


VARIANTS = (
    Variant("as shipped"),
    Variant("without composed briefs", composed=False),
    Variant("without the general press", general=False),
    Variant("without capitals and lost accents", varied=False),
    Variant("a new network of the same sizes", new={}),
    Variant("a new network of width 64", new={"width": 64}),
    Variant("a new network without word vectors", new={"include_static_vectors": False}),
)


def main() -> None:
    """Train and measure the variants, and print a table."""
    options = _options()
    corpus = load_corpus(training_data_dir() / CORPUS_FOLDER)
    names = load_known_names(training_data_dir())
    recipe = EntityRecipe(passes=options.passes)
    general = read_general(options.general, names, recipe)
    groups = corpus.groups()
    fold = deal_folds(corpus, groups, recipe.seed)[0]
    learnt = np.flatnonzero(~np.isin(groups, groups[fold]))
    figures: dict[str, Any] = {}
    networks = {}
    print(f"{len(learnt)} articles to learn from, {len(fold)} to measure on, {options.passes} passes\n")
    print(f"{'':36}{'system':26}" + "".join(f"{kind:>9}" for kind in (ALL, *TYPES)))
    for variant in VARIANTS:
        if options.only and not any(word in variant.name for word in options.only):
            continue
        rows = learnt if variant.composed else np.intersect1d(learnt, corpus.tested)
        samples = samples_at(corpus, rows)
        own = replace(
            recipe,
            passes=round(recipe.passes * len(learnt) / len(rows)),  # as many steps, however much there is
            varied=recipe.varied if variant.varied else 0.0,
        )
        start = None if variant.new is None else _new_network(variant.new, samples)
        nlp = train_network(samples, general if variant.general else [], own, lambda step: None, start)
        scores = system_scores(corpus, names, mark(nlp, corpus, fold, 0))
        figures[variant.name] = {name: scores[name].model_dump() for name in (NETWORK_ALONE, WITH_RULES)}
        for system in (NETWORK_ALONE, WITH_RULES):
            f1 = [100 * scores[system].types[kind].f1 for kind in (ALL, *TYPES)]
            print(f"{variant.name:36}{system:26}" + "".join(f"{value:9.1f}" for value in f1), flush=True)
        networks[variant.name] = nlp
    if options.articles:
        figures["time"] = _times(networks, options.articles)
        for name, ratio in figures["time"].items():
            print(f"{name:36}{ratio:.2f} of the time of the first one")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _new_network(changes: dict[str, Any], samples: list[Sample]) -> Language:
    """Give a network with the sizes of the shipped one, but for `changes`, that has learnt nothing yet."""
    config = copy.deepcopy(load_pipeline().config["components"]["ner"]["model"])
    embed, encode = config["tok2vec"]["embed"], config["tok2vec"]["encode"]
    for part in (embed, encode):
        part |= {name: value for name, value in changes.items() if name in part}
    nlp = untrained_recogniser(config)
    recogniser = recogniser_of(nlp)
    for kind in TYPES:
        recogniser.add_label(kind)
    recogniser.initialize(lambda: [example(nlp, sample) for sample in samples[:_SHOWN_TO_BEGIN]], nlp=nlp)
    return nlp


def _times(networks: dict[str, Language], path: Path) -> dict[str, float]:
    """Give the processor time of each network on long articles, in times of the first one's."""
    articles = load_articles(path, 40)
    seconds: dict[str, list[float]] = {name: [] for name in networks}
    for nlp in networks.values():
        multiply_by_numpy(recogniser_of(nlp))

    def timed(work: Callable[[], object]) -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    for _ in range(_TIMED_ROUNDS + 1):  # the first one warms up
        for name, nlp in networks.items():
            seconds[name].append(timed(partial(_read, nlp, [article.text for article in articles])))
    medians = {name: statistics.median(values[1:]) for name, values in seconds.items()}
    return {name: value / next(iter(medians.values())) for name, value in medians.items()}


def _read(nlp: Language, texts: list[str]) -> None:
    for _ in nlp.pipe(texts):
        pass


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--general", type=Path, required=True)
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="only the variants in whose names one of these words stands")
    parser.add_argument("--articles", type=Path)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
