"""The change log of a run: every change to SPIP's database, on disk before it is made there.

A log is JSON Lines: first the run, then for each chunk what is to change and, once the database has it, that it was
committed. So after a crash at most the last chunk is in doubt, and the database itself tells what became of it.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tagger.errors import ChangeLogError
from tagger.writing import sync_folder, write_all

LOG_FILE = "changes.jsonl"
Value = int | float | str | None


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LinkAdded(_Entry):
    """A keyword was given to an article that did not have it. `name` is for people."""

    kind: Literal["link-added"] = "link-added"
    article: int
    keyword: int
    name: str


class LinkRemoved(_Entry):
    """A keyword was taken from an article; `rows` are the links as they stood (old tables may hold one twice)."""

    kind: Literal["link-removed"] = "link-removed"
    article: int
    keyword: int
    name: str
    rows: list[dict[str, Value]]


class TextWritten(_Entry):
    """A text was written into a column of an article, as the database holds it."""

    kind: Literal["text-written"] = "text-written"
    article: int
    column: str
    before: str | None
    after: str


class KeywordCreated(_Entry):
    """A keyword was added to the site."""

    kind: Literal["keyword-created"] = "keyword-created"
    keyword: int
    row: dict[str, Value]


Change = Annotated[LinkAdded | LinkRemoved | TextWritten | KeywordCreated, Field(discriminator="kind")]


class RunStarted(_Entry):
    """What was run, when, and on which database (its address without the password)."""

    kind: Literal["run"] = "run"
    run: str
    started: dt.datetime
    version: str
    database: str
    prefix: str
    transactional: bool
    options: dict[str, Any]


class ChunkPlanned(_Entry):
    """Changes about to be made, in this order, in one transaction."""

    kind: Literal["chunk"] = "chunk"
    number: int
    changes: list[Change]


class ChunkCommitted(_Entry):
    """The database has the chunk."""

    kind: Literal["committed"] = "committed"
    number: int


class RunFinished(_Entry):
    """The run came to its end."""

    kind: Literal["finished"] = "finished"
    finished: dt.datetime
    counts: dict[str, int]


class RunUndone(_Entry):
    """The run was taken back, as far as the counts say."""

    kind: Literal["undone"] = "undone"
    undone: dt.datetime
    counts: dict[str, int]


LogEntry = RunStarted | ChunkPlanned | ChunkCommitted | RunFinished | RunUndone
_ENTRY: TypeAdapter[LogEntry] = TypeAdapter(Annotated[LogEntry, Field(discriminator="kind")])


@dataclass(frozen=True)
class Run:
    """A log read back. `chunks` come with whether the database is known to have them."""

    started: RunStarted
    chunks: list[tuple[ChunkPlanned, bool]]
    finished: RunFinished | None
    undone: RunUndone | None

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the log of a run. A last line that a crash cut short is passed over: its chunk was never begun.

        Raises:
            ChangeLogError: there is no log, or it is broken.
        """
        path = folder / LOG_FILE
        try:
            lines = path.read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            raise ChangeLogError(f"There is no change log {path}. `tagger spip runs` lists the runs.") from None
        entries = [_entry(path, number, line) for number, line in enumerate(lines, 1)]
        if not entries or not isinstance(entries[0], RunStarted):
            raise ChangeLogError(f"The change log {path} has no beginning: nothing was changed by this run.")
        committed = {entry.number for entry in entries if isinstance(entry, ChunkCommitted)}
        chunks = [(entry, entry.number in committed) for entry in entries if isinstance(entry, ChunkPlanned)]
        return cls(
            entries[0],
            chunks,
            next((entry for entry in entries if isinstance(entry, RunFinished)), None),
            next((entry for entry in reversed(entries) if isinstance(entry, RunUndone)), None),
        )


class ChangeLog:
    """A log to append to. What `append` was given is on disk when it returns."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self.folder = folder
        self._descriptor = descriptor

    @classmethod
    @contextmanager
    def create(cls, folder: Path) -> Iterator[ChangeLog]:
        """Begin the log of a new run.

        Raises:
            ChangeLogError: the folder already has one.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / LOG_FILE).exists():
            raise ChangeLogError(f"{folder} already holds a run. Give another name.")
        with cls._opened(folder, os.O_CREAT | os.O_EXCL) as log:
            for directory in (folder, folder.parent):
                sync_folder(directory)
            yield log

    @classmethod
    @contextmanager
    def reopen(cls, folder: Path) -> Iterator[ChangeLog]:
        """Open the log of a run to add to it; nobody else may have it open. What a crash cut short is dropped.

        Raises:
            ChangeLogError: there is no log, or the run is still at work.
        """
        if not (folder / LOG_FILE).exists():
            raise ChangeLogError(f"There is no change log {folder / LOG_FILE}. `tagger spip runs` lists the runs.")
        with cls._opened(folder, 0) as log:
            content = (folder / LOG_FILE).read_bytes()
            os.ftruncate(log._descriptor, content.rfind(b"\n") + 1)
            yield log

    @classmethod
    @contextmanager
    def _opened(cls, folder: Path, flags: int) -> Iterator[ChangeLog]:
        descriptor = os.open(folder / LOG_FILE, os.O_WRONLY | os.O_APPEND | flags, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ChangeLogError(f"The run {folder.name} is still at work. Wait for its end.") from None
            yield cls(folder, descriptor)
        finally:
            os.close(descriptor)

    def append(self, entry: LogEntry) -> None:
        """Write an entry through to the disk."""
        write_all(self._descriptor, entry.model_dump_json().encode() + b"\n")
        os.fsync(self._descriptor)


def _entry(path: Path, number: int, line: bytes) -> LogEntry:
    try:
        return _ENTRY.validate_json(line)
    except ValidationError as error:
        raise ChangeLogError(f"Line {number} of the change log {path} cannot be read: {error}") from None
