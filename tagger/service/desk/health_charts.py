"""The models' health as charts, in French as the desk is: inline SVG in the colours of `CHART_CSS`."""

from __future__ import annotations

from markupsafe import Markup

from tagger.charts import Axis, Line, Point, line_chart
from tagger.feedback.health import Counts, Health, Week


def acceptance_chart(report: Health) -> Markup:
    """Draw the share of accepted suggestions by week, in French as the desk is."""
    points = [
        Point(place, week.counts.acceptance, note=f"{week.monday:%d/%m/%Y} : {_of(week.counts)}")
        for place, week in _by_week(report)
        if week.counts.acceptance is not None
    ]
    return line_chart(
        "Part des suggestions acceptées, semaine par semaine",
        _weeks_axis(report),
        Axis("part acceptée", percent=True),
        [Line("suggestions acceptées", points)],
    )


def reliability_chart(report: Health) -> Markup:
    """Draw how often keywords shown with a probability were right, and where they should be."""
    points = [
        Point(item.probability, item.share, note=f"{item.share:.0%} de {item.count} mots-clés étaient justes")
        for item in report.reliability
    ]
    return line_chart(
        "Probabilités annoncées et part des mots-clés retenus par les rédacteurs",
        Axis("probabilité annoncée", percent=True),
        Axis("part retenue", percent=True),
        [
            Line("idéal", [Point(0, 0), Point(1, 1)], "reference"),
            Line("décisions des rédacteurs", points),
        ],
    )


def drift_chart(report: Health) -> Markup:
    """Draw how far suggested keywords are from the training corpus by week, and how far chance would take them."""
    found = [
        Point(place, week.distance, note=f"{week.monday:%d/%m/%Y} : {week.articles} articles")
        for place, week in _by_week(report)
        if week.distance is not None
    ]
    usual = [Point(place, week.usual_distance) for place, week in _by_week(report) if week.usual_distance is not None]
    return line_chart(
        "Écart entre les mots-clés suggérés et le corpus d’apprentissage, semaine par semaine",
        _weeks_axis(report),
        Axis("écart (Jensen-Shannon)", percent=True),
        [Line("écart", found), Line("écart dû au hasard, au plus", usual, "reference")],
    )


def certainty_chart(report: Health) -> Markup:
    """Draw each week's median probability of the most probable keyword, and the share of articles not in French."""
    sure = [Point(place, week.certainty) for place, week in _by_week(report) if week.certainty is not None]
    foreign = [Point(place, week.foreign) for place, week in _by_week(report) if week.foreign is not None]
    return line_chart(
        "Probabilité médiane du mot-clé le plus probable et part d’articles en d’autres langues, par semaine",
        _weeks_axis(report),
        Axis("part", percent=True),
        [Line("mot-clé le plus probable", sure), Line("autres langues", foreign, colour=2)],
    )


def _by_week(report: Health) -> list[tuple[int, Week]]:
    """Give the weeks with how many weeks ago they were, as a negative number."""
    return [(place - len(report.weeks) + 1, week) for place, week in enumerate(report.weeks)]


def _weeks_axis(report: Health) -> Axis:
    return Axis("semaines (0 : cette semaine)", -max(len(report.weeks) - 1, 1), 0)


def _of(counts: Counts) -> str:
    return f"{counts.accepted} acceptées sur {counts.accepted + counts.rejected}"
