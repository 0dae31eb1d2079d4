"""How well the guard tells faithful leads from unfaithful ones: the table of docs/leads.md.

    python benchmarks/guard.py

The pairs of `training_data/guard` are held against their briefs, those looked at while the guard was built and those
held out apart. A few seconds of one core.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from rich.console import Console
from rich.table import Table

from tagger.entities.known_name_files import load_known_names
from tagger.entities.known_names import KnownNames
from tagger.resources import training_data_dir
from tagger.training.guard_pairs import GuardScores, Split, measure_guard


def main() -> None:
    """Measure both parts of the pairs and print the table."""
    data = training_data_dir()
    names = KnownNames(load_known_names(data))
    parts = [measure_guard(data, names, split) for split in get_args(Split)]
    table = Table("", *get_args(Split), title="The guard", title_justify="left")

    def add(name: str, told: Callable[[GuardScores], str]) -> None:
        table.add_row(name, *map(told, parts))

    for kind in parts[0].caught:
        add(f"{kind}: caught", lambda part, kind=kind: _of(part.caught.get(kind, (0, 0))))  # type: ignore[misc]
    add("faithful: flagged", lambda part: _of(part.false_alarms))
    add("precision", lambda part: f"{part.precision:.2f}")
    add("recall", lambda part: f"{part.recall:.2f}")
    Console().print(table)


def _of(counts: tuple[int, int]) -> str:
    return f"{counts[0]} of {counts[1]}"


if __name__ == "__main__":
    main()
