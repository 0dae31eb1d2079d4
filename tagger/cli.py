"""The command `tagger`.

Exit codes: 0 all went well; 1 some records could not be annotated (the others were); 2 the command was
misused; 3 nothing could be done: an unreadable file, a missing or altered model.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Annotated, BinaryIO, TextIO

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from tagger.annotator import DEFAULT_TOP, KEYWORD_MODEL, Annotator
from tagger.article import Annotation
from tagger.console import show_annotation, show_keyword_scores, show_keywords
from tagger.errors import Failure, InputError, TaggerError
from tagger.keywords.vocabulary import load_vocabulary
from tagger.reading import BadRecord, Record, read_bytes, read_records
from tagger.reading.formats import Format, format_of_content, format_of_path
from tagger.resources import models_dir, training_data_dir
from tagger.settings import load_settings

app = typer.Typer(
    help="Keywords, entities and a lead for French-language press articles.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="markdown",
)
_SOME_FAILED = 1
_FAILED = 3
_PEEKED_BYTES = 4096
_errors = Console(stderr=True)

ModelsOption = Annotated[
    Path | None, typer.Option("--models", help="Folder of trained models, instead of the shipped one.")
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--training-data", help="Folder with vocabulary, corpus and known names, instead of the shipped one."
    ),
]


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Turn the errors that a user can do something about into a message and an exit code."""
    try:
        yield
    except TaggerError as error:
        _complain(f"{error.title}.", str(error))
        raise typer.Exit(_FAILED) from None
    except BrokenPipeError:  # the reader of our output went away: `tagger annotate … | head`
        sys.stderr.close()
        raise typer.Exit(0) from None
    except OSError as error:
        _complain(f"{error.strerror or error}.", str(error.filename or ""))
        raise typer.Exit(_FAILED) from None


def _complain(what: str, detail: str) -> None:
    _errors.print(Text.assemble((what, "bold red"), " ", detail))


@dataclass(frozen=True)
class _Source:
    """A file or standard input to read from."""

    name: str
    format: Format
    stream: BinaryIO


@app.command()
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
    models: ModelsOption = None,
    training_data: DataOption = None,
) -> None:
    """Annotate articles: keywords, entities and a lead.

    Examples:
        tagger annotate page.html

        tagger annotate archive.jsonl --output annotated.jsonl --top 5

        curl -s https://example.org/article | tagger annotate - --jsonl
    """
    as_table = table if table is not None else output is None and sys.stdout.isatty()
    with _clear_errors():
        annotator = Annotator.load(load_settings(models_dir=models, training_data_dir=training_data))
        options = _Options(top, require_french, charset)
        with _open_output(output) as stream, _progress("articles") as advance:
            failed = 0
            for name, answer in _answers(annotator, files, input_format, options):
                failed += isinstance(answer, Failure)
                if as_table:
                    _print_answer(name, answer)
                else:
                    stream.write(answer.model_dump_json() + "\n")
                advance()
    if failed:
        _errors.print(f"[yellow]{failed} could not be annotated; their `error` says why.[/]")
        raise typer.Exit(_SOME_FAILED)


@dataclass(frozen=True)
class _Options:
    top: int
    require_french: bool
    charset: str | None


def _answers(
    annotator: Annotator, files: list[str], input_format: Format | None, options: _Options
) -> Iterator[tuple[str, Annotation | Failure]]:
    """Annotate all that the files hold, in order."""
    for file in files:
        with _open_source(file, input_format) as source:
            for record in _records(source, options.charset):
                name = record.id or source.name
                yield name, annotator.answer(record, top=options.top, require_french=options.require_french)


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


@contextmanager
def _open_output(output: Path | None) -> Iterator[TextIO]:
    """Open the output; a file is written aside and takes its place when it is whole."""
    if output is None:
        yield sys.stdout
        return
    aside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with aside.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
        aside.replace(output)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def _progress(unit: str) -> Iterator[Callable[[], None]]:
    """Count work on the terminal's error stream; silent where that is no terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.completed} " + unit), TimeElapsedColumn())
    with Progress(*columns, console=_errors, transient=True, disable=not _errors.is_terminal) as progress:
        task = progress.add_task(unit, total=None)
        yield lambda: progress.advance(task)


def _print_answer(name: str, answer: Annotation | Failure) -> None:
    if isinstance(answer, Failure):
        _complain(f"{name}: {answer.error.title}.", answer.error.detail)
    else:
        show_annotation(Console(), name, answer)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    models: ModelsOption = None,
    training_data: DataOption = None,
) -> None:
    """Serve annotations over HTTP.

    Example:
        tagger serve --port 8000
    """
    import uvicorn

    from tagger.service.app import create_app

    with _clear_errors():
        settings = load_settings(models_dir=models, training_data_dir=training_data, host=host, port=port)
        service = create_app(settings)
        uvicorn.run(service, host=settings.host, port=settings.port)


@app.command()
def train(
    corpus: Annotated[
        Path | None, typer.Option(help="Briefs to learn from: a .jsonl file or a folder of them.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder to write the model into.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    training_data: DataOption = None,
) -> None:
    """Train the keyword model, and measure it by cross-validation.

    Examples:
        tagger train

        tagger train --corpus our-briefs.jsonl --output our-models/keywords/fast
    """
    from tagger.training.corpus import CORPUS_FOLDER, load_corpus
    from tagger.training.scores import KeywordScores
    from tagger.training.train_keywords import train_keywords

    with _clear_errors():
        settings = load_settings(training_data_dir=training_data)
        data = training_data_dir(settings.training_data_dir)
        folder = output or models_dir(settings.models_dir) / KEYWORD_MODEL
        briefs = load_corpus(corpus or data / CORPUS_FOLDER)
        with _steps() as step:
            manifest = train_keywords(briefs, load_vocabulary(data), data, folder, seed, step)
    console = Console()
    show_keyword_scores(console, KeywordScores(**manifest.scores), manifest.threshold)
    console.print(f"Model {manifest.name} {manifest.version} is in {folder}")


@app.command()
def evaluate(
    corpus: Annotated[
        Path | None, typer.Option(help="Briefs to measure on: a .jsonl file or a folder of them.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    training_data: DataOption = None,
) -> None:
    """Measure the keyword classifier by cross-validation, without writing a model.

    Example:
        tagger evaluate
    """
    from tagger.keywords.classifier import KeywordClassifier
    from tagger.training.corpus import CORPUS_FOLDER, load_corpus
    from tagger.training.train_keywords import cross_validate

    with _clear_errors():
        data = training_data_dir(load_settings(training_data_dir=training_data).training_data_dir)
        briefs = load_corpus(corpus or data / CORPUS_FOLDER)
        with _steps() as step:
            measured = cross_validate(KeywordClassifier(seed=seed), briefs, load_vocabulary(data), seed, step)
    show_keyword_scores(Console(), measured.scores, measured.threshold)


@contextmanager
def _steps() -> Iterator[Callable[[str], None]]:
    """Show which step long work is at."""
    with _errors.status("") as status:
        yield status.update


@app.command()
def keywords(
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help="Print JSON Lines instead of a table.")] = False,
    training_data: DataOption = None,
) -> None:
    """List the vocabulary.

    Example:
        tagger keywords --jsonl
    """
    with _clear_errors():
        settings = load_settings(training_data_dir=training_data)
        vocabulary = load_vocabulary(training_data_dir(settings.training_data_dir))
    if as_jsonl:
        for keyword in vocabulary:
            sys.stdout.write(keyword.model_dump_json() + "\n")
    else:
        show_keywords(Console(), vocabulary)
