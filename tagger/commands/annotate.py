"""`tagger annotate`: articles in, annotations out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
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
from tagger.commands.display.annotations import show_annotation
from tagger.errors import Failure
from tagger.keywords.model import Profile
from tagger.leads.options import DEFAULT_CHARS, MOST_SENTENCES
from tagger.options import DEFAULT_TOP, AnnotateOptions
from tagger.reading import Format, format_of_path
from tagger.reading.streams import at_least_one, format_of_stream, records_in
from tagger.settings import load_settings


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
        with _opened(file) as stream:
            format = input_format or _format_of(file, stream)
            profile = options.profile or ("fast" if format.holds_records else "best")
            asked = options.model_dump() | {"profile": profile}
            name = "Standard input" if file == "-" else file
            for record in at_least_one(records_in(stream, format, charset, file), name):
                yield record.id or file, annotator.answer(record, **asked)


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


def _opened(file: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb")


def _format_of(file: str, stream: BinaryIO) -> Format:
    path = Path(file)
    return format_of_path(path) if path.suffix else format_of_stream(stream)


def _print_answer(name: str, answer: Annotation | Failure) -> None:
    if isinstance(answer, Failure):
        complain(f"{name}: {answer.error.title}.", answer.error.detail)
    else:
        show_annotation(Console(), name, answer)
