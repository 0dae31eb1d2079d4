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

from tagger.commands.common import (
    SOME_FAILED,
    AlternativesOption,
    CharsetOption,
    DataOption,
    FormatOption,
    LeadCharsOption,
    LeadModelOption,
    LeadSentencesOption,
    ModelsOption,
    NamesOption,
    PrecisionOption,
    RequireFrenchOption,
    SuggestTitleOption,
    TopOption,
    clear_errors,
    complain,
    errors,
    in_a_folder,
    steps,
)
from tagger.errors import SourceError
from tagger.keywords.model import Profile
from tagger.leads.options import DEFAULT_CHARS, MOST_SENTENCES
from tagger.options import DEFAULT_TOP
from tagger.settings import Settings, load_settings

if TYPE_CHECKING:
    from tagger.batch.engine import Crew
    from tagger.batch.fetching import Fetcher
    from tagger.batch.retagging import Outcome, Progress, Report
    from tagger.batch.sources import Source
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
    top: TopOption = DEFAULT_TOP,
    precision: PrecisionOption = None,
    require_french: RequireFrenchOption = False,
    lead_chars: LeadCharsOption = DEFAULT_CHARS,
    lead_sentences: LeadSentencesOption = MOST_SENTENCES,
    alternatives: AlternativesOption = False,
    suggest_title: SuggestTitleOption = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many records.")] = None,
    restart: Annotated[
        bool, typer.Option("--restart/--resume", help="Begin anew, instead of going on where the last run stopped.")
    ] = False,
    only_rejects: Annotated[
        bool, typer.Option("--only-rejects", help="Try again what was rejected, and put what is good in its place.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; tell what would change.")] = False,
    html_file: Annotated[
        Path | None, typer.Option("--html", callback=in_a_folder, help="With --dry-run: write a report here.")
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", callback=in_a_folder, help="With --dry-run: write all figures here."),
    ] = None,
    input_format: FormatOption = None,
    charset: CharsetOption = None,
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
    from tagger.batch.sinks import SinkFormat, sink_format_of, sink_of
    from tagger.batch.sources import SourceOptions, open_source
    from tagger.batch.work import RetagOptions, Work

    _check_arguments(sink, html_file or json_file, dry_run=dry_run)
    options = RetagOptions(
        profile=profile,
        top=top,
        precision=precision,
        require_french=require_french,
        keywords_only=keywords_only,
        lead_chars=lead_chars,
        lead_sentences=lead_sentences,
        alternatives=alternatives,
        suggest_title=suggest_title,
    )
    with clear_errors(), _told_when_interrupted(), ExitStack() as stack:
        settings = load_settings(
            models_dir=models, training_data_dir=training_data, names_file=own_names, lead_model=lead_model
        )
        fetcher = None
        if fetch:
            retry_failures = restart or only_rejects or not _is_begun(sink)
            fetcher = stack.enter_context(_fetcher(settings, cache, pause, retry_failures=retry_failures))
        if sink is not None and sink.exists() and Path(source).resolve() == sink.resolve():
            raise SourceError(f"{source} cannot be written into itself. Name another output.")
        opened = open_source(source, SourceOptions(input_format, charset, fetcher))
        written = None if dry_run else sink
        sink_format = sink_format_of(written) if written else SinkFormat.JSONL
        sink_of(sink_format)  # a missing extra is told before the models are loaded
        work = Work(settings, options, sink_format)
        crew = _crew(work, engine, workers, address)
        if written is None:
            failed = _compare(opened, work, crew, limit, json_file, html_file)
        else:
            failed = _write(opened, written, work, crew, limit, restart=restart, only_rejects=only_rejects)
    if failed:
        raise typer.Exit(SOME_FAILED)


def _check_arguments(sink: Path | None, report: Path | None, *, dry_run: bool) -> None:
    if sink is None and not dry_run:
        raise typer.BadParameter("A sink is needed, unless you say --dry-run.", param_hint="SINK")
    if report and not dry_run:
        raise typer.BadParameter(
            "Say --dry-run too; tagger diff compares what was written.", param_hint="--html, --json"
        )


def _is_begun(sink: Path | None) -> bool:
    from tagger.batch.journal import is_begun

    return sink is not None and is_begun(sink)


def _compare(
    source: Source, work: Work, crew: Crew, limit: int | None, json_file: Path | None, html_file: Path | None
) -> int:
    """Tell what would change; give the number of records that could not be annotated."""
    from tagger.batch.difference.comparing import compare_with_filing
    from tagger.batch.engine import Engine
    from tagger.batch.retagging import annotated
    from tagger.commands.diff import tell
    from tagger.keywords.vocabulary import load_vocabulary
    from tagger.resources import training_data_dir

    with Engine(crew) as engine:
        engine.models()  # the clock starts when the workers are ready
        vocabulary = load_vocabulary(training_data_dir(work.settings.training_data_dir))
        with _reports(limit) as report:
            difference = compare_with_filing(annotated(source, engine, report, limit=limit), vocabulary)
    tell(difference, json_file, html_file, None)
    return difference.uncompared.failed_new


def _write(
    source: Source,
    sink: Path,
    work: Work,
    crew: Crew,
    limit: int | None,
    *,
    restart: bool,
    only_rejects: bool,
) -> int:
    """Write the sink; give the number of records that could not be annotated."""
    from tagger.batch.engine import Engine
    from tagger.batch.retagging import retag

    with Engine(crew) as engine:
        engine.models()  # the clock starts when the workers are ready
        started = time.monotonic()
        with _reports(limit) as report:
            outcome = retag(
                source,
                sink,
                work.sink,
                work.options,
                engine,
                report,
                limit=limit,
                restart=restart,
                only_rejects=only_rejects,
            )
    _tell(outcome, sink, time.monotonic() - started)
    return outcome.rejected


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
