"""Trains the entity recogniser's network: the one of spaCy's French pipeline, taught this press's types and borders.

It starts from the weights of `fr_core_news_md`, whose word vectors it goes on using. Paragraphs of the general press
with the original pipeline's own answers keep its general ability.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from spacy.language import Language
from spacy.training import Example
from thinc.api import fix_random_seed

from tagger.entities.pipeline import load_pipeline
from tagger.keywords.classifier import Rows
from tagger.training.corpus import Corpus
from tagger.training.entity_samples import Sample, example, samples_of, varied
from tagger.training.entity_scores import TYPES

_WARM_UP = 100  # steps until the full learning rate
_LAST_RATE = 0.05  # share of the learning rate that is left at the end

Progress = Callable[[str], None]


@dataclass(frozen=True)
class EntityRecipe:
    """How the network is trained.

    passes: how often the corpus is gone through.
    general: paragraphs of the general press beside each pass through the corpus.
    varied: share of the texts that are written in capitals or without accents.
    batch_tokens: size of the first batches; they grow to three times as much.
    """

    passes: int = 3
    general: int = 500
    varied: float = 0.1
    dropout: float = 0.2
    learn_rate: float = 0.001
    batch_tokens: int = 600
    seed: int = 0


def samples_at(corpus: Corpus, rows: Rows) -> list[Sample]:
    """Give what the briefs at `rows` teach."""
    return [sample for row in rows for sample in samples_of(corpus.brief(int(row)))]


def train_network(
    samples: list[Sample],
    general: list[Sample],
    recipe: EntityRecipe,
    progress: Progress,
    nlp: Language | None = None,
) -> Language:
    """Train a network on `samples`, with a share of the `general` ones in each pass.

    It begins as the recogniser of `nlp`, by default that of `fr_core_news_md`. The same samples, recipe, libraries
    and processor give the same weights.
    """
    fix_random_seed(recipe.seed)
    randomness = random.Random(recipe.seed)  # noqa: S311 - nothing secret
    nlp = nlp or load_pipeline()
    recogniser = recogniser_of(nlp)
    for kind in TYPES:
        recogniser.add_label(kind)
    optimiser = nlp.resume_training()
    steps = 0
    for number in range(recipe.passes):
        dealt = [*samples, *randomness.sample(general, min(len(general), recipe.general))]
        randomness.shuffle(dealt)
        examples = [example(nlp, varied(sample, recipe.varied, randomness)) for sample in dealt]
        batches = list(_batches(examples, recipe.batch_tokens * min(3, 1 + number)))
        for place, batch in enumerate(batches):
            if place % 50 == 0:
                progress(f"pass {number + 1} of {recipe.passes}, batch {place} of {len(batches)}")
            done = (number + place / len(batches)) / recipe.passes
            steps += 1
            optimiser.learn_rate = recipe.learn_rate * min(1.0, steps / _WARM_UP) * (1 - done * (1 - _LAST_RATE))
            nlp.update(batch, sgd=optimiser, drop=recipe.dropout)
    with nlp.use_params(optimiser.averages):
        averaged = recogniser.to_bytes()
    recogniser.from_bytes(averaged)
    return nlp


def recogniser_of(nlp: Language) -> Any:  # noqa: ANN401 - spaCy's components have no common type
    """Give the component of a pipeline that recognises entities."""
    return nlp.get_pipe("ner")


def _batches(examples: list[Example], tokens: int) -> Iterator[list[Example]]:
    """Cut examples into batches of about so many tokens."""
    batch: list[Example] = []
    size = 0
    for item in examples:
        batch.append(item)
        size += len(item.predicted)
        if size >= tokens:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
