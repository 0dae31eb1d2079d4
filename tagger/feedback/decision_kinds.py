"""The kinds of decisions that an editor can take about an annotated article.

As JSON each is an object with its `kind`: ``{"kind": "keyword-accepted", "keyword_id": "fintech"}``,
``{"kind": "entity-retyped", "mention": {"field": "text", "start": 12, "end": 20}, "type": "ORG"}``. An entity is
named by the place of any of its mentions: a place belongs to one entity alone. `parse_decisions` reads a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from tagger.article import EntityType, Mention, TextField
from tagger.errors import DecisionError

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
KeywordId = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Kind(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Kind):
    """Where a mention stands: offsets into the title or the text, as in `tagger.article`."""

    field: TextField
    start: int = Field(ge=0)
    end: int = Field(gt=0)

    @classmethod
    def of(cls, mention: Mention) -> Place:
        """Give the place of a mention."""
        return cls(field=mention.field, start=mention.start, end=mention.end)


class KeywordAccepted(_Kind):
    """The keyword, one of those listed, applies."""

    kind: Literal["keyword-accepted"] = "keyword-accepted"
    keyword_id: KeywordId


class KeywordRejected(_Kind):
    """The keyword does not apply, whether it was suggested or an editor had put it."""

    kind: Literal["keyword-rejected"] = "keyword-rejected"
    keyword_id: KeywordId


class KeywordAdded(_Kind):
    """A keyword applies that was not listed; `keyword` is its name."""

    kind: Literal["keyword-added"] = "keyword-added"
    keyword_id: KeywordId
    keyword: Name


class PrimaryChosen(_Kind):
    """Of the accepted and added keywords, this is the one under which the article is filed first."""

    kind: Literal["primary-chosen"] = "primary-chosen"
    keyword_id: KeywordId


class EntityRetyped(_Kind):
    """The entity is of another type."""

    kind: Literal["entity-retyped"] = "entity-retyped"
    mention: Place
    type: EntityType


class EntityRenamed(_Kind):
    """The entity is called otherwise, or is somebody else; `id` and `country` are those of a known name."""

    kind: Literal["entity-renamed"] = "entity-renamed"
    mention: Place
    name: Name
    id: str | None = None
    country: str | None = None


class EntityMerged(_Kind):
    """The entity of `mention` is the same as that of `into`, whose name and type stay."""

    kind: Literal["entity-merged"] = "entity-merged"
    mention: Place
    into: Place


class EntitySplit(_Kind):
    """These mentions of one entity are another one of the same type, called `name`."""

    kind: Literal["entity-split"] = "entity-split"
    mentions: Annotated[tuple[Place, ...], Field(min_length=1)]
    name: Name


class EntityRemoved(_Kind):
    """What was taken for an entity is none."""

    kind: Literal["entity-removed"] = "entity-removed"
    mention: Place


class EntityAdded(_Kind):
    """An entity that was not found. A place that belonged to another entity now belongs to it."""

    kind: Literal["entity-added"] = "entity-added"
    name: Name
    type: EntityType
    mentions: Annotated[tuple[Mention, ...], Field(min_length=1)]


class LeadEdited(_Kind):
    """The lead is to be this; empty, there is to be none."""

    kind: Literal["lead-edited"] = "lead-edited"
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class Reviewed(_Kind):
    """The editor is done with the article; it leaves the queue."""

    kind: Literal["reviewed"] = "reviewed"


class Reopened(_Kind):
    """The article goes back into the queue."""

    kind: Literal["reopened"] = "reopened"


KeywordDecision = KeywordAccepted | KeywordRejected | KeywordAdded | PrimaryChosen
EntityDecision = EntityRetyped | EntityRenamed | EntityMerged | EntitySplit | EntityRemoved | EntityAdded
Decision = KeywordDecision | EntityDecision | LeadEdited | Reviewed | Reopened

_DECISIONS: TypeAdapter[list[Decision]] = TypeAdapter(list[Annotated[Decision, Field(discriminator="kind")]])


def parse_decisions(given: str | bytes | Sequence[Any]) -> list[Decision]:
    """Read decisions from JSON text, or from what JSON gives.

    Raises:
        DecisionError: one of them is none.
    """
    try:
        if isinstance(given, str | bytes):
            return _DECISIONS.validate_json(given)
        return _DECISIONS.validate_python(list(given))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:5])
        raise DecisionError(f"{faults}. tagger/feedback/decision_kinds.py describes the kinds.") from None
