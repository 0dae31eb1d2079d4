"""`tagger diff`: what re-tagging changes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tagger.batch.difference.comparing import compare
from tagger.batch.difference.counting import DEFAULT_SURE, DEFAULT_TOP
from tagger.batch.difference.report import report_html
from tagger.batch.difference.result import Difference
from tagger.batch.difference.selection import Selected, annotations_of, select
from tagger.commands.common import (
    DataOption,
    HtmlFileOption,
    JsonFileOption,
    clear_errors,
    open_output,
    progress,
    say,
    write_figures,
)
from tagger.commands.display.difference import show_difference
from tagger.keywords.vocabulary import Vocabulary, load_vocabulary
from tagger.resources import training_data_dir
from tagger.settings import load_settings

_BOTH = 2


def diff(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="[OLD] NEW",
            help="Annotated .jsonl, .csv or .parquet files, the newer one last; OLD may also be an archive with its "
            "editors' keywords alone. NEW by itself is compared with the editors' keywords that its records carry.",
        ),
    ],
    json_file: JsonFileOption = None,
    html_file: HtmlFileOption = None,
    top: Annotated[
        int, typer.Option(min=0, help="How many articles to name as worth a look, for each reason.")
    ] = DEFAULT_TOP,
    sure: Annotated[
        float, typer.Option(min=0, max=1, help="Probability from which the model counts as sure.")
    ] = DEFAULT_SURE,
    select_file: Annotated[
        Path | None, typer.Option("--select", help="Write the ids of the articles worth a look to this file.")
    ] = None,
    queue: Annotated[
        bool, typer.Option("--queue", help="Send the articles worth a look to the review queue of the editors' desk.")
    ] = False,
    training_data: DataOption = None,
) -> None:
    """Tell what changes from one annotation of an archive to the next, or from its editors' filing.

    Keywords gained and lost, agreement with the editors, articles worth a look, new entities and countries.

    Examples:
        tagger diff annotated.jsonl --html report.html

        tagger diff archive.csv annotated.parquet --json report.json

        tagger diff old.jsonl new.jsonl --top 200 --select worth-a-look.jsonl

        tagger diff annotated.parquet --top 50 --queue
    """
    if len(files) > _BOTH:
        raise typer.BadParameter("Name NEW alone, or OLD and NEW.", param_hint="[OLD] NEW")
    old, new = files if len(files) == _BOTH else (None, files[0])
    with clear_errors():
        vocabulary = load_vocabulary(
            training_data_dir(load_settings(training_data_dir=training_data).training_data_dir)
        )
        with progress("articles") as advance:
            difference = compare(old, new, vocabulary, sure=sure, top=top, advance=advance)
        tell(difference, json_file, html_file, select_file)
        if queue:
            say(f"{enqueue(select(difference), new, vocabulary)} articles are in the review queue.")


def enqueue(selected: list[Selected], new: Path, vocabulary: Vocabulary) -> int:
    """Send the articles of a selection, as `new` annotates them, to the desk's review queue; give their number.

    Those whose text `new` does not hold (a CSV file has none) cannot be reviewed, and are left out.

    Raises:
        StoreError: the database does not answer.
    """
    from tagger.feedback.articles import Articles
    from tagger.store.database import Database

    settings = load_settings()
    count = 0
    with closing(Database.open(settings)) as database:
        articles = Articles(database)
        for annotation in annotations_of(selected, new, vocabulary):
            if not annotation.article.text:
                continue
            stored = articles.add(annotation, "retag", keep_text=settings.keep_texts)
            articles.enqueue(stored.id)
            count += 1
    return count


def tell(difference: Difference, json_file: Path | None, html_file: Path | None, select_file: Path | None) -> None:
    """Print a difference, and write it in the forms that are asked for."""
    write_figures(json_file, difference)
    if html_file:
        with open_output(html_file) as stream:
            stream.write(report_html(difference))
    if select_file:
        with open_output(select_file) as stream:
            stream.writelines(each.model_dump_json() + "\n" for each in select(difference))
    show_difference(Console(), difference)
