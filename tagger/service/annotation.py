"""The addresses that annotate: one article, or a batch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

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
from tagger.service import bodies, examples
from tagger.service.batches import StreamedBatch, Upload, lines_of
from tagger.service.dependencies import Pool, ServiceSettings
from tagger.service.idempotency import IDEMPOTENCY_HEADER, IDEMPOTENCY_PROBLEMS
from tagger.service.options import AnnotateParameters
from tagger.service.problems import problem_responses
from tagger.service.receiving import read_body, refuse_announced
from tagger.service.security import DOOR_PROBLEMS, require
from tagger.settings import Settings

router = APIRouter(tags=["annotation"], dependencies=[Depends(require("annotate"))])
Options = Annotated[AnnotateParameters, Query()]

_PATH, _BATCH_PATH = "/v1/annotate", "/v1/annotate/batch"
_REFUSED = (
    *DOOR_PROBLEMS,
    *IDEMPOTENCY_PROBLEMS,
    BrokenJsonError,
    InvalidEncodingError,
    BodyTooLargeError,
    UnsupportedFormatError,
)
_PROBLEMS = problem_responses(
    *_REFUSED, TextTooLongError, EmptyTextError, NotFrenchError, QueueFullError, RequestTimeoutError
)


@router.post(
    _PATH,
    summary="Annotate one article",
    response_model=Annotation,
    responses=_PROBLEMS,
    openapi_extra={
        "requestBody": examples.article_body(examples.RECORD_SCHEMA),
        "parameters": [IDEMPOTENCY_HEADER],
    },
)
async def annotate(request: Request, options: Options, pool: Pool, settings: ServiceSettings) -> Response:
    """Annotate a record (JSON), a web page (HTML) or plain text."""
    body = await read_body(request, settings.max_body_bytes)
    content_type, charset = bodies.media_type(request.headers.get("content-type"))
    return Response(await pool.annotate(body, content_type, charset, options), media_type=bodies.JSON)


@router.post(
    _BATCH_PATH,
    summary="Annotate many articles",
    response_model=list[Annotation | Failure],
    responses=problem_responses(*_REFUSED, QueueFullError) | {200: {"content": {bodies.NDJSON: {}}}},
    openapi_extra={
        "requestBody": examples.batch_body(examples.RECORD_SCHEMA),
        "parameters": [IDEMPOTENCY_HEADER],
    },
)
async def annotate_batch(request: Request, options: Options, pool: Pool, settings: ServiceSettings) -> Response:
    """Annotate a JSON array of records, or NDJSON; the answer has the same form and order, sent as it is ready.

    A record that cannot be annotated is answered in its place with its `id` and an `error`.
    """
    pool.check_open()
    content_type, charset = bodies.media_type(request.headers.get("content-type"))
    given: dict[str, Any] = {"answer": partial(pool.answer, options=options), "at_once": 2 * pool.size}
    if content_type == bodies.JSON:
        lines = await pool.lines_of_array(await read_body(request, settings.max_batch_bytes), charset)
        return StreamedBatch(_in_turn(lines), as_array=True, **given)
    if content_type not in bodies.NDJSON_NAMES:
        raise UnsupportedFormatError(
            f"The media type {content_type} is not taken. Send a JSON array as {bodies.JSON}, or one record a line "
            f"as {bodies.NDJSON}."
        )
    if not bodies.is_utf8(charset):
        body = bodies.as_utf8(await read_body(request, settings.max_batch_bytes), charset)
        return StreamedBatch(_in_turn(body), **given)
    refuse_announced(request, settings.max_batch_bytes)
    upload = Upload(settings.max_batch_bytes)
    return StreamedBatch(lines_of(upload, settings.max_body_bytes), upload=upload, **given)


def body_limits(settings: Settings) -> dict[str, int]:
    """Give the addresses of this module, each with the largest body in bytes that it takes."""
    return {_PATH: settings.max_body_bytes, _BATCH_PATH: settings.max_batch_bytes}


async def _in_turn(lines: bytes) -> AsyncIterator[bytes]:
    """Give the lines of a body that is wholly there."""
    for line in lines.splitlines():
        yield line
