"""What an article is after decisions: a pure function of its annotation and of these."""

from __future__ import annotations

import pytest

from tagger.article import Mention
from tagger.errors import DecisionError
from tagger.feedback import parse_decisions
from tagger.feedback.decision_kinds import (
    Decision,
    EntityAdded,
    EntityMerged,
    EntityRemoved,
    EntityRenamed,
    EntityRetyped,
    EntitySplit,
    KeywordAccepted,
    KeywordAdded,
    KeywordRejected,
    LeadEdited,
    Place,
    PrimaryChosen,
    Reopened,
    Reviewed,
)
from tagger.feedback.priority import usefulness
from tagger.feedback.state import ArticleState, apply, current_state, initial_state
from tests.annotations import TEXT, annotation, mentions


def after(*decisions: Decision) -> ArticleState:
    return current_state(annotation(), decisions)


def place(name: str, number: int = 0) -> Place:
    return Place.of(mentions(name)[number])


def names(state: ArticleState) -> dict[str, int]:
    return {entity.name: len(entity.mentions) for entity in state.entities}


def mention(words: str) -> Mention:
    start = TEXT.index(words)
    return Mention(field="text", start=start, end=start + len(words), text=words)


def test_nothing_decided_is_the_annotation_itself() -> None:
    given = annotation()
    assert current_state(given, []) == initial_state(given)
    assert after().filed_under == ()
    assert [keyword.keyword for keyword in after().found_by] == ["Régulation des télécoms", "Sonatel/Orange"]
    assert after().lead == "L'ARTP inflige une amende à la Sonatel."


def test_keywords_are_accepted_rejected_and_added() -> None:
    state = after(
        KeywordAccepted(keyword_id="sonatel-orange"),
        KeywordRejected(keyword_id="regulation-des-telecoms"),
        KeywordAdded(keyword_id="qualite-de-service", keyword="Qualité de service"),
    )
    assert [(keyword.keyword_id, keyword.status) for keyword in state.keywords] == [
        ("regulation-des-telecoms", "rejected"),
        ("sonatel-orange", "accepted"),
        ("fintech", "open"),
        ("qualite-de-service", "added"),
    ]
    assert [keyword.keyword for keyword in state.filed_under] == ["Sonatel/Orange", "Qualité de service"]
    assert [keyword.keyword for keyword in state.rejected] == ["Régulation des télécoms"]


def test_the_first_listed_of_those_accepted_is_the_primary_one_until_another_is_chosen() -> None:
    given = annotation(keywords={"Fintech": 0.5, "Sonatel/Orange": 0.9})  # the one to file under comes first
    accepted = [KeywordAccepted(keyword_id="sonatel-orange"), KeywordAccepted(keyword_id="fintech")]
    chosen = PrimaryChosen(keyword_id="sonatel-orange")
    for decisions, primary in ((accepted, "Fintech"), ([*accepted, chosen], "Sonatel/Orange")):
        found = current_state(given, decisions).primary
        assert found is not None
        assert found.keyword == primary


def test_the_last_decision_on_a_keyword_counts() -> None:
    accepted, rejected = KeywordAccepted(keyword_id="fintech"), KeywordRejected(keyword_id="fintech")
    assert [keyword.keyword_id for keyword in after(rejected, accepted).filed_under] == ["fintech"]
    assert after(accepted, rejected).filed_under == ()
    added = KeywordAdded(keyword_id="genre", keyword="Genre")
    assert after(added, KeywordRejected(keyword_id="genre")).keywords[-1].status == "rejected"


def test_the_chosen_keyword_comes_first() -> None:
    both = (KeywordAccepted(keyword_id="regulation-des-telecoms"), KeywordAccepted(keyword_id="sonatel-orange"))
    primary = after(*both).primary
    assert primary is not None
    assert primary.keyword == "Régulation des télécoms"
    chosen = after(*both, PrimaryChosen(keyword_id="sonatel-orange"))
    assert [keyword.keyword_id for keyword in chosen.filed_under] == ["sonatel-orange", "regulation-des-telecoms"]
    taken_back = after(
        *both, PrimaryChosen(keyword_id="sonatel-orange"), KeywordRejected(keyword_id="sonatel-orange")
    )
    assert [keyword.keyword_id for keyword in taken_back.filed_under] == ["regulation-des-telecoms"]


def test_a_reviewed_article_is_found_by_what_was_accepted_alone() -> None:
    state = after(KeywordAccepted(keyword_id="sonatel-orange"), Reviewed())
    assert state.is_reviewed
    assert [keyword.keyword_id for keyword in state.found_by] == ["sonatel-orange"]
    assert not after(Reviewed(), Reopened()).is_reviewed


def test_an_entity_is_of_another_type() -> None:
    entity = after(EntityRetyped(mention=place("Dakar"), type="ORG")).entity_at(place("Dakar"))
    assert entity is not None
    assert (entity.name, entity.type) == ("Dakar", "ORG")


def test_an_entity_is_somebody_else() -> None:
    renamed = EntityRenamed(mention=place("Abdoul Ly"), name="Abdou Karim Sall", id="abdou-karim-sall", country="SN")
    entity = after(renamed).entity_at(place("Abdoul Ly"))
    assert entity is not None
    assert (entity.name, entity.type, entity.known, entity.id) == (
        "Abdou Karim Sall",
        "PER",
        True,
        "abdou-karim-sall",
    )


def test_two_entities_are_one() -> None:
    state = after(EntityMerged(mention=place("ARTP"), into=place("Sonatel", 1)))
    assert names(state) == {"Sonatel": 5, "Abdoul Ly": 1, "Dakar": 1}
    assert state.entity_at(place("ARTP", 1)) is state.entity_at(place("Sonatel"))


def test_one_entity_is_two() -> None:
    state = after(EntitySplit(mentions=(place("Sonatel", 2),), name="Sonatel Mobiles"))
    assert names(state) == {"ARTP": 2, "Sonatel": 2, "Sonatel Mobiles": 1, "Abdoul Ly": 1, "Dakar": 1}
    entity = state.entity_at(place("Sonatel", 2))
    assert entity is not None
    assert (entity.name, entity.type) == ("Sonatel Mobiles", "ORG")
    assert entity.salience > 0


def test_what_is_no_entity_is_removed() -> None:
    assert "Dakar" not in names(after(EntityRemoved(mention=place("Dakar"))))


def test_an_entity_is_added_and_takes_the_places_that_it_needs() -> None:
    added = EntityAdded(name="Abdoul Ly, directeur", type="PER", mentions=(mention("directeur Abdoul Ly"),))
    state = after(added)
    assert names(state) == {"ARTP": 2, "Sonatel": 3, "Abdoul Ly, directeur": 1, "Dakar": 1}
    twice = EntityAdded(name="M. Ly", type="PER", mentions=(mention("M. Ly"), mention("Ly répondra")))
    with pytest.raises(DecisionError, match="overlap"):
        apply(initial_state(annotation()), twice)


def test_decisions_follow_one_another() -> None:
    ly = mentions("Ly")[-1]
    state = after(
        EntityAdded(name="Ly", type="PER", mentions=(ly,)),
        EntityMerged(mention=Place.of(ly), into=place("Abdoul Ly")),
        EntityRetyped(mention=Place.of(ly), type="ORG"),
    )
    entity = state.entity_at(place("Abdoul Ly"))
    assert entity is not None
    assert ([mention.text for mention in entity.mentions], entity.type) == (["Abdoul Ly", "Ly"], "ORG")


def test_the_lead_is_edited_or_taken_out() -> None:
    assert after(LeadEdited(text="  La Sonatel paiera. ")).lead == "La Sonatel paiera."
    assert after(LeadEdited(text="")).lead is None
    assert after(LeadEdited(text="")).lead_is_edited


@pytest.mark.parametrize(
    "decision",
    [
        KeywordAccepted(keyword_id="genre"),
        KeywordRejected(keyword_id="genre"),
        PrimaryChosen(keyword_id="fintech"),
        EntityRemoved(mention=Place(field="text", start=0, end=3)),
        EntityMerged(mention=place("Sonatel"), into=place("Sonatel", 1)),
        EntitySplit(mentions=(place("Dakar"),), name="Dakar"),
        EntitySplit(mentions=(place("Sonatel"), place("Dakar")), name="Dakar"),
    ],
)
def test_what_does_not_fit_is_refused_when_decided_and_without_effect_on_another_annotation(
    decision: Decision,
) -> None:
    with pytest.raises(DecisionError):
        apply(initial_state(annotation()), decision)
    assert current_state(annotation(), [decision]) == initial_state(annotation())


def test_decisions_are_read_from_json() -> None:
    given = '[{"kind": "keyword-accepted", "keyword_id": "fintech"}, {"kind": "reviewed"}]'
    assert parse_decisions(given) == [KeywordAccepted(keyword_id="fintech"), Reviewed()]
    for bad in ('[{"kind": "keyword-eaten", "keyword_id": "fintech"}]', "{", '[{"kind": "lead-edited"}]', "null"):
        with pytest.raises(DecisionError, match="kinds"):
            parse_decisions(bad)


def test_the_uncertain_and_the_contradicted_come_first() -> None:
    sure = usefulness(annotation(keywords={"Fintech": 0.98, "Genre": 0.01}))
    unsure = usefulness(annotation(keywords={"Fintech": 0.5, "Genre": 0.28, "Formation": 0.2}))
    agreed = usefulness(annotation(keywords={"Fintech": 0.98, "Genre": 0.01}, filed=["Fintech"]))
    contradicted = usefulness(annotation(keywords={"Fintech": 0.98, "Genre": 0.01}, filed=["genre"]))
    nothing = usefulness(annotation(keywords={"Fintech": 0.05}))
    assert agreed == sure < nothing
    assert sure < unsure < contradicted
