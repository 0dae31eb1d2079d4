"""What the command line shows to people: annotations and scores as tables."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tagger.article import Annotation, Entity, Suggestion
from tagger.keywords.editing import Change
from tagger.keywords.vocabulary import Keyword
from tagger.training.scores import KeywordScores

_MAX_MENTIONS_SHOWN = 4
_ENTITY_STYLES = {"PER": "magenta", "ORG": "blue", "COUNTRY": "green", "LOC": "yellow"}
_CHANGE_STYLES = {
    "added": "green",
    "restored": "green",
    "renamed": "yellow",
    "changed": "yellow",
    "merged": "red",
    "retired": "red",
}


def show_annotation(console: Console, name: str, annotation: Annotation) -> None:
    """Print one annotation as a panel with its lead, keywords, entities and warnings."""
    article = annotation.article
    facts = [str(fact) for fact in (article.date, article.source, annotation.language, name) if fact]
    parts: list[object] = [Text(" · ".join(facts), style="dim")]
    if article.keywords:
        parts.append(Text("Already filed under: " + ", ".join(article.keywords), style="dim"))
    if annotation.lead:
        parts += [Text(), Text(annotation.lead.text, style="italic")]
    parts += [Text(), _keyword_table(annotation.keywords)]
    if annotation.entities:
        parts += [Text(), _entity_table(annotation.entities)]
    parts += [Text(f"{warning.code}: {warning.message}", style="yellow") for warning in annotation.warnings]
    title = Text(article.title or "(no title)", style="bold")
    console.print(Panel(Group(*parts), title=title, title_align="left"))  # type: ignore[arg-type]


def _keyword_table(suggestions: Iterable[Suggestion]) -> Table:
    table = Table("", "Keyword", "Probability", "Because of", box=None, pad_edge=False)
    for suggestion in suggestions:
        words = dict.fromkeys(item.text for item in suggestion.evidence)
        table.add_row(
            Text("✓", style="green") if suggestion.suggested else "",
            Text(suggestion.keyword, style="bold" if suggestion.suggested else "dim"),
            f"{suggestion.probability:.0%}",
            Text(", ".join(words)),
        )
    return table


def _entity_table(entities: Iterable[Entity]) -> Table:
    table = Table("Type", "Entity", "", "Mentions", box=None, pad_edge=False)
    for entity in entities:
        forms = list(dict.fromkeys(mention.text for mention in entity.mentions))
        more = f" +{len(forms) - _MAX_MENTIONS_SHOWN}" if len(forms) > _MAX_MENTIONS_SHOWN else ""
        table.add_row(
            Text(entity.type, style=_ENTITY_STYLES[entity.type]),
            Text(entity.name),
            entity.country or "",
            Text(f"{len(entity.mentions)} × " + ", ".join(forms[:_MAX_MENTIONS_SHOWN]) + more),
        )
    return table


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


def show_changes(console: Console, changes: Iterable[Change]) -> None:
    """Print what became of keywords, a line each."""
    for change in changes:
        detail = f" ({change.detail})" if change.detail else ""
        line = Text.assemble((f"{change.kind:9}", _CHANGE_STYLES[change.kind]), f"{change.keyword.name}{detail}")
        console.print(line, soft_wrap=True)


def show_keyword_scores(console: Console, scores: KeywordScores, threshold: float) -> None:
    """Print cross-validated scores."""
    table = Table("P@1", "R@3", "R@5", "MRR", "micro F1", "macro F1", "nDCG", "calibration error", "threshold")
    table.add_row(*(f"{value:.3f}" for value in scores.model_dump().values()), f"{threshold:.2f}")
    console.print(table)
