"""A file or standard input as records, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader
from typing import BinaryIO

from tagger.errors import InputError, SourceError
from tagger.reading.decoding import decode
from tagger.reading.formats import Format, format_of_content, read_bytes
from tagger.reading.records import BadRecord, Record, read_records

_PEEKED_BYTES = 4096


def format_of_stream(stream: BinaryIO) -> Format:
    """Guess the format of what a stream holds, without reading from it."""
    return format_of_content(stream.peek(_PEEKED_BYTES) if isinstance(stream, BufferedReader) else b"")


def records_in(stream: BinaryIO, format: Format, charset: str | None, name: str) -> Iterator[Record | BadRecord]:
    """Give the records of a stream, one at a time; a text or a page is one record, with `name` as its id."""
    if format.holds_records:
        yield from read_records(stream, format, charset)
    else:
        yield record_of(stream.read(), format, charset, name)


def at_least_one(records: Iterator[Record | BadRecord], name: str) -> Iterator[Record | BadRecord]:
    """Give the records of a source, which must have some: it is more likely the wrong file than no work.

    Raises:
        SourceError: there is none.
    """
    is_empty = True
    for record in records:
        is_empty = False
        yield record
    if is_empty:
        raise SourceError(f"{name} has no record.")


def record_of(data: bytes, format: Format, charset: str | None, name: str) -> Record | BadRecord:
    """Make the record of a text, or of a page, whose HTML is left to whoever annotates it."""
    try:
        if format is Format.HTML:
            return Record(id=name, html=decode(data, declared=charset))
        return Record(id=name, **read_bytes(data, format, charset=charset).model_dump())
    except InputError as error:
        return BadRecord(name, error)
