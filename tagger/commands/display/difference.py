"""What re-tagging changes."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tagger.batch.difference.result import Agreement, Agreements, Difference, Look, Twins

_CHANGES_SHOWN = 15
_LOOKS_SHOWN = 5
_MAX_TITLE_CHARS = 60


def show_difference(console: Console, difference: Difference) -> None:
    """Print what changes: the sum, the keywords that change most, the years, and the foremost articles for a look."""
    change, before = difference.change, "the editors' filing" if difference.compares_with_editors else "OLD"
    console.print(
        f"{difference.articles} articles; beside {before}, {difference.changed} have other keywords: "
        f"{change.gained} gained, {change.lost} lost.",
        highlight=False,
        soft_wrap=True,
    )
    for side, uses in (("before", difference.old_models), ("after", difference.new_models)):
        for use in uses:
            told = f"{side}: {', '.join(use.model.names)} ({use.articles} articles)"
            console.print(told, style="dim", highlight=False, soft_wrap=True)
    console.print(_agreement_table(difference.agreement))
    console.print(_keyword_changes(difference))
    console.print(_year_changes(difference))
    _show_looks(console, difference)
    left = difference.uncompared
    console.print(
        f"Not compared: failed {left.failed_old} in OLD, {left.failed_new} in NEW; "
        f"without counterpart {left.only_old} in OLD, {left.only_new} in NEW.",
        highlight=False,
        soft_wrap=True,
    )


def _agreement_table(agreements: Agreements) -> Table:
    table = Table("The editors' keyword is", title="Agreement", title_justify="left")
    for name in ("first", "among the first three", "suggested", "absent", "of articles"):
        table.add_column(name, justify="right")
    for name, agreement in (("before", agreements.old), ("after", agreements.new)):
        if agreement:
            table.add_row(name, *_shares(agreement), str(agreement.articles))
    return table


def _shares(agreement: Agreement) -> list[str]:
    counts = (agreement.first, agreement.first_three, agreement.suggested, agreement.absent)
    return ["–" if share is None else f"{share:.0%}" for share in map(agreement.share, counts)]


def _keyword_changes(difference: Difference) -> Table:
    title = (
        f"Keywords that change most ({min(_CHANGES_SHOWN, len(difference.keywords))} of {len(difference.keywords)})"
    )
    table = Table("Keyword", title=title, title_justify="left")
    for name in ("gained", "lost", "before", "after", "first", "absent"):
        table.add_column(name, justify="right")
    for each in difference.keywords[:_CHANGES_SHOWN]:
        change, shares = each.change, _shares(each.agreement.new)
        table.add_row(
            Text(each.keyword),
            Text(f"+{change.gained}" if change.gained else "0", style="green" if change.gained else "dim"),
            Text(f"−{change.lost}" if change.lost else "0", style="red" if change.lost else "dim"),
            str(change.before),
            str(change.after),
            shares[0],
            shares[-1],
        )
    return table


def _year_changes(difference: Difference) -> Table:
    table = Table("Year", title="Years", title_justify="left")
    for name in ("articles", "gained", "lost", "first", "absent", "entities gained", "countries gained"):
        table.add_column(name, justify="right")
    for year in difference.years:
        shares = _shares(year.agreement.new)
        counts = (year.articles, year.change.gained, year.change.lost)
        names = (year.entities.gained, year.countries.gained)
        table.add_row(year.label, *map(str, counts), shares[0], shares[-1], *map(str, names))
    return table


def _show_looks(console: Console, difference: Difference) -> None:
    """Print the articles most worth a look, for each reason."""
    parts = [
        (f"The model is sure (≥ {difference.sure:.0%}), the editors chose otherwise", difference.filed_otherwise)
    ]
    if not difference.compares_with_editors:
        parts.append(("NEW no longer suggests the editors' keyword", difference.agreement_lost))
    for name, looks in parts:
        cells = [_look_cells(look) for look in looks.foremost[:_LOOKS_SHOWN]]
        _show_if_any(console, f"{name}: {looks.count}", ("Article", "Title", "filed", "the model says", ""), cells)
    twins = difference.twins
    cells = [cells for pair in twins.foremost[:_LOOKS_SHOWN] for cells in _twin_cells(pair)]
    _show_if_any(
        console, f"Near-twins filed apart: {twins.count} pairs", ("Article", "Title", "filed", "alike"), cells
    )


def _show_if_any(console: Console, title: str, headings: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
    """Print a table, or its title alone where it has no rows."""
    if not rows:
        console.print(title, style="italic", highlight=False)
        return
    table = Table(*headings, title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _look_cells(look: Look) -> list[Text]:
    title = shorten(look.title, _MAX_TITLE_CHARS, placeholder=" …")
    cells = (look.id or "", title, ", ".join(look.filed), look.keyword, f"{look.probability:.0%}")
    return [Text(cell) for cell in cells]


def _twin_cells(pair: Twins) -> list[list[Text]]:
    return [
        [
            Text(twin.id or ""),
            Text(shorten(twin.title, _MAX_TITLE_CHARS, placeholder=" …")),
            Text(", ".join(twin.filed)),
            Text(f"{pair.resemblance:.0%}" if twin is pair.first else ""),
        ]
        for twin in (pair.first, pair.second)
    ]
