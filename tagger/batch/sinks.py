"""The forms in which annotated archives are written: JSON Lines, CSV, Parquet.

A sink's `render` runs in the workers and gives the lines that the journal keeps; `write` makes the file of them at
the end. Both depend on the annotations and their order alone, so the same work gives the same bytes, however it was
cut up.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import islice
from pathlib import Path
from types import NoneType
from typing import Any, BinaryIO, Literal, Protocol, get_args, get_origin

from pydantic import BaseModel

from tagger.article import Annotation, EntityType
from tagger.errors import MissingExtraError, UnsupportedFormatError
from tagger.keywords.vocabulary import Vocabulary, slug

_ROWS_IN_GROUP = 1000
_ROWS_PARSED = 100
_BOM = b"\xef\xbb\xbf"  # without it, spreadsheets take the file for windows-1252
_ENTITY_COLUMNS: dict[str, EntityType] = {
    "people": "PER",
    "institutions": "ORG",
    "countries": "COUNTRY",
    "places": "LOC",
}


class SinkFormat(StrEnum):
    """The kinds of output."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class Sink(Protocol):
    """One form of output."""

    def render(self, annotation: Annotation) -> bytes:
        """Give the line that the journal keeps of an annotation."""

    def read(self, stream: BinaryIO) -> Iterator[bytes]:
        """Give the lines again of which a file was written."""

    def write(self, lines: Iterable[bytes], stream: BinaryIO) -> None:
        """Write a whole file."""


def sink_format_of(path: Path) -> SinkFormat:
    """Tell the form of an output by the ending of its name.

    Raises:
        UnsupportedFormatError: no form has this ending.
    """
    endings = {".jsonl": SinkFormat.JSONL, ".ndjson": SinkFormat.JSONL}
    endings |= {f".{format}": format for format in (SinkFormat.CSV, SinkFormat.PARQUET)}
    try:
        return endings[path.suffix.lower()]
    except KeyError:
        raise UnsupportedFormatError(
            f"The ending of {path.name!r} is not one of {' '.join(endings)}. Name the output with one of these."
        ) from None


def sink_of(format: SinkFormat) -> Sink:
    """Give the sink that writes a form.

    Raises:
        MissingExtraError: it is Parquet, and pyarrow is not installed.
    """
    kinds: dict[SinkFormat, Callable[[], Sink]] = {
        SinkFormat.JSONL: _JsonLines,
        SinkFormat.CSV: _Csv,
        SinkFormat.PARQUET: _Parquet,
    }
    return kinds[format]()


class _JsonLines:
    """A line an annotation, as `tagger annotate` writes it."""

    def render(self, annotation: Annotation) -> bytes:
        return annotation.model_dump_json().encode() + b"\n"

    def read(self, stream: BinaryIO) -> Iterator[bytes]:
        return iter(stream)

    def write(self, lines: Iterable[bytes], stream: BinaryIO) -> None:
        stream.writelines(lines)


class _Csv:
    """A table for people: what was suggested and found, without evidence and places in the text."""

    def render(self, annotation: Annotation) -> bytes:
        return _csv_line(_cells(annotation).values())

    def read(self, stream: BinaryIO) -> Iterator[bytes]:
        next(stream, None)
        return iter(stream)

    def write(self, lines: Iterable[bytes], stream: BinaryIO) -> None:
        stream.write(_BOM + _csv_line(CSV_COLUMNS))
        stream.writelines(lines)


CSV_COLUMNS = (
    *("id", "date", "source", "url", "language", "title", "filed_under", "keywords", "probabilities"),
    *_ENTITY_COLUMNS,
    *("lead", "warnings", "model"),
)


def _cells(annotation: Annotation) -> dict[str, str]:
    """Give the cells of an annotation's row, by column; a cell of several values has them separated by ``|``."""
    article = annotation.article
    suggested = [suggestion for suggestion in annotation.keywords if suggestion.suggested]
    cells: dict[str, object] = {
        "id": annotation.id,
        "date": article.date,
        "source": article.source,
        "url": article.url,
        "language": annotation.language,
        "title": article.title,
        "filed_under": article.keywords,
        "keywords": [suggestion.keyword for suggestion in suggested],
        "probabilities": [f"{suggestion.probability:.4f}" for suggestion in suggested],
        **{
            column: [entity.name for entity in annotation.entities if entity.type == kind]
            for column, kind in _ENTITY_COLUMNS.items()
        },
        "lead": annotation.lead and annotation.lead.text,
        "warnings": [warning.code for warning in annotation.warnings],
        "model": annotation.model.keywords,
    }
    return {column: _cell(cells[column]) for column in CSV_COLUMNS}


def annotation_of_cells(cells: Mapping[str, str], vocabulary: Vocabulary) -> Annotation:
    """Make an annotation of a row's cells again; neither the text nor what was listed and not suggested is in them.

    Raises:
        ValidationError: a cell cannot be read.
    """

    def values(column: str) -> list[str]:
        return cells[column].split("|") if cells.get(column) else []

    def id_of(name: str) -> str:
        keyword = vocabulary.find(name)
        return keyword.id if keyword else slug(name)

    return Annotation.model_validate(
        {
            "id": cells.get("id"),
            "language": cells["language"],
            "article": {
                "title": cells.get("title", ""),
                "text": "",
                "date": cells.get("date"),
                "keywords": values("filed_under"),
            },
            "keywords": [
                {"keyword": name, "keyword_id": id_of(name), "probability": probability, "suggested": True}
                for name, probability in zip(values("keywords"), values("probabilities"), strict=False)
            ],
            "entities": [
                {"name": name, "type": kind, "salience": 0, "known": False, "mentions": []}
                for column, kind in _ENTITY_COLUMNS.items()
                for name in values(column)
            ],
            "countries": [],
            "lead": {"text": cells["lead"], "source": [], "method": ""} if "lead" in cells else None,
            "model": {"keywords": cells["model"], "entities": "", "lead": ""},
        }
    )


def _cell(value: object) -> str:
    """Write one cell, without line breaks, so that each row is one line."""
    text = "|".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return " ".join(text.split())


def _csv_line(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode()


class _Parquet(_JsonLines):
    """All of each annotation, as nested columns that follow the shapes of `tagger.article`."""

    def __init__(self) -> None:
        try:
            import pyarrow as pa
            from pyarrow import json, parquet
        except ImportError:
            raise MissingExtraError("Writing Parquet needs pyarrow: pip install 'osiris-tagger[parquet]'.") from None
        self._pa, self._json, self._parquet = pa, json, parquet
        self._schema = pa.schema(_arrow_fields(pa, Annotation, pa.date32()))
        self._json_schema = pa.schema(_arrow_fields(pa, Annotation, pa.string()))  # Arrow's reader knows no dates

    def read(self, stream: BinaryIO) -> Iterator[bytes]:
        for batch in self._parquet.ParquetFile(stream).iter_batches(batch_size=_ROWS_PARSED, use_threads=False):
            for row in batch.to_pylist():
                yield self.render(Annotation.model_validate(row))

    def write(self, lines: Iterable[bytes], stream: BinaryIO) -> None:
        lines = iter(lines)
        with self._parquet.ParquetWriter(stream, self._schema, compression="zstd") as writer:
            while group := list(islice(lines, _ROWS_IN_GROUP)):
                writer.write_table(self._table(group), row_group_size=_ROWS_IN_GROUP)

    def _table(self, lines: list[bytes]) -> Any:  # noqa: ANN401 - pyarrow has no types
        """Make a table of lines; it is in one piece, so that its pages are always cut in the same places."""
        parts = [b"".join(lines[start : start + _ROWS_PARSED]) for start in range(0, len(lines), _ROWS_PARSED)]
        tables = [
            self._json.read_json(
                io.BytesIO(part),
                read_options=self._json.ReadOptions(use_threads=False, block_size=len(part) + 1),
                parse_options=self._json.ParseOptions(
                    explicit_schema=self._json_schema, unexpected_field_behavior="error"
                ),
            )
            for part in parts
        ]
        return self._pa.concat_tables(tables).cast(self._schema).combine_chunks()


def _arrow_fields(pa: Any, shape: type[BaseModel], date: Any) -> list[Any]:  # noqa: ANN401 - pyarrow has no types
    """Give Arrow's fields for a shape, dates being of the type `date`."""
    plain = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), dt.date: date}

    def type_of(annotation: Any) -> Any:  # noqa: ANN401 - a type of Python, and one of Arrow
        arguments = [argument for argument in get_args(annotation) if argument is not NoneType]
        if get_origin(annotation) is list:
            return pa.list_(type_of(arguments[0]))
        if get_origin(annotation) is Literal:
            return pa.string()
        if arguments:  # X | None, Annotated[X, …]
            return type_of(arguments[0])
        if issubclass(annotation, BaseModel):
            return pa.struct(_arrow_fields(pa, annotation, date))
        return plain[annotation]

    return [pa.field(name, type_of(field.annotation)) for name, field in shape.model_fields.items()]
