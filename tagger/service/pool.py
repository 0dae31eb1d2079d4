"""A bounded pool of worker processes that share the memory of their models.

The event loop only passes bytes: reading, annotating and writing JSON happen in `tagger.service.worker`. Each place
of the pool has one worker at a time and gives it one job after another; a worker that dies or takes too long is
replaced and its job tried once more. New models are loaded by a process of their own beside the old ones, and each
place changes over between two jobs, so that no request notices.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import time
from contextlib import suppress
from dataclasses import dataclass

import structlog
from joblib import cpu_count

from tagger.article import Suggestion
from tagger.errors import (
    Failure,
    NothingToRollBackError,
    NotReadyError,
    QueueFullError,
    RequestTimeoutError,
    TaggerError,
    WorkerLostError,
)
from tagger.options import AnnotateOptions
from tagger.reading.records import parse_record
from tagger.service.messages import SUGGESTIONS, Kind, LoadedModels, Outcome, Task
from tagger.service.observability import Metrics, request_id, span
from tagger.service.processes import GoneError, ModelProcess, NeverReadError, WorkerProcess
from tagger.settings import Settings

_log = structlog.get_logger(__name__)

ANNOTATOR = "tagger.annotator:Annotator.load"
_ATTEMPTS = 2
_MISSES = 10
_BATCH_PATIENCE = 2.0  # seconds by which an article of a batch lets single articles go before it
_RETRY_SECONDS = 5.0  # between two tries to start the process that holds the models
_POLL_SECONDS = 0.02
_SMOOTHING = 0.05


@dataclass(eq=False)
class _Job:
    """A task on its way; the one that is due first has its turn first."""

    due: float
    number: int
    task: Task
    body: bytes
    result: asyncio.Future[tuple[Outcome, bytes]]
    since: float
    attempts: int = 0
    misses: int = 0  # workers that had died before they got it

    def __lt__(self, other: _Job) -> bool:
        return (self.due, self.number) < (other.due, other.number)


class WorkerPool:
    """Annotates in worker processes; see the module."""

    def __init__(self, settings: Settings, metrics: Metrics, *, loader: str = ANNOTATOR) -> None:
        """Take what is needed; nothing is started before `start`.

        `loader` names, as ``module:function``, what makes an `Annotator` of the settings in the workers.
        """
        self._settings = settings
        self._metrics = metrics
        self._loader = loader
        self.size = settings.workers or cpu_count()
        self._host: ModelProcess | None = None
        self._previous: ModelProcess | None = None
        self._failure: TaggerError | None = None
        self._workers: set[WorkerProcess] = set()
        self._places: list[asyncio.Task[None]] = []
        self._retired: set[ModelProcess] = set()
        self._jobs: list[_Job] = []  # those that wait, as a heap
        self._open: set[_Job] = set()  # those that wait or are worked on
        self._idle: list[asyncio.Future[None]] = []  # places that wait for a job
        self._numbers = itertools.count()
        self._single = 0  # single articles that wait or are worked on
        self._seconds = 0.1  # that an article takes, smoothed
        self._changing = asyncio.Lock()
        self._is_draining = self._is_stopping = False

    @property
    def models(self) -> LoadedModels:
        """The models that answer.

        Raises:
            TaggerError: they are not loaded yet, or could not be.
        """
        if self._host is None:
            raise self._failure or NotReadyError("The models are being loaded. Try again in some seconds.")
        return self._host.models

    @property
    def failure(self) -> TaggerError | None:
        """Why the models could not be loaded at the start, if so."""
        return self._failure

    def check_ready(self) -> None:
        """Raise an error unless articles should be sent here.

        Raises:
            NotReadyError: the models are being loaded, or the service is about to stop.
            ModelError: they cannot be loaded.
        """
        self.check_open()
        if self._is_draining:
            raise NotReadyError("The service is about to stop.")

    def check_open(self) -> None:
        """Raise an error unless articles can be annotated.

        Raises:
            NotReadyError: the models are being loaded, or the service has stopped.
            ModelError: they cannot be loaded.
        """
        if self._is_stopping:
            raise NotReadyError("The service is stopping.")
        _ = self.models

    @property
    def worker_pids(self) -> list[int]:
        """The process ids of the workers."""
        return sorted(worker.pid for worker in tuple(self._workers) if worker.pid)

    async def start(self) -> None:
        """Load the models and start the workers.

        Raises:
            TaggerError: the models cannot be loaded.
        """
        try:
            self._host = await self._loaded()
        except TaggerError as error:
            self._failure = error
            raise
        self._metrics.name_models(self._host.models.versions)
        self._places = [asyncio.create_task(self._keep_place()) for _ in range(self.size)]

    async def annotate(self, body: bytes, content_type: str, charset: str | None, options: AnnotateOptions) -> bytes:
        """Annotate one article, given as the body of a request; return the JSON of an `Annotation`.

        Raises:
            InputError: the article cannot be read or annotated.
            QueueFullError: too many wait already.
            NotReadyError: the models are not loaded yet, or the service is stopping.
            WorkerLostError: the workers died that tried.
            RequestTimeoutError: it took too long.
        """
        return await self._one("article", body, content_type, charset, options)

    async def suggest(
        self, body: bytes, content_type: str, charset: str | None, options: AnnotateOptions
    ) -> list[Suggestion]:
        """Suggest the keywords of one article and do nothing else; of the options, `top` and `profile` count.

        Raises:
            TaggerError: as for `annotate`.
        """
        return SUGGESTIONS.validate_json(await self._one("keywords", body, content_type, charset, options))

    async def _one(
        self, kind: Kind, body: bytes, content_type: str, charset: str | None, options: AnnotateOptions
    ) -> bytes:
        """Do something with one article; single ones go before those of batches, and are refused where many wait."""
        room = self.size + self._settings.queue_length
        if self._single >= room:
            self._metrics.refused.inc()
            seconds = math.ceil(self._single * self._seconds / self.size)
            raise QueueFullError(
                f"{self._single} articles are waiting or worked on; the service takes {room}. Try again later.",
                max(1, seconds),
            )
        task = Task(kind=kind, content_type=content_type, charset=charset, options=options, request_id=request_id())
        self._single += 1
        try:
            with span("annotate"):
                return await self._done(task, body, time.monotonic())
        finally:
            self._single -= 1

    async def answer(self, line: bytes, options: AnnotateOptions) -> bytes:
        """Answer one record of a batch, a line of JSON; return the JSON of an `Annotation` or a `Failure`.

        It waits for its turn; single articles go before it. Whoever has many sends some at a time.

        Raises:
            NotReadyError: the models are not loaded yet, or the service is stopping.
        """
        task = Task(kind="record", options=options, request_id=request_id())
        try:
            return await self._done(task, line, time.monotonic() + _BATCH_PATIENCE)
        except (WorkerLostError, RequestTimeoutError) as error:
            identifier = parse_record(line).id
            return Failure(id=identifier, error=error.problem()).model_dump_json().encode()

    async def lines_of_array(self, body: bytes, charset: str | None) -> bytes:
        """Make NDJSON of a JSON array of records.

        Raises:
            InputError: it is not JSON, or no array.
        """
        task = Task(kind="array", charset=charset, request_id=request_id())
        return await self._done(task, body, time.monotonic())

    async def reload(self) -> LoadedModels:
        """Load the models anew from where the settings say; those in use answer until the new ones can.

        When this returns, only the new ones answer. The old ones stay in memory, for `rollback`.

        Raises:
            TaggerError: the new models cannot be loaded; those in use go on answering.
        """
        async with self._changing:
            self.check_open()
            try:
                new = await self._loaded()
            except TaggerError as error:
                _log.error("models not reloaded, the old ones answer", reason=str(error), models=self._version())
                self._metrics.reloads.labels("failed").inc()
                raise
            await self._change_over(new)
            self._metrics.reloads.labels("done").inc()
            return new.models

    async def rollback(self) -> LoadedModels:
        """Go back to the models before the last reload; once more, and the newer ones are back.

        Raises:
            NothingToRollBackError: there are none in memory.
        """
        async with self._changing:
            self.check_open()
            if self._previous is None or not self._previous.is_alive:
                raise NothingToRollBackError("No earlier models are in memory. Put their files back and reload.")
            await self._change_over(self._previous)
            self._metrics.reloads.labels("rolled-back").inc()
            return self.models

    async def stop(self) -> None:
        """Finish what was accepted, within the limit that is set, and end all processes."""
        self._is_stopping = True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.stop_timeout):
                while self._open:
                    await asyncio.sleep(_POLL_SECONDS)
        self._give_up(NotReadyError("The service stopped before this was done. Send it again."))
        for place in self._places:
            place.cancel()
        await asyncio.gather(*self._places, return_exceptions=True)
        for host in self._retired.union(filter(None, (self._host, self._previous))):
            host.end()

    def drain(self) -> None:
        """Be no longer ready, but go on taking what still comes."""
        self._is_draining = True

    async def _loaded(self) -> ModelProcess:
        host = ModelProcess(self._settings, self._loader)
        await host.load()
        return host

    async def _change_over(self, new: ModelProcess) -> None:
        """Let `new` answer from now on: each place changes its worker when it has done what it is at."""
        old, self._host = self._host, new
        if self._previous is not None and self._previous is not new:
            self._retired.add(self._previous)
        self._previous = old
        for place in self._idle:
            _wake(place)
        self._metrics.name_models(new.models.versions)
        _log.info("other models answer", models=self._version(), before=old.version if old else None)
        self._end_retired()
        while any(worker.host is not new for worker in self._workers):
            await asyncio.sleep(_POLL_SECONDS)

    def _end_retired(self) -> None:
        """End the processes whose models are neither in use nor kept."""
        for host in self._retired - {worker.host for worker in self._workers}:
            self._retired.remove(host)
            host.end()

    async def _done(self, task: Task, body: bytes, due: float) -> bytes:
        """Put a task into the queue; return its answer."""
        self.check_open()
        result: asyncio.Future[tuple[Outcome, bytes]] = asyncio.get_running_loop().create_future()
        job = _Job(due, next(self._numbers), task, body, result, time.monotonic())
        self._open.add(job)
        self._put(job)
        try:
            outcome, answer = await result
        finally:
            self._open.remove(job)
        if outcome.fault:
            raise outcome.fault.error()
        self._metrics.count(outcome)
        return answer

    def _put(self, job: _Job) -> None:
        heapq.heappush(self._jobs, job)
        self._metrics.waiting.set(len(self._jobs))
        for place in self._idle:
            if not place.done():
                _wake(place)
                break

    async def _keep_place(self) -> None:
        """Keep one worker busy, and replace it when it dies, hangs or has old models."""
        while True:
            worker = await self._new_worker()
            try:
                while job := await self._next_job(worker):
                    if not await self._do(worker, job):
                        break
            finally:
                self._let_go(worker)

    async def _new_worker(self) -> WorkerProcess:
        while True:
            host = self._host
            assert host is not None  # noqa: S101 - places are made when the models are loaded
            try:
                worker = await host.fork()
            except GoneError:
                await self._revive(host)
            else:
                self._workers.add(worker)
                self._metrics.workers.set(len(self._workers))
                return worker

    async def _revive(self, lost: ModelProcess) -> None:
        """Start the process that holds the models again; the first place to come does it for all."""
        async with self._changing:
            if self._host is not lost:
                return
            _log.error("the process that holds the models is gone, starting another", models=lost.version)
            self._metrics.restarts.labels("models").inc()
            try:
                self._host = await self._loaded()
            except TaggerError as error:
                _log.error("the models cannot be loaded", reason=str(error))
                if not self._workers:
                    self._give_up(NotReadyError("The models cannot be loaded; the log says more."))
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self._retired.add(lost)
                self._end_retired()

    def _give_up(self, error: TaggerError) -> None:
        """Answer whatever is open with an error."""
        for job in self._open:
            if not job.result.done():
                job.result.set_exception(error)

    async def _next_job(self, worker: WorkerProcess) -> _Job | None:
        """Wait for a job; None if the worker has to be replaced: it died, or has old models."""
        while worker.host is self._host:
            if worker.is_lost:
                self._metrics.restarts.labels("died").inc()
                _log.warning("worker replaced", reason="died", pid=worker.pid)
                return None
            if self._jobs:
                job = heapq.heappop(self._jobs)
                self._metrics.waiting.set(len(self._jobs))
                return job
            await self._woken(worker)
        return None

    async def _woken(self, worker: WorkerProcess) -> None:
        """Wait until there may be a job, the worker dies, or other models answer."""
        woken = asyncio.get_running_loop().create_future()
        self._idle.append(woken)
        death = asyncio.create_task(worker.death())
        death.add_done_callback(lambda _: _wake(woken))
        try:
            await woken
        finally:
            self._idle.remove(woken)
            death.cancel()
            await asyncio.gather(death, return_exceptions=True)  # it must have left the connection to the next job

    async def _do(self, worker: WorkerProcess, job: _Job) -> bool:
        """Have a worker do a job; say whether the worker can go on."""
        if job.result.done():  # whoever asked for it went away
            return True
        start = time.monotonic()
        self._metrics.wait.observe(start - job.since)
        error: TaggerError
        was_read = True
        try:
            async with asyncio.timeout(self._settings.request_timeout):
                done = await worker.do(job.task, job.body)
        except TimeoutError:
            limit = self._settings.request_timeout
            error = RequestTimeoutError(f"Annotating this took longer than {limit:g} s, twice. Send less text.")
            reason = "hung"
        except GoneError as gone:
            was_read = not isinstance(gone, NeverReadError)
            error = WorkerLostError(
                "Two processes died over this. Look at the text; tell the operator if it is fine."
            )
            reason = "died"
        else:
            self._seconds += _SMOOTHING * (time.monotonic() - start - self._seconds)
            if not job.result.done():
                job.result.set_result(done)
            return True
        self._metrics.restarts.labels(reason).inc()
        _log.warning("worker replaced", reason=reason, pid=worker.pid, request_id=job.task.request_id)
        job.attempts += was_read
        job.misses += not was_read
        self._try_again(job, error)
        return False

    def _try_again(self, job: _Job, error: TaggerError) -> None:
        if job.result.done():
            return
        if job.attempts < _ATTEMPTS and job.misses < _MISSES:
            self._put(job)
        else:
            job.result.set_exception(error)

    def _let_go(self, worker: WorkerProcess) -> None:
        worker.end()
        self._workers.discard(worker)
        self._metrics.workers.set(len(self._workers))
        self._end_retired()

    def _version(self) -> str | None:
        return self._host.version if self._host else None


def _wake(place: asyncio.Future[None]) -> None:
    if not place.done():
        place.set_result(None)
