"""Stored articles and decisions, on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tagger.article import Mention
from tagger.errors import DecisionError, EditConflictError, StoreError, UnknownArticleError
from tagger.feedback import Articles, Decisions, Filters, StoredArticle, Users
from tagger.feedback.decision_kinds import (
    Decision,
    EntityAdded,
    EntityRemoved,
    KeywordAccepted,
    KeywordAdded,
    KeywordRejected,
    LeadEdited,
    Place,
    Reviewed,
)
from tagger.feedback.search import Term, parse_query
from tagger.service.retention import pruning_daily
from tagger.store.articles import ArticleRow, FacetRow
from tagger.store.database import Database
from tagger.store.decisions import DecisionRow, EditRow
from tagger.store.tables import now
from tests.annotations import TEXT, TITLE, annotation, mentions


@pytest.fixture
def articles(database: Database) -> Articles:
    return Articles(database)


@pytest.fixture
def decisions(database: Database) -> Decisions:
    return Decisions(database)


@pytest.fixture
def editor(database: Database) -> int:
    return Users(database).create("Awa Ndiaye", "a long enough password").id


@pytest.fixture
def stored(articles: Articles) -> StoredArticle:
    return articles.add(annotation(record_id="4711"), "desk", keep_text=True)


ACCEPT = KeywordAccepted(keyword_id="sonatel-orange")


def test_an_article_comes_back_as_it_was_stored(articles: Articles, stored: StoredArticle) -> None:
    found = articles.get(stored.id)
    assert found == stored
    assert found.annotation == annotation(record_id="4711")
    assert (found.revision, found.review, found.origin, found.record_id) == (1, "waiting", "desk", "4711")


def test_a_copy_is_not_stored_twice(articles: Articles, stored: StoredArticle) -> None:
    copy = annotation(title=TITLE.replace("'", "’"), text=TEXT.replace(" ", "\u00a0 ", 3), record_id="4711")
    again = articles.add(copy, "retag", keep_text=True)
    assert (again.id, again.origin) == (stored.id, "desk")
    assert articles.search().total == 1
    assert articles.add(annotation(record_id="4711"), "retag", keep_text=True).id == stored.id


def test_a_newer_annotation_takes_the_place_and_decisions_stay(
    articles: Articles, decisions: Decisions, stored: StoredArticle, editor: int
) -> None:
    decided = decisions.record(stored.id, editor, 1, [ACCEPT, Reviewed()])
    again = articles.add(annotation(keywords={"Sonatel/Orange": 0.9}, model="fast 2"), "retag", keep_text=True)
    assert again.revision == decided.revision + 1
    assert again.review == "reviewed"
    assert [(keyword.keyword_id, keyword.probability) for keyword in again.state.filed_under] == [
        ("sonatel-orange", 0.9)
    ]
    with pytest.raises(EditConflictError):
        decisions.record(stored.id, editor, decided.revision, [ACCEPT])
    assert decisions.history(stored.id)[0].model.keywords == "fast 1"


def test_a_text_can_be_left_unstored(articles: Articles, database: Database) -> None:
    stored = articles.add(annotation(), "desk", keep_text=False)
    assert not stored.has_text
    assert stored.annotation.article.text == ""
    assert articles.search("conteste").total == 0
    assert articles.search("amende").total == 1  # the lead stays
    with pytest.raises(DecisionError, match="not kept"):
        Decisions(database).record(
            stored.id, None, 1, [EntityAdded(name="Ly", type="PER", mentions=(mentions("Ly")[-1],))]
        )


def test_decisions_are_stored_with_all_that_was_shown(
    articles: Articles, decisions: Decisions, stored: StoredArticle, editor: int
) -> None:
    chosen: list[Decision] = [
        ACCEPT,
        KeywordRejected(keyword_id="regulation-des-telecoms"),
        KeywordAdded(keyword_id="genre", keyword="Genre"),
        EntityRemoved(mention=Place.of(mentions("Dakar")[0])),
        LeadEdited(text="La Sonatel paiera."),
        Reviewed(),
    ]
    after = decisions.record(stored.id, editor, stored.revision, chosen)
    assert after == articles.get(stored.id)
    assert (after.revision, after.review) == (2, "reviewed")
    assert after.reviewed_at is not None
    (edit,) = decisions.history(stored.id)
    assert edit.user == "Awa Ndiaye"
    assert edit.decisions == chosen
    assert edit.model == stored.annotation.model
    assert [(item.keyword_id, item.probability, item.suggested) for item in edit.shown] == [
        ("regulation-des-telecoms", 0.8, True),
        ("sonatel-orange", 0.6, True),
        ("fintech", 0.1, False),
    ]


def test_undoing_takes_back_one_edit_after_the_other_and_deletes_nothing(
    decisions: Decisions, stored: StoredArticle, editor: int
) -> None:
    decisions.record(stored.id, editor, 1, [ACCEPT])
    decisions.record(stored.id, editor, 2, [LeadEdited(text="La Sonatel paiera."), Reviewed()])
    once = decisions.undo(stored.id, editor, 3)
    assert (once.review, once.state.lead) == ("waiting", "L'ARTP inflige une amende à la Sonatel.")
    assert [keyword.keyword_id for keyword in once.state.filed_under] == ["sonatel-orange"]
    twice = decisions.undo(stored.id, editor, 4)
    assert twice.state.filed_under == ()
    with pytest.raises(DecisionError, match="no decision left"):
        decisions.undo(stored.id, editor, 5)
    again = decisions.record(stored.id, editor, 5, [ACCEPT])
    assert [keyword.keyword_id for keyword in again.state.filed_under] == ["sonatel-orange"]
    history = decisions.history(stored.id)
    assert [(edit.revision, edit.undoes, edit.is_undone) for edit in history] == [
        (2, None, True),
        (3, None, True),
        (4, 3, False),
        (5, 2, False),
        (6, None, False),
    ]


def test_of_two_editors_the_second_is_told_and_nothing_is_overwritten(
    articles: Articles, decisions: Decisions, stored: StoredArticle, editor: int
) -> None:
    outcomes: list[object] = []

    def decide(keyword_id: str) -> None:
        try:
            outcomes.append(decisions.record(stored.id, editor, 1, [KeywordAccepted(keyword_id=keyword_id)]))
        except EditConflictError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=decide, args=(name,)) for name in ("sonatel-orange", "fintech")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [outcome for outcome in outcomes if isinstance(outcome, EditConflictError)]
    assert len(refused) == 1
    assert refused[0].problem().status == 409
    assert "newest" in str(refused[0])
    assert articles.get(stored.id).revision == 2
    assert len(decisions.history(stored.id)) == 1
    with pytest.raises(EditConflictError):
        decisions.undo(stored.id, editor, 1)


def test_what_does_not_fit_is_refused_as_a_whole(decisions: Decisions, stored: StoredArticle, editor: int) -> None:
    elsewhere = Mention(field="text", start=0, end=4, text="Wave")
    for bad in (KeywordRejected(keyword_id="genre"), EntityAdded(name="Wave", type="ORG", mentions=(elsewhere,))):
        with pytest.raises(DecisionError):
            decisions.record(stored.id, editor, 1, [ACCEPT, bad])
    with pytest.raises(DecisionError):
        decisions.record(stored.id, editor, 1, [])
    assert decisions.history(stored.id) == []
    with pytest.raises(UnknownArticleError):
        decisions.record(stored.id + 1, editor, 1, [ACCEPT])


def test_the_queue_gives_the_most_useful_first_page_by_page(articles: Articles, decisions: Decisions) -> None:
    made = [
        articles.add(
            annotation(text=f"{TEXT} Dépêche {number}.", keywords={"Fintech": share}), "desk", keep_text=True
        )
        for number, share in enumerate((0.95, 0.5, 0.7, 0.5))
    ]
    unsure = {"Fintech": 0.5, "Formation": 0.5, "Genre": 0.5}
    urgent = articles.add(annotation(text=f"{TEXT} Fin.", keywords=unsure), "retag", keep_text=True)
    expected = [urgent.id, made[1].id, made[3].id, made[2].id, made[0].id]
    first = articles.queue(limit=2)
    rest = articles.queue(limit=9, after=first[-1].id)
    assert [item.id for item in (*first, *rest)] == expected
    assert [item.id for item in articles.queue(Filters(origin="retag"))] == [urgent.id]
    decisions.record(urgent.id, None, 1, [Reviewed()])
    assert [item.id for item in articles.queue()] == expected[1:]
    assert articles.waiting() == 4
    back = articles.enqueue(urgent.id)
    assert (back.review, back.state.is_reviewed, back.reviewed_at) == ("waiting", False, None)
    assert [item.id for item in articles.queue()] == expected


@pytest.fixture
def library(articles: Articles) -> dict[str, int]:
    """Three articles to be found."""
    sources = {
        "ia": (
            "L'intelligence artificielle au Bénin",
            "Des étudiants de l'École polytechnique codent à Thiès.",
            2025,
        ),
        "grève": ("Grève à la Sonatel", "Les employés cessent le travail à Thiès. L'État se tait.", 2024),
        "bœuf": ("Le cœur du réseau", "Un câble sous-marin relie les télécommunications de deux pays.", 2025),
    }
    keywords = {
        "ia": {"Intelligence artificielle": 0.9},
        "grève": {"Mouvements sociaux": 0.8, "Sonatel/Orange": 0.5},
        "bœuf": {"Infrastructures": 0.2},
    }
    return {
        name: articles.add(
            annotation(
                title,
                body,
                date=dt.date(year, 5, 1),
                keywords=keywords[name],
                names={"Thiès": "LOC", "Sonatel": "ORG", "École polytechnique": "ORG"},
            ),
            "desk",
            keep_text=True,
        ).id
        for name, (title, body, year) in sources.items()
    }


QUERIES: list[tuple[str, set[str]]] = [
    ("benin", {"ia"}),
    ("BÉNIN", {"ia"}),
    ("etudiant", {"ia"}),
    ("télécommunication", {"bœuf"}),
    ("telecom", {"bœuf"}),
    ("coeur", {"bœuf"}),
    ("cœurs", {"bœuf"}),
    ("thies", {"ia", "grève"}),
    ("thiès -grève", {"ia"}),
    ("-greve", {"ia", "bœuf"}),
    ('"cessent le travail"', {"grève"}),
    ('"travail cessent"', set()),
    ("l'état", {"grève"}),
    ("mouvements sociaux", {"grève"}),  # a keyword that was suggested
    ("« sous-marin »", {"bœuf"}),
    ("introuvable", set()),
    ("sénégal", {"ia", "grève", "bœuf"}),  # the country that all are about
    ("", {"ia", "grève", "bœuf"}),
    (" \" ) ( * ; : & | ! <-> ' \\ ", {"ia", "grève", "bœuf"}),
    ("thies AND NOT OR NEAR", set()),
    ("a\0b'); DROP TABLE articles; --", set()),
]


def test_search_finds_words_whatever_their_accents(articles: Articles, library: dict[str, int]) -> None:
    for query, expected in QUERIES:
        found = articles.search(query)
        assert {item.id for item in found.articles} == {library[name] for name in expected}, query
        assert found.total == len(expected)


def test_a_word_in_the_title_counts_more(articles: Articles) -> None:
    below = articles.add(
        annotation("Une affaire", "La fibre arrive à Kolda, dit la Sonatel."), "desk", keep_text=True
    )
    above = articles.add(
        annotation("La fibre", "Elle arrive à Kolda, dit la Sonatel, en mai."), "desk", keep_text=True
    )
    assert [item.id for item in articles.search("fibre").articles] == [above.id, below.id]
    assert [item.id for item in articles.search("fibre", limit=1, offset=1).articles] == [below.id]


def test_facets_count_and_narrow_down(articles: Articles, decisions: Decisions, library: dict[str, int]) -> None:
    facets = articles.facets()
    assert [(item.value, item.count) for item in facets.years] == [("2025", 2), ("2024", 1)]
    assert [(item.label, item.count) for item in facets.entities[:1]] == [("Thiès", 2)]
    assert [(item.value, item.label, item.count) for item in facets.countries] == [("SN", "Sénégal", 3)]
    assert {item.value for item in facets.keywords} == {
        "intelligence-artificielle",
        "mouvements-sociaux",
        "sonatel-orange",
    }
    for filters, expected in (
        (Filters(keyword="sonatel-orange"), ["grève"]),
        (Filters(entity="Thiès", year=2025), ["ia"]),
        (Filters(country="SN", year=2025, origin="desk"), ["bœuf", "ia"]),
        (Filters(country="ML"), []),
        (Filters(review="reviewed"), []),
    ):
        assert [item.id for item in articles.search("", filters).articles] == [library[name] for name in expected]
        assert sum(item.count for item in articles.facets("", filters).years) == len(expected)
    assert [item.label for item in articles.facets("employés").keywords] == ["Mouvements sociaux", "Sonatel/Orange"]
    rejected: list[Decision] = [KeywordRejected(keyword_id="sonatel-orange")]
    decisions.record(library["grève"], None, 1, [*rejected, KeywordAdded(keyword_id="genre", keyword="Genre")])
    assert articles.search("", Filters(keyword="sonatel-orange")).total == 0
    assert articles.search("genre").total == articles.search("", Filters(keyword="genre")).total == 1


def test_an_erased_article_leaves_nothing(
    articles: Articles, decisions: Decisions, database: Database, editor: int, tmp_path: Path
) -> None:
    word = "xylophonique"
    stored = articles.add(annotation(text=f"Un mot {word} seul. {TEXT}"), "desk", keep_text=True)
    kept = articles.add(annotation(), "desk", keep_text=True)
    decisions.record(stored.id, editor, 1, [ACCEPT, LeadEdited(text=f"Le {word}.")])
    articles.erase(stored.id)
    with pytest.raises(UnknownArticleError):
        articles.get(stored.id)
    with pytest.raises(UnknownArticleError):
        articles.erase(stored.id)
    assert articles.search(word).total == 0
    assert articles.get(kept.id) == kept
    with database.reading() as session:
        for table in (ArticleRow, FacetRow, EditRow, DecisionRow):
            assert word not in str(session.execute(select(table.__table__)).all())
        assert session.scalars(select(EditRow)).all() == []
    for path in tmp_path.glob("tagger.db*"):
        assert word.encode() not in path.read_bytes()
    again = articles.add(annotation(text=f"Autre. {TEXT}"), "desk", keep_text=True)
    assert again.id not in (stored.id, kept.id)


def test_texts_are_let_go_when_their_time_is_over(
    articles: Articles, decisions: Decisions, database: Database, tmp_path: Path
) -> None:
    word = "xylophonique"
    old = articles.add(annotation(text=f"{TEXT} Un mot {word}."), "desk", keep_text=True)
    recent = articles.add(annotation(text=f"{TEXT} Récent."), "desk", keep_text=True)
    waiting = articles.add(annotation(text=f"{TEXT} En attente."), "desk", keep_text=True)
    for article in (old, recent):
        decisions.record(article.id, None, 1, [ACCEPT, Reviewed()])
    with database.session() as session:
        moment = now() - dt.timedelta(days=31)
        session.execute(update(ArticleRow).where(ArticleRow.id == old.id).values(reviewed_at=moment))
    assert articles.prune(30) == 1
    assert articles.prune(30) == 0
    pruned = articles.get(old.id)
    assert (pruned.has_text, pruned.annotation.article.text) == (False, "")
    assert [keyword.keyword_id for keyword in pruned.state.filed_under] == ["sonatel-orange"]
    assert articles.search(word).total == 0
    assert articles.get(recent.id).has_text
    assert articles.get(waiting.id).has_text
    for path in tmp_path.glob("tagger.db*"):
        assert word.encode() not in path.read_bytes()


def test_hostile_texts_are_stored_as_they_are(articles: Articles) -> None:
    script = "<script>alert('é')</script> \0 \u202e '; DROP TABLE articles; --"
    stored = articles.add(annotation(script, script + TEXT, record_id="\0 id"), "desk", keep_text=True)
    assert articles.get(stored.id).annotation.article.title == script
    assert articles.search("alert").total == 1


def test_queries_are_read_as_people_type_them() -> None:
    assert parse_query('L\'État -Sénégal "Câbles sous-marins" -"a b" --') == [
        Term(("l", "etat"), False),
        Term(("senegal",), True),
        Term(("cables", "sous", "marins"), False),
        Term(("a", "b"), True),
    ]
    assert parse_query('"') == []


def test_the_service_lets_texts_go_by_itself(
    articles: Articles, decisions: Decisions, stored: StoredArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    decisions.record(stored.id, None, 1, [Reviewed()])
    prune, calls = articles.prune, iter((StoreError("away"), None))

    def failing_first(days: int) -> int:
        if error := next(calls, None):
            raise error
        return prune(days)

    async def while_it_runs() -> None:
        async with pruning_daily(articles, 0, interval=0.01):
            while (await asyncio.to_thread(articles.get, stored.id)).has_text:
                await asyncio.sleep(0.01)

    monkeypatch.setattr(articles, "prune", failing_first)
    asyncio.run(asyncio.wait_for(while_it_runs(), 20))
    assert articles.get(stored.id).review == "reviewed"
