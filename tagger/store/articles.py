"""Tables of annotated articles: the article with its annotation, and what it can be found by."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from sqlalchemy import Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tagger.store.tables import Base, now

Origin = Literal["desk", "retag", "annif"]
Review = Literal["waiting", "reviewed"]
FacetKind = Literal["keyword", "entity", "country"]


class ArticleRow(Base):
    """An article with its newest annotation.

    `annotation` is the record of the contract; its text is empty where `has_text` is false. `revision` counts what
    changed the article or what is decided about it, from 1. `priority` says how useful a review is, higher first.
    """

    __tablename__ = "articles"
    __table_args__ = (Index("ix_articles_queue", "review", "priority", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    record_id: Mapped[str | None] = mapped_column(Text, index=True)
    origin: Mapped[Origin] = mapped_column(String(10))
    review: Mapped[Review] = mapped_column(String(10))
    priority: Mapped[float] = mapped_column(Float)
    revision: Mapped[int] = mapped_column(default=1)
    year: Mapped[int | None] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(String(20))
    has_text: Mapped[bool]
    annotation: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(default=now, index=True)
    annotated_at: Mapped[dt.datetime] = mapped_column(default=now)
    reviewed_at: Mapped[dt.datetime | None] = mapped_column(index=True)

    facets: Mapped[list[FacetRow]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class FacetRow(Base):
    """A keyword, an entity or a country by which an article is found. `value` identifies it, `label` shows it."""

    __tablename__ = "article_facets"
    __table_args__ = (Index("ix_article_facets_kind_value", "kind", "value"),)

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[FacetKind] = mapped_column(String(10), primary_key=True)
    value: Mapped[str] = mapped_column(String(300), primary_key=True)
    label: Mapped[str] = mapped_column(Text)
