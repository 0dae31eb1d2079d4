"""Bodies of requests, received up to a limit: whole, or piece by piece."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import Request

from tagger.errors import BodyTooLargeError


async def read_body(request: Request, limit: int) -> bytes:
    """Read a body of at most `limit` bytes.

    Raises:
        BodyTooLargeError: it is longer; reading stops there.
    """
    return b"".join([chunk async for chunk in stream_body(request, limit)])


async def stream_body(request: Request, limit: int) -> AsyncIterator[bytes]:
    """Give a body of at most `limit` bytes piece by piece.

    Raises:
        BodyTooLargeError: it is longer; reading stops there.
    """
    if int(request.headers.get("content-length", 0)) > limit:
        raise BodyTooLargeError.of_limit(limit)
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise BodyTooLargeError.of_limit(limit)
        yield chunk
