"""What is known of an article now: its annotation as editors' decisions have changed it. Pure functions."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from tagger.article import Annotation, Entity, Mention
from tagger.entities.about import ranked
from tagger.errors import DecisionError
from tagger.feedback import decision_kinds as kinds
from tagger.feedback.decision_kinds import Decision, Place

KeywordStatus = Literal["open", "accepted", "rejected", "added"]


@dataclass(frozen=True)
class KeywordState:
    """A keyword that was listed or added, and what was decided. `probability` is None where it was not listed."""

    keyword_id: str
    keyword: str
    probability: float | None
    suggested: bool
    status: KeywordStatus = "open"

    @property
    def applies(self) -> bool:
        """Whether an editor has said that it applies."""
        return self.status in ("accepted", "added")


@dataclass(frozen=True)
class ArticleState:
    """An article's keywords as they were ranked, then those added; its entities, most salient first; its lead."""

    keywords: tuple[KeywordState, ...]
    entities: tuple[Entity, ...]
    lead: str | None
    lead_is_edited: bool = False
    entities_are_edited: bool = False
    is_reviewed: bool = False
    chosen_primary: str | None = None

    @property
    def filed_under(self) -> tuple[KeywordState, ...]:
        """The keywords that an editor accepted or added, the primary one first."""
        applying = [keyword for keyword in self.keywords if keyword.applies]
        return tuple(sorted(applying, key=lambda keyword: keyword.keyword_id != self.chosen_primary))

    @property
    def primary(self) -> KeywordState | None:
        """The keyword under which the article is filed first: the chosen one, or the first listed that applies."""
        return next(iter(self.filed_under), None)

    @property
    def rejected(self) -> tuple[KeywordState, ...]:
        """The keywords that an editor rejected."""
        return tuple(keyword for keyword in self.keywords if keyword.status == "rejected")

    @property
    def found_by(self) -> tuple[KeywordState, ...]:
        """The keywords by which the article is found: until it is reviewed also those suggested and not rejected."""
        open_ones = () if self.is_reviewed else (k for k in self.keywords if k.suggested and k.status == "open")
        return (*self.filed_under, *open_ones)

    def entity_at(self, place: Place) -> Entity | None:
        """Give the entity that has a mention at this place."""
        return next((entity for entity in self.entities if place in map(Place.of, entity.mentions)), None)


def initial_state(annotation: Annotation) -> ArticleState:
    """Give the state of an article about which nothing was decided."""
    return ArticleState(
        keywords=tuple(
            KeywordState(item.keyword_id, item.keyword, item.probability, item.suggested)
            for item in annotation.keywords
        ),
        entities=tuple(annotation.entities),
        lead=annotation.lead.text if annotation.lead else None,
    )


def current_state(annotation: Annotation, decisions: Iterable[Decision]) -> ArticleState:
    """Give the state of an article after decisions in their order.

    A decision about what this annotation does not have (another model annotated the article anew) has no effect.
    """
    state = initial_state(annotation)
    for decision in decisions:
        try:
            state = apply(state, decision)
        except DecisionError:
            continue
    return _in_order(state, annotation)


def apply(state: ArticleState, decision: Decision) -> ArticleState:
    """Give the state after one more decision.

    Raises:
        DecisionError: the article has no such keyword or entity.
    """
    step: Callable[[ArticleState, Any], ArticleState] = _STEPS[type(decision)]
    return step(state, decision)


def _keyword_accepted(state: ArticleState, decision: kinds.KeywordAccepted) -> ArticleState:
    found = next((keyword for keyword in state.keywords if keyword.keyword_id == decision.keyword_id), None)
    if found is None:
        raise DecisionError(f"The keyword {decision.keyword_id!r} was not listed. Add it instead of accepting it.")
    return _with_status(state, decision.keyword_id, "added" if found.probability is None else "accepted")


def _keyword_rejected(state: ArticleState, decision: kinds.KeywordRejected) -> ArticleState:
    if decision.keyword_id not in {keyword.keyword_id for keyword in state.keywords}:
        raise DecisionError(f"The keyword {decision.keyword_id!r} was neither listed nor added.")
    state = _with_status(state, decision.keyword_id, "rejected")
    return replace(state, chosen_primary=None) if state.chosen_primary == decision.keyword_id else state


def _keyword_added(state: ArticleState, decision: kinds.KeywordAdded) -> ArticleState:
    if decision.keyword_id in {keyword.keyword_id for keyword in state.keywords}:
        return _with_status(state, decision.keyword_id, "added")
    added = KeywordState(decision.keyword_id, decision.keyword, None, suggested=False, status="added")
    return replace(state, keywords=(*state.keywords, added))


def _primary_chosen(state: ArticleState, decision: kinds.PrimaryChosen) -> ArticleState:
    if decision.keyword_id not in {keyword.keyword_id for keyword in state.filed_under}:
        raise DecisionError(f"Accept or add the keyword {decision.keyword_id!r} before filing the article under it.")
    return replace(state, chosen_primary=decision.keyword_id)


def _with_status(state: ArticleState, keyword_id: str, status: KeywordStatus) -> ArticleState:
    return replace(
        state,
        keywords=tuple(
            replace(keyword, status=status) if keyword.keyword_id == keyword_id else keyword
            for keyword in state.keywords
        ),
    )


def _entity_retyped(state: ArticleState, decision: kinds.EntityRetyped) -> ArticleState:
    entity = _entity(state, decision.mention)
    # A known name is known under its own type alone.
    changed = {"type": decision.type, "known": False, "id": None, "country": None}
    return _with_entities(state, [entity], [entity.model_copy(update=changed)])


def _entity_renamed(state: ArticleState, decision: kinds.EntityRenamed) -> ArticleState:
    entity = _entity(state, decision.mention)
    changed = {
        "name": decision.name,
        "known": decision.id is not None,
        "id": decision.id,
        "country": decision.country,
    }
    return _with_entities(state, [entity], [entity.model_copy(update=changed)])


def _entity_merged(state: ArticleState, decision: kinds.EntityMerged) -> ArticleState:
    entity, into = _entity(state, decision.mention), _entity(state, decision.into)
    if entity is into:
        raise DecisionError(f"Both mentions belong to « {into.name} » already.")
    merged = into.model_copy(update={"mentions": _sorted([*into.mentions, *entity.mentions])})
    return _with_entities(state, [entity, into], [merged])


def _entity_split(state: ArticleState, decision: kinds.EntitySplit) -> ArticleState:
    entity = _entity(state, decision.mentions[0])
    places = set(decision.mentions)
    parted = [mention for mention in entity.mentions if Place.of(mention) in places]
    rest = [mention for mention in entity.mentions if Place.of(mention) not in places]
    if len(parted) != len(places):
        raise DecisionError(f"The mentions do not all belong to « {entity.name} ».")
    if not rest:
        raise DecisionError(f"« {entity.name} » has no other mention to part from. Rename it instead.")
    other = Entity(name=decision.name, type=entity.type, salience=0, known=False, mentions=parted)
    return _with_entities(state, [entity], [entity.model_copy(update={"mentions": rest}), other])


def _entity_removed(state: ArticleState, decision: kinds.EntityRemoved) -> ArticleState:
    return _with_entities(state, [_entity(state, decision.mention)], [])


def _entity_added(state: ArticleState, decision: kinds.EntityAdded) -> ArticleState:
    added = Entity(
        name=decision.name, type=decision.type, salience=0, known=False, mentions=_sorted(decision.mentions)
    )
    if any(one.field == two.field and _overlap(one, two) for one, two in itertools.pairwise(added.mentions)):
        raise DecisionError("The mentions of the new entity overlap.")
    cut = [entity for entity in state.entities if any(_is_taken(m, added.mentions) for m in entity.mentions)]
    left = [
        entity.model_copy(update={"mentions": [m for m in entity.mentions if not _is_taken(m, added.mentions)]})
        for entity in cut
    ]
    return _with_entities(state, cut, [*(entity for entity in left if entity.mentions), added])


def _lead_edited(state: ArticleState, decision: kinds.LeadEdited) -> ArticleState:
    return replace(state, lead=decision.text or None, lead_is_edited=True)


def _reviewed(state: ArticleState, _: kinds.Reviewed) -> ArticleState:
    return replace(state, is_reviewed=True)


def _reopened(state: ArticleState, _: kinds.Reopened) -> ArticleState:
    return replace(state, is_reviewed=False)


_STEPS: dict[type[Any], Callable[[ArticleState, Any], ArticleState]] = {
    kinds.KeywordAccepted: _keyword_accepted,
    kinds.KeywordRejected: _keyword_rejected,
    kinds.KeywordAdded: _keyword_added,
    kinds.PrimaryChosen: _primary_chosen,
    kinds.EntityRetyped: _entity_retyped,
    kinds.EntityRenamed: _entity_renamed,
    kinds.EntityMerged: _entity_merged,
    kinds.EntitySplit: _entity_split,
    kinds.EntityRemoved: _entity_removed,
    kinds.EntityAdded: _entity_added,
    kinds.LeadEdited: _lead_edited,
    kinds.Reviewed: _reviewed,
    kinds.Reopened: _reopened,
}


def _entity(state: ArticleState, place: Place) -> Entity:
    entity = state.entity_at(place)
    if entity is None:
        raise DecisionError(f"No entity is named at {place.field} {place.start} to {place.end}.")
    return entity


def _with_entities(state: ArticleState, gone: Sequence[Entity], come: Sequence[Entity]) -> ArticleState:
    """Put entities in the place of others."""
    kept = [entity for entity in state.entities if all(entity is not other for other in gone)]
    return replace(state, entities=(*kept, *come), entities_are_edited=True)


def _in_order(state: ArticleState, annotation: Annotation) -> ArticleState:
    """Rank edited entities as the annotator ranks its own."""
    if not state.entities_are_edited:
        return state
    lead = annotation.lead.source if annotation.lead else ()
    return replace(state, entities=tuple(ranked(state.entities, lead)))


def _sorted(mentions: Iterable[Mention]) -> list[Mention]:
    """Put mentions in the order of the article, the title first."""
    return sorted(mentions, key=lambda mention: (mention.field != "title", mention.start))


def _overlap(one: Mention, two: Mention) -> bool:
    return one.start < two.end and two.start < one.end


def _is_taken(mention: Mention, by: Iterable[Mention]) -> bool:
    return any(mention.field == other.field and _overlap(mention, other) for other in by)
