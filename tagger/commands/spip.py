"""`tagger spip` and `tagger undo`: annotations written back into SPIP's database, and taken back."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import typer
from rich.console import Console

from tagger.commands.common import SOME_FAILED, DataOption, clear_errors, complain, errors, progress, say
from tagger.commands.display.spip import show_spip_inspection, show_spip_runs
from tagger.errors import SettingsError
from tagger.keywords.vocabulary import load_vocabulary
from tagger.resources import training_data_dir
from tagger.settings import Settings, load_settings
from tagger.store.database import data_dir

if TYPE_CHECKING:
    from tagger.batch.spip.address import SpipAddress
    from tagger.batch.spip.planning import Tally

_STDIN = "-"
_RUNS = "runs"
_LISTED = 20

app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database", help="Address of SPIP's database; instead of TAGGER_SPIP_URL, which hides a password."
    ),
]


@app.callback()
def spip() -> None:
    """Look at SPIP's database, write keywords and leads into it.

    Example:
        tagger spip check mysql://tagger@localhost/osiris
    """


@app.command()
def check(
    database: Annotated[str | None, typer.Argument(help="Address of SPIP's database; else TAGGER_SPIP_URL.")] = None,
    training_data: DataOption = None,
) -> None:
    """Say what is found: tables, groups of keywords, encodings, keywords that the site lacks. Nothing is changed.

    Examples:
        tagger spip check "mysql://tagger@localhost/osiris?prefix=spip_"

        TAGGER_SPIP_URL=mysql://tagger:secret@localhost/osiris tagger spip check
    """
    from tagger.batch.spip.database import SpipDatabase
    from tagger.batch.spip.inspection import inspect

    with clear_errors():
        settings = load_settings(training_data_dir=training_data, spip_url=database)
        vocabulary = load_vocabulary(training_data_dir(settings.training_data_dir))
        with closing(SpipDatabase.open(_address(settings))) as opened:
            show_spip_inspection(Console(), inspect(opened, vocabulary))


@app.command()
def write(
    annotations: Annotated[str, typer.Argument(help="JSON Lines of `tagger retag` or `annotate`, or - for stdin.")],
    database: DatabaseOption = None,
    run: Annotated[str | None, typer.Option(help="Name of the run, instead of one made from date and time.")] = None,
    groups: Annotated[
        list[str] | None, typer.Option("--group", help="Only keywords of this group (id or title); may be repeated.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take away an article's keywords that are not suggested.")
    ] = False,
    create_in: Annotated[
        str | None,
        typer.Option(
            "--create-keywords", metavar="GROUP", help="Create keywords that the site lacks, in this group."
        ),
    ] = None,
    lead: Annotated[
        Literal["descriptif", "chapo"] | None,
        typer.Option(help="Write the lead into this column where it is empty."),
    ] = None,
    min_probability: Annotated[
        float, typer.Option(min=0, max=1, help="Pass over suggested keywords that are less probable.")
    ] = 0.0,
    top: Annotated[int | None, typer.Option(min=0, help="At most so many suggested keywords an article.")] = None,
    chunk: Annotated[int, typer.Option(min=1, help="How many articles a transaction takes.")] = 100,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would change.")] = False,
    training_data: DataOption = None,
) -> None:
    """Add the suggested keywords to the articles; the ids of the annotations are those of the articles.

    No keyword that an editor chose is removed, unless you say --replace. Every change is in a log before it is made;
    `tagger undo RUN` takes the run back.

    Examples:
        tagger spip write annotated.jsonl --database mysql://tagger@localhost/osiris --dry-run

        tagger spip write annotated.jsonl --lead descriptif --min-probability 0.6

        tagger spip write annotated.jsonl --replace --create-keywords "Mots-clés"
    """
    from tagger.batch.spip.changes import ChangeLog
    from tagger.batch.spip.database import SpipDatabase
    from tagger.batch.spip.planning import WriteOptions
    from tagger.batch.spip.writer import SpipWriter

    options = WriteOptions(replace, create_in, lead, min_probability, top)
    with clear_errors(), _lines(annotations) as lines:
        settings = load_settings(training_data_dir=training_data, spip_url=database)
        vocabulary = load_vocabulary(training_data_dir(settings.training_data_dir))
        folder = _folder(settings, run or f"spip-{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}")
        address = _address(settings, tuple(groups or ()))
        with closing(SpipDatabase.open(address, writable=not dry_run)) as opened:
            writer = SpipWriter(opened, vocabulary, options, chunk)
            with nullcontext() if dry_run else ChangeLog.create(folder) as log, progress("articles") as advance:
                if log:
                    _announce(folder, opened.transactional)
                tally = writer.write(lines, log, advance)
    _tell(tally, dry_run)
    if not dry_run:
        say(f"To take it back: tagger undo {folder.name if folder.parent == _runs(settings) else folder}")
    if tally.failures or tally.missing or tally.ambiguous:
        raise typer.Exit(SOME_FAILED)


@app.command()
def runs() -> None:
    """List the runs that were written, and what became of them.

    Example:
        tagger spip runs
    """
    from tagger.batch.spip.changes import LOG_FILE, Run

    with clear_errors():
        folder = _runs(load_settings())
        found = sorted(path.parent for path in folder.glob(f"*/{LOG_FILE}"))
        show_spip_runs(Console(), [(path.name, Run.read(path)) for path in found])


def undo(
    run: Annotated[str, typer.Argument(help="Name of the run, or its folder.")],
    database: DatabaseOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be restored.")] = False,
) -> None:
    """Take back a run of `tagger spip write`: what it changed stands again as before.

    What somebody changed since is left alone and told; then the exit code is 1. A run that was killed can be undone
    as well, and an undo that was killed can be repeated.

    Examples:
        tagger undo spip-20250702-101500 --dry-run

        tagger undo spip-20250702-101500 --database mysql://tagger@localhost/osiris
    """
    from dataclasses import replace

    from tagger.batch.spip.address import SpipAddress
    from tagger.batch.spip.changes import Run
    from tagger.batch.spip.database import SpipDatabase
    from tagger.batch.spip.undoing import foresee
    from tagger.batch.spip.undoing import undo as take_back

    with clear_errors(), progress("chunks") as advance:
        settings = load_settings(spip_url=database)
        folder = _folder(settings, run)
        started = Run.read(folder).started
        address = _address(settings) if settings.spip_url else SpipAddress.parse(started.database)
        address = replace(address, prefix=started.prefix, groups=())
        with closing(SpipDatabase.open(address, writable=not dry_run)) as opened:
            report = foresee(folder, opened) if dry_run else take_back(folder, opened, advance)
    _show_counts(report.counts, dry_run)
    for line in report.left[:_LISTED]:
        complain("Left as it is.", line)
    if len(report.left) > _LISTED:
        errors.print(f"… and {len(report.left) - _LISTED} more.")
    if report.left:
        raise typer.Exit(SOME_FAILED)


def _announce(folder: Path, transactional: bool) -> None:
    errors.print(f"The run is {folder.name}; its change log is in {folder}.", soft_wrap=True, highlight=False)
    if not transactional:
        errors.print("[yellow]These tables have no transactions (MyISAM): see docs/spip.md.[/]")


def _address(settings: Settings, groups: tuple[str, ...] = ()) -> SpipAddress:
    from dataclasses import replace

    from tagger.batch.spip.address import SpipAddress

    if settings.spip_url is None:
        raise SettingsError("Which database? Give its address with --database, or set TAGGER_SPIP_URL.")
    address = SpipAddress.parse(settings.spip_url.get_secret_value())
    return replace(address, groups=groups) if groups else address


def _runs(settings: Settings) -> Path:
    return data_dir(settings) / _RUNS


def _folder(settings: Settings, run: str) -> Path:
    """Give the folder of a run: a path as it is, a name among the runs of the data folder."""
    return Path(run).resolve() if len(Path(run).parts) > 1 else _runs(settings) / run


@contextmanager
def _lines(file: str) -> Iterator[BinaryIO]:
    if file == _STDIN:
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as stream:
        yield stream


def _tell(tally: Tally, dry_run: bool) -> None:
    """Print what was planned or done, and what could not be."""
    _show_counts(tally.counts, dry_run)
    for what, names in (
        ("The site has no such keyword (--create-keywords creates it):", tally.missing),
        ("The site has this keyword more than once (--group chooses):", tally.ambiguous),
    ):
        for name, number in names.most_common():
            complain(what, f"{name}, suggested for {number} articles.")
    for failure in tally.failures[:_LISTED]:
        complain("Not written.", failure)
    if len(tally.failures) > _LISTED:
        errors.print(f"… and {len(tally.failures) - _LISTED} more.")


def _show_counts(counts: dict[str, int], dry_run: bool) -> None:
    told = ", ".join(f"{number} {name}" for name, number in counts.items() if number) or "nothing to do"
    say(f"{'It would be: ' if dry_run else ''}{told}.")
