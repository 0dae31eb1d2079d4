"""`tagger annotate`: articles in, annotations out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console

from tagger.annotator import DEFAULT_TOP, Annotator
from tagger.article import Annotation
from tagger.commands.common import (
    SOME_FAILED,
    DataOption,
    LeadModelOption,
    ModelsOption,
    NamesOption,
    clear_errors,
    complain,
    errors,
    open_output,
    progress,
)
from tagger.console import show_annotation
from tagger.errors import Failure, InputError
from tagger.keywords.model import Profile
from tagger.leads.options import DEFAULT_CHARS, LEAST_CHARS, TITLE_CHARS, LeadOptions
from tagger.reading import BadRecord, Record, read_bytes, read_records
from tagger.reading.formats import Format, format_of_content, format_of_path
from tagger.settings import load_settings

_PEEKED_BYTES = 4096


@dataclass(frozen=True)
class _Source:
    """A file or standard input to read from."""

    name: str
    format: Format
    stream: BinaryIO


def annotate(
    files: Annotated[
        list[str], typer.Argument(help="Articles: .txt .html .json .jsonl .csv .parquet, or - for standard input.")
    ],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write JSON Lines to this file.")] = None,
    top: Annotated[int, typer.Option(min=1, help="How many keywords to list, suggested or not.")] = DEFAULT_TOP,
    table: Annotated[
        bool | None, typer.Option("--table/--jsonl", help="Tables or JSON Lines; by default tables on a terminal.")
    ] = None,
    input_format: Annotated[
        Format | None, typer.Option(help="Format of the input, where its name does not tell.")
    ] = None,
    charset: Annotated[str | None, typer.Option(help="Encoding of text and HTML files, if you know it.")] = None,
    require_french: Annotated[bool, typer.Option(help="Refuse articles that are not in French.")] = False,
    profile: Annotated[
        Profile | None,
        typer.Option(
            help="Keyword model: best or fast; by default best for single articles, fast for files of many."
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Suggest what reaches this precision, instead of what gives the best F1."),
    ] = None,
    lead_chars: Annotated[
        int, typer.Option(min=LEAST_CHARS, help="How many characters a lead may have.")
    ] = DEFAULT_CHARS,
    lead_sentences: Annotated[int, typer.Option(min=1, max=2, help="How many sentences a lead may have.")] = 2,
    alternatives: Annotated[bool, typer.Option(help="Give two other leads to choose from.")] = False,
    suggest_title: Annotated[
        bool, typer.Option(help=f"Suggest a title of at most {TITLE_CHARS} characters.")
    ] = False,
    lead_model: LeadModelOption = None,
    models: ModelsOption = None,
    training_data: DataOption = None,
    own_names: NamesOption = None,
) -> None:
    """Annotate articles: keywords, entities and a lead.

    Examples:
        tagger annotate page.html

        tagger annotate archive.jsonl --output annotated.jsonl --top 5

        curl -s https://example.org/article | tagger annotate - --jsonl
    """
    as_table = table if table is not None else output is None and sys.stdout.isatty()
    with clear_errors():
        annotator = Annotator.load(
            load_settings(
                models_dir=models, training_data_dir=training_data, names_file=own_names, lead_model=lead_model
            )
        )
        lead = LeadOptions(
            max_chars=lead_chars,
            max_sentences=lead_sentences,
            alternatives=alternatives,
            title=suggest_title,
        )
        options = _Options(top, require_french, charset, profile, precision, lead)
        with open_output(output) as stream, progress("articles") as advance:
            failed = 0
            for name, answer in _answers(annotator, files, input_format, options):
                failed += isinstance(answer, Failure)
                if as_table:
                    _print_answer(name, answer)
                else:
                    stream.write(answer.model_dump_json() + "\n")
                advance()
    if failed:
        errors.print(f"[yellow]{failed} could not be annotated; their `error` says why.[/]")
        raise typer.Exit(SOME_FAILED)


@dataclass(frozen=True)
class _Options:
    top: int
    require_french: bool
    charset: str | None
    profile: Profile | None
    precision: float | None
    lead: LeadOptions


def _answers(
    annotator: Annotator, files: list[str], input_format: Format | None, options: _Options
) -> Iterator[tuple[str, Annotation | Failure]]:
    """Annotate all that the files hold, in order."""
    for file in files:
        with _open_source(file, input_format) as source:
            profile = options.profile or ("fast" if source.format.holds_records else "best")
            for record in _records(source, options.charset):
                answer = annotator.answer(
                    record,
                    top=options.top,
                    require_french=options.require_french,
                    profile=profile,
                    precision=options.precision,
                    lead=options.lead,
                )
                yield record.id or source.name, answer


def _records(source: _Source, charset: str | None) -> Iterator[Record | BadRecord]:
    """Give the records of a source; a text or a web page is one record, with its name as id."""
    if source.format.holds_records:
        yield from read_records(source.stream, source.format, charset)
        return
    try:
        article = read_bytes(source.stream.read(), source.format, charset=charset)
    except InputError as error:
        yield BadRecord(source.name, error)
    else:
        yield Record(id=source.name, **article.model_dump())


@contextmanager
def _open_source(file: str, input_format: Format | None) -> Iterator[_Source]:
    if file == "-":
        buffer = sys.stdin.buffer
        start = buffer.peek(_PEEKED_BYTES) if isinstance(buffer, BufferedReader) else b""
        yield _Source("-", input_format or format_of_content(start), buffer)
        return
    path = Path(file)
    with path.open("rb") as stream:
        yield _Source(file, input_format or _format_of(path, stream), stream)


def _format_of(path: Path, stream: BufferedReader) -> Format:
    return format_of_path(path) if path.suffix else format_of_content(stream.peek(_PEEKED_BYTES))


def _print_answer(name: str, answer: Annotation | Failure) -> None:
    if isinstance(answer, Failure):
        complain(f"{name}: {answer.error.title}.", answer.error.detail)
    else:
        show_annotation(Console(), name, answer)
