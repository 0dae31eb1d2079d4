"""What comes in and what goes out: an `Article` and its `Annotation`, plain typed data.

Offsets are Python string indexes (Unicode code points), end excluded. They point into `Article.text`, or
into `Article.title` where `field` is ``"title"``.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

TextField = Literal["title", "text"]
EntityType = Literal["PER", "ORG", "COUNTRY", "LOC"]
WarningCode = Literal[
    "not-french",
    "unknown-language",
    "foreign-paragraph",
    "fast-profile",
    "no-keyword",
    "lead-repaired",
    "lead-replaced",
    "lead-late",
    "no-lead",
    "lead-cut",
]
Probability = Annotated[float, Field(ge=0, le=1)]


class _Data(BaseModel):
    """Base of every shape in this module; an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class Span(_Data):
    """A stretch of `Article.text`."""

    start: int
    end: int


class FieldSpan(Span):
    """A stretch of the title or of the text, with the characters that stand there."""

    field: TextField
    text: str


class Article(_Data):
    """A press article, cleaned of whatever surrounded it.

    `chapo` is the standfirst that the page or the CMS already carries; `keywords` are those under which the
    article is already filed. Neither is used to annotate.
    """

    title: str = ""
    text: str
    chapo: str | None = None
    date: dt.date | None = None
    source: str | None = None
    url: str | None = None
    keywords: list[str] = Field(default_factory=list)


class Evidence(FieldSpan):
    """Words that speak for a keyword; `weight` is their share of the classifier's score, 0 to 1."""

    weight: Probability


class Suggestion(_Data):
    """A keyword with its calibrated probability, the decision, and the words that speak for it."""

    keyword: str
    keyword_id: str
    probability: Probability
    suggested: bool
    evidence: list[Evidence] = Field(default_factory=list)


class Mention(FieldSpan):
    """One place where an entity is named. An honorific (« M. ») is not part of it."""


class Entity(_Data):
    """A person, institution, country or place, once, under its full name.

    `country` is an ISO 3166-1 alpha-2 code: of the country itself where `type` is COUNTRY, else of the
    country to which a known name belongs. `id` is the known name's identifier.
    """

    name: str
    type: EntityType
    salience: Probability
    known: bool
    id: str | None = None
    country: str | None = None
    mentions: list[Mention]


class CountryShare(_Data):
    """A country that an article is about, by its ISO 3166-1 alpha-2 code and its French name.

    `share` is its part of all that speaks for some country.
    """

    country: str
    name: str
    share: Probability


class Extract(_Data):
    """Words taken from the article; `source` are the stretches of its text that they stand in, in order."""

    text: str
    source: list[Span]


class Lead(Extract):
    """A chapô, of at most 280 characters unless asked otherwise, and others to choose from.

    `method` is ``extractive`` where it is made of the article's own sentences, whole or shortened, ``extractive-cut``
    where it is the beginning of one, ``abstractive`` where a language model wrote it; then `source` is empty.
    """

    method: str
    alternatives: list[Extract] = Field(default_factory=list)


class Warning(_Data):
    """Something that the reader of an annotation should know. `code` is stable, `message` is for people.

    `start` and `end` say where in `Article.text`, for a warning that has a place.
    """

    code: WarningCode
    message: str
    start: int | None = None
    end: int | None = None


class ModelVersions(_Data):
    """Which model gave each part; None for a part that was not asked for."""

    keywords: str | None
    entities: str | None
    lead: str | None

    @property
    def names(self) -> list[str]:
        """The models that gave anything, each once."""
        return [name for name in dict.fromkeys((self.keywords, self.entities, self.lead)) if name]


class Annotation(_Data):
    """Everything that an `Annotator` says of one article. `keywords`, `entities` and `countries` are ranked.

    The first of `keywords` is the one to file the article under: of those suggested, the likeliest primary keyword.
    The others follow by probability.
    `title_suggestion` is there where it was asked for and a sentence is short enough.
    """

    id: str | None = None
    language: str
    article: Article
    keywords: list[Suggestion]
    entities: list[Entity]
    countries: list[CountryShare]
    lead: Lead | None
    title_suggestion: Extract | None = None
    model: ModelVersions
    warnings: list[Warning] = Field(default_factory=list)
