"""The two clients: one waits, the other awaits; what they do stands in `operations` and `steps`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from typing import Any, Self, Unpack

import httpx

from tagger.article import Annotation
from tagger.client.operations import Answer, Job, Operations, Ready, RecordLike, Records, line_of
from tagger.client.steps import END, Call, Emit, Lines, Next, Pause, Retries, Spool, Step, Steps, T
from tagger.keywords.vocabulary import Keyword
from tagger.options import Options

DEFAULT_URL = "http://127.0.0.1:8000"
_JSON, _HTML, _TEXT = "application/json", "text/html", "text/plain"
_UTF8 = "; charset=utf-8"


class Client:
    """Talks to the service at `url`.

    `timeout` is in seconds, for each time that it waits for the network. `transport` is httpx's, for tests.
    Every method raises `ServiceError` where the service refuses, or stays away or busy for all `retries`.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        api_key: str | None = None,
        timeout: float = 120.0,
        retries: Retries | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(base_url=url, headers=_authorization(api_key), timeout=timeout, transport=transport)
        self._operations = Operations(retries or Retries())

    def annotate(self, record: RecordLike, **options: Unpack[Options]) -> Annotation:
        """Annotate an `Article`, or a record as docs/formats.md has it."""
        return self._value(self._operations.annotate(line_of(record), _JSON, options))

    def annotate_html(self, page: str | bytes, **options: Unpack[Options]) -> Annotation:
        """Annotate a web page; the encoding of bytes is found as a browser finds it."""
        return self._value(self._operations.annotate(*_body(page, _HTML), options))

    def annotate_text(self, text: str | bytes, **options: Unpack[Options]) -> Annotation:
        """Annotate plain text, whose first line may be a title."""
        return self._value(self._operations.annotate(*_body(text, _TEXT), options))

    def annotate_batch(self, records: Records, **options: Unpack[Options]) -> Iterator[Answer]:
        """Annotate records as they come; give the answers as they are ready, in the same order.

        A record that cannot be annotated is answered in its place by a `Failure`.
        """
        return self._values(self._operations.annotate_batch(records, options))

    def submit(
        self,
        records: Records,
        *,
        webhook: str | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Job:
        """Start a job. With one `idempotency_key`, of your own if you like, it is started once."""
        return self._value(self._operations.submit(records, options, webhook, idempotency_key))

    def jobs(self) -> list[Job]:
        """List the newest jobs."""
        return self._value(self._operations.jobs())

    def job(self, job_id: str) -> Job:
        """Tell how far a job is."""
        return self._value(self._operations.job(job_id))

    def wait(self, job_id: str, timeout: float | None = None) -> Job:
        """Wait for the end of a job.

        Raises:
            TimeoutError: it has not ended after `timeout` seconds.
        """
        return self._value(self._operations.wait(job_id, timeout))

    def result(self, job_id: str) -> Iterator[Answer]:
        """Give the answers of a job that is done, in the order of its records."""
        return self._values(self._operations.result(job_id))

    def cancel(self, job_id: str) -> Job:
        """Ask for the end of a job."""
        return self._value(self._operations.cancel(job_id))

    def keywords(self) -> list[Keyword]:
        """List the vocabulary."""
        return self._value(self._operations.keywords())

    def ready(self) -> Ready:
        """Name what answers, once articles can be annotated; that is waited for as long as `retries` say."""
        return self._value(self._operations.ready())

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _value(self, steps: Steps[T]) -> T:
        [value] = self._values(steps)
        return value

    def _values(self, steps: Steps[T]) -> Iterator[T]:
        """Do the steps; give what they emit."""
        advance = partial(steps.send, None)
        with ExitStack() as open_response:
            while True:
                try:
                    step = advance()
                except StopIteration:
                    return
                if isinstance(step, Emit):
                    yield step.value
                    advance = partial(steps.send, None)
                    continue
                try:
                    advance = partial(steps.send, self._done(step, open_response))
                except httpx.TransportError as error:
                    advance = partial(steps.throw, error)

    def _done(self, step: Step, open_response: ExitStack) -> Any:  # noqa: ANN401 - each step has a result of its own
        match step:
            case Pause(seconds):
                return time.sleep(seconds)
            case Lines(response):
                return response.iter_lines()
            case Next(iterator):
                if isinstance(iterator, AsyncIterator):
                    raise TypeError("Client takes no asynchronous iterator; AsyncClient does.")
                return next(iterator, END)
            case Call():
                open_response.close()
                response = self._http.send(_request(self._http, step, _chunks(step)), stream=step.is_streamed)
                open_response.callback(response.close)
                if response.is_error:
                    response.read()
                return response


class AsyncClient:
    """Talks to the service at `url` on asyncio. It does what `Client` does."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        api_key: str | None = None,
        timeout: float = 120.0,
        retries: Retries | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=url, headers=_authorization(api_key), timeout=timeout, transport=transport
        )
        self._operations = Operations(retries or Retries())

    async def annotate(self, record: RecordLike, **options: Unpack[Options]) -> Annotation:
        """Annotate an `Article`, or a record as docs/formats.md has it."""
        return await self._value(self._operations.annotate(line_of(record), _JSON, options))

    async def annotate_html(self, page: str | bytes, **options: Unpack[Options]) -> Annotation:
        """Annotate a web page; the encoding of bytes is found as a browser finds it."""
        return await self._value(self._operations.annotate(*_body(page, _HTML), options))

    async def annotate_text(self, text: str | bytes, **options: Unpack[Options]) -> Annotation:
        """Annotate plain text, whose first line may be a title."""
        return await self._value(self._operations.annotate(*_body(text, _TEXT), options))

    def annotate_batch(self, records: Records, **options: Unpack[Options]) -> AsyncIterator[Answer]:
        """Annotate records as they come; give the answers as they are ready, in the same order.

        `records` may be an asynchronous iterator. A record that cannot be annotated is answered in its place by a
        `Failure`.
        """
        return self._values(self._operations.annotate_batch(records, options))

    async def submit(
        self,
        records: Records,
        *,
        webhook: str | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Job:
        """Start a job. With one `idempotency_key`, of your own if you like, it is started once."""
        return await self._value(self._operations.submit(records, options, webhook, idempotency_key))

    async def jobs(self) -> list[Job]:
        """List the newest jobs."""
        return await self._value(self._operations.jobs())

    async def job(self, job_id: str) -> Job:
        """Tell how far a job is."""
        return await self._value(self._operations.job(job_id))

    async def wait(self, job_id: str, timeout: float | None = None) -> Job:
        """Wait for the end of a job.

        Raises:
            TimeoutError: it has not ended after `timeout` seconds.
        """
        return await self._value(self._operations.wait(job_id, timeout))

    def result(self, job_id: str) -> AsyncIterator[Answer]:
        """Give the answers of a job that is done, in the order of its records."""
        return self._values(self._operations.result(job_id))

    async def cancel(self, job_id: str) -> Job:
        """Ask for the end of a job."""
        return await self._value(self._operations.cancel(job_id))

    async def keywords(self) -> list[Keyword]:
        """List the vocabulary."""
        return await self._value(self._operations.keywords())

    async def ready(self) -> Ready:
        """Name what answers, once articles can be annotated; that is waited for as long as `retries` say."""
        return await self._value(self._operations.ready())

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _value(self, steps: Steps[T]) -> T:
        [value] = [value async for value in self._values(steps)]
        return value

    async def _values(self, steps: Steps[T]) -> AsyncIterator[T]:
        """Do the steps; give what they emit."""
        advance = partial(steps.send, None)
        async with AsyncExitStack() as open_response:
            while True:
                try:
                    step = advance()
                except StopIteration:
                    return
                if isinstance(step, Emit):
                    yield step.value
                    advance = partial(steps.send, None)
                    continue
                try:
                    advance = partial(steps.send, await self._done(step, open_response))
                except httpx.TransportError as error:
                    advance = partial(steps.throw, error)

    async def _done(self, step: Step, open_response: AsyncExitStack) -> Any:  # noqa: ANN401 - as in `Client`
        match step:
            case Pause(seconds):
                return await asyncio.sleep(seconds)
            case Lines(response):
                return response.aiter_lines()
            case Next(iterator):
                return await anext(iterator, END) if isinstance(iterator, AsyncIterator) else next(iterator, END)
            case Call():
                await open_response.aclose()
                content = _chunks(step)
                sent = _awaited(content) if isinstance(content, Iterator) else content
                response = await self._http.send(_request(self._http, step, sent), stream=step.is_streamed)
                open_response.push_async_callback(response.aclose)
                if response.is_error:
                    await response.aread()
                return response


def _authorization(api_key: str | None) -> dict[str, str]:
    return {"authorization": f"Bearer {api_key}"} if api_key else {}


def _body(content: str | bytes, media_type: str) -> tuple[bytes, str]:
    """Give the bytes of a page or a text, and their media type; what is text already is sent as UTF-8."""
    return (content.encode(), media_type + _UTF8) if isinstance(content, str) else (content, media_type)


def _request(http: httpx.Client | httpx.AsyncClient, call: Call, content: Any) -> httpx.Request:  # noqa: ANN401
    return http.build_request(call.method, call.path, params=call.params, headers=call.headers, content=content)


def _chunks(call: Call) -> bytes | Iterator[bytes] | None:
    return call.content.chunks() if isinstance(call.content, Spool) else call.content


async def _awaited(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
