"""Annotated files as `tagger annotate` and `tagger retag` write them, and archives with editors' keywords alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from tagger.article import Annotation
from tagger.batch.sinks import annotation_of_cells
from tagger.errors import Failure, InvalidRecordError, UnsupportedFormatError
from tagger.keywords.vocabulary import Vocabulary
from tagger.reading.formats import format_of_path
from tagger.reading.records import BadRecord, Record, explain, read_rows, validate_record

Answer = Annotation | Failure | Record
_WITH_ALL = frozenset({"article", "model"})  # what annotations have and other records have not
_IN_CSV = frozenset({"language", "model"})  # the same, of the tables for people


@contextmanager
def open_answers(path: Path, vocabulary: Vocabulary) -> Iterator[Iterator[Answer]]:
    """Open a file of annotations, failures and records, told apart row by row.

    `vocabulary` has the keywords' ids, which a table for people lacks.

    Raises:
        UnsupportedFormatError: the ending of the file is none of a table of records.
        OSError: it cannot be opened.
    """
    format = format_of_path(path)
    if not format.holds_records:
        raise UnsupportedFormatError(f"{path} holds one article. Annotate it first: tagger annotate {path} -o …jsonl")
    with path.open("rb") as stream:
        yield (_answer(row, vocabulary) for row in read_rows(stream, format))


def _answer(row: object, vocabulary: Vocabulary) -> Answer:
    if isinstance(row, dict):
        row = {name: value for name, value in row.items() if value is not None}
        try:
            if "error" in row:
                return Failure.model_validate({"id": None, **row})
            if row.keys() >= _WITH_ALL:
                return Annotation.model_validate({"lead": None, **row})  # keywords alone have no lead
            if row.keys() >= _IN_CSV:
                return annotation_of_cells(row, vocabulary)
        except ValidationError as error:
            id = row.get("id")
            return _failure(BadRecord(id if isinstance(id, str) else None, InvalidRecordError(explain(error))))
    record = row if isinstance(row, BadRecord) else validate_record(row)
    return _failure(record) if isinstance(record, BadRecord) else record


def _failure(record: BadRecord) -> Failure:
    return Failure(id=record.id, error=record.error.problem())
