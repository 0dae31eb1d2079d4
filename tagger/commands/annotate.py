"""`tagger annotate`: articles in, annotations out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console

from tagger.annotator import Annotator
from tagger.article import Annotation
from tagger.commands.common import (
    SOME_FAILED,
    AlternativesOption,
    CharsetOption,
    DataOption,
    FormatOption,
    LeadCharsOption,
    LeadModelOption,
    LeadSentencesOption,
    ModelsOption,
    NamesOption,
    PrecisionOption,
    RequireFrenchOption,
    SuggestTitleOption,
    TopOption,
    clear_errors,
    complain,
    errors,
    open_output,
    progress,
)
from tagger.console import show_annotation
from tagger.errors import Failure, InputError
from tagger.keywords.model import Profile
from tagger.leads.options import DEFAULT_CHARS, MOST_SENTENCES
from tagger.options import DEFAULT_TOP, AnnotateOptions
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
    top: TopOption = DEFAULT_TOP,
    table: Annotated[
        bool | None, typer.Option("--table/--jsonl", help="Tables or JSON Lines; by default tables on a terminal.")
    ] = None,
    input_format: FormatOption = None,
    charset: CharsetOption = None,
    require_french: RequireFrenchOption = False,
    profile: Annotated[
        Profile | None,
        typer.Option(
            help="Keyword model: best or fast; by default best for single articles, fast for files of many."
        ),
    ] = None,
    precision: PrecisionOption = None,
    lead_chars: LeadCharsOption = DEFAULT_CHARS,
    lead_sentences: LeadSentencesOption = MOST_SENTENCES,
    alternatives: AlternativesOption = False,
    suggest_title: SuggestTitleOption = False,
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
    options = AnnotateOptions(
        top=top,
        require_french=require_french,
        profile=profile,
        precision=precision,
        lead_chars=lead_chars,
        lead_sentences=lead_sentences,
        alternatives=alternatives,
        suggest_title=suggest_title,
    )
    with clear_errors():
        settings = load_settings(
            models_dir=models, training_data_dir=training_data, names_file=own_names, lead_model=lead_model
        )
        answers = _answers(Annotator.load(settings), files, input_format, charset, options)
        as_table = table if table is not None else output is None and sys.stdout.isatty()
        failed = _write(answers, output, as_table=as_table)
    if failed:
        errors.print(f"[yellow]{failed} could not be annotated; their `error` says why.[/]")
        raise typer.Exit(SOME_FAILED)


def _answers(
    annotator: Annotator,
    files: list[str],
    input_format: Format | None,
    charset: str | None,
    options: AnnotateOptions,
) -> Iterator[tuple[str, Annotation | Failure]]:
    """Annotate all that the files hold, in order."""
    for file in files:
        with _open_source(file, input_format) as source:
            profile = options.profile or ("fast" if source.format.holds_records else "best")
            asked = options.model_dump() | {"profile": profile}
            for record in _records(source, charset):
                yield record.id or source.name, annotator.answer(record, **asked)


def _write(answers: Iterable[tuple[str, Annotation | Failure]], output: Path | None, *, as_table: bool) -> int:
    """Write the answers as they come, and count those that are failures."""
    failed = 0
    with open_output(output) as stream, progress("articles") as advance:
        for name, answer in answers:
            failed += isinstance(answer, Failure)
            if as_table:
                _print_answer(name, answer)
            else:
                stream.write(answer.model_dump_json() + "\n")
            advance()
    return failed


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
