"""What comes out of a comparison: plain typed data, as ``tagger diff --json`` writes it.

“Before” is what OLD suggests, or the keywords under which the editors filed the article where OLD is not annotated;
“after” is what NEW suggests.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field

from tagger.article import EntityType, ModelVersions

SideName = Literal["old", "new"]
Reason = Literal["filed-otherwise", "agreement-lost", "twins-filed-apart"]


class Change(BaseModel):
    """In how many articles a keyword stands before and after, and how many gain and lose it."""

    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0


class Agreement(BaseModel):
    """Where the editors' own keyword, the first one of an article, stands among those that were found.

    `articles` have one; in `first` of them it is first, in `first_three` among the first three, in `suggested` it is
    suggested. `absent` are those where it is neither suggested nor among the first three.
    """

    articles: int = 0
    first: int = 0
    first_three: int = 0
    suggested: int = 0
    absent: int = 0

    def share(self, count: int) -> float | None:
        """Give a count as a share of the articles, None where there is none."""
        return count / self.articles if self.articles else None


class Agreements(BaseModel):
    """The agreement with the editors before and after; `old` is None where OLD is not annotated."""

    old: Agreement | None = None
    new: Agreement = Field(default_factory=Agreement)


class KeywordDifference(BaseModel):
    """What changes for one keyword; `years` are those in which it stands before or after, or « undated »."""

    keyword: str
    change: Change = Field(default_factory=Change)
    agreement: Agreements = Field(default_factory=Agreements)
    years: dict[str, Change] = Field(default_factory=dict)


class NameCount(BaseModel):
    """A name and the number of articles that gain it; `type` is None for a country that an article is about."""

    name: str
    type: EntityType | None
    articles: int


class Names(BaseModel):
    """Names that articles gain and lose, each counted once an article; `different` are the different ones gained."""

    gained: int = 0
    lost: int = 0
    different: int = 0
    most_gained: list[NameCount] = []


class YearDifference(BaseModel):
    """What changes in the articles of one year; `year` is None for those without a date."""

    year: int | None
    articles: int = 0
    changed: int = 0
    change: Change = Field(default_factory=Change)
    agreement: Agreements = Field(default_factory=Agreements)
    entities: Names = Field(default_factory=Names)
    countries: Names = Field(default_factory=Names)

    @property
    def label(self) -> str:
        """What the year is called."""
        return year_label(self.year)


class Look(BaseModel):
    """An article worth a human look: filed under `filed`, and the model says `keyword`.

    `filed_probability` is what NEW gives the editors' own keyword, None where it does not list it;
    `filed_probability_before` is what OLD gave it.
    """

    id: str | None
    title: str
    date: dt.date | None
    filed: list[str]
    keyword: str
    probability: float
    filed_probability: float | None
    filed_probability_before: float | None = None


class Twin(BaseModel):
    """One of two articles that nearly are the same."""

    id: str | None
    title: str
    date: dt.date | None
    filed: list[str]


class Twins(BaseModel):
    """Two articles that share much of their text and no keyword of the editors'.

    `resemblance` is the estimated share of their eight-word sequences that both have.
    """

    first: Twin
    second: Twin
    resemblance: float


class Looks(BaseModel):
    """Articles worth a look for one reason: how many there are, and the foremost of them."""

    count: int
    foremost: list[Look]


class TwinsFound(BaseModel):
    """Near-twins filed apart: how many pairs there are, and the most alike of them."""

    count: int
    foremost: list[Twins]


class ModelUse(BaseModel):
    """Models and the number of articles that they annotated."""

    model: ModelVersions
    articles: int


class Leads(BaseModel):
    """How many leads there are before and after, and how many articles have another one."""

    before: int = 0
    after: int = 0
    changed: int = 0


class NotCompared(BaseModel):
    """A record that failed, or that only one of the files has; `detail` says why it failed."""

    side: SideName
    id: str | None
    code: str | None = None
    detail: str = ""


class Uncompared(BaseModel):
    """The records that could not be compared: failed in a file, or in one file only, with the first few of them."""

    failed_old: int = 0
    failed_new: int = 0
    only_old: int = 0
    only_new: int = 0
    reasons: dict[str, int] = {}
    examples: list[NotCompared] = []


class Difference(BaseModel):
    """All that is known of what changes from OLD to NEW. Keywords are ordered by how much changes, years by time."""

    compares_with_editors: bool
    articles: int
    changed: int
    sure: float
    change: Change
    agreement: Agreements
    leads: Leads
    old_models: list[ModelUse]
    new_models: list[ModelUse]
    keywords: list[KeywordDifference]
    years: list[YearDifference]
    entities: Names
    countries: Names
    filed_otherwise: Looks
    agreement_lost: Looks
    twins: TwinsFound
    unknown_keywords: dict[str, int] = Field(description="Editors' keywords that the vocabulary lacks.")
    uncompared: Uncompared


def year_label(year: int | None) -> str:
    """Give the name of a year, which an article may lack."""
    return "undated" if year is None else str(year)
