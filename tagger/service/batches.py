"""Batches as NDJSON, streamed in both directions.

What comes in goes to a file on disk until a worker is free for it, so that a client may send everything before it
reads anything, and memory stays small however long the batch is. What goes out is made no faster than it is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from tempfile import SpooledTemporaryFile

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tagger.errors import BodyTooLargeError, Failure, InputError, TaggerError
from tagger.service import bodies

Answer = Callable[[bytes], Awaitable[bytes]]
_IN_MEMORY = 1 << 20
_CHUNK = 1 << 16


class Upload:
    """A body on its way in: written by `receive`, read by `chunks`, at most `limit` bytes in between."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when the answer is sent
        self._written = self._read = 0
        self._is_whole = False
        self._fault: InputError | None = None
        self._grown = asyncio.Event()

    async def receive(self, receive: Receive) -> None:
        """Take in the body, then wait until the client goes away.

        Raises:
            ClientDisconnect: it did.
        """
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            if not self._is_whole:
                self._write(message.get("body", b""))
                self._is_whole = self._is_whole or not message.get("more_body", False)
            self._grown.set()

    def _write(self, chunk: bytes) -> None:
        if self._written + len(chunk) > self._limit:
            self._fault = BodyTooLargeError.of_limit(self._limit)
            self._is_whole = True
            return
        self._file.seek(self._written)
        self._file.write(chunk)
        self._written += len(chunk)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the body piece by piece, as it comes.

        Raises:
            BodyTooLargeError: after the last piece within the limit.
        """
        while True:
            if self._read < self._written:
                self._file.seek(self._read)
                chunk = self._file.read(min(_CHUNK, self._written - self._read))
                self._read += len(chunk)
                yield chunk
            elif self._is_whole:
                break
            else:
                self._grown.clear()
                await self._grown.wait()
        if self._fault:
            raise self._fault

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


async def lines_of(upload: Upload, limit: int) -> AsyncIterator[bytes | InputError]:
    """Give the lines of a body; in place of one of more than `limit` bytes, the error.

    A body that is too large ends with that error.
    """
    line, is_too_long = bytearray(), False
    try:
        async for chunk in upload.chunks():
            first, *others = chunk.split(b"\n")
            for number, part in enumerate([first, *others]):
                if number:
                    yield _too_long(limit) if is_too_long else bytes(line)
                    line, is_too_long = bytearray(), False
                is_too_long = is_too_long or len(line) + len(part) > limit
                if is_too_long:
                    line.clear()
                else:
                    line += part
    except InputError as error:
        yield error
        return
    yield _too_long(limit) if is_too_long else bytes(line)


def _too_long(limit: int) -> InputError:
    return BodyTooLargeError(f"The line is longer than {limit} bytes. Send one article a line.")


class StreamedBatch(Response):
    """The answers to a batch's lines, in order, each sent as soon as it and those before it are ready."""

    def __init__(
        self,
        lines: AsyncIterator[bytes | InputError],
        *,
        answer: Answer,
        at_once: int,
        upload: Upload | None = None,
        as_array: bool = False,
    ) -> None:
        """Take the lines and what answers one; `at_once` lines are in hand at the same time."""
        super().__init__(media_type=bodies.JSON if as_array else bodies.NDJSON)
        del self.headers["content-length"]
        self._lines = lines
        self._answer = answer
        self._upload = upload
        self._as_array = as_array
        self._in_hand: asyncio.Queue[asyncio.Task[bytes] | None] = asyncio.Queue(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read, answer and send at the same time; all stops when the client goes away."""
        incoming = self._upload.receive if self._upload else _until_gone
        try:
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(incoming(receive))
                filling = group.create_task(self._fill(group))
                await self._send(send)
                await filling
                reading.cancel()
        except* ClientDisconnect:
            pass
        finally:
            if self._upload:
                self._upload.close()

    async def _fill(self, group: asyncio.TaskGroup) -> None:
        """Start on one line after another, as there is room."""
        async for line in self._lines:
            if isinstance(line, InputError) or line.strip():
                await self._in_hand.put(group.create_task(self._answered(line)))
        await self._in_hand.put(None)

    async def _answered(self, line: bytes | InputError) -> bytes:
        """Answer a line, whatever is wrong with it or with us."""
        try:
            if isinstance(line, InputError):
                raise line
            return await self._answer(line)
        except TaggerError as error:
            return Failure(id=None, error=error.problem()).model_dump_json().encode()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        before, after = (b"[", b"") if self._as_array else (b"", b"\n")
        while answering := await self._in_hand.get():
            await send(_part(before + await answering + after))
            before = b"," if self._as_array else b""
        ending = {b"[": b"[]", b",": b"]"}.get(before, b"")
        await send({"type": "http.response.body", "body": ending, "more_body": False})


def _part(body: bytes) -> dict[str, object]:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _until_gone(receive: Receive) -> None:
    """Wait until the client goes away.

    Raises:
        ClientDisconnect: it did.
    """
    while (await receive())["type"] != "http.disconnect":
        pass
    raise ClientDisconnect
