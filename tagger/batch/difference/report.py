"""A comparison as one HTML page that stands alone, and as lines that select its articles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from tagger.batch.difference.result import Agreement, Agreements, Difference, YearDifference
from tagger.charts import Axis, Balance, Line, Point, balance_chart, line_chart
from tagger.report_pages import render

_TEMPLATE = Path(__file__).with_name("report.html")
_CHARTED = 15
_COLOURS = {"lost": 2, "before": 2, "among three": 2}  # the others have the first
_TYPES = {"PER": "person", "ORG": "institution", "COUNTRY": "country", "LOC": "place"}


@dataclass(frozen=True)
class Chart:
    """A drawing under its title."""

    title: str
    drawing: Markup


def report_html(difference: Difference) -> str:
    """Give the comparison as a page of HTML, which is well-formed XML too."""
    return render(
        _TEMPLATE,
        difference=difference,
        before="the editors’ filing" if difference.compares_with_editors else "what they found before",
        types=_TYPES,
        keyword_chart=_keyword_chart(difference),
        year_chart=_year_chart(difference),
        agreement_charts=_agreement_charts(difference),
        agreement_rows=_agreement_rows(difference),
        name_chart=_name_chart(difference),
    )


def _keyword_chart(difference: Difference) -> Markup:
    """Draw what the keywords that change most lose and gain."""
    changing = [each for each in difference.keywords if each.change.lost or each.change.gained][:_CHARTED]
    told = "; ".join(f"{each.keyword}: {each.change.lost} lost, {each.change.gained} gained" for each in changing)
    return balance_chart(
        f"Articles that lose and gain each keyword. {told or 'Nothing changes'}.",
        [Balance(each.keyword, each.change.lost, each.change.gained) for each in changing],
    )


def _year_chart(difference: Difference) -> Markup:
    """Draw how many keywords an article of each year loses and gains."""
    return _by_year(
        difference.years,
        "keywords for 100 articles",
        {
            "gained": lambda year: 100 * year.change.gained / year.articles,
            "lost": lambda year: 100 * year.change.lost / year.articles,
        },
    )


def _name_chart(difference: Difference) -> Markup:
    """Draw how many entities an article of each year gains, and loses if it had any."""
    values: dict[str, Callable[[YearDifference], float | None]] = {
        "gained": lambda year: year.entities.gained / year.articles
    }
    if not difference.compares_with_editors:
        values["lost"] = lambda year: year.entities.lost / year.articles
    return _by_year(difference.years, "entities for each article", values)


def _agreement_charts(difference: Difference) -> list[Chart]:
    """Draw the agreement over the years: before and after, or else two degrees of it."""

    def share(field: str, side: str) -> Callable[[YearDifference], float | None]:
        def value(year: YearDifference) -> float | None:
            agreement: Agreement | None = getattr(year.agreement, side)
            return agreement.share(getattr(agreement, field)) if agreement else None

        return value

    label, title = "share of the articles", "The editors’ keyword is {}"
    if difference.agreement.old is None:
        values = {"first": share("first", "new"), "among three": share("first_three", "new")}
        return [
            Chart(title.format("first, and among the first three"), _by_year(difference.years, label, values, 1.0))
        ]
    return [
        Chart(
            title.format(name),
            _by_year(difference.years, label, {"before": share(field, "old"), "after": share(field, "new")}, 1.0),
        )
        for field, name in (("first", "first"), ("first_three", "among the first three"))
    ]


def _agreement_rows(difference: Difference) -> list[tuple[str, Agreements]]:
    """Give the agreement of each year in which the editors' keywords are known, and in all."""
    years = [(each.label, each.agreement) for each in difference.years if each.agreement.new.articles]
    return [*years, ("all", difference.agreement)]


def _by_year(
    years: Sequence[YearDifference],
    label: str,
    values: dict[str, Callable[[YearDifference], float | None]],
    high: float | None = None,
) -> Markup:
    """Draw a line for each of `values` over the dated years; `high` is where the axis ends, by itself if None."""
    lines = []
    for name, value in values.items():
        found = [(each.year, value(each)) for each in years if each.year is not None]
        points = [
            Point(year, number, note=f"{year}, {name}: {number:.2g}") for year, number in found if number is not None
        ]
        lines.append(Line(name, points, colour=_COLOURS.get(name, 1)))
    drawn = [point for line in lines for point in line.points]
    top = high or 1.05 * max((point.y for point in drawn), default=0) or 1.0
    first, last = min((point.x for point in drawn), default=0), max((point.x for point in drawn), default=0)
    margin = 0 if last > first else 1  # one year alone stands in the middle
    told = "; ".join(
        f"{line.name}: " + ", ".join(f"{point.y:.2g} in {point.x:g}" for point in line.points) for line in lines
    )
    return line_chart(
        f"{label.capitalize()} by year. {told}.",
        Axis("year", first - margin, last + margin, whole=True),
        Axis(label, 0, top),
        lines,
    )
