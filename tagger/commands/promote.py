"""`tagger promote`: newly trained models take the place of those in service, if they are not worse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.console import Console

from tagger.commands.common import DataOption, ModelsOption, clear_errors, say, steps
from tagger.commands.display.scores import show_comparison
from tagger.entities.recogniser import ENTITIES
from tagger.errors import SettingsError
from tagger.keywords.model import KEYWORDS, KeywordModel, Profile
from tagger.keywords.vocabulary import load_vocabulary
from tagger.resources import model_part, models_dir, training_data_dir
from tagger.settings import load_settings

if TYPE_CHECKING:
    from tagger.training.comparison import Comparison


def promote(
    candidate: Annotated[Path | None, typer.Argument(help="Folder of the models that were trained.")] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="Compare on these articles, which neither has learnt from, instead.")
    ] = None,
    back: Annotated[bool, typer.Option("--back", help="Go back to the models before the last promotion.")] = False,
    samples: Annotated[int, typer.Option(min=100, help="How many resamplings the intervals rest on.")] = 2000,
    models: ModelsOption = None,
    training_data: DataOption = None,
) -> None:
    """Put trained models into service, if they are not worse than those there.

    They are refused where a score is worse beyond what chance explains (95 % paired bootstrap). Those promoted are
    copied into the data folder, under models/current; those before them stay for --back. Set TAGGER_MODELS_DIR to
    models/current once; then a reload of the service suffices.

    Examples:
        tagger train --with-feedback --output candidate && tagger promote candidate

        tagger promote candidate --corpus held-out.jsonl

        tagger promote --back
    """
    from tagger.store.database import data_dir
    from tagger.training.promotion import check_not_worse, go_back
    from tagger.training.promotion import promote as put_into_service

    with clear_errors():
        settings = load_settings(models_dir=models, training_data_dir=training_data)
        if back:
            done = go_back(data_dir(settings))
        else:
            trained, in_service = _trained(candidate), models_dir(settings.models_dir)
            data = training_data_dir(settings.training_data_dir)
            comparisons = _comparisons(in_service, trained, corpus, data, samples)
            for comparison in comparisons.values():
                show_comparison(Console(), comparison)
            check_not_worse(comparisons)
            done = put_into_service(trained, in_service, data_dir(settings))
    say(f"In service: {done.folder}, which leads to {done.folder.resolve()}. Before: {done.former}.")
    if settings.models_dir is None or settings.models_dir.absolute() != done.folder.absolute():
        say(f"Set TAGGER_MODELS_DIR={done.folder} and start the service anew.")
    else:
        say("Let the service reload its models.")


def _trained(candidate: Path | None) -> Path:
    """Give the candidate, which must be a folder of models.

    Raises:
        SettingsError: none was named, or there are no keyword models in it.
    """
    if candidate is None:
        raise SettingsError(
            "Name the folder of the trained models, such as `tagger promote candidate`, or go --back to those before."
        )
    if not (candidate / KEYWORDS).is_dir():
        raise SettingsError(
            f"{candidate} has no {KEYWORDS}/ in it. Name the folder that `tagger train --output` wrote."
        )
    return candidate


def _comparisons(
    in_service: Path, candidate: Path, corpus: Path | None, data: Path, samples: int
) -> dict[str, Comparison]:
    """Compare each part of the candidate with that in service; keywords on a corpus, or as training has measured."""
    from tagger.training.corpus import CORPUS_FOLDER, load_corpus
    from tagger.training.entity_comparison import compare_entities
    from tagger.training.promotion import read_comparison

    comparisons: dict[str, Comparison] = {}
    if corpus is None:
        comparisons |= read_comparison(candidate, KeywordModel.load(in_service, "fast").manifest)
    else:
        comparisons |= _compared(in_service, candidate, corpus, data, samples)
    if (candidate / ENTITIES).is_dir():
        recognisers = model_part(in_service, ENTITIES), candidate / ENTITIES
        articles = load_corpus(data / CORPUS_FOLDER)
        comparisons[ENTITIES] = compare_entities(*recognisers, articles, samples, seed=0)
    return comparisons


def _compared(in_service: Path, candidate: Path, corpus: Path, data: Path, samples: int) -> dict[str, Comparison]:
    """Measure both folders of models on articles that neither has learnt from."""
    from tagger.training.comparison import ModelName, compare_models
    from tagger.training.corpus import load_corpus

    articles, vocabulary = load_corpus(corpus), load_vocabulary(data)
    profiles: list[Profile] = [profile for profile in get_args(Profile) if (candidate / KEYWORDS / profile).is_dir()]
    with steps() as step:
        return {
            profile: compare_models(
                ModelName(in_service, profile), ModelName(candidate, profile), articles, vocabulary, samples, 0, step
            )
            for profile in profiles
        }
