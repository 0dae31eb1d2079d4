"""`tagger evaluate`, `tagger compare` and `tagger tune`: how good the models are, and which is better."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tagger.commands.common import (
    CorpusOption,
    DataOption,
    HtmlFileOption,
    JsonFileOption,
    ModelsOption,
    SeedOption,
    Step,
    clear_errors,
    open_output,
    steps,
    write_figures,
)
from tagger.commands.display.scores import show_comparison, show_entity_evaluation, show_profile_scores, show_trials
from tagger.commands.leads import evaluate_lead
from tagger.commands.train import recipe_of
from tagger.keywords.encoder import ENCODER, SentenceEncoder
from tagger.keywords.model import Profile
from tagger.keywords.vocabulary import load_vocabulary
from tagger.resources import models_dir, training_data_dir
from tagger.settings import load_settings

app = typer.Typer(rich_markup_mode="markdown")


@app.callback(invoke_without_command=True)
def evaluate(
    context: typer.Context,
    corpus: CorpusOption = None,
    profile: Annotated[
        Profile, typer.Option(help="best measures both profiles, fast only the one that needs no encoder.")
    ] = "best",
    repetitions: Annotated[int, typer.Option(min=1, help="How often to cross-validate, each time dealt anew.")] = 1,
    parameters: Annotated[
        Path | None, typer.Option(help="JSON file with parameters of the classifier, as `tagger tune` writes it.")
    ] = None,
    json_file: JsonFileOption = None,
    html_file: HtmlFileOption = None,
    seed: SeedOption = 0,
    training_data: DataOption = None,
) -> None:
    """Measure the keyword classifier by cross-validation, without writing a model.

    Examples:
        tagger evaluate

        tagger evaluate --repetitions 3 --html report.html --json report.json
    """
    if context.invoked_subcommand is not None:
        return
    from tagger.training.corpus import CORPUS_FOLDER, load_corpus
    from tagger.training.cross_validation import TrainingSet, cross_validate
    from tagger.training.evaluation import evaluate as sum_up
    from tagger.training.report import report_html

    with clear_errors():
        settings = load_settings(training_data_dir=training_data)
        data = training_data_dir(settings.training_data_dir)
        recipe = recipe_of(parameters, seed)
        articles, vocabulary = load_corpus(corpus or data / CORPUS_FOLDER), load_vocabulary(data)
        encoder = SentenceEncoder.load(models_dir(settings.models_dir) / ENCODER) if profile == "best" else None
        with steps() as step:
            training_set = TrainingSet.make(articles, vocabulary, encoder, step)
            runs = [
                cross_validate(
                    training_set, recipe, training_set.folds(seed + number), _numbered(step, number, repetitions)
                )
                for number in range(repetitions)
            ]
        profiles: list[Profile] = ["fast", "best"] if encoder else ["fast"]
        evaluation = sum_up(articles, vocabulary, runs, profiles, seed)
        write_figures(json_file, evaluation)
        if html_file:
            with open_output(html_file) as stream:
                stream.write(report_html(evaluation))
    show_profile_scores(Console(), {name: found.scores for name, found in evaluation.profiles.items()})


@app.command()
def entities(
    corpus: CorpusOption = None,
    general: Annotated[
        list[Path] | None,
        typer.Option(help="A CoNLL file of other texts, such as WikiNEuRal's French test, to measure on as well."),
    ] = None,
    json_file: JsonFileOption = None,
    models: ModelsOption = None,
    training_data: DataOption = None,
) -> None:
    """Measure the entity recogniser on briefs it has not seen, beside the installed French spaCy pipelines.

    What the networks of the cross-validation marked was recorded when the recogniser was trained; rules, known names
    and merging are applied anew. `tagger train entities` cross-validates from the start.

    Examples:
        tagger evaluate entities

        tagger evaluate entities --general wikineural-fr-test.conllu --json entities.json
    """
    from tagger.entities.known_name_files import load_known_names
    from tagger.entities.recogniser import ENTITIES
    from tagger.training.corpus import CORPUS_FOLDER, load_corpus
    from tagger.training.entity_evaluation import evaluate_entities
    from tagger.training.entity_unseen import UNSEEN_FILE, read_unseen
    from tagger.training.grouping import GROUPS_FILE, load_grouped_articles

    with clear_errors():
        settings = load_settings(training_data_dir=training_data, models_dir=models)
        data, folder = training_data_dir(settings.training_data_dir), models_dir(settings.models_dir) / ENTITIES
        with steps() as step:
            evaluation = evaluate_entities(
                load_corpus(corpus or data / CORPUS_FOLDER),
                load_known_names(data),
                read_unseen(folder / UNSEEN_FILE),
                load_grouped_articles(data / GROUPS_FILE),
                folder,
                general or [],
                step,
            )
        write_figures(json_file, evaluation)
    show_entity_evaluation(Console(), evaluation)


app.command("lead")(evaluate_lead)


def compare(
    first: Annotated[str, typer.Argument(help="A folder of models, with :fast or :best for a profile.")],
    second: Annotated[str, typer.Argument(help="The other one.")],
    corpus: Annotated[Path, typer.Option(help="Articles with their keywords, which neither model has learnt from.")],
    json_file: JsonFileOption = None,
    samples: Annotated[int, typer.Option(min=100, help="How many resamplings the intervals rest on.")] = 2000,
    seed: SeedOption = 0,
    training_data: DataOption = None,
) -> None:
    """Compare two models on the same articles, with paired bootstrap intervals.

    Examples:
        tagger compare models our-models --corpus held-out.jsonl

        tagger compare models:fast models:best --corpus held-out.jsonl
    """
    from tagger.training.comparison import ModelName, compare_models
    from tagger.training.corpus import load_corpus

    with clear_errors():
        data = training_data_dir(load_settings(training_data_dir=training_data).training_data_dir)
        names = ModelName.parse(first), ModelName.parse(second)
        with steps() as step:
            comparison = compare_models(*names, load_corpus(corpus), load_vocabulary(data), samples, seed, step)
        write_figures(json_file, comparison)
    show_comparison(Console(), comparison)


def tune(
    output: Annotated[Path, typer.Option("--output", "-o", help="Write the best parameters to this JSON file.")],
    corpus: CorpusOption = None,
    trials: Annotated[int, typer.Option(min=1, help="How many settings to try.")] = 12,
    seed: SeedOption = 0,
    training_data: DataOption = None,
) -> None:
    """Look for better parameters of the classifier, by cross-validation on random settings.

    Example:
        tagger tune --trials 20 --output parameters.json && tagger train --parameters parameters.json
    """
    from tagger.training.corpus import CORPUS_FOLDER, load_corpus
    from tagger.training.tuning import tune_classifier

    with clear_errors():
        data = training_data_dir(load_settings(training_data_dir=training_data).training_data_dir)
        articles, vocabulary = load_corpus(corpus or data / CORPUS_FOLDER), load_vocabulary(data)
        with steps() as step:
            found = tune_classifier(articles, vocabulary, trials, seed, step)
        with open_output(output) as stream:
            stream.write(json.dumps(found[0].parameters, indent=1) + "\n")
    show_trials(Console(), found)


def _numbered(step: Step, number: int, repetitions: int) -> Step:
    """Say before each step which repetition it belongs to."""
    return lambda what: step(f"repetition {number + 1} of {repetitions}: {what}")
