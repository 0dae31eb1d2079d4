"""Tables of records (JSON Lines, CSV, Parquet): one article a row, good rows answered whatever the others are.

A record is ``{"id", "title", "text"}`` and optionally ``html``, ``url``, ``date``, ``source``, ``chapo`` and
``keywords``; further fields are left alone. In CSV, keywords are separated by ``|``.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from tagger.article import Article
from tagger.errors import (
    BrokenJsonError,
    InputError,
    InvalidEncodingError,
    InvalidRecordError,
    MissingExtraError,
)
from tagger.reading.dates import find_date
from tagger.reading.decoding import bom_encoding, text_encoding, utf8_or_windows
from tagger.reading.formats import Format
from tagger.reading.html_page import read_html

_PARQUET_BATCH_ROWS = 256
_SNIFFED_BYTES = 65_536
_AS_BYTES = "latin-1"  # makes each byte the character of the same number
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Record(BaseModel):
    """An article as a CMS or a pipeline hands it over."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str | None = None
    title: str = ""
    text: str = ""
    html: str | None = None
    url: str | None = None
    date: dt.date | None = None
    source: str | None = None
    chapo: str | None = None
    keywords: list[str] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Read null as an absent field, and ask for an article."""
        if not isinstance(data, dict):
            raise ValueError("a record must be a JSON object")  # noqa: TRY004 - pydantic reports ValueError
        if not data.keys() & {"text", "html"}:
            found = ", ".join(sorted(map(str, data))) or "none"
            raise ValueError(f"a record needs a field 'text' or 'html'; its fields are: {found}")
        return {key: value for key, value in data.items() if value is not None}

    @model_validator(mode="after")
    def _is_unicode(self) -> Self:
        """Refuse halves of characters (lone surrogates), which JSON can hold and no file can."""
        for name, value in self:
            if isinstance(value, str) and _SURROGATE.search(value):
                raise ValueError(f"{name} holds half a character (a lone surrogate), which is no text")
        return self

    @field_validator("date", mode="before")
    @classmethod
    def _any_written_date(cls, value: object) -> object:
        """Take ISO dates and timestamps, and dates as French pages print them."""
        if isinstance(value, dt.datetime):
            return value.date()
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        found = find_date(value)
        if found is None:
            raise ValueError("no date that can be read; write it as 2025-07-02")
        return found

    @field_validator("keywords", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split("|") if part.strip()]
        return value


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A row that could not be read, with its id if that much is known."""

    id: str | None
    error: InputError


def article_of(record: Record) -> Article:
    """Make the article of a record. Plain `text` is kept unchanged; `html` is read where there is no text."""
    if record.html and not record.text.strip():
        page = read_html(record.html, url=record.url)
        given = {
            name: getattr(record, name)
            for name in ("title", "date", "source", "chapo", "keywords")
            if getattr(record, name)
        }
        return page.model_copy(update=given)
    return Article(
        title=record.title,
        text=record.text,
        chapo=record.chapo,
        date=record.date,
        source=record.source,
        url=record.url,
        keywords=record.keywords,
    )


def parse_record(line: bytes) -> Record | BadRecord:
    """Read one record of JSON, such as a line of JSON Lines."""
    try:
        return validate_record(parse_json(line))
    except InputError as error:
        return BadRecord(None, error)


def parse_json(data: bytes) -> object:
    """Decode JSON, which must be UTF-8.

    Raises:
        InvalidEncodingError: the bytes are not UTF-8.
        BrokenJsonError: they are not JSON.
    """
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidEncodingError(f"JSON must be UTF-8, and this is not: {error}.") from None
    except (ValueError, RecursionError) as error:
        raise BrokenJsonError(f"This is not JSON: {error}.") from None


def validate_record(data: object) -> Record | BadRecord:
    """Check a decoded record."""
    try:
        return Record.model_validate(data)
    except ValidationError as error:
        identifier = data.get("id") if isinstance(data, dict) else None
        is_usable = isinstance(identifier, str | int) and not _SURROGATE.search(str(identifier))
        return BadRecord(str(identifier) if is_usable else None, InvalidRecordError(explain(error)))


def explain(error: ValidationError) -> str:
    """Say in one line what is wrong with a record."""
    reasons = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(str(part) for part in item["loc"])
        reason = item["msg"].removeprefix("Value error, ")
        reasons.append(f"{place}: {reason}" if place else reason)
    return "; ".join(reasons) + "."


def read_records(stream: BinaryIO, format: Format, charset: str | None = None) -> Iterator[Record | BadRecord]:
    """Go through the records of a file, one at a time; memory does not grow with the file (but for ``.json``).

    `charset` is the encoding of a CSV file, if it is known; JSON is UTF-8 by its standard.
    """
    return (row if isinstance(row, BadRecord) else validate_record(row) for row in read_rows(stream, format, charset))


def read_rows(stream: BinaryIO, format: Format, charset: str | None = None) -> Iterator[object]:
    """Go through the rows of a file as `read_records` does, decoded but not checked, a `BadRecord` where that fails.

    In CSV, every value is a string, and empty ones are left out.
    """
    if format is Format.JSON:
        return _read_json(stream)
    if format is Format.JSONL:
        return _read_jsonl(stream)
    if format is Format.CSV:
        return _read_csv(stream, charset)
    if format is Format.PARQUET:
        return _read_parquet(stream)
    raise ValueError(f"{format} holds one article, not records")


def _read_json(stream: BinaryIO) -> Iterator[object]:
    """Read a file that is one record or an array of them."""
    try:
        data = parse_json(stream.read())
    except InputError as error:
        yield BadRecord(None, error)
        return
    yield from data if isinstance(data, list) else [data]


def _read_jsonl(lines: Iterable[bytes]) -> Iterator[object]:
    for line in lines:
        if line.strip():
            try:
                yield parse_json(line)
            except InputError as error:
                yield BadRecord(None, error)


def _read_csv(stream: BinaryIO, charset: str | None) -> Iterator[object]:
    """Read CSV as spreadsheets write it: commas, semicolons or tabs, UTF-8 or windows-1252, even both in one file."""
    csv.field_size_limit(2**31 - 1)
    buffered = io.BufferedReader(stream, _SNIFFED_BYTES)  # type: ignore[type-var]
    start = buffered.peek(_SNIFFED_BYTES)
    header = start.lstrip(b"\r\n").partition(b"\n")[0]
    delimiter = max(",;\t", key=lambda character: header.count(character.encode()))  # one byte in UTF-16 too
    try:
        declared = text_encoding(charset) if charset else None
        encoding = bom_encoding(start) or declared
        if encoding == "utf-8-sig":
            buffered.read(len(codecs.BOM_UTF8))
            encoding = None  # rows of another encoding may have been added to the file since
        text = io.TextIOWrapper(buffered, encoding=encoding or _AS_BYTES, newline="")
        rows = csv.reader(text, delimiter=delimiter)
        names: list[str] | None = None
        for row in filter(None, rows if encoding else map(_decoded, rows)):
            if names is None:
                names = row
            else:
                yield {name: value for name, value in zip(names, row, strict=False) if name and value}
    except InvalidEncodingError as error:
        yield BadRecord(None, error)
    except UnicodeError as error:
        yield BadRecord(None, InvalidEncodingError(f"The CSV file cannot be decoded: {error}. Save it as UTF-8."))
    except csv.Error as error:
        yield BadRecord(None, InvalidRecordError(f"The CSV file cannot be read on: {error}."))


def _decoded(row: list[str]) -> list[str]:
    """Decode a row whose characters stand for bytes; it has one encoding, which all of its values together tell."""
    values = [value.encode(_AS_BYTES) for value in row]
    encoding = utf8_or_windows(b"\n".join(values))
    return [value.decode(encoding, errors="replace") for value in values]


def _read_parquet(stream: BinaryIO) -> Iterator[object]:
    try:
        from pyarrow import ArrowException, parquet
        from pyarrow.types import is_string
    except ImportError:
        raise MissingExtraError("Reading Parquet needs pyarrow: pip install 'osiris-tagger[parquet]'.") from None
    try:
        # As dictionaries and row by row: a text that stands in a thousand rows is in memory once.
        texts = [field.name for field in parquet.ParquetFile(stream).schema_arrow if is_string(field.type)]
        file = parquet.ParquetFile(stream, read_dictionary=texts)
        for batch in file.iter_batches(batch_size=_PARQUET_BATCH_ROWS):
            for row in range(batch.num_rows):
                yield batch.slice(row, 1).to_pylist()[0]
    except (ArrowException, OSError, UnicodeDecodeError) as error:
        yield BadRecord(None, InvalidRecordError(f"The Parquet file cannot be read: {error}."))
