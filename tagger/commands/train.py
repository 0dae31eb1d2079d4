"""`tagger train` and `tagger evaluate`: the keyword model trained anew, and measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tagger.annotator import KEYWORD_MODEL
from tagger.commands.common import DataOption, clear_errors, steps
from tagger.console import show_keyword_scores
from tagger.keywords.vocabulary import load_vocabulary
from tagger.resources import models_dir, training_data_dir
from tagger.settings import load_settings


def train(
    corpus: Annotated[
        Path | None, typer.Option(help="Briefs to learn from: a .jsonl file or a folder of them.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder to write the model into.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    training_data: DataOption = None,
) -> None:
    """Train the keyword model, and measure it by cross-validation.

    Examples:
        tagger train

        tagger train --corpus our-briefs.jsonl --output our-models/keywords/fast
    """
    from tagger.training.corpus import CORPUS_FOLDER, load_corpus
    from tagger.training.scores import KeywordScores
    from tagger.training.train_keywords import train_keywords

    with clear_errors():
        settings = load_settings(training_data_dir=training_data)
        data = training_data_dir(settings.training_data_dir)
        folder = output or models_dir(settings.models_dir) / KEYWORD_MODEL
        briefs = load_corpus(corpus or data / CORPUS_FOLDER)
        with steps() as step:
            manifest = train_keywords(briefs, load_vocabulary(data), data, folder, seed, step)
    console = Console()
    show_keyword_scores(console, KeywordScores(**manifest.scores), manifest.threshold)
    console.print(f"Model {manifest.name} {manifest.version} is in {folder}")


def evaluate(
    corpus: Annotated[
        Path | None, typer.Option(help="Briefs to measure on: a .jsonl file or a folder of them.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    training_data: DataOption = None,
) -> None:
    """Measure the keyword classifier by cross-validation, without writing a model.

    Example:
        tagger evaluate
    """
    from tagger.keywords.classifier import KeywordClassifier
    from tagger.training.corpus import CORPUS_FOLDER, load_corpus
    from tagger.training.train_keywords import cross_validate

    with clear_errors():
        data = training_data_dir(load_settings(training_data_dir=training_data).training_data_dir)
        briefs = load_corpus(corpus or data / CORPUS_FOLDER)
        with steps() as step:
            measured = cross_validate(KeywordClassifier(seed=seed), briefs, load_vocabulary(data), seed, step)
    show_keyword_scores(Console(), measured.scores, measured.threshold)
