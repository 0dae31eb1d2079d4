"""What the commands share: options, exit codes, errors as messages, progress, and output written whole."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from tagger.errors import TaggerError
from tagger.leads.options import LEAST_CHARS, MOST_SENTENCES
from tagger.options import AnnotateOptions
from tagger.reading import Format
from tagger.writing import written_whole

SOME_FAILED = 1
FAILED = 3
_SECONDS_BETWEEN_LINES = 30
errors = Console(stderr=True)


def _asks(name: str, least: int | None = None, most: int | None = None) -> Any:  # noqa: ANN401 - as typer has it
    """Make the command line's form of an option of the annotation."""
    return typer.Option(help=AnnotateOptions.model_fields[name].description, min=least, max=most)


def in_a_folder(path: Path | None) -> Path | None:
    """Refuse a file to be written at the end whose folder is not there: it would be told after all the work."""
    if path and not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"The folder {path.parent} does not exist.")
    return path


TopOption = Annotated[int, _asks("top", 1)]
RequireFrenchOption = Annotated[bool, _asks("require_french")]
PrecisionOption = Annotated[float | None, _asks("precision", 0, 1)]
LeadCharsOption = Annotated[int, _asks("lead_chars", LEAST_CHARS)]
LeadSentencesOption = Annotated[int, _asks("lead_sentences", 1, MOST_SENTENCES)]
AlternativesOption = Annotated[bool, _asks("alternatives")]
SuggestTitleOption = Annotated[bool, _asks("suggest_title")]
FormatOption = Annotated[Format | None, typer.Option(help="Format of the input, where its name does not tell.")]
CharsetOption = Annotated[str | None, typer.Option(help="Encoding of CSV, text and HTML files, if you know it.")]
ModelsOption = Annotated[
    Path | None, typer.Option("--models", help="Folder of trained models, instead of the shipped one.")
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--training-data", help="Folder with vocabulary, corpus and known names, instead of the shipped one."
    ),
]
NamesOption = Annotated[
    Path | None,
    typer.Option("--names", help="CSV of your own names, added to the shipped ones; instead of TAGGER_NAMES_FILE."),
]
CorpusOption = Annotated[
    Path | None,
    typer.Option(help="Articles with keywords: a .jsonl file or a folder of them, instead of the shipped briefs."),
]
LeadModelOption = Annotated[
    str | None,
    typer.Option(
        "--lead-model", help="Writer of leads: extractive, or a language model by name, folder or .gguf file."
    ),
]
JsonFileOption = Annotated[
    Path | None, typer.Option("--json", callback=in_a_folder, help="Write all figures to this file.")
]
HtmlFileOption = Annotated[
    Path | None, typer.Option("--html", callback=in_a_folder, help="Write a report to this file.")
]
SeedOption = Annotated[int, typer.Option(help="Seed of everything random.")]
Step = Callable[[str], None]


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn the errors that a user can do something about into a message and an exit code."""
    try:
        yield
    except TaggerError as error:
        complain(f"{error.title}.", str(error))
        raise typer.Exit(FAILED) from None
    except BrokenPipeError:  # the reader of our output went away: `tagger annotate … | head`
        sys.stderr.close()
        raise typer.Exit(0) from None
    except OSError as error:
        complain(f"{error.strerror or error}.", str(error.filename or ""))
        raise typer.Exit(FAILED) from None


def say(text: str) -> None:
    """Print a sentence to the output, as it is."""
    Console().print(text, markup=False, highlight=False, soft_wrap=True)


def complain(what: str, detail: str) -> None:
    """Print a fault to the error stream: what it is, and the detail."""
    errors.print(Text.assemble((what, "bold red"), " ", detail))


@contextmanager
def open_output(output: Path | None) -> Iterator[TextIO]:
    """Open the output; a file is written aside and takes its place when it is whole."""
    if output is None:
        yield sys.stdout
        return
    with written_whole(output) as stream:
        yield stream


def write_figures(path: Path | None, figures: BaseModel) -> None:
    """Write figures as JSON to the file that is asked for, if one is."""
    if path:
        with open_output(path) as stream:
            stream.write(figures.model_dump_json(indent=1) + "\n")


@contextmanager
def progress(unit: str) -> Iterator[Callable[[], None]]:
    """Count work on the terminal's error stream; silent where that is no terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.completed} " + unit), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(unit, total=None)
        yield lambda: bar.advance(task)


@contextmanager
def steps() -> Iterator[Step]:
    """Show which step long work is at: in place on a terminal, else as a line now and then."""
    if errors.is_terminal:
        with errors.status("") as status:
            yield status.update
    else:
        yield _now_and_then()


def _now_and_then() -> Step:
    """Make a function that prints what it is told, but at most one line in half a minute."""
    last = 0.0

    def say(what: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            errors.print(what, markup=False, highlight=False, soft_wrap=True)

    return say
