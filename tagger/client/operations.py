"""What can be asked of the service, as steps that both clients do."""

from __future__ import annotations

import json
import time
import uuid
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

import httpx
from pydantic import BaseModel, TypeAdapter

from tagger.article import Annotation, Article, ModelVersions
from tagger.client.steps import (
    END,
    Call,
    Emit,
    Lines,
    Next,
    Pause,
    Retries,
    Spool,
    Steps,
    T,
    send,
    unreachable,
)
from tagger.errors import PROBLEM_URN, Failure, Problem, ServiceError
from tagger.keywords.model import Profile
from tagger.keywords.vocabulary import Keyword

RecordLike = Article | Mapping[str, Any]
Records = Iterable[RecordLike] | AsyncIterable[RecordLike]
Answer = Annotation | Failure

_NDJSON = {"content-type": "application/x-ndjson"}
_BATCH_RECORDS, _BATCH_BYTES = 100, 500_000
_FIRST_LOOK, _LONGEST_LOOK = 0.2, 5.0
_ANSWER: TypeAdapter[Answer] = TypeAdapter(Failure | Annotation)
_KEYWORDS = TypeAdapter(list[Keyword])


class Ready(BaseModel):
    """The program and the models that answer, by profile."""

    version: str
    models: dict[Profile, ModelVersions]


class Job(BaseModel):
    """How far a job is: of its `total` records, `answered` so far, `errors` of them with an error."""

    id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    total: int
    answered: int
    errors: int
    reason: str | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")


_JOBS = TypeAdapter(list[Job])


class Operations:
    """Makes the steps of each operation."""

    def __init__(self, retries: Retries) -> None:
        self._retries = retries

    def annotate(self, content: bytes, media_type: str, options: Mapping[str, Any]) -> Steps[Annotation]:
        """Annotate an article; emits an `Annotation`."""
        headers = {"content-type": media_type}
        call = Call("POST", "/v1/annotate", _written(options), headers, content)
        yield from self._one(call, Annotation.model_validate_json)

    def annotate_batch(self, records: Records, options: Mapping[str, Any]) -> Steps[Answer]:
        """Annotate records some at a time, as they come; emits an answer for each, in their order.

        Where the connection breaks, what was not answered yet is sent again.
        """
        source = _iterator(records)
        lines: deque[bytes] = deque()
        record: Any = None
        while record is not END:
            while len(lines) < _BATCH_RECORDS and sum(map(len, lines)) < _BATCH_BYTES:
                record = yield Next(source)
                if record is END:
                    break
                lines.append(line_of(record))
            yield from self._answers(lines, options)

    def _answers(self, lines: deque[bytes], options: Mapping[str, Any]) -> Steps[Answer]:
        def call() -> Call:
            return Call("POST", "/v1/annotate/batch", _written(options), _NDJSON, b"".join(lines), is_streamed=True)

        def answered(line: str) -> Answer:
            answer = _ANSWER.validate_json(line)
            lines.popleft()
            return answer

        if lines:
            yield from self._stream(call, len(lines), answered)

    def submit(
        self, records: Records, options: Mapping[str, Any], webhook: str | None, idempotency_key: str | None
    ) -> Steps[Job]:
        """Start a job with all records; emits the `Job`. Sent twice, it is one job all the same."""
        source, body = _iterator(records), Spool()
        while (record := (yield Next(source))) is not END:
            body.write(line_of(record))
        params = _written(options) | ({"webhook": webhook} if webhook else {})
        headers = _NDJSON | {"idempotency-key": idempotency_key or uuid.uuid4().hex}
        yield from self._one(Call("POST", "/v1/jobs", params, headers, body), Job.model_validate_json)

    def jobs(self) -> Steps[list[Job]]:
        """List the newest jobs; emits a list of `Job`."""
        yield from self._one(Call("GET", "/v1/jobs"), _JOBS.validate_json)

    def job(self, job_id: str) -> Steps[Job]:
        """Look at a job; emits the `Job`."""
        yield from self._one(Call("GET", f"/v1/jobs/{job_id}"), Job.model_validate_json)

    def cancel(self, job_id: str) -> Steps[Job]:
        """Ask for the end of a job; emits the `Job`."""
        yield from self._one(Call("POST", f"/v1/jobs/{job_id}/cancel"), Job.model_validate_json)

    def wait(self, job_id: str, timeout: float | None) -> Steps[Job]:
        """Look at a job, ever less often, until it has ended; emits the `Job`.

        Raises:
            TimeoutError: it has not after `timeout` seconds.
        """
        pause, until = _FIRST_LOOK, time.monotonic() + timeout if timeout is not None else float("inf")
        while True:
            job = Job.model_validate_json((yield from send(Call("GET", f"/v1/jobs/{job_id}"), self._retries)).content)
            if job.has_ended:
                yield Emit(job)
                return
            if time.monotonic() + pause > until:
                raise TimeoutError(
                    f"Job {job_id} is {job.state}: {job.answered} of {job.total} records are answered."
                )
            yield Pause(pause)
            pause = min(_LONGEST_LOOK, 1.5 * pause)

    def result(self, job_id: str) -> Steps[Answer]:
        """Read the result of a job; emits an answer for each record. Where the connection breaks, it reads on."""
        job = Job.model_validate_json((yield from send(Call("GET", f"/v1/jobs/{job_id}"), self._retries)).content)

        call = Call("GET", f"/v1/jobs/{job_id}/result", is_streamed=True)
        yield from self._stream(lambda: call, job.total, _ANSWER.validate_json, is_whole=True)

    def keywords(self) -> Steps[list[Keyword]]:
        """List the vocabulary; emits a list of `Keyword`."""
        yield from self._one(Call("GET", "/v1/keywords"), _KEYWORDS.validate_json)

    def ready(self) -> Steps[Ready]:
        """Ask whether articles can be annotated; emits what answers."""
        yield from self._one(Call("GET", "/ready"), Ready.model_validate_json)

    def _one(self, call: Call, read: Callable[[bytes], T]) -> Steps[T]:
        response = yield from send(call, self._retries)
        yield Emit(read(response.content))

    def _stream(
        self, call: Callable[[], Call], total: int, read: Callable[[str], Answer], *, is_whole: bool = False
    ) -> Steps[Answer]:
        """Emit `total` answers, a line each, by sending `call` until all are there.

        `is_whole` says that each response begins with the first answer, else with the first that is missing.
        """
        answered = broken = 0
        while answered < total:
            lines = yield Lines((yield from send(call(), self._retries)))
            known = answered if is_whole else 0
            try:
                while (line := (yield Next(lines))) is not END:
                    if known:
                        known -= 1
                        continue
                    yield Emit(read(line))
                    answered += 1
                    broken = 0
                refusal = _incomplete(answered, total)
            except httpx.TransportError as error:
                refusal = unreachable(error)
            if answered < total:
                broken += 1
                if broken >= self._retries.attempts:
                    raise refusal
                yield Pause(self._retries.pause(broken))


def line_of(record: RecordLike) -> bytes:
    """Write a record as a line of NDJSON."""
    data = record.model_dump(mode="json", exclude_none=True) if isinstance(record, Article) else dict(record)
    return json.dumps(data, ensure_ascii=False, default=str).encode() + b"\n"


def _iterator(records: Records) -> Iterator[RecordLike] | AsyncIterator[RecordLike]:
    return aiter(records) if isinstance(records, AsyncIterable) else iter(records)


def _written(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _incomplete(answered: int, total: int) -> ServiceError:
    return ServiceError(
        Problem(
            type=f"{PROBLEM_URN}incomplete",
            title="The answer is not whole",
            status=502,
            detail=f"The service answered {answered} of {total} records and no more.",
        )
    )
