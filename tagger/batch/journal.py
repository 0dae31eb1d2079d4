"""The journal beside a sink: it makes a run go on where it stopped, whatever stopped it.

Answers go to the end of one file, rejects to the end of another; now and then both are brought to disk (fsync), and
only then a small state file, replaced as a whole, says how far they are right. A run that goes on cuts both files
there and does the rest again. Since an answer depends on its record alone, and answers stand in the order of the
records, the end is the same as without a stop. The sink itself appears at the end, in one step.

A folder `SINK.journal` holds:

    state.json        the plan, the stage, how far the pass under way has come, what was finished
    lines, rejects    the pass under way
    rejected.jsonl    what the finished output lacks; `SINK.rejects.jsonl` is a copy for people
    assembled         the new sink, whole, about to take its place
    lock              held while a run is at work
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, Self

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from tagger.batch.items import MODULUS, Item, added
from tagger.batch.sinks import SinkFormat, sink_of
from tagger.batch.work import Models, RetagOptions
from tagger.errors import Failure, JournalError, Problem
from tagger.writing import bytes_written_whole, sync_folder, write_all, written_whole

Stage = Literal["annotating", "retrying", "publishing", "finished"]

_FORMAT = 2
_SECONDS_BETWEEN_MARKS = 1.0  # at least
_MARKS_SHARE = 0.02  # of the time, at most: a slow disk is asked less often
_LOCK_SECONDS = 10.0  # workers of a run that was killed hold the lock until they notice
_RESTART = "or do all of it again with --restart"


def is_begun(sink: Path) -> bool:
    """Say whether a run into this sink has begun."""
    return (_folder_of(sink) / "state.json").exists()


class Plan(BaseModel):
    """All that decides over the output beside the source."""

    sink: SinkFormat
    options: RetagOptions
    limit: int | None
    models: Models


class Reject(BaseModel):
    """A record that could not be annotated: its place in the source, its id, and why."""

    position: int
    id: str | None
    error: Problem


class Mark(BaseModel):
    """How far a pass has come: records read and rejected, bytes of both files, digest of what was annotated."""

    read: int = 0
    rejected: int = 0
    line_bytes: int = 0
    reject_bytes: int = 0
    digest: int = 0


class Finished(BaseModel):
    """What a finished output holds: records read, how many of them it lacks, digest of the others, its size."""

    read: int
    rejected: int
    digest: int
    sink_bytes: int


class _State(BaseModel):
    format: int = _FORMAT
    plan: Plan
    stage: Stage = "annotating"
    mark: Mark = Mark()
    finished: Finished | None = None


class Journal:
    """The journal of one sink, locked while it is open (a context manager)."""

    def __init__(self, sink: Path, plan: Plan, *, restart: bool = False, only_rejects: bool = False) -> None:
        """Open the journal of `sink`, or begin one; with `restart` what stands in it is forgotten.

        Raises:
            JournalError: another run is at work, the sink is not of this journal, or it was made by another plan.
        """
        self.sink = sink.resolve()  # a link stays a link
        self.rejects_file = sink.with_name(f"{sink.name}.rejects.jsonl")
        self._folder = _folder_of(sink)
        self._stack = ExitStack()
        self._folder.mkdir(exist_ok=True)
        try:
            self._stack.enter_context(FileLock(self._folder / "lock", timeout=_LOCK_SECONDS))
        except Timeout:
            raise JournalError(f"Another run is writing {sink}. Wait for its end, or stop it.") from None
        try:
            self._state = self._begin(plan, restart=restart, only_rejects=only_rejects)
            if self.stage != "finished":
                self._lines = self._stack.enter_context(
                    _Appended(self._folder / "lines", self._state.mark.line_bytes)
                )
                self._rejects = self._stack.enter_context(
                    _Appended(self._folder / "rejects", self._state.mark.reject_bytes)
                )
        except BaseException:
            self._stack.close()
            raise
        self._mark = self._state.mark.model_copy()
        self._marked, self._pause = time.monotonic(), _SECONDS_BETWEEN_MARKS
        sync_folder(self._folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def stage(self) -> Stage:
        """What is to be done: `annotating`, `retrying` the rejects, or nothing (`finished`)."""
        return self._state.stage

    @property
    def mark(self) -> Mark:
        """How far the pass under way has come."""
        return self._mark

    @property
    def finished(self) -> Finished | None:
        """What the finished output holds, if there is one."""
        return self._state.finished

    def rejected(self) -> Iterator[int]:
        """Give the positions that the pass under way has rejected, in order."""
        return _positions(self._folder / "rejects", self._mark.reject_bytes)

    def rejected_before(self) -> Iterator[int]:
        """Give the positions that the finished output lacks, in order."""
        return _positions(self._folder / "rejected.jsonl")

    def append(self, items: list[Item], lines: bytes, failures: dict[int, Failure]) -> None:
        """Take down what became of the next items: the lines of the good ones, the failures by position.

        Raises:
            OSError: the disk is full or broken; what was marked before is safe.
        """
        rejects = [
            Reject(position=item.position, id=item.id, error=failures[item.position].error)
            for item in items
            if item.position in failures
        ]
        mark = self._mark
        mark.line_bytes += self._lines.write(lines)
        mark.reject_bytes += self._rejects.write(
            b"".join(reject.model_dump_json().encode() + b"\n" for reject in rejects)
        )
        mark.read += len(items)
        mark.rejected += len(rejects)
        for item in items:
            if item.position not in failures:
                mark.digest = added(mark.digest, item)
        if time.monotonic() - self._marked > self._pause:
            self.commit()

    def commit(self) -> None:
        """Bring all that was appended to disk, and mark it as done."""
        began = time.monotonic()
        self._lines.sync()
        self._rejects.sync()
        self._save(mark=self._mark.model_copy())
        self._marked = time.monotonic()
        self._pause = max(_SECONDS_BETWEEN_MARKS, (self._marked - began) / _MARKS_SHARE)

    def publish(self) -> Finished:
        """Make the sink of the pass that has come to its end, and put it in its place."""
        self.commit()
        if self.stage == "annotating":
            lines, before = self._own_lines(), Finished(read=self._mark.read, rejected=0, digest=0, sink_bytes=0)
        else:
            lines, before = self._merged_lines(), self._finished()
        with bytes_written_whole(self._folder / "assembled") as stream:
            sink_of(self._state.plan.sink).write(lines, stream)
        finished = Finished(
            read=before.read,
            rejected=self._mark.rejected,
            digest=(before.digest + self._mark.digest) % MODULUS,
            sink_bytes=(self._folder / "assembled").stat().st_size,
        )
        self._save(stage="publishing", finished=finished)
        self._put_in_place()
        return finished

    def _begin(self, plan: Plan, *, restart: bool, only_rejects: bool) -> _State:
        path = self._folder / "state.json"
        for left in self._folder.glob(".*"):  # of files that were being written when the run was killed
            left.unlink()
        if restart:
            for old in ("state.json", "rejected.jsonl", "assembled"):
                (self._folder / old).unlink(missing_ok=True)
        if not path.exists():
            return self._new_state(plan, restart=restart, only_rejects=only_rejects)
        self._state = _read_state(path)
        if self._state.stage == "publishing":
            self._put_in_place()
        _check_plan(self._state.plan, plan)
        finished = self._state.finished
        if self.stage == "annotating" and only_rejects:
            raise JournalError(f"{self.sink} is not finished. Let it finish first, without --only-rejects.")
        if finished and (not self.sink.exists() or self.sink.stat().st_size != finished.sink_bytes):
            raise JournalError(
                f"{self.sink} is not what the run wrote: it was changed or taken away. Put it back, {_RESTART}."
            )
        if finished and finished.rejected and only_rejects and self.stage == "finished":
            self._save(stage="retrying", mark=Mark())
        return self._state

    def _new_state(self, plan: Plan, *, restart: bool, only_rejects: bool) -> _State:
        if only_rejects:
            raise JournalError(f"No journal of {self.sink} is there. Run it without --only-rejects.")
        if self.sink.exists() and not restart:
            raise JournalError(
                f"{self.sink} is there already, and no journal tells where it comes from. "
                "Name another output, or have it replaced with --restart."
            )
        self._state = _State(plan=plan)
        self._save()
        return self._state

    def _save(
        self, *, stage: Stage | None = None, mark: Mark | None = None, finished: Finished | None = None
    ) -> None:
        changes = {"stage": stage, "mark": mark, "finished": finished}
        self._state = self._state.model_copy(
            update={name: value for name, value in changes.items() if value is not None}
        )
        with written_whole(self._folder / "state.json") as stream:
            stream.write(self._state.model_dump_json(indent=1) + "\n")

    def _put_in_place(self) -> None:
        """Do the last steps; each may have been done already by a run that was killed among them."""
        assembled, rejects, rejected = (self._folder / name for name in ("assembled", "rejects", "rejected.jsonl"))
        if assembled.exists():
            if self.sink.exists():
                shutil.copymode(self.sink, assembled)
            assembled.replace(self.sink)
        if rejects.exists():
            rejects.replace(rejected)
        if rejected.stat().st_size:
            with bytes_written_whole(self.rejects_file) as copy, rejected.open("rb") as stream:
                shutil.copyfileobj(stream, copy)
        else:
            self.rejects_file.unlink(missing_ok=True)
        sync_folder(self._folder)
        sync_folder(self.sink.parent)
        self._save(stage="finished", mark=Mark())
        (self._folder / "lines").unlink(missing_ok=True)

    def _finished(self) -> Finished:
        if self._state.finished is None:
            raise JournalError(f"The journal in {self._folder} is damaged. Do all of it again with --restart.")
        return self._state.finished

    def _own_lines(self) -> Iterator[bytes]:
        with (self._folder / "lines").open("rb") as stream:
            yield from stream

    def _merged_lines(self) -> Iterator[bytes]:
        """Put what was good at the second try between what was good at the first."""
        rejected, still = self.rejected_before(), self.rejected()
        next_rejected, next_still = next(rejected, None), next(still, None)
        retried = self._own_lines()
        with self.sink.open("rb") as stream:
            before = sink_of(self._state.plan.sink).read(stream)
            for position in range(self._finished().read):
                if position != next_rejected:
                    yield next(before)
                    continue
                next_rejected = next(rejected, None)
                if position == next_still:
                    next_still = next(still, None)
                else:
                    yield next(retried)


class _Appended:
    """A file that grows at its end, cut to `length` bytes when it is opened."""

    def __init__(self, path: Path, length: int) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        if os.fstat(self._file).st_size < length:
            os.close(self._file)
            raise JournalError(f"{path} is shorter than it was. Do all of it again with --restart.")
        os.ftruncate(self._file, length)
        os.lseek(self._file, length, os.SEEK_SET)

    def write(self, data: bytes) -> int:
        """Write all of `data`, and give its length."""
        return write_all(self._file, data)

    def sync(self) -> None:
        """Wait until all is on disk."""
        os.fsync(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)


def _folder_of(sink: Path) -> Path:
    sink = sink.resolve()
    return sink.with_name(f"{sink.name}.journal")


def _positions(path: Path, length: int | None = None) -> Iterator[int]:
    """Give the positions of the rejects in the first `length` bytes of a file."""
    with path.open("rb") as stream:
        for line in stream:
            if length is not None and stream.tell() > length:
                return
            yield Reject.model_validate_json(line).position


def _read_state(path: Path) -> _State:
    try:
        state = _State.model_validate_json(path.read_bytes())
    except ValidationError:
        raise JournalError(
            f"The journal in {path.parent} is damaged, or of another version of tagger. Restart with --restart."
        ) from None
    if state.format != _FORMAT:
        raise JournalError(f"The journal in {path.parent} is of another version of tagger. Restart with --restart.")
    return state


def _check_plan(begun: Plan, now: Plan) -> None:
    """Refuse to go on with other options or models than the run began with."""
    if begun == now:
        return
    before, after = begun.model_dump(mode="json"), now.model_dump(mode="json")
    before |= before.pop("options") | before.pop("models")
    after |= after.pop("options") | after.pop("models")
    changes = "; ".join(
        f"{name}: {before[name]} then, {after[name]} now" for name in before if before[name] != after[name]
    )
    raise JournalError(f"The run began otherwise ({changes}). Go on with what it began with, {_RESTART}.")
