"""A run from its source to its sink: what is done is skipped, the rest annotated, and the whole put in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from tagger.article import Annotation
from tagger.batch.engine import Engine
from tagger.batch.items import Item, added, items_of
from tagger.batch.journal import Journal, Plan
from tagger.batch.sinks import SinkFormat
from tagger.batch.sources import Source
from tagger.batch.work import RetagOptions
from tagger.errors import Failure, SourceError


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is: records read by this run and in all, rejected in all, the share of the source (or None)."""

    read_now: int
    read: int
    rejected: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: records in the source, how many of them the output lacks, how many this run annotated."""

    read: int
    rejected: int
    read_now: int


Report = Callable[[Progress], None]


def retag(
    source: Source,
    sink: Path,
    sink_format: SinkFormat,
    options: RetagOptions,
    engine: Engine,
    report: Report,
    *,
    limit: int | None = None,
    restart: bool = False,
    only_rejects: bool = False,
) -> Outcome:
    """Annotate a source into a sink, from where an earlier run of the same stopped.

    Raises:
        JournalError: the run began with other options or models, or the sink is not its own.
        SourceError: the source is no longer what the run began with.
        EngineError: the workers cannot work.
        OSError: the disk is full or broken; the next run goes on from what is safe.
    """
    plan = Plan(sink=sink_format, options=options, limit=limit, models=engine.models())
    with Journal(sink, plan, restart=restart, only_rejects=only_rejects) as journal:
        items: Iterator[Item] = islice(items_of(source.records()), limit)
        if journal.stage == "finished":
            return _check_finished(items, journal)
        if journal.stage == "retrying":
            items = _rejected_among(items, journal)
        read_now = _annotate(_after_mark(items, journal), journal, engine, source, report)
        finished = journal.publish()
    return Outcome(finished.read, finished.rejected, read_now)


def annotated(
    source: Source, engine: Engine, report: Report, *, limit: int | None = None
) -> Iterator[Annotation | Failure]:
    """Annotate a source without writing anything; the engine's work must be for JSON Lines."""
    progress = Progress(0, 0, 0, None)
    for items, lines, failures in engine.annotate(islice(items_of(source.records()), limit)):
        yield from map(Annotation.model_validate_json, lines.splitlines())
        yield from failures.values()
        read, rejected = progress.read + len(items), progress.rejected + len(failures)
        progress = replace(progress, read_now=read, read=read, rejected=rejected, share=source.share_read())
        report(progress)


def _annotate(items: Iterator[Item], journal: Journal, engine: Engine, source: Source, report: Report) -> int:
    read_now = 0
    for done, lines, failures in engine.annotate(items):
        journal.append(done, lines, failures)
        read_now += len(done)
        report(Progress(read_now, journal.mark.read, journal.mark.rejected, source.share_read()))
    return read_now


def _after_mark(items: Iterator[Item], journal: Journal) -> Iterator[Item]:
    """Go past the items that are done, making sure that they are the same as they were.

    What a rejected record holds does not count: it may have been repaired.
    """
    mark = journal.mark
    read, digest = 0, 0
    rejected = journal.rejected()
    next_rejected = next(rejected, None)
    for item in islice(items, mark.read):
        read += 1
        if item.position == next_rejected:
            next_rejected = next(rejected, None)
        else:
            digest = added(digest, item)
    if (read, digest) != (mark.read, mark.digest):
        raise _changed()
    yield from items


def _rejected_among(items: Iterable[Item], journal: Journal) -> Iterator[Item]:
    """Pick the items that the finished output lacks, making sure that the others are the same as they were."""
    rejected = journal.rejected_before()
    next_rejected = next(rejected, None)
    read, digest = 0, 0
    for item in items:
        read += 1
        if item.position == next_rejected:
            next_rejected = next(rejected, None)
            yield item
        else:
            digest = added(digest, item)
    finished = journal.finished
    if finished is None or (read, digest) != (finished.read, finished.digest):
        raise _changed()


def _check_finished(items: Iterable[Item], journal: Journal) -> Outcome:
    """Make sure that a finished output is still that of its source."""
    for _ in _rejected_among(items, journal):
        pass
    finished = journal.finished
    assert finished is not None  # noqa: S101 - a finished run has it
    return Outcome(finished.read, finished.rejected, 0)


def _changed() -> SourceError:
    return SourceError(
        "The source has changed since the run began. Give it back as it was, or do all of it again with --restart."
    )
