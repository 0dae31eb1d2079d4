"""A run taken back: whatever it changed stands again as before, except where somebody changed it since."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection

from tagger.batch.spip.address import SpipAddress
from tagger.batch.spip.changes import (
    Change,
    ChangeLog,
    ChunkPlanned,
    KeywordCreated,
    LinkAdded,
    LinkRemoved,
    Run,
    RunUndone,
)
from tagger.batch.spip.database import SpipDatabase
from tagger.batch.spip.statements import State, obstacle, state, take_back
from tagger.errors import ChangeLogError


@dataclass
class UndoReport:
    """What became of the changes: restored, already as before, never made, left (each with its reason)."""

    counts: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)

    def settle(self, change: Change, found: State, obstacle: str | None = None) -> None:
        """Note what became of a change that stood as `found`; with an `obstacle` it stays."""
        if found == "other":
            self.leave(change, "somebody changed it since")
        elif obstacle:
            self.leave(change, obstacle)
        else:
            self.counts["restored" if found == "made" else "already-as-before"] += 1

    def leave(self, change: Change, reason: str) -> None:
        """Note that a change stays."""
        self.counts["left"] += 1
        self.left.append(f"{_described(change)}: {reason}.")


def check_database(run: Run, database: SpipDatabase) -> None:
    """Make sure that a run was made on this database.

    Raises:
        ChangeLogError: it was made on another one.
    """
    made_on = replace(SpipAddress.parse(run.started.database), prefix=run.started.prefix)
    if not made_on.is_same_database(database.address):
        raise ChangeLogError(
            f"The run {run.started.run} changed {run.started.database} (tables {run.started.prefix}…), "
            f"not {database.address.shown} (tables {database.address.prefix}…)."
        )


def undo(folder: Path, database: SpipDatabase, step: Callable[[], None] = lambda: None) -> UndoReport:
    """Take back the run whose log is in `folder`, the last chunk first; `step` is called for each chunk.

    It may be repeated: what is as before is left alone. A chunk that was being written when the run was killed is
    looked for in the database.

    Raises:
        ChangeLogError: there is no log, the run is still at work, or it was made on another database.
        SpipError: the database fails; what was restored before stays restored.
    """
    with ChangeLog.reopen(folder) as log:
        run = Run.read(folder)
        check_database(run, database)
        report = UndoReport()
        for chunk, is_committed in reversed(run.chunks):
            chunk_report = UndoReport()
            with database.writing() as connection:
                _take_back(chunk, is_committed, database, connection, chunk_report)
            report.counts.update(chunk_report.counts)
            report.left += chunk_report.left
            step()
        log.append(RunUndone(undone=dt.datetime.now(dt.UTC), counts=dict(report.counts)))
    return report


def foresee(folder: Path, database: SpipDatabase) -> UndoReport:
    """Say what `undo` would find, without changing anything.

    Raises:
        ChangeLogError: there is no log, the run is still at work, or it was made on another database.
    """
    with ChangeLog.reopen(folder):
        run = Run.read(folder)
    check_database(run, database)
    report = UndoReport()
    with database.reading() as connection:
        for chunk, is_committed in reversed(run.chunks):
            for change, found in _made(chunk, is_committed, database, connection, report):
                report.settle(change, found)
    return report


def _take_back(
    chunk: ChunkPlanned, is_committed: bool, database: SpipDatabase, connection: Connection, report: UndoReport
) -> None:
    for change, found in reversed(_made(chunk, is_committed, database, connection, report)):
        reason = obstacle(database, connection, change) if found == "made" else None
        if found == "made" and reason is None:
            take_back(database, connection, change)
        report.settle(change, found, reason)


def _made(
    chunk: ChunkPlanned, is_committed: bool, database: SpipDatabase, connection: Connection, report: UndoReport
) -> list[tuple[Change, State]]:
    """Give the changes of a chunk that were made, each with its state.

    Of a chunk that is not known to be committed, a transaction made all or nothing, and tables without transactions
    have its first changes. If neither is so, somebody worked on the same articles since, and nothing is touched.
    """
    states = [(change, state(database, connection, change)) for change in chunk.changes]
    if is_committed:
        return states
    made = [found == "made" for _, found in states]
    number = made.index(False) if False in made else len(made)
    is_whole = number in (0, len(made)) or not database.transactional
    if is_whole and all(found == "before" for _, found in states[number:]):
        report.counts["never-made"] += len(made) - number
        return states[:number]
    for change, _ in states:
        report.leave(change, "the run was killed while it wrote this, and somebody changed its articles since")
    return []


def _described(change: Change) -> str:
    if isinstance(change, LinkAdded):
        return f"Article {change.article}, keyword « {change.name} » added"
    if isinstance(change, LinkRemoved):
        return f"Article {change.article}, keyword « {change.name} » removed"
    if isinstance(change, KeywordCreated):
        return f"Keyword {change.keyword} « {change.row.get('titre')} » created"
    return f"Article {change.article}, {change.column} written"
