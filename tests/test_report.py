"""The report of an evaluation: one page, well-formed, whose text cannot turn into markup."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tagger.charts import Axis, Bars, Line, Point, bar_chart, line_chart
from tagger.keywords.model import Profile
from tagger.training.evaluation import (
    ConfusedArticle,
    Confusion,
    CurvePoint,
    Evaluation,
    KeywordResult,
    ProfileEvaluation,
)
from tagger.training.report import report_html
from tagger.training.scores import KeywordScores, ReliabilityBin

EVIL = "<script>alert('« l’été »')</script> & \"fin\""
FIELDS = list(KeywordScores.model_fields)


def scores(value: float) -> KeywordScores:
    return KeywordScores(**dict.fromkeys(FIELDS, value))


def result(name: str, articles: int, suggested: int, value: float) -> KeywordResult:
    return KeywordResult(
        keyword=name, articles=articles, suggested=suggested, precision=value, recall=value, f1=value
    )


def of_profile(value: float, title: str = EVIL, confused: bool = True) -> ProfileEvaluation:
    articles = [ConfusedArticle(id="a-1", title=title, probability=0.81)]
    return ProfileEvaluation(
        scores=scores(value),
        spread=scores(0.01),
        keywords=[
            result("Yas", 10, 10, value),
            result("Faits divers/Contentieux", 20, 20, 0.25),
            result("Never seen", 0, 0, 0),
        ],
        confusions=[Confusion(missed="Yas", instead="Fintech", count=3, articles=articles)] if confused else [],
        reliability=[
            ReliabilityBin(probability=0.05, share=0.04, count=900),
            ReliabilityBin(probability=0.9, share=1.0, count=3),
        ],
        precision_recall=[
            CurvePoint(threshold=0.1, precision=0.4, recall=0.9),
            CurvePoint(threshold=0.9, precision=0.95, recall=0.3),
            CurvePoint(threshold=0.95, precision=0, recall=0),
        ],
    )


def evaluation(repetitions: int = 3, **profiles: ProfileEvaluation) -> Evaluation:
    return Evaluation.model_validate({"articles": 1234, "repetitions": repetitions, "seed": 0, "profiles": profiles})


def both() -> Evaluation:
    return evaluation(fast=of_profile(0.5), best=of_profile(0.6))


def parsed(page: str) -> etree._Element:
    return etree.fromstring(page.encode())


def text(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def keyword_names(page: etree._Element) -> list[str]:
    return [text(row[0]) for row in page.findall(".//table[@class='keywords']/tbody/tr")]


def test_takes_nothing_from_elsewhere() -> None:
    page = report_html(both())
    assert not re.search(r"https?://|url\(|@import", page)
    root = parsed(page)
    assert not root.xpath("//link | //img | //iframe | //script[@src]")
    assert all(target.startswith("#") for target in root.xpath("//@href"))


def test_links_within_the_page_lead_somewhere() -> None:
    root = parsed(report_html(both()))
    assert {target[1:] for target in root.xpath("//@href")} <= set(root.xpath("//@id"))


def test_a_title_stays_text() -> None:
    root = parsed(report_html(both()))
    assert [text(title) for title in root.findall(".//bdi")] == [EVIL, EVIL]
    assert len(root.findall(".//script")) == 1


@settings(max_examples=25, deadline=None)
@given(st.text(), st.text())
def test_no_text_breaks_the_page(title: str, name: str) -> None:
    profile = of_profile(0.5, title)
    profile.keywords[0].keyword = name
    profile.confusions[0].missed = name
    parsed(report_html(evaluation(fast=profile)))


def test_no_break_spaces_are_kept() -> None:
    assert "L’ARTP\u202f: 5\u00a0%" in report_html(evaluation(fast=of_profile(0.5, "L’ARTP\u202f: 5\u00a0%\x00")))


def test_both_profiles_side_by_side() -> None:
    root = parsed(report_html(both()))
    table = root.find(".//table[@class='scores']")
    assert [text(cell) for cell in table.findall("./thead/tr/th")] == ["Measure", "fast", "best"]
    first = table.find("./tbody/tr[2]")
    assert first.find("th").get("abbr") == "P@1"
    assert [text(cell) for cell in first.findall("td")] == ["0.500 ± 0.010", "0.600 ± 0.010"]
    assert len(table.xpath("./tbody/tr[td]")) == len(FIELDS)


def test_only_a_clear_lead_is_bold() -> None:
    def bold(page: Evaluation) -> list[str]:
        return [text(cell) for cell in parsed(report_html(page)).findall(".//table[@class='scores']//td/strong")]

    error_counts_the_other_way = ["0.600"] * (len(FIELDS) - 1) + ["0.500"]
    assert bold(both()) == error_counts_the_other_way
    assert bold(evaluation(fast=of_profile(0.5), best=of_profile(0.515))) == []
    assert bold(evaluation(1, fast=of_profile(0.5), best=of_profile(0.6))) == []
    assert bold(evaluation(fast=of_profile(0.5))) == []


@pytest.mark.parametrize("profile", get_args(Profile))
def test_one_profile_and_one_run_are_enough(profile: Profile) -> None:
    page = report_html(evaluation(1, **{profile: of_profile(0.5)}))
    root = parsed(page)
    assert len(root.findall(".//svg")) == 3
    assert "±" not in text(root.find(".//table[@class='scores']"))
    assert len(keyword_names(root)) == 3


def test_nothing_to_show_is_said() -> None:
    empty = of_profile(0.5, confused=False)
    empty.reliability, empty.precision_recall, empty.keywords = [], [], []
    root = parsed(report_html(evaluation(fast=empty)))
    assert "no keyword was missed" in text(root.find(".//section[@id='confusions']"))
    assert not root.findall(".//section[@id='confusions']//details")


def test_the_worst_come_first_and_the_unknown_last() -> None:
    root = parsed(report_html(both()))
    assert keyword_names(root) == ["Faits divers/Contentieux", "Yas", "Never seen"]
    assert [text(cell) for cell in root.xpath("//table[@class='keywords']/tbody/tr[3]/td")[1:7]] == ["–"] * 6
    assert text(root.find(".//th[@aria-sort='ascending']")) == "F1 of best"


def test_headings_name_the_columns_that_they_sort() -> None:
    table = parsed(report_html(both())).find(".//table[@class='keywords']")
    columns = [int(heading.get("data-column")) for heading in table.xpath(".//th[@data-column]")]
    assert columns == list(range(len(table.find("./tbody/tr"))))


def test_everything_can_be_heard() -> None:
    root = parsed(report_html(both()))
    assert all(table.find("caption") is not None for table in root.iter("table"))
    assert all(heading.get("scope") for heading in root.iter("th"))
    assert all(chart.get("role") == "img" and chart.get("aria-label") for chart in root.iter("svg"))


def test_the_policy_allows_the_script() -> None:
    import base64
    import hashlib

    page = report_html(both())
    script = re.search(r"<script>(.*)</script>", page, re.DOTALL)
    assert script is not None
    assert f"'sha256-{base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()}'" in page


@pytest.mark.parametrize(
    ("axis", "ticks"),
    [
        (Axis("share"), [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (Axis("keywords", 0, 33), [0, 10, 20, 30]),
        (Axis("ms", 3, 13), [4, 6, 8, 10, 12]),
    ],
)
def test_ticks_are_round(axis: Axis, ticks: list[float]) -> None:
    assert axis.ticks() == ticks


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_a_few_ticks_within_the_axis(low: float, length: float) -> None:
    axis = Axis("any", low, low + length)
    assert 2 <= len(axis.ticks()) <= 7
    assert all(-1e-6 <= axis.share(tick) <= 1 + 1e-6 for tick in axis.ticks())


def test_charts_escape_what_they_are_told() -> None:
    line = Line(EVIL, [Point(0, 0, EVIL, EVIL), Point(1, 1, whisker=(0.8, 1))])
    for chart in (
        line_chart(EVIL, Axis(EVIL), Axis(EVIL), [line]),
        bar_chart(EVIL, [EVIL, "b"], EVIL, Axis(EVIL, 0, 3), [Bars(EVIL, [1, 2])]),
    ):
        root = etree.fromstring(chart)
        assert root.get("aria-label") == EVIL
        assert not root.findall(".//script")


def test_bars_grow_with_their_values() -> None:
    root = etree.fromstring(bar_chart("bars", ["a", "b"], "letters", Axis("n", 0, 10), [Bars("x", [5, 10])]))
    small, large = (float(bar.get("height")) for bar in root.xpath("./rect"))
    assert large == pytest.approx(2 * small)
