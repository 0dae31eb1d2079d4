"""An annotation, as a panel."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import shorten

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tagger.article import Annotation, Entity, Suggestion

_MAX_MENTIONS_SHOWN = 4
_MAX_EVIDENCE_CHARS = 50
_ENTITY_STYLES = {"PER": "magenta", "ORG": "blue", "COUNTRY": "green", "LOC": "yellow"}


def show_annotation(console: Console, name: str, annotation: Annotation) -> None:
    """Print one annotation as a panel with its lead, keywords, entities and warnings."""
    article = annotation.article
    facts = [str(fact) for fact in (article.date, article.source, annotation.language, name) if fact]
    parts: list[object] = [Text(" · ".join(facts), style="dim")]
    if article.keywords:
        parts.append(Text("Already filed under: " + ", ".join(article.keywords), style="dim"))
    if annotation.lead:
        parts += [Text(), Text(annotation.lead.text, style="italic")]
        parts += [Text(f"or: {other.text}", style="dim italic") for other in annotation.lead.alternatives]
    if annotation.title_suggestion:
        parts.append(Text(f"Title: {annotation.title_suggestion.text}", style="dim"))
    parts += [Text(), _keyword_table(annotation.keywords)]
    if annotation.entities:
        parts += [Text(), _entity_table(annotation.entities)]
    parts += [Text(f"{warning.code}: {warning.message}", style="yellow") for warning in annotation.warnings]
    title = Text(article.title or "(no title)", style="bold")
    console.print(Panel(Group(*parts), title=title, title_align="left"))  # type: ignore[arg-type]


def _keyword_table(suggestions: Iterable[Suggestion]) -> Table:
    table = Table("", "Keyword", "Probability", "Because of", box=None, pad_edge=False)
    for suggestion in suggestions:
        words = dict.fromkeys(
            shorten(item.text, _MAX_EVIDENCE_CHARS, placeholder=" …") for item in suggestion.evidence
        )
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
