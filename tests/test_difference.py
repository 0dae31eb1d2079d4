"""What re-tagging changes: counted rightly, matched whatever the order, told in three forms."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import random
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from typer.testing import CliRunner, Result

from tagger.article import (
    Annotation,
    Article,
    CountryShare,
    Entity,
    EntityType,
    Lead,
    Mention,
    ModelVersions,
    Suggestion,
)
from tagger.batch.difference.answers import open_answers
from tagger.batch.difference.counting import DifferenceCounter
from tagger.batch.difference.foremost import Foremost
from tagger.batch.difference.matching import Half, match
from tagger.batch.difference.names import NameCounter
from tagger.batch.difference.report import report_html
from tagger.batch.difference.result import Change, Difference
from tagger.batch.difference.scratch import open_scratch
from tagger.batch.difference.sides import Failed, Name, Side, Sides
from tagger.batch.sinks import SinkFormat, sink_of
from tagger.cli import app
from tagger.errors import EmptyTextError, Failure
from tagger.feedback.articles import Articles
from tagger.keywords.vocabulary import Keyword, Vocabulary, load_vocabulary
from tagger.resources import training_data_dir
from tagger.settings import Settings
from tagger.store.database import Database
from tagger.text.sketches import resemblance, sketch

EVIL = "<script>alert('« l’été »')</script> & \"fin\""
WORDS = (
    "réseau fibre mobile opérateur régulateur ministre câble antenne tarif abonné Dakar Bamako Kigali Lomé".split()
)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(training_data_dir())


def prose(seed: int, words: int = 90) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words)) + "."


def annotation(
    id: str | None,
    listed: dict[str, float],
    filed: Sequence[str] = (),
    *,
    suggested: int = 1,
    year: int | None = 2020,
    entities: Sequence[tuple[str, EntityType]] = (),
    countries: Sequence[str] = (),
    lead: str | None = "Un chapô.",
    model: str = "fast 1",
    text: str | None = None,
    title: str = "Un titre",
) -> Annotation:
    text = text or prose(zlib.crc32(str(id).encode()))
    return Annotation(
        id=id,
        language="fr",
        article=Article(title=title, text=text, date=dt.date(year, 3, 1) if year else None, keywords=list(filed)),
        keywords=[
            Suggestion(keyword=name, keyword_id="x", probability=probability, suggested=place < suggested)
            for place, (name, probability) in enumerate(listed.items())
        ],
        entities=[
            Entity(
                name=name,
                type=kind,
                salience=0.5,
                known=False,
                mentions=[Mention(field="text", start=0, end=4, text=text[:4])],
            )
            for name, kind in entities
        ],
        countries=[CountryShare(country=name[:2].upper(), name=name, share=1.0) for name in countries],
        lead=Lead(text=lead, source=[], method="extractive") if lead else None,
        model=ModelVersions(keywords=model, entities="e", lead="l"),
    )


def failure(id: str | None) -> Failure:
    return Failure(id=id, error=EmptyTextError("The article's text is empty.").problem())


def counted(
    vocabulary: Vocabulary, pairs: Sequence[tuple[Annotation | Failure | None, Annotation | Failure | None]]
) -> Difference:
    sides = Sides(vocabulary, sketched=True)
    with DifferenceCounter(vocabulary, top=5) as counter:
        for old, new in pairs:
            counter.add(sides.of(old) if old else None, sides.of(new) if new else None)
        return counter.result()


def of_filing(vocabulary: Vocabulary, answers: Sequence[Annotation | Failure], top: int = 5) -> Difference:
    with DifferenceCounter(vocabulary, top=top) as counter:
        for answer in answers:
            counter.add_answer(answer)
        return counter.result()


# What is counted


def test_gained_and_lost_per_keyword_and_year(vocabulary: Vocabulary) -> None:
    old = annotation("1", {"Fintech": 0.9, "Formation": 0.6}, suggested=2, year=2019)
    new = annotation("1", {"Fintech": 0.8, "Genre": 0.7, "Formation": 0.2}, suggested=2, year=2019)
    same = annotation("2", {"Genre": 0.9}, year=None)
    found = counted(vocabulary, [(old, new), (same, same)])
    assert (found.articles, found.changed, found.compares_with_editors) == (2, 1, False)
    assert found.change == Change(before=3, after=3, gained=1, lost=1)
    by_name = {each.keyword: each for each in found.keywords}
    assert by_name["Fintech"].change == Change(before=1, after=1)
    assert by_name["Formation"].change == Change(before=1, lost=1)
    assert by_name["Genre"].change == Change(before=1, after=2, gained=1)
    assert by_name["Genre"].years == {"2019": Change(after=1, gained=1), "undated": Change(before=1, after=1)}
    assert [(year.label, year.articles, year.changed, year.change.gained) for year in found.years] == [
        ("2019", 1, 1, 1),
        ("undated", 1, 0, 0),
    ]


def test_editors_filing_stands_in_for_an_earlier_model(vocabulary: Vocabulary) -> None:
    found = of_filing(vocabulary, [annotation("1", {"Genre": 0.7}, ["Fintech"]), annotation("2", {"Genre": 0.7})])
    assert found.compares_with_editors
    assert found.change == Change(before=1, after=2, gained=2, lost=1)
    assert found.agreement.old is None
    assert found.agreement.new.articles == 1
    assert found.old_models == []


def test_agreement_with_the_first_of_the_editors_keywords(vocabulary: Vocabulary) -> None:
    listed = {"Fintech": 0.9, "Genre": 0.5, "Formation": 0.3, "Internet": 0.2}
    answers = [
        annotation("first", listed, ["Fintech", "Internet"]),
        annotation("third", listed, ["Formation"]),
        annotation("fourth", listed, ["Internet"]),
        annotation("fourth, suggested", listed, ["Internet"], suggested=4),
        annotation("not listed", listed, ["Noms de domaine"]),
        annotation("no keyword", listed),
    ]
    agreement = of_filing(vocabulary, answers).agreement.new
    assert agreement.model_dump() == {"articles": 5, "first": 1, "first_three": 2, "suggested": 2, "absent": 2}


def test_a_renamed_keyword_is_the_same_keyword() -> None:
    vocabulary = Vocabulary(
        (
            Keyword(id="fintech", name="Fintech", group="g", definition="d", former_names=("Monétique",)),
            Keyword(id="old", name="Minitel", group="g", definition="d", status="retired", replaced_by="fintech"),
        )
    )
    old, new = (
        annotation("1", {"Monétique": 0.9}, ["Minitel", "Inconnu"]),
        annotation("1", {"Fintech": 0.9}, ["minitel"]),
    )
    assert counted(vocabulary, [(old, new)]).changed == 0
    found = of_filing(vocabulary, [old])
    assert (found.changed, found.agreement.new.first, found.unknown_keywords) == (0, 1, {"Inconnu": 1})


def test_sure_and_filed_otherwise(vocabulary: Vocabulary) -> None:
    answers = [
        annotation("sure", {"Fintech": 0.95, "Genre": 0.02}, ["Genre"]),
        annotation("surer", {"Fintech": 0.99}, ["Genre"], title=EVIL),
        annotation("torn", {"Fintech": 0.9, "Genre": 0.85}, ["Genre"], suggested=2),
        annotation("unsure", {"Fintech": 0.7}, ["Genre"]),
        annotation("agreed", {"Fintech": 0.99}, ["Genre", "Fintech"]),
        annotation("not filed", {"Fintech": 0.99}),
        annotation("filed under what nobody knows", {"Fintech": 0.99}, ["Inconnu"]),
    ]
    looks = of_filing(vocabulary, answers).filed_otherwise
    assert [look.id for look in looks.foremost] == ["surer", "sure", "torn"]
    assert [look.filed_probability for look in looks.foremost] == [None, 0.02, 0.85]
    assert of_filing(vocabulary, answers, top=1).filed_otherwise.model_dump(include={"count"}) == {"count": 3}


def test_an_agreement_that_is_lost(vocabulary: Vocabulary) -> None:
    old = annotation("1", {"Genre": 0.8}, ["Genre"])
    found = counted(vocabulary, [(old, annotation("1", {"Fintech": 0.5, "Genre": 0.1}, ["Genre"]))])
    (look,) = found.agreement_lost.foremost
    assert (look.keyword, look.filed_probability, look.filed_probability_before) == ("Fintech", 0.1, 0.8)
    assert found.agreement.old is not None
    assert (found.agreement.old.first, found.agreement.new.first) == (1, 0)


def test_models_and_leads(vocabulary: Vocabulary) -> None:
    pairs = [
        (annotation("1", {}, lead=None, model="fast 1"), annotation("1", {}, lead="Neuf.", model="fast 2")),
        (annotation("2", {}, lead="Même.", model="fast 1"), annotation("2", {}, lead="Même.", model="best 2")),
        (annotation("3", {}, model="fast 1"), annotation("3", {}, model="fast 2")),
    ]
    found = counted(vocabulary, pairs)
    assert found.leads.model_dump() == {"before": 2, "after": 3, "changed": 1}
    assert [(use.model.keywords, use.articles) for use in found.old_models] == [("fast 1", 3)]
    assert [(use.model.keywords, use.articles) for use in found.new_models] == [("fast 2", 2), ("best 2", 1)]


def test_names_by_year(vocabulary: Vocabulary) -> None:
    orange: tuple[str, EntityType] = ("Orange", "ORG")
    old = annotation("1", {}, year=2001, entities=[("Sentel", "ORG")], countries=["Mali"])
    new = annotation("1", {}, year=2001, entities=[orange, ("Orange", "LOC")], countries=["Mali", "Togo"])
    found = counted(
        vocabulary, [(old, new), (annotation("2", {}, year=2002), annotation("2", {}, entities=[orange]))]
    )
    first = found.years[0]
    assert (first.entities.gained, first.entities.lost, first.entities.different) == (2, 1, 2)
    assert [name.name for name in first.countries.most_gained] == ["Togo"]
    assert found.entities.gained == 3
    assert found.entities.most_gained[0].model_dump() == {"name": "Orange", "type": "ORG", "articles": 2}


def test_what_failed_counts_apart(vocabulary: Vocabulary) -> None:
    good = annotation("1", {"Fintech": 0.9})
    pairs = [(good, failure("1")), (failure("2"), good), (failure("3"), failure("3")), (good, None), (None, good)]
    found = counted(vocabulary, [*pairs, (good, good)])
    left = found.uncompared
    assert found.articles == 1
    assert (left.failed_old, left.failed_new, left.only_old, left.only_new) == (2, 2, 1, 1)
    assert left.reasons == {"empty-text": 4}
    assert [(each.side, each.code) for each in left.examples if each.code is None] == [("old", None), ("new", None)]


names = st.sampled_from(["Fintech", "Genre", "Formation", "Internet", "Noms de domaine"])
keyword_lists = st.lists(names, unique=True, max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(keyword_lists, keyword_lists, st.sampled_from([None, 2001, 2002])), max_size=12))
def test_counts_add_up(articles: list[tuple[list[str], list[str], int | None]]) -> None:
    vocabulary = load_vocabulary(training_data_dir())
    pairs: list[tuple[Annotation, Annotation]] = [
        tuple(  # type: ignore[misc]
            annotation(str(number), dict.fromkeys(side, 0.5), suggested=9, year=year) for side in (old, new)
        )
        for number, (old, new, year) in enumerate(articles)
    ]
    found = counted(vocabulary, pairs)
    gained = Counter((name, year) for old, new, year in articles for name in set(new) - set(old))
    lost = Counter((name, year) for old, new, year in articles for name in set(old) - set(new))
    assert found.change.gained == gained.total()
    assert found.change.lost == lost.total()
    assert found.change.after == found.change.before + found.change.gained - found.change.lost
    for each in found.keywords:
        assert each.change.gained == sum(count for (name, _), count in gained.items() if name == each.keyword)
        assert sum(change.lost for change in each.years.values()) == each.change.lost
    for year in found.years:
        assert year.change.lost == sum(count for (_, its), count in lost.items() if its == year.year)


@given(st.lists(st.integers(0, 5)), st.integers(0, 4))
def test_the_foremost_are_the_best(scores: list[int], size: int) -> None:
    foremost: Foremost[int] = Foremost(size)
    for number, score in enumerate(scores):
        foremost.add(score, number)
    expected = sorted(range(len(scores)), key=lambda number: (-scores[number], number))[:size]
    assert (foremost.count, foremost.items) == (len(scores), expected)


name_lists = st.lists(
    st.builds(Name, type=st.sampled_from(["PER", None]), key=st.sampled_from("abc"), name=st.just("N"))
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([None, 1999]), name_lists, name_lists), max_size=8))
def test_names_are_counted_once_an_article(articles: list[tuple[int | None, list[Name], list[Name]]]) -> None:
    with closing(open_scratch()) as scratch:
        counter = NameCounter(scratch)
        for article in articles:
            counter.add(*article)
        found = counter.in_all("entity")
    keys = [({name.key for name in side if name.type} for side in sides) for _, *sides in articles]
    gained = Counter(key for old, new in keys for key in new - old)
    assert (found.gained, found.different) == (gained.total(), len(gained))
    assert sum(name.articles for name in found.most_gained) == gained.total()


# Near-twins


def test_near_twins_filed_apart(vocabulary: Vocabulary) -> None:
    text = prose(1, 200)
    answers = [
        annotation("a", {}, ["Fintech"], text=text),
        annotation("b", {}, ["Genre"], text=prose(2, 200)),
        annotation("a again, filed alike", {}, ["Fintech", "Genre"], text=f"{text} Une phrase de plus."),
        annotation("a reworked", {}, ["Internet"], text=f"D'après l'agence, {text[:900]}"),
        annotation("a, not filed", {}, text=text),
        *(annotation(f"short {name}", {}, [name], text="Trop court pour dire.") for name in ("Fintech", "Genre")),
    ]
    twins = of_filing(vocabulary, answers).twins
    pairs = {(pair.first.id, pair.second.id) for pair in twins.foremost}
    assert pairs == {("a", "a reworked"), ("a again, filed alike", "a reworked")}
    assert twins.count == 2
    assert all(0.3 <= pair.resemblance <= 1 for pair in twins.foremost)


def test_an_ending_that_all_articles_share_makes_no_twins(vocabulary: Vocabulary) -> None:
    ending = " Suivez toute l'actualité des télécoms sur notre page et abonnez-vous à la lettre."
    answers = [
        annotation(str(number), {}, [("Fintech", "Genre")[number % 2]], text=prose(number, 150) + ending)
        for number in range(120)
    ]
    answers.append(annotation("copy", {}, ["Internet"], text=answers[0].article.text))
    assert [pair.second.id for pair in of_filing(vocabulary, answers).twins.foremost] == ["copy"]


@given(st.lists(st.sampled_from("abcd"), min_size=9, max_size=40), st.lists(st.sampled_from("abcd"), max_size=40))
def test_resemblance_of_whole_sketches_is_the_share_in_common(first: list[str], second: list[str]) -> None:
    one, other = (frozenset(sketch(" ".join(words), 10_000)) for words in (first, second))
    assert resemblance(tuple(sorted(one)), tuple(sorted(one))) == 1
    estimate = resemblance(tuple(sorted(one)), tuple(sorted(other)))
    assert 0 <= estimate <= 1
    assert (estimate == 0) or one & other


# Matching


def half(id: str | None, number: int, failed: bool = False) -> Half:
    if failed:
        return Failed(id=id, code="c", detail=str(number))
    return Side(id=id, title=str(number), date=None, filed=[], unknown=[], found=None, sketch=())


ids = st.lists(st.tuples(st.sampled_from("abcdefg"), st.booleans()), max_size=14)


@settings(max_examples=60, deadline=None)
@given(ids, ids)
def test_every_record_is_matched_once(old: list[tuple[str, bool]], new: list[tuple[str, bool]]) -> None:
    lefts, rights = ([half(id, n, failed) for n, (id, failed) in enumerate(side)] for side in (old, new))
    pairs = list(match(lefts, rights))
    assert all(left is None or right is None or left.id == right.id for left, right in pairs)
    for side, given_halves in enumerate((lefts, rights)):
        seen = [pair[side] for pair in pairs if pair[side] is not None]
        assert Counter(map(repr, seen)) == Counter(map(repr, given_halves))
    together = Counter(left.id for left, right in pairs if left and right)
    assert together == Counter(id for id, _ in old) & Counter(id for id, _ in new)


def test_nothing_waits_where_the_order_is_the_same() -> None:
    def numbers(side: str) -> Iterator[Half]:
        for number in range(3):
            taken.append((side, number))
            yield half(str(number), number)

    taken: list[tuple[str, int]] = []
    pairs = match(numbers("old"), numbers("new"))
    next(pairs)
    assert taken == [("old", 0), ("new", 0)]
    assert all(left and right for left, right in pairs)


def test_failures_without_id_stand_alone() -> None:
    assert list(match([half(None, 1, failed=True)], [half(None, 2, failed=True)])) == [
        (half(None, 1, failed=True), None),
        (None, half(None, 2, failed=True)),
    ]


# The page


def parsed(page: str) -> etree._Element:
    return etree.fromstring(page.encode())


def both_forms(vocabulary: Vocabulary) -> list[Difference]:
    news = [
        annotation("<1>", {"Fintech": 0.95, "Genre": 0.1}, ["Genre"], title=EVIL, entities=[(EVIL, "PER")]),
        annotation(None, {"Fintech": 0.95}, ["Genre", EVIL], year=None),
        annotation("3", {"Fintech": 0.95}, ["Genre"], text=prose(3), countries=["Mali"], year=2021),
        annotation("4", {"Internet": 0.6}, ["Internet"], text=prose(3), year=2021),
    ]
    olds = [annotation(new.id, {"Genre": 0.9}, new.article.keywords) for new in news]
    left = [(failure("f"), news[0]), (None, news[1])]
    return [of_filing(vocabulary, news), counted(vocabulary, [*zip(olds, news, strict=True), *left])]


def test_the_page_stands_alone_and_is_well_formed(vocabulary: Vocabulary) -> None:
    for difference in both_forms(vocabulary):
        page = report_html(difference)
        root = parsed(page)
        assert not re.search(r"https?://|url\(|@import", page)
        assert not root.xpath("//link | //img | //iframe | //script[@src]")
        assert {target[1:] for target in root.xpath("//@href")} <= set(root.xpath("//@id"))
        assert len(root.findall(".//script")) == 1
        assert EVIL in ["".join(title.itertext()) for title in root.findall(".//bdi")]
        assert all(table.find("caption") is not None for table in root.iter("table"))
        assert all(chart.get("role") == "img" and chart.get("aria-label") for chart in root.iter("svg"))
        table = root.find(".//table[@class='keywords']")
        columns = [int(heading.get("data-column")) for heading in table.xpath(".//th[@data-column]")]
        assert columns == list(range(len(table.find("./tbody/tr"))))


def test_an_article_without_id_cannot_be_ticked(vocabulary: Vocabulary) -> None:
    root = parsed(report_html(both_forms(vocabulary)[0]))
    assert [json.loads(box.get("data-ids")) for box in root.xpath("//input[@class='pick']")] == [
        ["3"],
        ["<1>"],
        ["3", "4"],
    ]


@settings(max_examples=15, deadline=None)
@given(st.text(), st.text(), st.text(min_size=1))
def test_no_text_breaks_the_page(title: str, name: str, id: str) -> None:
    vocabulary = load_vocabulary(training_data_dir())
    answers = [annotation(id, {"Fintech": 0.95}, ["Genre", name], title=title, entities=[(name, "ORG")])]
    parsed(report_html(of_filing(vocabulary, [*answers, failure(id)])))


# The command


def tagger(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["diff", *map(str, arguments)], catch_exceptions=False, env={"COLUMNS": "160"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive, and what two models say of it in different orders, each lacking one record of the other."""
    folder = tmp_path_factory.mktemp("diff")
    filings = ["Fintech", "Genre", "Formation", "Internet", "Noms de domaine", "Fintech"]
    texts = [*map(prose, range(5)), f"{prose(4)} Une phrase de plus."]
    news: list[Annotation | Failure] = [
        annotation(
            f"n°{n}", {"Fintech": 0.95, filed: 0.2} if n else {"Fintech": 0.95}, [filed], text=text, year=2018 + n
        )
        for n, (filed, text) in enumerate(zip(filings, texts, strict=True))
    ]
    olds: list[Annotation | Failure] = [
        annotation(f"n°{n}", {filed: 0.9}, [filed], text=text, year=2018 + n, model="fast 0")
        for n, (filed, text) in enumerate(zip(filings, texts, strict=True))
    ]
    news[1] = failure("n°1")
    write(folder / "new.jsonl", [*news[1:], annotation("n°8", {"Fintech": 0.9})])
    write(folder / "old.jsonl", list(reversed(olds)))
    with (folder / "archive.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "title", "text", "date", "keywords"])
        rows.writerows(
            (f"n°{n}", "Un titre", text, f"{2018 + n}-03-01", f"{filed}|Inconnu")
            for n, (filed, text) in enumerate(zip(filings, texts, strict=True))
        )
    return folder


def write(path: Path, answers: Sequence[Annotation | Failure]) -> None:
    path.write_text("".join(answer.model_dump_json() + "\n" for answer in answers), encoding="utf-8")


def test_old_and_new(folder: Path, tmp_path: Path) -> None:
    paths = {name: tmp_path / f"out.{name}" for name in ("json", "html", "jsonl")}
    done = tagger(
        folder / "old.jsonl", folder / "new.jsonl",
        "--json", paths["json"], "--html", paths["html"], "--select", paths["jsonl"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    for words in ("4 articles; beside OLD, 3 have other keywords", "fast 0", "Near-twins filed apart: 1 pairs", "+3"):
        assert words in done.output, words
    found = Difference.model_validate_json(paths["json"].read_text(encoding="utf-8"))
    left = found.uncompared
    assert (found.articles, left.failed_new, left.only_old, left.only_new) == (4, 1, 1, 1)
    assert parsed(paths["html"].read_text(encoding="utf-8")).findall(".//svg")
    selection = [json.loads(line) for line in paths["jsonl"].read_text(encoding="utf-8").splitlines()]
    assert {each["id"]: set(each["reasons"]) for each in selection} == {
        "n°2": {"filed-otherwise", "agreement-lost"},
        "n°3": {"filed-otherwise", "agreement-lost"},
        "n°4": {"filed-otherwise", "agreement-lost", "twins-filed-apart"},
        "n°5": {"twins-filed-apart"},
    }


def test_a_selection_goes_to_the_review_queue(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGGER_DATABASE_URL", f"sqlite:///{tmp_path / 'desk.db'}")
    selection = tmp_path / "selection.jsonl"
    done = tagger(folder / "old.jsonl", folder / "new.jsonl", "--select", selection, "--queue")
    assert done.exit_code == 0, done.output
    ids = {json.loads(line)["id"] for line in selection.read_text(encoding="utf-8").splitlines()}
    assert ids
    with closing(Database.open(Settings(database_url=f"sqlite:///{tmp_path / 'desk.db'}"))) as database:
        assert {stored.annotation.id for stored in Articles(database).queue()} == ids
    again = CliRunner().invoke(app, ["feedback", "enqueue", str(selection), str(folder / "new.jsonl")])
    assert again.exit_code == 0, again.output
    assert f"{len(ids)} of {len(ids)}" in again.output
    selection.write_text('{"id": "nowhere"}\n', encoding="utf-8")
    assert CliRunner().invoke(app, ["feedback", "enqueue", str(selection), str(folder / "new.jsonl")]).exit_code == 1


def test_an_archive_with_its_editors_keywords_alone(folder: Path, tmp_path: Path) -> None:
    done = tagger(folder / "archive.csv", folder / "new.jsonl", "--json", tmp_path / "d.json")
    assert done.exit_code == 0, done.output
    found = Difference.model_validate_json((tmp_path / "d.json").read_text(encoding="utf-8"))
    assert found.compares_with_editors
    assert (found.change.before, found.change.after, found.change.lost) == (4, 4, 3)
    assert found.unknown_keywords == {}  # the annotated records carry the filing too, without « Inconnu »


def test_new_alone(folder: Path, tmp_path: Path) -> None:
    done = tagger(folder / "new.jsonl", "--json", tmp_path / "d.json", "--top", "1")
    assert done.exit_code == 0, done.output
    found = Difference.model_validate_json((tmp_path / "d.json").read_text(encoding="utf-8"))
    assert (found.articles, found.agreement.new.articles, found.uncompared.failed_new) == (5, 4, 1)
    assert (found.filed_otherwise.count, len(found.filed_otherwise.foremost)) == (3, 1)


def test_parquet_says_the_same(folder: Path, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    lines = (folder / "new.jsonl").read_text(encoding="utf-8").splitlines()
    tables = [pyarrow.Table.from_pylist([json.loads(line)]) for line in lines]
    table = pyarrow.concat_tables(tables, promote_options="permissive")
    parquet.write_table(table, tmp_path / "new.parquet")
    for file in (tmp_path / "new.parquet", folder / "new.jsonl"):
        done = tagger(folder / "old.jsonl", file, "--json", tmp_path / f"{file.suffix}.json")
        assert done.exit_code == 0, done.output
    assert (tmp_path / ".parquet.json").read_text() == (tmp_path / ".jsonl.json").read_text()


def test_csv_for_people_says_what_it_can(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text(
        "\ufeffid,date,source,url,language,title,filed_under,keywords,probabilities,people,institutions,countries,"
        "places,lead,warnings,model\n"
        "n°3,2021-03-01,,,fr,Un titre,Internet,Fintech|Genre,0.9500|0.6000,Awa Diop,,Mali,Dakar|Ségou,"
        "Un chapô.,,fast 1\n"
        "n°4,2022-03-01,,,fr,Un titre,Noms de domaine,,,,,,,,no-keyword|no-lead,fast 1\n",
        encoding="utf-8",
    )
    done = tagger(folder / "old.jsonl", tmp_path / "new.csv", "--json", tmp_path / "d.json")
    assert done.exit_code == 0, done.output
    found = Difference.model_validate_json((tmp_path / "d.json").read_text(encoding="utf-8"))
    assert (found.articles, found.uncompared.only_old) == (2, 4)
    assert found.change == Change(before=2, after=2, gained=2, lost=2)
    assert [look.id for look in found.filed_otherwise.foremost] == ["n°3"]
    assert (found.entities.gained, found.leads.changed) == (4, 1)


def test_csv_is_read_as_it_was_written_with_the_ids_of_renamed_keywords(tmp_path: Path) -> None:
    renamed = Keyword(id="fintech", name="Finance numérique", group="", definition="", former_names=("Fintech",))
    given = annotation(
        "n°3",
        {"Finance numérique": 0.9, "Fintech": 0.8, "Nulle part": 0.7, "Genre": 0.1},
        ["Internet"],
        suggested=3,
        entities=[("Awa Diop", "PER"), ("Dakar", "LOC"), ("Mali", "COUNTRY")],
    )
    sink = sink_of(SinkFormat.CSV)
    with (tmp_path / "new.csv").open("wb") as stream:
        sink.write([sink.render(given)], stream)
    with open_answers(tmp_path / "new.csv", Vocabulary((renamed,))) as answers:
        (found,) = answers
    assert isinstance(found, Annotation)
    assert [(item.keyword, item.keyword_id, item.probability) for item in found.keywords] == [
        ("Finance numérique", "fintech", 0.9),
        ("Fintech", "fintech", 0.8),
        ("Nulle part", "nulle-part", 0.7),
    ]
    assert {(item.name, item.type) for item in found.entities} == {(item.name, item.type) for item in given.entities}
    assert (found.id, found.article.date, found.article.keywords) == ("n°3", given.article.date, ["Internet"])
    assert found.lead is not None
    assert (found.lead.text, found.model.keywords) == ("Un chapô.", "fast 1")


@pytest.mark.parametrize(
    ("files", "code", "message"),
    [
        (["archive.csv"], 3, "not annotated"),
        (["new.jsonl", "archive.csv"], 3, "not annotated"),
        (["nowhere.jsonl"], 3, "nowhere.jsonl"),
        (["anonymous.jsonl", "new.jsonl"], 3, "Record 1 of"),
        (["strangers.jsonl", "new.jsonl"], 3, "such as 'x'"),
        (["failed.jsonl"], 3, "1 failed"),
        (["page.html"], 3, "holds one article"),
        (["new.jsonl", "new.jsonl", "new.jsonl"], 2, "Name NEW alone"),
    ],
)
def test_errors_say_what_to_do(folder: Path, files: list[str], code: int, message: str) -> None:
    write(folder / "anonymous.jsonl", [annotation(None, {})])
    write(folder / "strangers.jsonl", [annotation("x", {})])
    write(folder / "failed.jsonl", [failure("x")])
    (folder / "page.html").write_text("<p>", encoding="utf-8")
    done = tagger(*(folder / file for file in files))
    assert done.exit_code == code, done.output
    assert message in " ".join(done.output.split())


def test_a_broken_line_does_not_stop_the_others(folder: Path, tmp_path: Path) -> None:
    lines = (folder / "new.jsonl").read_text(encoding="utf-8").splitlines()
    broken = [lines[1][:80], *lines[2:], '{"id": "z", "article": {}, "model": {}}']
    (tmp_path / "new.jsonl").write_text("\n".join(broken), encoding="utf-8")
    done = tagger(folder / "old.jsonl", tmp_path / "new.jsonl", "--json", tmp_path / "d.json")
    assert done.exit_code == 0, done.output
    left = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))["uncompared"]
    assert (left["failed_new"], left["only_old"]) == (2, 3)
    assert left["reasons"] == {"broken-json": 1, "invalid-record": 1}


# The page as people use it


@pytest.mark.skipif(not os.environ.get("TAGGER_TEST_CHROMIUM"), reason="TAGGER_TEST_CHROMIUM is unset: no browser")
def test_ticked_articles_are_downloaded(folder: Path, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    assert tagger(folder / "old.jsonl", folder / "new.jsonl", "--html", tmp_path / "d.html").exit_code == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["TAGGER_TEST_CHROMIUM"], args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 390, "height": 844})
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto((tmp_path / "d.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.get_by_label("Select n°4 and n°5").check()
        page.get_by_label("Select n°4", exact=True).first.check()
        assert page.locator("#picked").inner_text() == "2 articles ticked"
        with page.expect_download() as waited:
            page.get_by_role("button", name="Download the selection").click()
        lines = Path(waited.value.path()).read_text(encoding="utf-8").splitlines()
        browser.close()
    assert [json.loads(line)["id"] for line in lines] == ["n°4", "n°5"]
    assert problems == []
