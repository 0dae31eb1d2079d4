"""What a comparison needs of one record: some two kilobytes, whatever its text and its evidence weigh."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache

from pydantic import BaseModel

from tagger.article import Annotation, Article, EntityType, ModelVersions
from tagger.errors import Failure
from tagger.keywords.vocabulary import Vocabulary
from tagger.reading.records import Record, article_of
from tagger.text.sketches import Sketch, sketch

SKETCH_SIZE = 64


class Listed(BaseModel):
    """A keyword of an annotation's ranked list."""

    keyword: str
    probability: float
    suggested: bool


class Name(BaseModel):
    """An entity or, where `type` is None, a country that the article is about; `key` tells it from others."""

    type: EntityType | None
    key: str
    name: str


class Findings(BaseModel):
    """What a model found: keywords in their order, names, the lead."""

    keywords: list[Listed]
    names: list[Name]
    lead: str | None
    model: ModelVersions

    @property
    def suggested(self) -> set[str]:
        """The keywords that are suggested."""
        return {item.keyword for item in self.keywords if item.suggested}

    def probability_of(self, keyword: str) -> float | None:
        """Give a keyword's probability, None where it is not listed."""
        return next((item.probability for item in self.keywords if item.keyword == keyword), None)


class Side(BaseModel):
    """An article in one of the files, with what a model found where it is annotated.

    `filed` are the editors' keywords, under the names that they have in the vocabulary today; `unknown` are those
    that it lacks. `sketch` is of the whole text, empty where none was asked for.
    """

    id: str | None
    title: str
    date: dt.date | None
    filed: list[str]
    unknown: list[str]
    found: Findings | None
    sketch: Sketch


class Failed(BaseModel):
    """A record without annotation, with the code and the words of the reason."""

    id: str | None
    code: str
    detail: str


class Sides:
    """Makes sides, with every keyword under the name that the vocabulary gives it today."""

    def __init__(self, vocabulary: Vocabulary, *, sketched: bool) -> None:
        """`sketched` tells whether the sketches of texts are wanted, which are what takes longest."""
        self._resolve = cache(vocabulary.resolve)
        self._sketched = sketched

    def of(self, answer: Annotation | Failure | Record) -> Side | Failed:
        """Make the side of a record of either file."""
        if isinstance(answer, Failure):
            return Failed(id=answer.id, code=answer.error.code, detail=answer.error.detail)
        if isinstance(answer, Record):
            return self._side(answer.id, article_of(answer), None)
        return self._side(answer.id, answer.article, self._findings(answer))

    def _side(self, id: str | None, article: Article, found: Findings | None) -> Side:
        known = {name: keyword.name for name in article.keywords if (keyword := self._resolve(name))}
        return Side(
            id=id,
            title=article.title,
            date=article.date,
            filed=list(dict.fromkeys(known.values())),
            unknown=[name for name in article.keywords if name not in known],
            found=found,
            sketch=sketch(f"{article.title} {article.text}", SKETCH_SIZE) if self._sketched else (),
        )

    def _findings(self, annotation: Annotation) -> Findings:
        return Findings(
            keywords=[
                Listed(keyword=self._today(item.keyword), probability=item.probability, suggested=item.suggested)
                for item in annotation.keywords
            ],
            names=list(_names(annotation)),
            lead=annotation.lead.text if annotation.lead else None,
            model=annotation.model,
        )

    def _today(self, name: str) -> str:
        keyword = self._resolve(name)
        return keyword.name if keyword else name


def _names(annotation: Annotation) -> Iterable[Name]:
    for entity in annotation.entities:
        yield Name(type=entity.type, key=entity.id or entity.name, name=entity.name)
    for country in annotation.countries:
        yield Name(type=None, key=country.country, name=country.name)
