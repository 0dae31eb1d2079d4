"""What became of the keywords and names that were changed or brought in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from tagger.entities.name_import import Taken
    from tagger.keywords.editing import Change

_CHANGE_STYLES = {
    "added": "green",
    "updated": "yellow",
    "restored": "green",
    "renamed": "yellow",
    "changed": "yellow",
    "merged": "red",
    "retired": "red",
}


def show_changes(console: Console, changes: Iterable[Change]) -> None:
    """Print what became of keywords, a line each."""
    for change in changes:
        detail = f" ({change.detail})" if change.detail else ""
        line = Text.assemble((f"{change.kind:9}", _CHANGE_STYLES[change.kind]), f"{change.keyword.name}{detail}")
        console.print(line, soft_wrap=True)


def show_names_taken(console: Console, lines: Iterable[Taken]) -> None:
    """Print what became of the names of a table, a line each."""
    for line in lines:
        console.print(
            Text.assemble((f"{line.kind:9}", _CHANGE_STYLES[line.kind]), f"{line.name} ({line.detail})"),
            soft_wrap=True,
        )
