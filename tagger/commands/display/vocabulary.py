"""The vocabulary: all keywords, or one."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tagger.keywords.vocabulary import Keyword


def show_keywords(console: Console, keywords: Iterable[Keyword]) -> None:
    """Print keywords group by group, retired ones dimmed."""
    table = Table("Group", "Keyword", "Archive", "Definition")
    for keyword in sorted(keywords, key=lambda keyword: (keyword.group, -keyword.archive_count)):
        is_retired = keyword.status == "retired"
        name = f"{keyword.name} (retired)" if is_retired else keyword.name
        cells = map(Text, (keyword.group, name, str(keyword.archive_count), keyword.definition))
        table.add_row(*cells, style="dim" if is_retired else None)
    console.print(table)


def show_keyword(console: Console, keyword: Keyword, successor: Keyword | None) -> None:
    """Print all that is known of one keyword; `successor` is what replaced it."""
    status = f"retired, replaced by « {successor.name} »" if successor else keyword.status
    facts = {
        "Id": keyword.id,
        "Group": keyword.group,
        "Status": status,
        "Definition": keyword.definition,
        "Synonyms": ", ".join(keyword.synonyms),
        "Former names": ", ".join(keyword.former_names),
        "Archive": f"{keyword.archive_count} articles",
    }
    table = Table(
        box=None, show_header=False, pad_edge=False, title=Text(keyword.name, style="bold"), title_justify="left"
    )
    for fact, value in facts.items():
        table.add_row(Text(fact, style="dim"), Text(value or "none"))
    console.print(table)
