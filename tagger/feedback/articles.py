"""The store of annotated articles: added, queued for review, searched, counted, erased."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tagger.article import Annotation
from tagger.feedback.decision_kinds import Reopened
from tagger.feedback.priority import usefulness
from tagger.feedback.rows import (
    StoredArticle,
    edits_of,
    find_row,
    plain,
    refresh,
    save_edit,
    stored_article,
    stored_articles,
)
from tagger.feedback.search import forget_deleted, matching, parse_query, unindex_article
from tagger.store.articles import ArticleRow, FacetKind, FacetRow, Origin, Review
from tagger.store.database import Database
from tagger.store.tables import now
from tagger.text.typography import normalise

_FACET_VALUES = 40  # of each kind that are counted
_PRUNED_AT_ONCE = 100


@dataclass(frozen=True)
class Filters:
    """Which articles are meant; what is None does not matter.

    `keyword` is a keyword's id, `entity` a known name's id or else a name, `country` an ISO code: the `value` of a
    `FacetCount`.
    """

    review: Review | None = None
    origin: Origin | None = None
    keyword: str | None = None
    entity: str | None = None
    country: str | None = None
    year: int | None = None


@dataclass(frozen=True)
class Found:
    """One page of what was found, best first, and how much there is in all."""

    total: int
    articles: list[StoredArticle]


@dataclass(frozen=True)
class FacetCount:
    """How many of the articles have this keyword, entity, country or year. `value` is what `Filters` takes."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Facets:
    """What articles can be narrowed down by, the most frequent first; years from the newest."""

    keywords: list[FacetCount] = field(default_factory=list)
    entities: list[FacetCount] = field(default_factory=list)
    countries: list[FacetCount] = field(default_factory=list)
    years: list[FacetCount] = field(default_factory=list)


class Articles:
    """The annotated articles of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, annotation: Annotation, origin: Origin, *, keep_text: bool) -> StoredArticle:
        """Store an annotated article; it waits for review.

        An article whose title and text are there already is not stored twice: a newer annotation takes the place of
        the former one, what was decided stays decided, and a reviewed article stays reviewed.
        """
        try:
            return self._add(annotation, origin, keep_text)
        except IntegrityError:  # another process stored the same article at this very moment
            return self._add(annotation, origin, keep_text)

    def _add(self, annotation: Annotation, origin: Origin, keep_text: bool) -> StoredArticle:
        key = content_hash(annotation.article.title, annotation.article.text)
        kept = annotation if keep_text else without_text(annotation)
        with self._database.session() as session:
            row = session.scalar(select(ArticleRow).where(ArticleRow.content_hash == key).with_for_update())
            if row is None:
                row = ArticleRow(content_hash=key, origin=origin, review="waiting", has_text=False)
                session.add(row)
            elif _is_same(row, kept):
                return stored_articles(session, [row])[0]
            else:
                row.revision += 1
            _put(row, kept, usefulness(annotation))
            session.flush()
            stored = stored_articles(session, [row])[0]
            refresh(session, row, stored)
            return stored

    def get(self, article_id: int) -> StoredArticle:
        """Give an article.

        Raises:
            UnknownArticleError: there is none of this id.
        """
        with self._database.reading() as session:
            return stored_articles(session, [find_row(session, article_id)])[0]

    def find(self, title: str, text: str) -> StoredArticle | None:
        """Give the stored article that has this title and this text, however they are typed and spaced."""
        with self._database.reading() as session:
            row = session.scalar(select(ArticleRow).where(ArticleRow.content_hash == content_hash(title, text)))
            return stored_articles(session, [row])[0] if row else None

    def enqueue(self, article_id: int) -> StoredArticle:
        """Let an article wait for review, again if it was reviewed.

        Raises:
            UnknownArticleError: there is none of this id.
        """
        with self._database.session() as session:
            row = find_row(session, article_id, for_update=True)
            edits = edits_of(session, [row.id])[row.id]
            stored = stored_article(row, edits)
            return save_edit(session, row, edits, None, [Reopened()]) if stored.state.is_reviewed else stored

    def queue(self, filters: Filters | None = None, limit: int = 20, after: int | None = None) -> list[StoredArticle]:
        """Give the articles that wait for review, the most useful first; those `after` the article of this id."""
        statement = select(ArticleRow).where(*_conditions(replace(filters or Filters(), review="waiting")))
        with self._database.reading() as session:
            last = session.get(ArticleRow, after) if after is not None else None
            if last is not None:
                same = and_(ArticleRow.priority == last.priority, ArticleRow.id > last.id)
                statement = statement.where(or_(ArticleRow.priority < last.priority, same))
            ordered = statement.order_by(ArticleRow.priority.desc(), ArticleRow.id).limit(limit)
            return stored_articles(session, session.scalars(ordered).all())

    def waiting(self, filters: Filters | None = None) -> int:
        """Count the articles that wait for review."""
        with self._database.reading() as session:
            conditions = _conditions(replace(filters or Filters(), review="waiting"))
            return session.scalar(select(func.count()).select_from(ArticleRow).where(*conditions)) or 0

    def search(self, query: str = "", filters: Filters | None = None, limit: int = 20, offset: int = 0) -> Found:
        """Find articles by their words (`tagger.feedback.search`), best first; without words, the newest first."""
        with self._database.reading() as session:
            statement, rank = _search(session, query, filters or Filters())
            total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
            ordered = statement.order_by(*rank, ArticleRow.created_at.desc(), ArticleRow.id.desc())
            rows = session.scalars(ordered.limit(limit).offset(offset)).all()
            return Found(total, stored_articles(session, rows))

    def facets(self, query: str = "", filters: Filters | None = None) -> Facets:
        """Count the keywords, entities, countries and years of the articles that `search` finds."""
        with self._database.reading() as session:
            ids = _search(session, query, filters or Filters())[0].with_only_columns(ArticleRow.id)
            kinds: dict[FacetKind, list[FacetCount]] = {
                kind: _count(session, kind, ids) for kind in ("keyword", "entity", "country")
            }
            years = session.execute(
                select(ArticleRow.year, func.count())
                .where(ArticleRow.id.in_(ids), ArticleRow.year.is_not(None))
                .group_by(ArticleRow.year)
                .order_by(ArticleRow.year.desc())
            )
            return Facets(
                kinds["keyword"],
                kinds["entity"],
                kinds["country"],
                [FacetCount(str(year), str(year), count) for year, count in years],
            )

    def erase(self, article_id: int) -> None:
        """Erase an article with all that was decided about it; no word of it stays in the database.

        Raises:
            UnknownArticleError: there is none of this id.
        """
        with self._database.session() as session:
            row = find_row(session, article_id, for_update=True)
            unindex_article(session, row.id)
            session.delete(row)
            session.flush()
            forget_deleted(session)
        self._database.clear_log()

    def prune(self, days: int) -> int:
        """Take the text from the articles that were reviewed `days` ago or earlier; give how many lost it."""
        until = now() - dt.timedelta(days=days)
        old = select(ArticleRow).where(
            ArticleRow.review == "reviewed", ArticleRow.reviewed_at <= until, ArticleRow.has_text
        )
        pruned = 0
        while True:
            with self._database.session() as session:
                rows = session.scalars(old.limit(_PRUNED_AT_ONCE)).all()
                for row in rows:
                    kept = without_text(Annotation.model_validate(row.annotation))
                    row.annotation, row.has_text = kept.model_dump(mode="json"), False
                    row.revision += 1
                    refresh(session, row, stored_articles(session, [row])[0])
                pruned += len(rows)
                if len(rows) < _PRUNED_AT_ONCE:
                    forget_deleted(session)
                    break
        self._database.clear_log()
        return pruned


def content_hash(title: str, text: str) -> str:
    """Give what two copies of an article have in common, however they are typed and spaced."""
    words = [" ".join(normalise(part).text.split()) for part in (title, text)]
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def without_text(annotation: Annotation) -> Annotation:
    """Give the annotation without its article's text, and without the words that stood for keywords.

    The names, the lead and its alternatives stay.
    """
    article = annotation.article.model_copy(update={"text": ""})
    keywords = [item.model_copy(update={"evidence": []}) for item in annotation.keywords]
    return annotation.model_copy(update={"article": article, "keywords": keywords})


def _put(row: ArticleRow, annotation: Annotation, priority: float) -> None:
    """Write an annotation into its row."""
    article = annotation.article
    row.annotation = annotation.model_dump(mode="json")
    row.record_id = plain(annotation.id) if annotation.id is not None else None
    row.year = article.date.year if article.date else None
    row.language = annotation.language
    row.has_text = bool(article.text)
    row.priority = priority
    row.annotated_at = now()


def _is_same(row: ArticleRow, annotation: Annotation) -> bool:
    """Whether an annotation says nothing that the row does not say: the same models and the same facts."""
    new: dict[str, Any] = annotation.model_dump(mode="json")
    old = row.annotation
    facts = {**new["article"], "text": old["article"]["text"]} if row.has_text else new["article"]
    return bool(new["model"] == old["model"] and facts == old["article"])


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Turn filters into conditions on `ArticleRow`."""
    columns = {
        ArticleRow.review: filters.review,
        ArticleRow.origin: filters.origin,
        ArticleRow.year: filters.year,
    }
    conditions: list[ColumnElement[bool]] = [
        column == value for column, value in columns.items() if value is not None
    ]
    for kind, value in (("keyword", filters.keyword), ("entity", filters.entity), ("country", filters.country)):
        if value is not None:
            having = select(FacetRow.article_id).where(FacetRow.kind == kind, FacetRow.value == value)
            conditions.append(ArticleRow.id.in_(having))
    return conditions


def _search(session: Session, query: str, filters: Filters) -> tuple[Select[Any], list[ColumnElement[float]]]:
    """Give the articles that match, and what they are ordered by."""
    statement = select(ArticleRow).where(*_conditions(filters))
    terms = parse_query(query)
    if not terms:
        return statement, []
    ids, rank = matching(session, terms)
    hits = ids.add_columns(rank.label("rank")).subquery()
    return statement.join(hits, hits.c.id == ArticleRow.id), [hits.c.rank]


def _count(session: Session, kind: FacetKind, ids: Select[Any]) -> list[FacetCount]:
    counted = func.count()
    rows = session.execute(
        select(FacetRow.value, func.max(FacetRow.label), counted)
        .where(FacetRow.kind == kind, FacetRow.article_id.in_(ids))
        .group_by(FacetRow.value)
        .order_by(counted.desc(), FacetRow.value)
        .limit(_FACET_VALUES)
    )
    return [FacetCount(value, label, count) for value, label, count in rows]
