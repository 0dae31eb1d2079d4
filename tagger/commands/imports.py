"""`tagger import`: what editors bring from their own tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tagger.commands.common import SOME_FAILED, DataOption, NamesOption, clear_errors, complain, say
from tagger.commands.display.changes import show_names_taken
from tagger.entities.known_name_files import load_own, load_shipped, save_own
from tagger.entities.name_import import NameImport, import_names
from tagger.errors import NamesError
from tagger.reading.decoding import decode
from tagger.resources import training_data_dir
from tagger.settings import load_settings

_STDIN = "-"

app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)


@app.callback()
def import_() -> None:
    """Bring in what the newsroom keeps in its own tables.

    Example:
        tagger import names names.csv
    """


@app.command()
def names(
    file: Annotated[str, typer.Argument(help="Names in a CSV table, or - for standard input.")],
    own_names: NamesOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    training_data: DataOption = None,
) -> None:
    """Add people, institutions, countries and places to the known names, or add to what is known of them.

    They count without training: in the next command, in the service after a reload. Lines that cannot be taken
    are named with the reason; the others are taken all the same, and the exit code is 1. docs/names.md describes
    the columns.

    Examples:
        tagger import names names.csv --dry-run

        TAGGER_NAMES_FILE=our-names.csv tagger import names names.csv

        cut -f 1-4 people.tsv | tagger import names - --names our-names.csv
    """
    with clear_errors():
        settings = load_settings(training_data_dir=training_data, names_file=own_names)
        target = settings.names_file
        if target is None and not dry_run:
            raise NamesError(
                "There is no file to keep them in. Set TAGGER_NAMES_FILE to one of yours, or name it with --names: "
                "it need not exist yet."
            )
        own = load_own(target) if target and target.exists() else []
        taken = import_names(_text(file), load_shipped(training_data_dir(settings.training_data_dir)), own)
        _save(taken, None if dry_run else target)
    if taken.of_kind("rejected"):
        raise typer.Exit(SOME_FAILED)


def _text(file: str) -> str:
    return decode(sys.stdin.buffer.read() if file == _STDIN else Path(file).read_bytes())


def _save(taken: NameImport, target: Path | None) -> None:
    """Write the newsroom's own file if there is one and anything changed, and say what became of the lines."""
    changes = [line for line in taken.lines if line.kind in ("added", "updated")]
    if target and changes:
        save_own(taken.own, target)
    show_names_taken(Console(), changes)
    for line in taken.of_kind("rejected"):
        complain(f"Line {line.line}, {line.name or 'without a name'}:", f"{line.detail}.")
    counts = ", ".join(f"{len(taken.of_kind(kind))} {kind}" for kind in ("added", "updated", "unchanged", "rejected"))
    say(f"{counts}.")
    if not target:
        say("Nothing was written.")
    elif changes:
        say(f"Written to {target}; they count in the next command, and in the service after a reload.")
