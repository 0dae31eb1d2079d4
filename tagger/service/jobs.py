"""Jobs over HTTP: large batches taken in whole, annotated in the background, and fetched when they are done."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from tagger.errors import (
    BodyTooLargeError,
    BrokenJsonError,
    DiskFullError,
    InvalidEncodingError,
    InvalidRecordError,
    JobNotDoneError,
    ResultGoneError,
    UnknownJobError,
    UnsupportedFormatError,
    WebhookRefusedError,
)
from tagger.options import AnnotateOptions
from tagger.service import bodies, examples
from tagger.service.background import add_background
from tagger.service.idempotency import IDEMPOTENCY_HEADER, IDEMPOTENCY_PROBLEMS, fingerprint, key_of, replay
from tagger.service.job_files import Input, JobFolder
from tagger.service.job_runner import Answer, JobRunner
from tagger.service.keyring import Client
from tagger.service.options import AnnotateParameters
from tagger.service.problems import problem_responses
from tagger.service.receiving import read_body, stream_body
from tagger.service.security import DOOR_PROBLEMS, require
from tagger.service.webhooks import WebhookPolicy, WebhookSender
from tagger.settings import Settings
from tagger.store.database import Database, data_dir
from tagger.store.idempotency import KeptAnswerRow, KeptAnswers
from tagger.store.jobs import Deliveries, DeliveryRow, DeliveryState, JobRow, Jobs, JobState
from tagger.store.tables import now

_LISTED, _MOST_LISTED = 50, 200
_WINDOW = 16
_SPOOL_BYTES = 1 << 20

Caller = Annotated[Client, Depends(require("annotate"))]


class JobParameters(AnnotateParameters):
    """What is asked of a job: the options of every annotation in it, and where to tell of its end."""

    webhook: str | None = Field(None, description="URL that is told of the job's end, at a host that is allowed.")


class WebhookStatus(BaseModel):
    """How far the message of a job's end is; `error` is what went wrong the last time."""

    url: str
    state: DeliveryState
    attempts: int
    error: str | None


class JobStatus(BaseModel):
    """How far a job is: of its `total` records, `answered` so far, `errors` of them with an error.

    `reason` says why a job failed, or what a queued one waits for. `result` is there once it is done.
    """

    id: str
    state: JobState
    total: int
    answered: int
    errors: int
    options: AnnotateOptions
    created: dt.datetime
    started: dt.datetime | None
    finished: dt.datetime | None
    reason: str | None
    result: str | None
    webhook: WebhookStatus | None

    @classmethod
    def of(cls, job: JobRow) -> JobStatus:
        """Give what the client may know of a job."""
        sent = job.delivery
        return cls(
            **{name: getattr(job, name) for name in ("id", "state", "total", "answered", "errors", "options")},
            **{name: getattr(job, name) for name in ("created", "started", "finished", "reason")},
            result=f"/v1/jobs/{job.id}/result" if job.state == "done" else None,
            webhook=WebhookStatus.model_validate(sent, from_attributes=True) if sent else None,
        )


def add_jobs(app: FastAPI, database: Database, answer: Answer, settings: Settings, *, window: int = _WINDOW) -> None:
    """Add the addresses of jobs, and work on them by `answer`, with `window` records of each job under way.

    Raises:
        SettingsError: the data folder cannot be written into, or webhooks are not set right.
    """
    folder = JobFolder(data_dir(settings))
    jobs = Jobs(database, folder.place, settings.job_lease_seconds)
    policy = WebhookPolicy(settings)
    sender = WebhookSender(Deliveries(database), policy)
    runner = JobRunner(jobs, folder, KeptAnswers(database), answer, sender, settings, window=window)
    add_background(app, sender.sending)
    add_background(app, runner.running)
    _add_posting(app, jobs, folder, policy, runner, settings)
    _add_following(app, jobs, folder, runner)


def _add_posting(
    app: FastAPI, jobs: Jobs, folder: JobFolder, policy: WebhookPolicy, runner: JobRunner, settings: Settings
) -> None:
    @app.post(
        "/v1/jobs",
        summary="Have a large batch annotated in the background",
        status_code=202,
        response_model=JobStatus,
        responses=problem_responses(
            *DOOR_PROBLEMS,
            *IDEMPOTENCY_PROBLEMS,
            BrokenJsonError,
            InvalidEncodingError,
            InvalidRecordError,
            BodyTooLargeError,
            UnsupportedFormatError,
            WebhookRefusedError,
            DiskFullError,
        ),
        openapi_extra={
            "requestBody": examples.batch_body(examples.RECORD_SCHEMA),
            "parameters": [IDEMPOTENCY_HEADER],
        },
    )
    async def start_job(request: Request, client: Caller, parameters: Annotated[JobParameters, Query()]) -> Response:
        """Take in NDJSON or a JSON array of records, and answer at once; `GET` the job to follow it.

        The result has one line a record, in the same order; a record that cannot be annotated is answered in its
        place with its `id` and an `error`.
        """
        key = key_of(request)
        if parameters.webhook is not None:
            policy.check(parameters.webhook)
        job_id = uuid.uuid4().hex
        async with _kept_if_accepted(folder, job_id) as acceptance:
            total, digest = await _receive(request, folder, job_id, settings)
            job = _job(job_id, client, folder.place, total, parameters)
            body = JobStatus.of(job).model_dump_json().encode()
            headers = {"content-type": bodies.JSON, "location": f"/v1/jobs/{job_id}"}
            kept = None
            if key is not None:
                kept = KeptAnswerRow(owner=client.name or "", key=key, fingerprint=fingerprint(request, digest))
                kept.answer(202, headers, body)
            earlier = await run_in_threadpool(jobs.add, job, kept)
            if earlier is not None:
                return replay(earlier)
            acceptance.is_accepted = True
        runner.wake()
        return Response(body, 202, headers)


def _add_following(app: FastAPI, jobs: Jobs, folder: JobFolder, runner: JobRunner) -> None:
    async def own_job(job_id: str, client: Caller) -> JobRow:
        """Give the client's job; another's is unknown to it, but for an administrator."""
        job = await run_in_threadpool(jobs.get, job_id)
        if job.owner != client.name and "admin" not in client.scopes:
            raise UnknownJobError(f"No job has the id {job_id!r}. GET /v1/jobs lists yours.")
        return job

    owned = Depends(own_job)
    unknown = problem_responses(*DOOR_PROBLEMS, UnknownJobError)

    @app.get("/v1/jobs", summary="List the jobs", responses=unknown)
    async def list_jobs(
        client: Caller,
        limit: Annotated[int, Query(ge=1, le=_MOST_LISTED, description="How many to list.")] = _LISTED,
        before: Annotated[str | None, Query(description="List those older than the job with this id.")] = None,
    ) -> list[JobStatus]:
        """List the newest jobs of the client; all clients' for a key with the scope `admin`."""
        everyones = "admin" in client.scopes
        found = await run_in_threadpool(jobs.page, client.name, limit, before, everyones=everyones)
        return [JobStatus.of(job) for job in found]

    @app.get("/v1/jobs/{job_id}", summary="Follow a job", responses=unknown)
    async def show_job(job: JobRow = owned) -> JobStatus:
        """Tell how far a job is."""
        return JobStatus.of(job)

    @app.get(
        "/v1/jobs/{job_id}/result",
        summary="Fetch a job's result",
        response_class=Response,
        responses=unknown
        | problem_responses(JobNotDoneError, ResultGoneError)
        | {200: {"content": {bodies.NDJSON: {"schema": {"type": "string"}}}}},
    )
    async def fetch_result(job: JobRow = owned) -> Response:
        """Send the annotations as NDJSON, one a record, in the order of the records."""
        if job.state != "done":
            raise JobNotDoneError(f"The job is {job.state}: {job.answered} of {job.total} records are answered.")
        size, content = await run_in_threadpool(folder.result, job)
        headers = {"content-length": str(size), "content-disposition": f'attachment; filename="{job.id}.ndjson"'}
        return StreamingResponse(content, media_type=bodies.NDJSON, headers=headers)

    @app.post("/v1/jobs/{job_id}/cancel", summary="Cancel a job", status_code=202, responses=unknown)
    async def cancel_job(job: JobRow = owned) -> JobStatus:
        """Ask for the end of a job; one that has ended stays as it is."""
        job = await run_in_threadpool(jobs.cancel, job.id)
        if job.state == "cancelled":
            await run_in_threadpool(folder.remove_input, job.id)
        runner.wake()
        return JobStatus.of(job)


class _Acceptance:
    is_accepted = False


@asynccontextmanager
async def _kept_if_accepted(folder: JobFolder, job_id: str) -> AsyncIterator[_Acceptance]:
    """Remove what was received, unless the job was accepted.

    Raises:
        DiskFullError: it cannot be written.
    """
    acceptance = _Acceptance()
    try:
        yield acceptance
    except OSError as error:
        raise DiskFullError(f"The job cannot be kept: {error.strerror or error}. Try again later.") from error
    finally:
        if not acceptance.is_accepted:
            await run_in_threadpool(folder.remove, job_id)


def _job(job_id: str, client: Client, place: str, total: int, parameters: JobParameters) -> JobRow:
    options = parameters.model_dump(exclude={"webhook"}) | {"profile": parameters.profile or "fast"}
    delivery = DeliveryRow(job_id=job_id, url=parameters.webhook, state="waiting", attempts=0)
    return JobRow(
        id=job_id,
        owner=client.name,
        place=place,
        state="queued",
        options=options,
        total=total,
        answered=0,
        errors=0,
        created=now(),
        delivery=delivery if parameters.webhook else None,
    )


async def _receive(request: Request, folder: JobFolder, job_id: str, settings: Settings) -> tuple[int, str]:
    """Write the records of a body to the disk, one a line; give their number and the body's hash.

    Raises:
        InputError: the body as a whole cannot be taken.
        OSError: it cannot be written.
    """
    content_type, charset = bodies.media_type(request.headers.get("content-type"))
    received = await run_in_threadpool(folder.receive, job_id)
    try:
        if content_type == bodies.JSON:
            body = await read_body(request, settings.max_batch_bytes)
            digest = hashlib.sha256(body)
            await run_in_threadpool(_write_array, received, body, charset)
        elif content_type in bodies.NDJSON_NAMES and bodies.is_utf8(charset):
            digest = hashlib.sha256()
            async for piece in _pieces(stream_body(request, settings.max_job_bytes)):
                digest.update(piece)
                await run_in_threadpool(received.write, piece)
        else:
            raise UnsupportedFormatError(
                f"A job is NDJSON in UTF-8 ({bodies.NDJSON}), or a JSON array ({bodies.JSON}) of at most "
                f"{settings.max_batch_bytes} bytes."
            )
    finally:
        await run_in_threadpool(received.close)
    if not received.total:
        raise InvalidRecordError("The job has no record. Send at least one.")
    return received.total, digest.hexdigest()


def _write_array(received: Input, body: bytes, charset: str | None) -> None:
    """Write the items of a JSON array, one a line."""
    for line in bodies.lines_of_array(bodies.as_utf8(body, charset)):
        received.write(line)


async def _pieces(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Put small chunks together, so that the disk is not asked for each."""
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        if len(held) >= _SPOOL_BYTES:
            yield bytes(held)
            held.clear()
    yield bytes(held)
