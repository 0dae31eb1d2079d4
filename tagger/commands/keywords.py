"""`tagger keywords`: the vocabulary."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console

from tagger.commands.common import DataOption, clear_errors
from tagger.console import show_keywords
from tagger.keywords.vocabulary import load_vocabulary
from tagger.resources import training_data_dir
from tagger.settings import load_settings


def keywords(
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help="Print JSON Lines instead of a table.")] = False,
    training_data: DataOption = None,
) -> None:
    """List the vocabulary.

    Example:
        tagger keywords --jsonl
    """
    with clear_errors():
        settings = load_settings(training_data_dir=training_data)
        vocabulary = load_vocabulary(training_data_dir(settings.training_data_dir))
    if as_jsonl:
        for keyword in vocabulary:
            sys.stdout.write(keyword.model_dump_json() + "\n")
    else:
        show_keywords(Console(), vocabulary)
