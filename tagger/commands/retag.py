"""`tagger retag`: a whole archive annotated, from where the last run of the same stopped."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as RichProgress

from tagger.annotator import DEFAULT_TOP
from tagger.commands.common import (
    SOME_FAILED,
    DataOption,
    LeadModelOption,
    ModelsOption,
    NamesOption,
    clear_errors,
    complain,
    errors,
    steps,
)
from tagger.errors import SourceError
from tagger.keywords.model import Profile
from tagger.leads.options import DEFAULT_CHARS, LEAST_CHARS, TITLE_CHARS, LeadOptions
from tagger.reading.formats import Format
from tagger.settings import Settings, load_settings

if TYPE_CHECKING:
    from tagger.batch.engine import Crew
    from tagger.batch.fetching import Fetcher
    from tagger.batch.retagging import Outcome, Progress, Report
    from tagger.batch.work import Work

_INTERRUPTED = 130
_SECONDS_BETWEEN_REPORTS = 0.2


class EngineName(StrEnum):
    """What does the work."""

    LOCAL = "local"
    RAY = "ray"


def retag(
    source: Annotated[
        str,
        typer.Argument(
            help="Articles: a .jsonl .csv .parquet .json file, a folder of them or of web pages, a feed (.rss .atom "
            ".xml), a list of web addresses (.urls, with --fetch), spip+mysql://… for a SPIP database, or - for "
            "standard input."
        ),
    ],
    sink: Annotated[
        Path | None, typer.Argument(help="File to write: .jsonl, .csv or .parquet. Not needed with --dry-run.")
    ] = None,
    engine: Annotated[
        EngineName, typer.Option(help="Processes of this machine, or a Ray cluster.")
    ] = EngineName.LOCAL,
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many workers; by default one a core of the machine or cluster.")
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="Address of the Ray cluster; without one, Ray is started on this machine.")
    ] = None,
    profile: Annotated[
        Profile, typer.Option(help="Keyword model: best reads the meaning of sentences too.")
    ] = "fast",
    keywords_only: Annotated[
        bool, typer.Option("--keywords-only", help="Keywords without evidence, no entities, no lead: much faster.")
    ] = False,
    top: Annotated[int, typer.Option(min=1, help="How many keywords to list, suggested or not.")] = DEFAULT_TOP,
    precision: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Suggest what reaches this precision, instead of what gives the best F1."),
    ] = None,
    require_french: Annotated[bool, typer.Option(help="Reject articles that are not in French.")] = False,
    lead_chars: Annotated[
        int, typer.Option(min=LEAST_CHARS, help="How many characters a lead may have.")
    ] = DEFAULT_CHARS,
    lead_sentences: Annotated[int, typer.Option(min=1, max=2, help="How many sentences a lead may have.")] = 2,
    alternatives: Annotated[bool, typer.Option(help="Give two other leads to choose from.")] = False,
    suggest_title: Annotated[
        bool, typer.Option(help=f"Suggest a title of at most {TITLE_CHARS} characters.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many records.")] = None,
    restart: Annotated[
        bool, typer.Option("--restart/--resume", help="Begin anew, instead of going on where the last run stopped.")
    ] = False,
    only_rejects: Annotated[
        bool, typer.Option("--only-rejects", help="Try again what was rejected, and put what is good in its place.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; tell what would change.")] = False,
    html_file: Annotated[
        Path | None, typer.Option("--html", help="With --dry-run: write a report to this file.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="With --dry-run: write all figures to this file.")
    ] = None,
    input_format: Annotated[
        Format | None, typer.Option(help="Format of the source, where its name does not tell.")
    ] = None,
    charset: Annotated[str | None, typer.Option(help="Encoding of CSV, text and HTML files, if you know it.")] = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Use the network: for web addresses, and .urls or .txt lists of them.")
    ] = False,
    pause: Annotated[float, typer.Option(min=0, help="Seconds between two requests to one host, at least.")] = 1.0,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that keeps fetched pages; by default in TAGGER_DATA_DIR.")
    ] = None,
    lead_model: LeadModelOption = None,
    models: ModelsOption = None,
    training_data: DataOption = None,
    own_names: NamesOption = None,
) -> None:
    """Annotate a whole archive, from a source into a sink.

    A run that was stopped, whatever stopped it, goes on when the same command is given again. Records that cannot
    be annotated are in SINK.rejects.jsonl, with the reason.

    Examples:
        tagger retag archive.parquet annotated.parquet --workers 8

        tagger retag archive.parquet annotated.parquet --only-rejects

        tagger retag archive.parquet --dry-run --limit 2000 --html report.html

        tagger retag pages/ keywords.csv --keywords-only --limit 1000

        tagger retag addresses.urls annotated.jsonl --fetch --pause 2

        tagger retag archive.parquet annotated.parquet --engine ray --address auto
    """
    from tagger.batch.difference.comparing import compare_with_filing
    from tagger.batch.engine import Engine
    from tagger.batch.journal import is_begun
    from tagger.batch.retagging import annotated
    from tagger.batch.retagging import retag as run
    from tagger.batch.sinks import SinkFormat, sink_format_of, sink_of
    from tagger.batch.sources import SourceOptions, open_source
    from tagger.batch.work import RetagOptions, Work
    from tagger.commands.diff import tell
    from tagger.keywords.vocabulary import load_vocabulary
    from tagger.resources import training_data_dir

    if sink is None and not dry_run:
        raise typer.BadParameter("A sink is needed, unless you say --dry-run.", param_hint="SINK")
    if (html_file or json_file) and not dry_run:
        raise typer.BadParameter(
            "Say --dry-run too; tagger diff compares what was written.", param_hint="--html, --json"
        )
    with clear_errors(), _told_when_interrupted(), ExitStack() as stack:
        settings = load_settings(
            models_dir=models, training_data_dir=training_data, names_file=own_names, lead_model=lead_model
        )
        lead = LeadOptions(
            max_chars=lead_chars, max_sentences=lead_sentences, alternatives=alternatives, title=suggest_title
        )
        options = RetagOptions(
            profile=profile,
            top=top,
            precision=precision,
            require_french=require_french,
            keywords_only=keywords_only,
            lead=lead,
        )
        fetcher = None
        if fetch:
            is_new = restart or only_rejects or sink is None or not is_begun(sink)
            fetcher = stack.enter_context(_fetcher(settings, cache, pause, retry_failures=is_new))
        if sink is not None and sink.exists() and Path(source).resolve() == sink.resolve():
            raise SourceError(f"{source} cannot be written into itself. Name another output.")
        opened = open_source(source, SourceOptions(input_format, charset, fetcher))
        sink_format = SinkFormat.JSONL if dry_run or sink is None else sink_format_of(sink)
        sink_of(sink_format)  # a missing extra is told before the models are loaded
        crew = _crew(Work(settings, options, sink_format), engine, workers, address)
        with Engine(crew) as running:
            running.models()
            started = time.monotonic()
            report = stack.enter_context(_reports(limit))
            if dry_run or sink is None:
                vocabulary = load_vocabulary(training_data_dir(settings.training_data_dir))
                difference = compare_with_filing(annotated(opened, running, report, limit=limit), vocabulary)
                failed = difference.uncompared.failed_new
            else:
                outcome = run(
                    opened,
                    sink,
                    sink_format,
                    options,
                    running,
                    report,
                    limit=limit,
                    restart=restart,
                    only_rejects=only_rejects,
                )
                failed = outcome.rejected
        if dry_run or sink is None:
            tell(difference, json_file, html_file, None)
        else:
            _tell(outcome, sink, time.monotonic() - started)
    if failed:
        raise typer.Exit(SOME_FAILED)


def _fetcher(settings: Settings, cache: Path | None, pause: float, *, retry_failures: bool) -> Fetcher:
    from tagger.batch.fetching import Fetcher
    from tagger.store.database import data_dir

    folder = cache or data_dir(settings) / "pages"
    return Fetcher(folder, max_bytes=settings.max_body_bytes, pause=pause, retry_failures=retry_failures)


def _crew(work: Work, engine: EngineName, workers: int | None, address: str | None) -> Crew:
    if engine is EngineName.RAY:
        from tagger.batch.cluster import RayCrew

        return RayCrew(work, workers, address)
    from joblib import cpu_count

    from tagger.batch.processes import ProcessCrew

    return ProcessCrew(work, workers or cpu_count())


@contextmanager
def _told_when_interrupted() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        complain("Stopped.", "Give the same command again to go on.")
        raise typer.Exit(_INTERRUPTED) from None


@contextmanager
def _reports(limit: int | None) -> Iterator[Report]:
    """Show how far the run is: as a bar on a terminal, else as a line now and then."""
    started = time.monotonic()
    # No thread refreshes the bar: a process that has threads is a bad one to fork workers from.
    columns = (BarColumn(), TextColumn("{task.description}"))
    bar = RichProgress(*columns, console=errors, transient=True, auto_refresh=False, disable=not errors.is_terminal)
    with bar, steps() if not errors.is_terminal else nullcontext() as line:
        task = bar.add_task("", total=1.0)
        shown = 0.0

        def report(progress: Progress) -> None:
            nonlocal shown
            if (now := time.monotonic()) - shown < _SECONDS_BETWEEN_REPORTS:
                return
            shown = now
            total = _total(progress, limit)
            text = _describe(progress, total, now - started)
            if line:
                line(text)
            else:
                bar.update(task, completed=progress.read / total if total else None, description=text)
                bar.refresh()

        yield report


def _total(progress: Progress, limit: int | None) -> int | None:
    """Estimate the number of records from how much of the source those that are read were."""
    total = round(progress.read / progress.share) if progress.share else None
    return min(limit, total or limit) if limit else total


def _describe(progress: Progress, total: int | None, seconds: float) -> str:
    rate = progress.read_now / seconds
    parts = [f"{progress.read:,} of about {total:,}" if total else f"{progress.read:,} records", f"{rate:.1f}/s"]
    if total and rate:
        parts.append(f"{timedelta(seconds=round(max(total - progress.read, 0) / rate))} left")
    return " · ".join([*parts, f"{progress.rejected:,} rejected"])


def _tell(outcome: Outcome, sink: Path, seconds: float) -> None:
    if not outcome.read_now:
        errors.print(f"{sink} is finished; there was nothing left to do.", markup=False, soft_wrap=True)
    else:
        rate = outcome.read_now / seconds
        took = timedelta(seconds=round(seconds))
        text = (
            f"{outcome.read_now:,} records in {took}, {rate:.1f}/s. {sink} has {outcome.read - outcome.rejected:,}."
        )
        errors.print(text, markup=False, highlight=False, soft_wrap=True)
    if outcome.rejected:
        errors.print(
            f"[yellow]{outcome.rejected:,} could not be annotated; {escape(str(sink))}.rejects.jsonl says why. "
            "Try them again with --only-rejects.[/]",
            soft_wrap=True,
        )
