"""Hands the records of a run to workers, and gives the results back in order, whatever happens to the workers.

A `Crew` has the workers: processes on this machine (`tagger.batch.processes`) or actors of a Ray cluster
(`tagger.batch.cluster`). The rest is the same for both, and stands here: who gets what, what a lost worker had is
given to another, and a record that kills workers is found and put among the failures.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tagger.batch.items import Item
from tagger.batch.work import Models, Result
from tagger.errors import EngineError, Failure, InternalError

ITEMS_IN_CHUNK = 16
_CHUNKS_AT_ONCE = 2  # one under way, one waiting, so that no worker is ever idle
_WINDOW = 8  # chunks a worker that may be under way or wait for an earlier one
_LOSSES_ALLOWED = 2
_START_FAILURES_ALLOWED = 3

WorkerId = int


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker has loaded its models and can be given work."""

    worker: WorkerId
    models: Models


@dataclass(frozen=True, slots=True)
class Done:
    """A worker has done the oldest work that it was given."""

    worker: WorkerId
    result: Result


@dataclass(frozen=True, slots=True)
class Lost:
    """A worker is gone, with all that it was given and has not done."""

    worker: WorkerId
    reason: str


Event = Ready | Done | Lost


class Crew(Protocol):
    """Workers that can be hired, and may be lost."""

    size: int

    def hire(self) -> WorkerId:
        """Begin to start a worker; `Ready` or `Lost` will tell of it."""

    def give(self, worker: WorkerId, lines: list[bytes]) -> None:
        """Give a worker records to annotate, after those that it has."""

    def wait(self) -> list[Event]:
        """Wait until something happens."""

    def dismiss(self) -> None:
        """End all workers."""


@dataclass(slots=True)
class _Job:
    """Records for one worker: a chunk, or one record of a chunk that killed its workers."""

    chunk: int
    place: int
    lines: list[bytes]
    losses: int = 0


@dataclass(slots=True)
class _Chunk:
    """Neighbouring items, and the results of the jobs that they were cut into, by their first item's place."""

    items: list[Item]
    results: dict[int, Result] = field(default_factory=dict)
    jobs: int = 1

    @property
    def is_done(self) -> bool:
        return len(self.results) == self.jobs


class Engine:
    """Annotates items with a crew (a context manager: it hires the crew, and dismisses it at the end)."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._given: dict[WorkerId, deque[_Job]] = {}
        self._starting: set[WorkerId] = set()
        self._start_failures = 0
        self._waiting: deque[_Job] = deque()
        self._chunks: dict[int, _Chunk] = {}
        self._models: Models | None = None

    def __enter__(self) -> Engine:
        for _ in range(self._crew.size):
            self._starting.add(self._crew.hire())
        return self

    def __exit__(self, *_: object) -> None:
        self._crew.dismiss()

    def models(self) -> Models:
        """Give the models that the workers have, as soon as one is ready.

        Raises:
            EngineError: the workers do not start.
        """
        while self._models is None:
            self._take(self._crew.wait())
        return self._models

    def annotate(self, items: Iterable[Item]) -> Iterator[tuple[list[Item], bytes, dict[int, Failure]]]:
        """Give items in order, some at a time, with the lines of the good ones and the failures by position.

        Raises:
            EngineError: the workers do not start, or have other models than the first one.
        """
        chunks = _cut(items)
        taken = given_back = 0
        is_more = True
        while True:
            while is_more and taken - given_back < _WINDOW * self._crew.size:
                chunk = next(chunks, None)
                if chunk is None:
                    is_more = False
                    break
                self._chunks[taken] = _Chunk(chunk)
                self._ask_for(taken)
                taken += 1
            while given_back < taken and self._chunks[given_back].is_done:
                yield _put_together(self._chunks.pop(given_back))
                given_back += 1
            if not is_more and given_back == taken:
                return
            self._hand_out()
            if not self._chunks[given_back].is_done:
                self._take(self._crew.wait())

    def _ask_for(self, number: int) -> None:
        lines = [item.line for item in self._chunks[number].items if item.failure is None]
        if lines:
            self._waiting.append(_Job(number, 0, lines))
        else:
            self._chunks[number].jobs = 0

    def _hand_out(self) -> None:
        for _ in range(_CHUNKS_AT_ONCE):
            for worker, jobs in self._given.items():
                if self._waiting and len(jobs) < _CHUNKS_AT_ONCE:
                    job = self._waiting.popleft()
                    jobs.append(job)
                    self._crew.give(worker, job.lines)

    def _take(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Ready):
                self._welcome(event)
            elif isinstance(event, Done):
                self._start_failures = 0
                job = self._given[event.worker].popleft()
                self._chunks[job.chunk].results[job.place] = event.result
            else:
                self._replace(event)

    def _welcome(self, event: Ready) -> None:
        self._models = self._models or event.models
        if event.models != self._models:
            raise EngineError(
                f"Workers have different models: {self._models.model_dump_json()} and "
                f"{event.models.model_dump_json()}. "
                "Install the same version of tagger and the same models on all machines."
            )
        self._starting.discard(event.worker)
        self._start_failures = 0
        self._given[event.worker] = deque()

    def _replace(self, event: Lost) -> None:
        """Hire another worker, and give back to the queue what the lost one had; its first job is suspected."""
        if event.worker in self._starting:
            self._starting.discard(event.worker)
            self._start_failures += 1
            if self._start_failures >= _START_FAILURES_ALLOWED:
                raise EngineError(f"Workers do not start: {event.reason}")
        jobs = list(self._given.pop(event.worker, ()))
        self._waiting.extendleft(reversed(jobs[1:]))
        if jobs:
            jobs[0].losses += 1
            self._waiting.extendleft(reversed(self._after_loss(jobs[0])))
        self._starting.add(self._crew.hire())

    def _after_loss(self, job: _Job) -> list[_Job]:
        """Give what to try of a job whose worker was lost: all of it, or its records one by one, or nothing."""
        if job.losses < _LOSSES_ALLOWED:
            return [job]
        chunk = self._chunks[job.chunk]
        if len(job.lines) > 1:
            chunk.jobs = len(job.lines)
            return [_Job(job.chunk, place, [line], losses=1) for place, line in enumerate(job.lines)]
        error = InternalError("The program died on this record each time. Report it with the record.").problem()
        chunk.results[job.place] = Result(b"", [(0, Failure(id=None, error=error))])
        return []


def _cut(items: Iterable[Item]) -> Iterator[list[Item]]:
    chunk = []
    for item in items:
        chunk.append(item)
        if len(chunk) == ITEMS_IN_CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _put_together(chunk: _Chunk) -> tuple[list[Item], bytes, dict[int, Failure]]:
    """Put the results of a chunk's jobs together with the items that could not be read."""
    failures = {item.position: item.failure for item in chunk.items if item.failure is not None}
    readable = [item for item in chunk.items if item.failure is None]
    for place, result in chunk.results.items():
        for index, failure in result.failures:
            failures[readable[place + index].position] = failure
    return chunk.items, b"".join(result.lines for _, result in sorted(chunk.results.items())), failures
