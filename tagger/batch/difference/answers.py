"""Annotated files as `tagger annotate` and `tagger retag` write them, and archives with editors' keywords alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from tagger.article import Annotation
from tagger.errors import Failure, InvalidRecordError, UnsupportedFormatError
from tagger.reading.formats import format_of_path
from tagger.reading.records import BadRecord, Record, explain, read_rows, validate_record

Answer = Annotation | Failure | Record
_ONLY_IN_ANNOTATIONS = frozenset({"article", "model"})
_NESTED = frozenset({*Annotation.model_fields, "error"}) - {"id", "language"}


@contextmanager
def open_answers(path: Path) -> Iterator[Iterator[Answer]]:
    """Open a file of annotations, failures and records, told apart row by row.

    Raises:
        UnsupportedFormatError: the ending of the file is none of a table of records.
        OSError: it cannot be opened.
    """
    format = format_of_path(path)
    if not format.holds_records:
        raise UnsupportedFormatError(f"{path} holds one article. Annotate it first: tagger annotate {path} -o …jsonl")
    with path.open("rb") as stream:
        yield map(_answer, read_rows(stream, format))


def _answer(row: object) -> Answer:
    if isinstance(row, dict):
        row = {name: _unpacked(name, value) for name, value in row.items() if value is not None}
        try:
            if "error" in row:
                return Failure.model_validate({"id": None, **row}, extra="ignore")
            if row.keys() >= _ONLY_IN_ANNOTATIONS:
                return Annotation.model_validate(row)
        except ValidationError as error:
            id = row.get("id")
            return _failure(BadRecord(id if isinstance(id, str) else None, InvalidRecordError(explain(error))))
    record = row if isinstance(row, BadRecord) else validate_record(row)
    return _failure(record) if isinstance(record, BadRecord) else record


def _unpacked(name: str, value: object) -> object:
    """Give what a cell of CSV holds as JSON; an archive's keywords are none, but separated by ``|``."""
    if isinstance(value, str) and name in _NESTED:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _failure(record: BadRecord) -> Failure:
    return Failure(id=record.id, error=record.error.problem())
