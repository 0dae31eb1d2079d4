"""An evaluation as one HTML page that stands alone: scores, charts, keyword by keyword, and confusions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markupsafe import Markup

from tagger.charts import Axis, Bars, Line, Point, bar_chart, line_chart
from tagger.keywords.decision import MAX_SUGGESTED
from tagger.keywords.model import Profile
from tagger.report_pages import render
from tagger.training.evaluation import CurvePoint, Evaluation, KeywordResult, ProfileEvaluation
from tagger.training.scores import MEASURES, Measure, ReliabilityBin

_TEMPLATE = Path(__file__).with_name("report.html")
_F1_BINS = 5
_LABELLED = (0.1, 0.3, 0.5, 0.7, 0.9)  # thresholds written beside the precision-recall curve
_NORMAL_95 = 1.96

_PROFILES: dict[Profile, str] = {
    "fast": "weighs the words and word parts of an article",
    "best": "adds what a neural encoder makes of the article’s meaning",
}


@dataclass(frozen=True)
class Cell:
    """A score of one profile; `leads` if it beats every other profile's by more than both spreads together."""

    profile: Profile
    value: float
    spread: float
    leads: bool


@dataclass(frozen=True)
class Achieved:
    """Precision and recall of all that a profile suggests."""

    precision: float
    recall: float


def report_html(evaluation: Evaluation) -> str:
    """Give the evaluation as a page of HTML, which is well-formed XML too."""
    return render(
        _TEMPLATE,
        evaluation=evaluation,
        about=_PROFILES,
        colours={profile: number for number, profile in enumerate(evaluation.profiles, 1)},
        achieved={name: _achieved(profile.keywords) for name, profile in evaluation.profiles.items()},
        scores=_score_rows(evaluation),
        keywords=_worst_first(evaluation),
        judged_by=_judged_by(evaluation),
        most=MAX_SUGGESTED,
        keyword_chart=_keyword_chart(evaluation),
        reliability_chart=_reliability_chart,
        curve_chart=_curve_chart,
    )


def _score_rows(evaluation: Evaluation) -> dict[str, list[tuple[Measure, list[Cell]]]]:
    rows: dict[str, list[tuple[Measure, list[Cell]]]] = {}
    for field, measure in MEASURES.items():
        rows.setdefault(measure.group, []).append((measure, _cells(evaluation, field, measure)))
    return rows


def _cells(evaluation: Evaluation, field: str, measure: Measure) -> list[Cell]:
    found = {
        name: (float(getattr(profile.scores, field)), float(getattr(profile.spread, field)))
        for name, profile in evaluation.profiles.items()
    }
    sign = -1 if measure.lower_is_better else 1
    return [
        Cell(
            name,
            value,
            spread,
            leads=evaluation.repetitions > 1
            and len(found) > 1
            and all(sign * (value - other) > spread + its for key, (other, its) in found.items() if key != name),
        )
        for name, (value, spread) in found.items()
    ]


def _judged_by(evaluation: Evaluation) -> Profile:
    """Name the profile whose F1 orders the keywords."""
    return "best" if "best" in evaluation.profiles else next(iter(evaluation.profiles))


def _worst_first(evaluation: Evaluation) -> list[dict[Profile, KeywordResult]]:
    """Give the results of each keyword by profile, the worst first, those that nothing is known of last."""
    names = list(evaluation.profiles)
    rows = [
        dict(zip(names, results, strict=True))
        for results in zip(*(profile.keywords for profile in evaluation.profiles.values()), strict=True)
    ]
    judge = _judged_by(evaluation)
    return sorted(rows, key=lambda row: (not _is_known(row[judge]), row[judge].f1, -row[judge].articles))


def _is_known(result: KeywordResult) -> bool:
    return bool(result.articles or result.suggested)


def _achieved(results: Sequence[KeywordResult]) -> Achieved:
    hits = sum(result.precision * result.suggested for result in results)
    suggested, articles = sum(result.suggested for result in results), sum(result.articles for result in results)
    return Achieved(hits / max(suggested, 1), hits / max(articles, 1))


def _keyword_chart(evaluation: Evaluation) -> Markup:
    """Draw how many keywords have which F1."""
    edges = [number / _F1_BINS for number in range(_F1_BINS + 1)]
    categories = [f"{low:g}–{high:g}" for low, high in pairwise(edges)]
    groups = []
    for colour, (name, profile) in enumerate(evaluation.profiles.items(), 1):
        counts = [0] * _F1_BINS
        for result in filter(_is_known, profile.keywords):
            counts[min(int(result.f1 * _F1_BINS), _F1_BINS - 1)] += 1
        groups.append(Bars(name, counts, colour))
    told = "; ".join(
        f"{group.name}: "
        + ", ".join(f"{value:g} with {name}" for name, value in zip(categories, group.values, strict=True))
        for group in groups
    )
    top = max((value for group in groups for value in group.values), default=0)
    return bar_chart(
        f"Number of keywords by F1. {told}.", categories, "F1", Axis("keywords", 0, max(top * 1.1, 5)), groups
    )


def _reliability_chart(name: Profile, profile: ProfileEvaluation, colour: int) -> Markup:
    """Draw what share of the decisions was right over the probability they were given."""
    points = [
        Point(
            place.probability,
            place.share,
            note=f"given {place.probability:.0%}, right {place.share:.0%} of {place.count}",
            whisker=_wilson(place.share, place.count),
        )
        for place in profile.reliability
    ]
    return line_chart(
        _reliability_in_words(name, profile.reliability),
        Axis("probability given"),
        Axis("share that was right"),
        [Line("ideal", [Point(0, 0), Point(1, 1)], "reference"), Line(name, points, "line", colour)],
    )


def _reliability_in_words(name: Profile, places: Sequence[ReliabilityBin]) -> str:
    if not places:
        return f"Reliability of {name}: there is nothing to draw."
    first, last = places[0], places[-1]
    worst = max(places, key=lambda place: abs(place.probability - place.share))
    return (
        f"Reliability of {name}: from {first.share:.0%} right where {first.probability:.0%} was given to "
        f"{last.share:.0%} right where {last.probability:.0%} was given; furthest from ideal where "
        f"{worst.probability:.0%} was given and {worst.share:.0%} was right. The table below has all figures."
    )


def _wilson(share: float, count: int) -> tuple[float, float]:
    """Give Wilson's 95 % interval of a share."""
    if not count:
        return 0.0, 1.0
    square = _NORMAL_95**2 / count
    middle = (share + square / 2) / (1 + square)
    reach = math.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def _curve_chart(name: Profile, profile: ProfileEvaluation, colour: int) -> Markup:
    """Draw precision over recall for all thresholds, and where the profile's own suggestions lie."""
    places = [place for place in profile.precision_recall if place.recall]
    points = [
        Point(
            place.recall,
            place.precision,
            label=f"≥ {place.threshold:.0%}" if place.threshold in _LABELLED else "",
            note=f"from {place.threshold:.0%} on: precision {place.precision:.2f}, recall {place.recall:.2f}",
        )
        for place in places
    ]
    own = _achieved(profile.keywords)
    note = f"suggested: precision {own.precision:.2f}, recall {own.recall:.2f}"
    return line_chart(
        _curve_in_words(name, places, own),
        Axis("recall: share of the right keywords found"),
        Axis("precision: share that is right"),
        [
            Line(name, points, "line", colour),
            Line("as suggested", [Point(own.recall, own.precision, note=note)], "lone"),
        ],
    )


def _curve_in_words(name: Profile, places: Sequence[CurvePoint], own: Achieved) -> str:
    told = (
        f"Precision and recall of {name}: suggestions reach precision {own.precision:.2f} and recall {own.recall:.2f}"
    )
    if not places:
        return f"{told}."
    low, high = places[0], places[-1]
    return (
        f"{told}; from a threshold of {low.threshold:.0%}, with {low.precision:.2f} and {low.recall:.2f}, to one of "
        f"{high.threshold:.0%}, with {high.precision:.2f} and {high.recall:.2f}. The table below has all figures."
    )
