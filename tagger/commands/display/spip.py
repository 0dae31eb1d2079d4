"""SPIP's database, and the runs that were written into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from tagger.batch.spip.changes import Run
    from tagger.batch.spip.inspection import Inspection
    from tagger.batch.spip.keywords import SpipGroup


def show_spip_inspection(console: Console, found: Inspection) -> None:
    """Print what a SPIP database holds."""
    facts = Table(box=None, show_header=False)
    transactions = "yes" if found.transactional else "no (MyISAM): a killed run may leave part of a chunk"
    articles = ", ".join(f"{number} {status}" for status, number in sorted(found.articles.items())) or "none"
    for name, value in (
        ("server", found.server),
        ("site", found.site or "not told by the database"),
        ("links", f"{found.links} of articles, in {found.link_table}"),
        ("transactions", transactions),
        ("articles", articles),
        ("character sets", ", ".join(found.charsets) or "of the database itself"),
        ("double-encoded", f"{found.garbled} of {found.accented} articles with accents"),
    ):
        facts.add_row(name, Text(value))
    console.print(facts)
    groups = Table("group", "title", "keywords", "of the vocabulary", "rules", title="Groups of keywords")
    for item in found.groups:
        rules = [rule for rule, holds in _rules(item.group) if holds]
        ours, keywords = str(item.ours), str(item.keywords)
        groups.add_row(str(item.group.id), Text(item.group.title), keywords, ours, ", ".join(rules))
    console.print(groups)
    for what, names in (
        ("Keywords of the vocabulary that the site lacks", found.missing),
        ("Keywords that the site has more than once", found.ambiguous),
    ):
        if names:
            console.print(Text(f"{what} ({len(names)}): {', '.join(names)}"), soft_wrap=True)


def _rules(group: SpipGroup) -> tuple[tuple[str, bool], ...]:
    return ("one an article", group.single), ("not for articles", not group.for_articles)


def show_spip_runs(console: Console, runs: list[tuple[str, Run]]) -> None:
    """Print the runs that were written into SPIP, and their state."""
    table = Table("run", "started", "database", "changes", "state")
    for name, run in runs:
        if run.undone:
            kept = run.undone.counts.get("left", 0)
            state = f"undone, {kept} left" if kept else "undone"
        else:
            state = "finished" if run.finished else "cut short or at work"
        changes = sum(len(chunk.changes) for chunk, _ in run.chunks)
        table.add_row(name, f"{run.started.started:%Y-%m-%d %H:%M}", Text(run.started.database), str(changes), state)
    console.print(table)
