"""HTTP bodies: their media type and encoding, and the records or the article that is in one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.message import Message

from tagger.errors import InvalidRecordError, UnsupportedFormatError
from tagger.reading import BadRecord, Record, format_of_media_type, read_bytes
from tagger.reading.decoding import decode
from tagger.reading.records import parse_json, parse_record

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
        record = parse_record(as_utf8(body, charset))
        if isinstance(record, BadRecord):
            raise record.error
        return record
    format = format_of_media_type(content_type)
    if format is None:
        raise UnsupportedFormatError(
            f"The media type {content_type} is not one of application/json, text/html and text/plain."
        )
    return Record(**read_bytes(body, format, charset=charset).model_dump())


def lines_of_array(body: bytes) -> Iterator[bytes]:
    """Give the items of a JSON array as lines of NDJSON.

    Raises:
        InputError: it is not JSON, or no array.
    """
    items = parse_json(body)
    if not isinstance(items, list):
        raise InvalidRecordError(
            "The JSON must be an array of records. Send one a line as NDJSON, or a single record to /v1/annotate."
        )
    return (json.dumps(item).encode() + b"\n" for item in items)


def is_utf8(charset: str | None) -> bool:
    """Tell whether a body's sender declares UTF-8, or nothing."""
    return not charset or charset.lower() in ("utf-8", "utf8")


def as_utf8(body: bytes, charset: str | None) -> bytes:
    """Recode a body whose sender declares another encoding.

    Raises:
        InputError: it is not in that encoding.
    """
    return body if is_utf8(charset) else decode(body, declared=charset).encode()
