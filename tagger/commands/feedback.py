"""`tagger feedback`: what editors decided, exported, erased, and let go when its time is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.commands.common import SOME_FAILED, DataOption, clear_errors, errors, open_output, progress, say
from tagger.errors import SettingsError
from tagger.settings import Settings, load_settings

if TYPE_CHECKING:
    from tagger.store.database import Database

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")


@app.callback()
def feedback() -> None:
    """See to what editors decided: export it for training, erase it, let it go when its time is over.

    Example:
        tagger feedback export --output feedback.jsonl
    """


@app.command()
def export(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="JSON Lines file to write, instead of standard output.")
    ] = None,
    training_data: DataOption = None,
) -> None:
    """Write the articles about which editors decided, one record of the contract a line.

    `tagger train --corpus` takes them; `tagger train --with-feedback` reads the store by itself.

    Example:
        tagger feedback export --output feedback.jsonl
    """
    from tagger.feedback.learning import feedback_records
    from tagger.keywords.vocabulary import load_vocabulary
    from tagger.resources import training_data_dir

    with clear_errors():
        settings = load_settings(training_data_dir=training_data)
        vocabulary = load_vocabulary(training_data_dir(settings.training_data_dir))
        count = 0
        with _database(settings) as database, open_output(output) as stream, progress("articles") as advance:
            for record in feedback_records(database, vocabulary):
                stream.write(record.model_dump_json(exclude_none=True) + "\n")
                advance()
                count += 1
    errors.print(f"{count} articles with decisions and a text.", highlight=False)


@app.command()
def enqueue(
    selection: Annotated[
        Path, typer.Argument(help="Selection as the report of tagger diff, or its --select, writes it.")
    ],
    annotated: Annotated[
        Path, typer.Argument(help="The annotated file that was compared: .jsonl, .csv or .parquet.")
    ],
) -> None:
    """Send selected articles to the review queue of the editors' desk.

    Example:
        tagger feedback enqueue selection.jsonl annotated.jsonl
    """
    from tagger.batch.difference.selection import read_selection
    from tagger.commands.diff import enqueue as send
    from tagger.keywords.vocabulary import load_vocabulary
    from tagger.resources import training_data_dir

    with clear_errors():
        selected = read_selection(selection)
        vocabulary = load_vocabulary(training_data_dir(load_settings().training_data_dir))
        count = send(selected, annotated, vocabulary)
    say(f"{count} of {len(selected)} selected articles are in the review queue.")
    if count < len(selected):
        raise typer.Exit(SOME_FAILED)


@app.command("erase-article")
def erase_article(
    article_id: Annotated[int, typer.Argument(help="The article's number, as the desk's address shows it.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether it is meant.")] = False,
) -> None:
    """Erase an article for good, with its annotation and all that was decided about it.

    Models that have learnt from it keep what they learnt until the next training.

    Example:
        tagger feedback erase-article 4711 --yes
    """
    from tagger.feedback.articles import Articles

    with clear_errors(), _database(load_settings()) as database:
        articles = Articles(database)
        title = articles.get(article_id).annotation.article.title
        if not yes:
            typer.confirm(f"Erase « {title} » for good?", abort=True)
        articles.erase(article_id)
    say(f"Article {article_id} is erased.")


@app.command()
def prune(
    days: Annotated[
        int | None, typer.Option(min=0, help="Days after the review, instead of TAGGER_RETENTION_DAYS.")
    ] = None,
) -> None:
    """Take the text from the articles whose review is long past; what was decided about them stays.

    Their texts teach no longer: export them, or train, before. The service does this every day where
    TAGGER_RETENTION_DAYS is set.

    Example:
        tagger feedback prune --days 365
    """
    from tagger.feedback.articles import Articles

    with clear_errors():
        settings = load_settings(retention_days=days)
        if settings.retention_days is None:
            raise SettingsError("Say after how many days: --days, or TAGGER_RETENTION_DAYS.")
        with _database(settings) as database:
            pruned = Articles(database).prune(settings.retention_days)
    say(f"{pruned} articles lost their text.")


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    from tagger.store.database import Database

    with closing(Database.open(settings)) as database:
        yield database
