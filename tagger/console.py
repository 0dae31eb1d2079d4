"""What the command line shows to people: annotations and scores as tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tagger.article import Annotation, Entity, Suggestion
from tagger.keywords.editing import Change
from tagger.keywords.vocabulary import Keyword

if TYPE_CHECKING:
    from tagger.batch.difference.result import Agreement, Agreements, Difference, Look, Twins
    from tagger.batch.spip.changes import Run
    from tagger.batch.spip.inspection import Inspection
    from tagger.batch.spip.keywords import SpipGroup
    from tagger.entities.name_import import Taken
    from tagger.keywords.model import Profile
    from tagger.store.keys import ApiKey
    from tagger.training.comparison import Comparison
    from tagger.training.entity_evaluation import EntityEvaluation
    from tagger.training.entity_scores import EntityScores
    from tagger.training.evaluate_leads import LeadEvaluation, RougeScore
    from tagger.training.scores import KeywordScores
    from tagger.training.tuning import Trial

_MAX_MENTIONS_SHOWN = 4
_MAX_EVIDENCE_CHARS = 50
_CHANGES_SHOWN = 15
_LOOKS_SHOWN = 5
_MAX_TITLE_CHARS = 60
_DECISIVE = ("precision_at_1", "recall_at_3", "recall_at_5", "mean_reciprocal_rank", "micro_f1")
_SCORE_NAMES = {
    "precision_at_1": "P@1",
    "recall_at_3": "R@3",
    "recall_at_5": "R@5",
    "mean_reciprocal_rank": "MRR",
    "micro_f1": "micro F1",
    "macro_f1": "macro F1",
    "ndcg": "nDCG",
    "calibration_error": "calibration error",
}
_ENTITY_STYLES = {"PER": "magenta", "ORG": "blue", "COUNTRY": "green", "LOC": "yellow"}
_CHANGE_STYLES = {
    "added": "green",
    "updated": "yellow",
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


def show_names_taken(console: Console, lines: Iterable[Taken]) -> None:
    """Print what became of the names of a table, a line each."""
    for line in lines:
        console.print(
            Text.assemble((f"{line.kind:9}", _CHANGE_STYLES[line.kind]), f"{line.name} ({line.detail})"),
            soft_wrap=True,
        )


def show_api_keys(console: Console, keys: Iterable[ApiKey]) -> None:
    """Print API keys by their prefixes; moments are in UTC."""
    table = Table("Key", "Name", "Scopes", "A minute", "Created", "Last used", "Until", box=None, pad_edge=False)
    for key in keys:
        until = f"revoked {_moment(key.revoked)}" if key.revoked else _moment(key.expires)
        rate = str(key.requests_per_minute or "")
        name, scopes = Text(key.name), ", ".join(key.scopes)
        table.add_row(key.prefix, name, scopes, rate, _moment(key.created), _moment(key.last_used), until)
    console.print(table)


def _moment(value: dt.datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if value else ""


def show_profile_scores(console: Console, scores: Mapping[Profile, KeywordScores]) -> None:
    """Print cross-validated scores, a line for each profile."""
    table = Table("profile", *_SCORE_NAMES.values())
    for profile, found in scores.items():
        table.add_row(profile, *(f"{value:.3f}" for value in found.model_dump().values()))
    console.print(table)


def show_entity_evaluation(console: Console, evaluation: EntityEvaluation) -> None:
    """Print how well each system finds names."""
    console.print(_entity_scores(f"F1 on {evaluation.articles} unseen briefs", evaluation.systems))
    errors = ", ".join(f"{count} {kind}" for kind, count in sorted(evaluation.errors.items()))
    console.print(f"Our errors: {errors}", highlight=False)
    grouping = Table("", "precision", "recall", "F1", title="Grouping, B-cubed", title_justify="left")
    for name, score in evaluation.grouping.items():
        grouping.add_row(name, *(f"{100 * value:.1f}" for value in (score.precision, score.recall, score.f1)))
    console.print(grouping)
    for name, systems in evaluation.general.items():
        console.print(_entity_scores(f"F1 on {name}", systems))


def _entity_scores(title: str, systems: Mapping[str, EntityScores]) -> Table:
    table = Table("", title=title, title_justify="left")
    kinds = list(next(iter(systems.values())).types)
    for kind in kinds:
        table.add_column(kind, justify="right")
    for name, scores in systems.items():
        table.add_row(name, *(f"{100 * scores.types[kind].f1:.1f}" for kind in kinds))
    return table


def show_comparison(console: Console, comparison: Comparison) -> None:
    """Print how two models compare; a difference that chance does not explain stands out."""
    table = Table("score", comparison.first, comparison.second, "difference", "95 % interval")
    for item in comparison.differences:
        table.add_row(
            _SCORE_NAMES.get(item.score, item.score),
            f"{item.first:.3f}",
            f"{item.second:.3f}",
            Text(f"{item.difference:+.3f}", style="bold" if item.is_clear else "dim"),
            f"{item.low:+.3f} to {item.high:+.3f}",
        )
    console.print(table)
    console.print(f"{comparison.articles} articles; clear differences in bold.")


def show_trials(console: Console, trials: Iterable[Trial]) -> None:
    """Print the settings that were tried, best first."""
    for trial in trials:
        parameters = ", ".join(f"{name}={value}" for name, value in trial.parameters.items())
        scores = trial.scores.model_dump()
        shown = (f"{label} {scores[name]:.3f}" for name, label in _SCORE_NAMES.items() if name in _DECISIVE)
        console.print(f"{', '.join(shown)}: {parameters or 'as they are'}", soft_wrap=True, highlight=False)


def show_lead_scores(console: Console, evaluation: LeadEvaluation) -> None:
    """Print how writers of leads compare: ROUGE in per cent with its 95 % interval, length, faithfulness, time."""
    table = Table("writer", "ROUGE-1", "ROUGE-2", "ROUGE-L", "words", "characters", "too long", "faithful", "ms")
    for scores in evaluation.writers:
        table.add_row(
            scores.writer,
            *(_interval(score) for score in (scores.rouge_1, scores.rouge_2, scores.rouge_l)),
            f"{scores.words:.1f}",
            f"{scores.characters:.0f}",
            f"{scores.too_long:.1%}",
            f"{scores.faithful:.1%}",
            f"{scores.milliseconds:.1f}",
        )
    console.print(table)
    console.print(f"{evaluation.articles} articles.")


def _interval(score: RougeScore) -> str:
    return f"{score.mean:.1f} ({score.low:.1f} to {score.high:.1f})"


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
