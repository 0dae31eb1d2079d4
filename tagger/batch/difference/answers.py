"""Annotated files as `tagger annotate` and `tagger retag` write them, and archives with editors' keywords alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tagger.article import Annotation, EntityType
from tagger.errors import Failure, InvalidRecordError, UnsupportedFormatError
from tagger.keywords.vocabulary import slug
from tagger.reading.formats import format_of_path
from tagger.reading.records import BadRecord, Record, explain, read_rows, validate_record

Answer = Annotation | Failure | Record
_WITH_ALL = frozenset({"article", "model"})  # what annotations have and other records have not
_IN_CSV = frozenset({"language", "model"})  # the same, of the tables for people
_ENTITY_COLUMNS: dict[str, EntityType] = {
    "people": "PER",
    "institutions": "ORG",
    "countries": "COUNTRY",
    "places": "LOC",
}


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
        row = {name: value for name, value in row.items() if value is not None}
        try:
            if "error" in row:
                return Failure.model_validate({"id": None, **row})
            if row.keys() >= _WITH_ALL:
                return Annotation.model_validate({"lead": None, **row})  # keywords alone have no lead
            if row.keys() >= _IN_CSV:
                return Annotation.model_validate(_of_csv(row))
        except ValidationError as error:
            id = row.get("id")
            return _failure(BadRecord(id if isinstance(id, str) else None, InvalidRecordError(explain(error))))
    record = row if isinstance(row, BadRecord) else validate_record(row)
    return _failure(record) if isinstance(record, BadRecord) else record


def _of_csv(row: Mapping[str, str]) -> dict[str, Any]:
    """Make an annotation of a row of CSV, which has neither the text nor what was listed and not suggested."""

    def values(column: str) -> list[str]:
        return row.get(column, "").split("|") if row.get(column) else []

    return {
        "id": row.get("id"),
        "language": row["language"],
        "article": {
            "title": row.get("title", ""),
            "text": "",
            "date": row.get("date"),
            "keywords": values("filed_under"),
        },
        "keywords": [
            {"keyword": name, "keyword_id": slug(name), "probability": probability, "suggested": True}
            for name, probability in zip(values("keywords"), values("probabilities"), strict=False)
        ],
        "entities": [
            {"name": name, "type": kind, "salience": 0, "known": False, "mentions": []}
            for column, kind in _ENTITY_COLUMNS.items()
            for name in values(column)
        ],
        "countries": [],
        "lead": {"text": row["lead"], "source": [], "method": ""} if "lead" in row else None,
        "model": {"keywords": row["model"], "entities": None, "lead": None},
    }


def _failure(record: BadRecord) -> Failure:
    return Failure(id=record.id, error=record.error.problem())
