"""HTTP bodies: their media type, and the records that are in one."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message

from tagger.errors import InvalidRecordError, UnsupportedFormatError
from tagger.reading import BadRecord, Record, format_of_media_type, read_bytes
from tagger.reading.decoding import decode
from tagger.reading.records import parse_json, parse_record, validate_record

JSON = "application/json"
NDJSON = "application/x-ndjson"
NDJSON_NAMES = (NDJSON, "application/ndjson", "application/jsonl")


def media_type(content_type: str | None) -> tuple[str, str | None]:
    """Give the media type that a header names, JSON if there is none, and the charset, if one is declared."""
    message = Message()
    message["content-type"] = content_type or JSON
    return message.get_content_type(), message.get_content_charset()


def record_of_body(body: bytes, content_type: str, charset: str | None) -> Record:
    """Make one record of a JSON, HTML or plain text body.

    Raises:
        InputError: the body cannot be read, or its media type is none of these.
    """
    if content_type == JSON:
        return _good(parse_record(as_utf8(body, charset)))
    format = format_of_media_type(content_type)
    if format is None:
        raise UnsupportedFormatError(
            f"The media type {content_type} is not one of application/json, text/html and text/plain."
        )
    return Record(**read_bytes(body, format, charset=charset).model_dump())


def records_of_batch(body: bytes, content_type: str, charset: str | None) -> Iterator[Record | BadRecord]:
    """Give the records of a batch: a JSON array, or NDJSON with one record a line.

    Raises:
        InputError: the body as a whole cannot be read.
    """
    body = as_utf8(body, charset)
    if content_type == JSON:
        items = parse_json(body)
        if not isinstance(items, list):
            raise InvalidRecordError("A batch must be a JSON array of records. Send one record to /v1/annotate.")
        return map(validate_record, items)
    if content_type in NDJSON_NAMES:
        return (parse_record(line) for line in body.splitlines() if line.strip())
    raise UnsupportedFormatError(
        f"The media type {content_type} is not taken. Send a JSON array as {JSON}, or one record a line as {NDJSON}."
    )


def as_utf8(body: bytes, charset: str | None) -> bytes:
    """Recode a body whose sender declares another encoding."""
    return decode(body, declared=charset).encode("utf-8") if charset and charset.lower() != "utf-8" else body


def _good(record: Record | BadRecord) -> Record:
    if isinstance(record, BadRecord):
        raise record.error
    return record
