"""`Idempotency-Key`: a request that is sent again with its key has the answer that it had the first time.

Answers are kept for a day. Without the header the database is not asked.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tagger.errors import InvalidIdempotencyKeyError, KeyReusedError, StoreError, TaggerError, UnderWayError
from tagger.service.background import beside
from tagger.service.problems import problem_response
from tagger.service.receiving import read_body
from tagger.service.security import Doorkeeper
from tagger.store.database import Database
from tagger.store.idempotency import LONGEST_KEY, KeptAnswerRow, KeptAnswers

IDEMPOTENCY_HEADER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name of your own for the request: sent again with it within a day, it has the same answer.",
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
}
IDEMPOTENCY_PROBLEMS: tuple[type[TaggerError], ...] = (InvalidIdempotencyKeyError, UnderWayError, KeyReusedError)
_REPLAYED = {"idempotent-replayed": "true"}
_MOST_KEPT_BYTES = 10_000_000
_LOST_AFTER_SECONDS = 30.0
_GO_ON_SECONDS = 10.0
_NOT_KEPT = frozenset({401, 403, 408, 409, 429})
_FIRST_SERVER_FAULT = 500
_log = structlog.get_logger(__name__)


def key_of(request: Request) -> str | None:
    """Give the request's `Idempotency-Key`.

    Raises:
        InvalidIdempotencyKeyError: it is empty, too long or not of printable ASCII.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise InvalidIdempotencyKeyError(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters.")
    return key


def fingerprint(request: Request, body_digest: str) -> str:
    """Give the hash of all that a request asks: where it goes, its parameters, and its body by the body's hash."""
    url, content_type = request.url, request.headers.get("content-type", "")
    parts = (request.method, url.path, url.query, content_type, body_digest)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def replay(kept: KeptAnswerRow) -> Response:
    """Send a kept answer, and say that it is one."""
    return Response(kept.plain_body, kept.status or 200, kept.headers | _REPLAYED)


def add_idempotency(app: FastAPI, database: Database, doorkeeper: Doorkeeper, limits: Mapping[str, int]) -> None:
    """Keep the answers of the addresses in `limits`, each with the largest body in bytes that it takes."""
    app.add_middleware(_Idempotency, kept=KeptAnswers(database), doorkeeper=doorkeeper, limits=limits)


class _Idempotency:
    """Middleware: answers a request from what is kept, or lets it through and keeps its answer."""

    def __init__(self, app: ASGIApp, kept: KeptAnswers, doorkeeper: Doorkeeper, limits: Mapping[str, int]) -> None:
        self._app = app
        self._kept = kept
        self._doorkeeper = doorkeeper
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        is_asked = (
            scope["type"] == "http"
            and scope["method"] == "POST"
            and scope["path"] in self._limits
            and "idempotency-key" in Headers(scope=scope)
        )
        if not is_asked:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            owner = (await self._doorkeeper.identify(request)).name or ""
            key = key_of(request) or ""
            body = await read_body(request, self._limits[scope["path"]])
            asked = fingerprint(request, hashlib.sha256(body).hexdigest())
            kept = await run_in_threadpool(self._kept.begin, owner, key, asked, _LOST_AFTER_SECONDS)
        except TaggerError as error:
            await problem_response(error)(scope, receive, send)
            return
        if kept is not None:
            await replay(kept)(scope, receive, send)
            return
        recorder = _Recorder(send, lambda answer: self._settle(owner, key, answer))
        async with self._under_way(owner, key, recorder):
            await self._app(scope, _received(body, receive), recorder)

    @asynccontextmanager
    async def _under_way(self, owner: str, key: str, recorder: _Recorder) -> AsyncIterator[None]:
        """Hold the key while the request is being answered; free it where there was no whole answer."""
        try:
            async with beside(self._go_on(owner, key)):
                yield
        finally:
            if not recorder.is_settled:
                await self._free(owner, key)

    async def _go_on(self, owner: str, key: str) -> None:
        while True:
            await asyncio.sleep(_GO_ON_SECONDS)
            with suppress(StoreError):
                await run_in_threadpool(self._kept.go_on, owner, key, _LOST_AFTER_SECONDS)

    async def _settle(self, owner: str, key: str, answer: _Answer) -> None:
        """Keep an answer, or free the key where it is not worth keeping."""
        if not answer.is_worth_keeping:
            await self._free(owner, key)
            return
        try:
            await run_in_threadpool(
                self._kept.finish, owner, key, answer.status, answer.headers, b"".join(answer.chunks)
            )
        except StoreError as error:
            _log.warning("an answer could not be kept for its Idempotency-Key", reason=str(error))
            await self._free(owner, key)

    async def _free(self, owner: str, key: str) -> None:
        with suppress(StoreError):  # it is free again when it counts as lost
            await run_in_threadpool(self._kept.forget, owner, key)


@dataclass
class _Answer:
    """What the app sends; `size` is in bytes, `chunks` are given up where they grow too many."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0

    @property
    def is_worth_keeping(self) -> bool:
        """Whether the same request would be answered like this again."""
        return self.status < _FIRST_SERVER_FAULT and self.status not in _NOT_KEPT and self.size <= _MOST_KEPT_BYTES


class _Recorder:
    """Sends on what the app sends; before the end of the answer is sent, `settle` says what becomes of it.

    A client that asks again at once then finds the key kept or free, and not under way.
    """

    def __init__(self, send: Send, settle: Callable[[_Answer], Awaitable[None]]) -> None:
        self._send = send
        self._settle = settle
        self._answer = _Answer()
        self.is_settled = False

    async def __call__(self, message: Message) -> None:
        """Send on."""
        answer = self._answer
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            content_type = Headers(raw=message.get("headers", [])).get("content-type")
            answer.headers = {"content-type": content_type} if content_type else {}
        elif message["type"] == "http.response.body":
            answer.size += len(message.get("body", b""))
            if answer.size <= _MOST_KEPT_BYTES:
                answer.chunks.append(message.get("body", b""))
            else:
                answer.chunks.clear()
            if not message.get("more_body", False):
                await self._settle(answer)
                self.is_settled = True
        await self._send(message)


def _received(body: bytes, receive: Receive) -> Receive:
    """Give the body that was read once more, and then whatever else the client sends."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
