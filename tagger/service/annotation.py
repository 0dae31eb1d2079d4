"""The addresses that annotate: one article, or a batch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from tagger.article import Annotation
from tagger.errors import (
    BodyTooLargeError,
    BrokenJsonError,
    EmptyTextError,
    Failure,
    InvalidEncodingError,
    NotFrenchError,
    QueueFullError,
    RequestTimeoutError,
    TextTooLongError,
    UnsupportedFormatError,
)
from tagger.reading import Record
from tagger.service import bodies, examples
from tagger.service.batches import StreamedBatch, Upload, lines_of
from tagger.service.dependencies import Pool, ServiceSettings
from tagger.service.options import AnnotateOptions
from tagger.service.problems import problem_responses

router = APIRouter(tags=["annotation"])
Options = Annotated[AnnotateOptions, Query()]

_RECORD_SCHEMA = Record.model_json_schema()
_UNREADABLE = (BrokenJsonError, InvalidEncodingError, BodyTooLargeError, UnsupportedFormatError)
_PROBLEMS = problem_responses(
    *_UNREADABLE, TextTooLongError, EmptyTextError, NotFrenchError, QueueFullError, RequestTimeoutError
)


@router.post(
    "/v1/annotate",
    summary="Annotate one article",
    response_model=Annotation,
    responses=_PROBLEMS,
    openapi_extra={"requestBody": examples.article_body(_RECORD_SCHEMA)},
)
async def annotate(request: Request, options: Options, pool: Pool, settings: ServiceSettings) -> Response:
    """Annotate a record (JSON), a web page (HTML) or plain text."""
    body = await _whole_body(request, settings.max_body_bytes)
    content_type, charset = bodies.media_type(request.headers.get("content-type"))
    return Response(await pool.annotate(body, content_type, charset, options), media_type=bodies.JSON)


@router.post(
    "/v1/annotate/batch",
    summary="Annotate many articles",
    response_model=list[Annotation | Failure],
    responses=problem_responses(*_UNREADABLE, QueueFullError) | {200: {"content": {bodies.NDJSON: {}}}},
    openapi_extra={"requestBody": examples.batch_body(_RECORD_SCHEMA)},
)
async def annotate_batch(request: Request, options: Options, pool: Pool, settings: ServiceSettings) -> Response:
    """Annotate a JSON array of records, or NDJSON; the answer has the same form and order, sent as it is ready.

    A record that cannot be annotated is answered in its place with its `id` and an `error`.
    """
    pool.check_open()
    content_type, charset = bodies.media_type(request.headers.get("content-type"))
    given: dict[str, Any] = {"answer": partial(pool.answer, options=options), "at_once": 2 * pool.size}
    if content_type == bodies.JSON:
        lines = await pool.lines_of_array(await _whole_body(request, settings.max_batch_bytes), charset)
        return StreamedBatch(_in_turn(lines), as_array=True, **given)
    if content_type not in bodies.NDJSON_NAMES:
        raise UnsupportedFormatError(
            f"The media type {content_type} is not taken. Send a JSON array as {bodies.JSON}, or one record a line "
            f"as {bodies.NDJSON}."
        )
    if charset and charset.lower() != "utf-8":
        body = bodies.as_utf8(await _whole_body(request, settings.max_batch_bytes), charset)
        return StreamedBatch(_in_turn(body), **given)
    _refuse_announced(request, settings.max_batch_bytes)
    upload = Upload(settings.max_batch_bytes)
    return StreamedBatch(lines_of(upload, settings.max_body_bytes), upload=upload, **given)


async def _in_turn(lines: bytes) -> AsyncIterator[bytes]:
    """Give the lines of a body that is wholly there."""
    for line in lines.splitlines():
        yield line


async def _whole_body(request: Request, limit: int) -> bytes:
    """Read a body of at most `limit` bytes.

    Raises:
        BodyTooLargeError: it is longer; reading stops there.
    """
    _refuse_announced(request, limit)
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > limit:
            raise BodyTooLargeError.of_limit(limit)
    return bytes(chunks)


def _refuse_announced(request: Request, limit: int) -> None:
    """Refuse a body whose announced length is over the limit."""
    if int(request.headers.get("content-length", 0)) > limit:
        raise BodyTooLargeError.of_limit(limit)
