"""`tagger train lead` and `tagger evaluate lead`: the writers of leads taught and measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tagger.commands.common import (
    DataOption,
    JsonFileOption,
    LeadModelOption,
    ModelsOption,
    SeedOption,
    clear_errors,
    steps,
    write_figures,
)
from tagger.commands.display.scores import show_lead_scores
from tagger.resources import models_dir, training_data_dir
from tagger.settings import load_settings

LeadDataOption = Annotated[
    list[Path],
    typer.Option("--data", help="Articles with leads: JSON Lines (.gz too) with title, text and lead (or heading)."),
]


def train_lead(
    data: LeadDataOption,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder of models to write into, instead of the shipped one."),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(help="Fine-tune this language model with LoRA (needs the extra `transformers`) instead."),
    ] = None,
    measured_on: Annotated[
        Path | None, typer.Option(help="Articles with leads that are not learnt from: scores for the card.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Learn from so many articles of each file.")] = None,
    epochs: Annotated[float, typer.Option(help="With --base: how often the articles are gone through.")] = 2.0,
    rank: Annotated[int, typer.Option(min=1, help="With --base: rank of the adapter.")] = 8,
    minutes: Annotated[float | None, typer.Option(help="With --base: stop after so many minutes.")] = None,
    seed: SeedOption = 0,
) -> None:
    """Train the extractive ranker, or fine-tune a language model, on articles with their authors' leads.

    Examples:
        tagger train lead --data articles.jsonl.gz --measured-on held-out.jsonl --output our-models

        tagger train lead --base moussaKam/barthez-orangesum-abstract --data articles.jsonl --output our-models
    """
    from tagger.training.lead_corpus import load_examples

    with clear_errors(), steps() as step:
        models = output or models_dir(load_settings().models_dir)
        examples = load_examples(data, limit)
        if base is not None:
            from tagger.training.finetune_leads import FineTuning, fine_tune

            settings = FineTuning(epochs=epochs, rank=rank, minutes=minutes, seed=seed)
            folder = fine_tune(base, examples, models, settings, step)
            done = f"The adapter is in {folder}: tagger annotate page.html --lead-model {folder}"
        else:
            from tagger.training.train_leads import Recipe, train_and_write

            held_out = load_examples([measured_on]) if measured_on else []
            manifest = train_and_write(examples, held_out, data, models, Recipe(seed=seed), step)
            done = f"Model {manifest.name} {manifest.version} is in {models}"
    Console().print(done, soft_wrap=True)


def evaluate_lead(
    data: LeadDataOption,
    lead_model: LeadModelOption = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Measure so many articles of each file.")] = None,
    peers: Annotated[bool, typer.Option(help="Measure sumy's LexRank, TextRank and LSA too.")] = True,
    json_file: JsonFileOption = None,
    seed: SeedOption = 0,
    models: ModelsOption = None,
    training_data: DataOption = None,
) -> None:
    """Measure the writers of leads against authors' leads: ROUGE, length, faithfulness, time.

    Examples:
        tagger evaluate lead --data held-out.jsonl.gz

        tagger evaluate lead --data held-out.jsonl --limit 100 --lead-model our-models/lead/adapter --no-peers
    """
    from tagger.entities.known_name_files import load_known_names
    from tagger.entities.known_names import KnownNames
    from tagger.leads.writing import LeadWriter
    from tagger.settings import DEFAULT_LEAD_MODEL
    from tagger.training.evaluate_leads import evaluate_leads
    from tagger.training.lead_corpus import load_examples

    with clear_errors():
        settings = load_settings(models_dir=models, training_data_dir=training_data, lead_model=lead_model)
        folder = models_dir(settings.models_dir)
        names = KnownNames(load_known_names(training_data_dir(settings.training_data_dir), settings.names_file))
        writers = {"extractive": LeadWriter.load(folder, names, None, settings.lead_time_limit)}
        if settings.lead_model != DEFAULT_LEAD_MODEL:
            writers[settings.lead_model] = LeadWriter.load(
                folder, names, settings.lead_model, settings.lead_time_limit
            )
        with steps() as step:
            evaluation = evaluate_leads(load_examples(data, limit), writers, names, peers, seed, step)
        write_figures(json_file, evaluation)
    show_lead_scores(Console(), evaluation)
