"""How good the models are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tagger.training.scores import MEASURES

if TYPE_CHECKING:
    from tagger.keywords.model import Profile
    from tagger.training.comparison import Comparison
    from tagger.training.entity_evaluation import EntityEvaluation
    from tagger.training.entity_scores import EntityScores
    from tagger.training.evaluate_leads import LeadEvaluation, RougeScore
    from tagger.training.scores import KeywordScores
    from tagger.training.tuning import Trial

_DECISIVE = ("precision_at_1", "recall_at_3", "recall_at_5", "mean_reciprocal_rank", "micro_f1")


def show_profile_scores(console: Console, scores: Mapping[Profile, KeywordScores]) -> None:
    """Print cross-validated scores, a line for each profile."""
    table = Table("profile", *(measure.short for measure in MEASURES.values()))
    for profile, found in scores.items():
        table.add_row(profile, *(f"{value:.3f}" for value in found.model_dump().values()))
    console.print(table)


def show_comparison(console: Console, comparison: Comparison) -> None:
    """Print how two models compare; a difference that chance does not explain stands out."""
    table = Table("score", comparison.first, comparison.second, "difference", "95 % interval")
    for item in comparison.differences:
        table.add_row(
            MEASURES[item.score].short if item.score in MEASURES else item.score,
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
        shown = (f"{MEASURES[name].short} {getattr(trial.scores, name):.3f}" for name in _DECISIVE)
        console.print(f"{', '.join(shown)}: {parameters or 'as they are'}", soft_wrap=True, highlight=False)


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
