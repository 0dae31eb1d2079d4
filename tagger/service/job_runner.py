"""Works on jobs in the background: records in, answers appended in order, and how far it is in the database.

A job outlives its process. What is on the disk is noted in the database every second; whoever takes the job up next
goes on from there, so that each record has one answer in the result.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from itertools import chain, repeat

import structlog
from starlette.concurrency import run_in_threadpool

from tagger.errors import BodyTooLargeError, Failure, InputError, InternalError, StoreError, TaggerError
from tagger.options import AnnotateOptions
from tagger.reading.records import parse_record
from tagger.service.job_files import JobFolder, Segment, Source
from tagger.service.webhooks import WebhookSender
from tagger.settings import Settings
from tagger.store.idempotency import KeptAnswers
from tagger.store.jobs import CancellingError, JobRow, Jobs, JobState, LeaseLostError, Progress

# Answers a record, a line of JSON, with the JSON of an `Annotation` or a `Failure`. A `TaggerError` says that it can
# answer no record at the moment.
Answer = Callable[[bytes, AnnotateOptions], Awaitable[bytes]]

_FLUSH_SECONDS = 1.0
_FLUSH_BYTES = 4 << 20
_POLL_SECONDS = 1.0
_SWEEP_SECONDS = 3600.0
_STRAY_SECONDS = 86_400.0
_PAUSES = (0.5, 1.0, 2.0, 5.0)  # seconds between tries while no record can be annotated; the last goes on
_SHORTEST_WAIT, _LONGEST_WAIT = 0.5, 10.0
_IS_FAILURE = re.compile(rb'\{"id":(?:null|"(?:[^"\\]|\\.)*"),"error":')
_log = structlog.get_logger(__name__)


@dataclass
class _Work:
    """One taking up of a job: what is being answered, and what is answered but not yet on the disk."""

    job: JobRow
    source: Source
    segment: Segment
    pending: deque[tuple[asyncio.Task[bytes], int]] = field(default_factory=deque)
    answers: list[bytes] = field(default_factory=list)
    bytes_waiting: int = 0

    def __post_init__(self) -> None:
        self.progress = _start(self.job)
        self._position = self.job.position

    def collect(self) -> None:
        """Take the answers that are ready, in order."""
        while self.pending and self.pending[0][0].done():
            task, self._position = self.pending.popleft()
            self.answers.append(task.result())
            self.bytes_waiting += len(self.answers[-1])

    def write(self) -> None:
        """Put the answers on the disk, and count them.

        Raises:
            OSError: there is no room.
        """
        self.segment.append(self.answers)
        self.progress = Progress(
            self.progress.answered + len(self.answers),
            self.progress.errors + sum(map(bool, map(_IS_FAILURE.match, self.answers))),
            self._position,
            self.segment.size,
        )
        self.answers, self.bytes_waiting = [], 0


class JobRunner:
    """Takes up jobs, `settings.jobs_at_once` side by side, with `window` records of each under way."""

    def __init__(
        self,
        jobs: Jobs,
        folder: JobFolder,
        kept: KeptAnswers,
        answer: Answer,
        sender: WebhookSender,
        settings: Settings,
        *,
        window: int,
    ) -> None:
        self._jobs = jobs
        self._folder = folder
        self._kept = kept
        self._answer = answer
        self._sender = sender
        self._settings = settings
        self._window = window
        self._new = asyncio.Event()
        self._held: set[str] = set()
        self._is_stopping = False

    def wake(self) -> None:
        """Tell that there is a new job."""
        self._new.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work in the background; at the end, jobs are left where they are, for the next start."""
        loops = [asyncio.create_task(self._take_jobs()) for _ in range(self._settings.jobs_at_once)]
        sweep = asyncio.create_task(self._sweep())
        try:
            yield
        finally:
            # Not by cancelling them: what a thread is writing at that moment would be written twice.
            self._is_stopping = True
            self.wake()
            sweep.cancel()
            await asyncio.gather(*loops, sweep, return_exceptions=True)

    async def _take_jobs(self) -> None:
        was_away = False
        while not self._is_stopping:
            self._new.clear()
            try:
                while not self._is_stopping and (job := await run_in_threadpool(self._jobs.claim, list(self._held))):
                    self._held.add(job.id)
                    try:
                        await self._run(job)
                    finally:
                        self._held.discard(job.id)
                was_away = False
            except StoreError as error:
                if not was_away:
                    _log.warning("jobs wait for the database", reason=str(error))
                was_away = True
            except Exception:
                _log.exception("a job could not be worked on because of a fault in this program")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._new.wait(), 0 if self._is_stopping else _POLL_SECONDS)

    async def _run(self, job: JobRow) -> None:
        """Work on a job that was taken up, until it ends, waits, is left or is another process's."""
        _log.info("job taken up", job=job.id, answered=job.answered, total=job.total)
        try:
            source = await run_in_threadpool(self._folder.source, job, self._settings.max_body_bytes)
        except OSError as error:
            await self._end(job, "failed", _start(job), f"Its records cannot be read: {error}.")
            return
        with closing(source), closing(self._folder.segment(job)) as segment:
            work = _Work(job, source, segment)
            try:
                await self._answer_all(work)
            except CancellingError:
                await self._end(job, "cancelled", work.progress)
            except LeaseLostError:
                _log.warning("job taken up by another process, or at its end", job=job.id)
            except OSError as error:
                _log.warning("job waits", job=job.id, reason=str(error))
                await self._persist(self._jobs.release, job, work.progress, f"Its result cannot be written: {error}")
            finally:
                for task, _ in work.pending:
                    task.cancel()

    async def _answer_all(self, work: _Work) -> None:
        loop = asyncio.get_running_loop()
        flushed, at_end = loop.time(), False
        while not self._is_stopping:
            if not at_end and len(work.pending) <= self._window // 2:
                lines = await run_in_threadpool(work.source.take, self._window - len(work.pending))
                at_end = not lines
                for line, end in lines:
                    work.pending.append((asyncio.create_task(self._answer_one(work.job, line)), end))
            if work.pending:
                await asyncio.wait([work.pending[0][0]], timeout=max(0, flushed + _FLUSH_SECONDS - loop.time()))
                work.collect()
            elif at_end:
                await run_in_threadpool(work.write)
                await self._finish(work)
                return
            if loop.time() >= flushed + _FLUSH_SECONDS or work.bytes_waiting > _FLUSH_BYTES:
                await run_in_threadpool(work.write)
                await self._persist(self._jobs.keep, work.job, work.progress)
                flushed = loop.time()
        await run_in_threadpool(work.write)
        await self._persist(self._jobs.release, work.job, work.progress)

    async def _answer_one(self, job: JobRow, line: bytes | None) -> bytes:
        """Answer a record; where it cannot be annotated, with the reason. While none can be, it waits."""
        if line is None:
            limit = self._settings.max_body_bytes
            return _failure(None, BodyTooLargeError(f"The record is larger than {limit} bytes."))
        options = AnnotateOptions.model_validate(job.options)
        pauses = chain(_PAUSES, repeat(_PAUSES[-1]))
        while True:
            try:
                return await self._answer(line, options)
            except InputError as error:
                return _failure(line, error)
            except TaggerError:
                await asyncio.sleep(next(pauses))
            except Exception:
                _log.exception("a record could not be annotated because of a fault in this program")
                return _failure(line, InternalError())

    async def _finish(self, work: _Work) -> None:
        if work.progress.answered == work.job.total:
            await self._end(work.job, "done", work.progress)
            return
        reason = f"Its records broke off: {work.progress.answered} of {work.job.total} were there."
        await self._end(work.job, "failed", work.progress, reason)

    async def _end(self, job: JobRow, state: JobState, progress: Progress, reason: str | None = None) -> None:
        await self._persist(self._jobs.end, job, state, progress, reason)
        _log.info("job ended", job=job.id, state=state)
        self._sender.wake()
        with suppress(OSError):  # its files go with it, some day
            await run_in_threadpool(self._folder.remove_input, job.id)

    async def _persist(self, note: Callable[..., None], *arguments: object) -> None:
        """Note something in the database, as soon as it answers.

        Raises:
            StoreError: it does not, and the service stops; the job's lease will run out.
        """
        wait = _SHORTEST_WAIT
        while True:
            try:
                return await run_in_threadpool(note, *arguments)
            except StoreError as error:
                _log.warning("a job waits for the database", reason=str(error))
                if self._is_stopping:
                    raise
                await asyncio.sleep(wait)
                wait = min(_LONGEST_WAIT, 2 * wait)

    async def _sweep(self) -> None:
        """Remove what need be kept no longer: now and every hour."""
        kept_for = dt.timedelta(days=self._settings.job_retention_days)
        while True:
            try:
                await run_in_threadpool(self._kept.forget_expired)
                for job_id in await run_in_threadpool(self._jobs.forget, kept_for):
                    await run_in_threadpool(self._folder.remove, job_id)
                known = await run_in_threadpool(self._jobs.known)
                for job_id in await run_in_threadpool(self._folder.strays, known, _STRAY_SECONDS):
                    await run_in_threadpool(self._folder.remove, job_id)
            except (StoreError, OSError) as error:
                _log.warning("old jobs could not be removed", reason=str(error))
            await asyncio.sleep(_SWEEP_SECONDS)


def _start(job: JobRow) -> Progress:
    return Progress(job.answered, job.errors, job.position, 0)


def _failure(line: bytes | None, error: TaggerError) -> bytes:
    """Answer a record with an error, under its id if that can be read."""
    identifier = parse_record(line).id if line else None
    return Failure(id=identifier, error=error.problem()).model_dump_json().encode()
