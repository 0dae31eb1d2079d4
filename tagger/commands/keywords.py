"""`tagger keywords`: the vocabulary looked at, edited, and exchanged with other programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tagger.commands.common import DataOption, clear_errors, open_output, say
from tagger.commands.display.changes import show_changes
from tagger.commands.display.vocabulary import show_keyword, show_keywords
from tagger.errors import VocabularyError
from tagger.keywords import editing
from tagger.keywords.exchange import ExchangeFormat, format_of_file, read_vocabulary, write_vocabulary
from tagger.keywords.incoming import Incorporation, incorporate
from tagger.keywords.vocabulary import VOCABULARY_FILE, Vocabulary, load_vocabulary, save_vocabulary
from tagger.resources import is_shipped_inside_the_package, training_data_dir
from tagger.settings import load_settings

_NAMED_AT_MOST = 5
_STDIN_OR_STDOUT = "-"

app = typer.Typer(rich_markup_mode="markdown")

JsonlOption = Annotated[bool, typer.Option("--jsonl", help="Print JSON Lines instead of a table.")]
FormatOption = Annotated[
    ExchangeFormat | None, typer.Option("--format", help="Format of the file, where its name does not tell.")
]


@app.callback(invoke_without_command=True)
def keywords(context: typer.Context, as_jsonl: JsonlOption = False, training_data: DataOption = None) -> None:
    """List the vocabulary, edit it, exchange it with other programs.

    Examples:
        tagger keywords

        tagger keywords rename "Sentel/Tigo" "Free Sénégal"

        tagger keywords export vocabulary.ttl
    """
    if context.invoked_subcommand is None:
        _list(as_jsonl, False, training_data)
    elif as_jsonl or training_data:
        raise typer.BadParameter(f"put the options after the word {context.invoked_subcommand!r}")


@app.command("list")
def list_keywords(
    as_jsonl: JsonlOption = False,
    all_: Annotated[bool, typer.Option("--all", help="List retired keywords too.")] = False,
    training_data: DataOption = None,
) -> None:
    """List the keywords.

    Example:
        tagger keywords list --all --jsonl
    """
    _list(as_jsonl, all_, training_data)


def _list(as_jsonl: bool, with_retired: bool, training_data: Path | None) -> None:
    with clear_errors():
        vocabulary = load_vocabulary(_folder(training_data))
        listed = vocabulary.keywords if with_retired else vocabulary.active
        if as_jsonl:
            for keyword in listed:
                sys.stdout.write(keyword.model_dump_json() + "\n")
        else:
            show_keywords(Console(), listed)


@app.command()
def show(name: str, training_data: DataOption = None) -> None:
    """Show all that the vocabulary says of a keyword, found by its name or a former one.

    Example:
        tagger keywords show "Noms de domaine"
    """
    with clear_errors():
        vocabulary = load_vocabulary(_folder(training_data))
        keyword = vocabulary.find(name)
        if keyword is None:
            raise editing.unknown(vocabulary, name)
        show_keyword(Console(), keyword, vocabulary.by_id.get(keyword.replaced_by or ""))


@app.command()
def add(
    name: str,
    definition: Annotated[str, typer.Option(help="What is filed under it, in a French sentence.")],
    synonyms: Annotated[
        list[str] | None, typer.Option("--synonym", help="A word that points to it; may be given several times.")
    ] = None,
    group: Annotated[str, typer.Option(help="The group of keywords that it belongs to.")] = "",
    id_: Annotated[str | None, typer.Option("--id", help="Its id, instead of one made from the name.")] = None,
    training_data: DataOption = None,
) -> None:
    """Add a keyword. It is suggested at once, by its name, definition and synonyms.

    Example:
        tagger keywords add "Drones" --definition "Drones et leurs usages." --synonym "drone" --synonym "UAV"
    """
    _edit(
        training_data,
        lambda vocabulary: editing.add(
            vocabulary, name, definition=definition, synonyms=synonyms or (), group=group, id=id_
        ),
    )


@app.command()
def rename(old: str, new: str, training_data: DataOption = None) -> None:
    """Rename a keyword. Articles filed under the former name are still understood.

    Example:
        tagger keywords rename "Sentel/Tigo" "Tigo"
    """
    _edit(training_data, lambda vocabulary: editing.rename(vocabulary, old, new))


@app.command()
def merge(source: str, target: str, training_data: DataOption = None) -> None:
    """Retire the keyword SOURCE in favour of TARGET, which also stands for what was filed under SOURCE.

    Example:
        tagger keywords merge "Médias" "Audiovisuel"
    """
    _edit(training_data, lambda vocabulary: editing.merge(vocabulary, source, target))


@app.command()
def retire(name: str, training_data: DataOption = None) -> None:
    """Retire a keyword. It is never suggested again; articles filed under it are still understood.

    Example:
        tagger keywords retire "SMSI"
    """
    _edit(training_data, lambda vocabulary: editing.retire(vocabulary, name))


def _edit(training_data: Path | None, edit: Callable[[Vocabulary], Vocabulary]) -> None:
    with clear_errors():
        folder = _editable(_folder(training_data))
        before = load_vocabulary(folder)
        _save(before, edit(before), folder)


@app.command()
def export(
    file: Annotated[str, typer.Argument(help="File to write, .ttl or .tsv, or - for standard output.")],
    format_: FormatOption = None,
    training_data: DataOption = None,
) -> None:
    """Write the vocabulary as SKOS (Turtle), whole, or as Annif's TSV, the active keywords' names alone.

    Examples:
        tagger keywords export vocabulary.ttl

        tagger keywords export - --format annif-tsv
    """
    format_ = _format(file, format_)
    with clear_errors():
        text = write_vocabulary(load_vocabulary(_folder(training_data)), format_)
        with open_output(None if file == _STDIN_OR_STDOUT else Path(file)) as stream:
            stream.write(text)


@app.command("import")
def import_(
    file: Annotated[
        str, typer.Argument(help="SKOS in Turtle (.ttl) or Annif's TSV (.tsv), or - for standard input.")
    ],
    format_: FormatOption = None,
    update: Annotated[
        bool,
        typer.Option("--update", help="Leave keywords that the file lacks as they are, instead of retiring them."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Retire the keywords that the file lacks.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    training_data: DataOption = None,
) -> None:
    """Take the keywords of a file: new ones are added, known ones changed, and those that it lacks retired.

    Examples:
        tagger keywords import vocabulary.ttl --dry-run

        tagger keywords import labels.tsv --update
    """
    format_ = _format(file, format_)
    with clear_errors():
        folder = _folder(training_data)
        before = load_vocabulary(folder if dry_run else _editable(folder))
        taken = incorporate(before, read_vocabulary(_text(file), format_), retire_others=not update)
        if not dry_run and not yes:
            _refuse_to_retire_unasked(taken)
        _save(before, taken.vocabulary, folder, dry_run=dry_run)
        if taken.left_out:
            say(f"Left out, without a French name: {_some(taken.left_out)}.")


def _refuse_to_retire_unasked(taken: Incorporation) -> None:
    """Raise an error where keywords would be retired only because the file lacks them."""
    if taken.lacking:
        raise VocabularyError(
            f"The file lacks {len(taken.lacking)} keywords, which would be retired: {_some(taken.lacking)}. "
            "Say --yes to retire them, or --update to leave them as they are."
        )


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else ""
    return ", ".join(names[:_NAMED_AT_MOST]) + more


def _text(file: str) -> str:
    """Read a file or standard input.

    Raises:
        VocabularyError: it is not UTF-8.
    """
    raw = sys.stdin.buffer.read() if file == _STDIN_OR_STDOUT else Path(file).read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise VocabularyError(f"{file} is not UTF-8: {error}. Save it as UTF-8.") from None


def _format(file: str, given: ExchangeFormat | None) -> ExchangeFormat:
    format_ = given or format_of_file(file)
    if format_ is None:
        raise typer.BadParameter(f"{file!r} does not tell its format: end it in .ttl or .tsv, or say --format")
    return format_


def _folder(training_data: Path | None) -> Path:
    return training_data_dir(load_settings(training_data_dir=training_data).training_data_dir)


def _editable(folder: Path) -> Path:
    """Give the folder back if its vocabulary may be edited there.

    Raises:
        VocabularyError: it is a part of the installed program, or may not be written into.
    """
    if is_shipped_inside_the_package(folder):
        reason = "is a part of the installed program, and the next installation would undo the change"
    elif not all(os.access(path, os.W_OK) for path in (folder, folder / VOCABULARY_FILE) if path.exists()):
        reason = "cannot be written into"
    else:
        return folder
    raise VocabularyError(
        f"{folder} {reason}. Copy the folder to a place of yours, and set TAGGER_TRAINING_DATA_DIR to the copy "
        "(or name it with --training-data)."
    )


def _save(before: Vocabulary, after: Vocabulary, folder: Path, *, dry_run: bool = False) -> None:
    """Write the vocabulary if it changed, and say what changed."""
    changes = list(editing.differences(before, after))
    if changes and not dry_run:
        save_vocabulary(after, folder)
    show_changes(Console(), changes)
    if dry_run or not changes:
        say("Nothing was written." if dry_run else "Nothing changed.")
        return
    say(f"Written to {folder / VOCABULARY_FILE}.")
    if any(change.kind == "added" for change in changes):
        say("A new keyword is suggested at once, by its name, definition and synonyms.")
