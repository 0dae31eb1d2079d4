"""Tables of what editors decide: an edit is what one editor saved at once, and has one decision or more."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tagger.store.tables import Base, now
from tagger.store.users import UserRow


class EditRow(Base):
    """What was saved at once: who, when, on what, and what was shown. Nothing here is ever changed.

    `revision` is the article's after it. `undoes` is the revision of the edit that this one takes back.
    `model` are the versions of the models whose annotation was shown, `shown` the suggestions as they were
    ranked: keyword_id, probability, suggested. `user_id` is empty where a program decided, or the user was erased.
    """

    __tablename__ = "edits"
    __table_args__ = (UniqueConstraint("article_id", "revision"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    at: Mapped[dt.datetime] = mapped_column(default=now, index=True)
    revision: Mapped[int]
    undoes: Mapped[int | None]
    model: Mapped[dict[str, Any]]
    shown: Mapped[list[dict[str, Any]]] = mapped_column(JSON)

    user: Mapped[UserRow | None] = relationship()
    decisions: Mapped[list[DecisionRow]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="DecisionRow.id"
    )


class DecisionRow(Base):
    """One decision of an edit, as `tagger.feedback.decision_kinds` describes it. `keyword_id` is for counting."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    edit_id: Mapped[int] = mapped_column(ForeignKey("edits.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    keyword_id: Mapped[str | None] = mapped_column(String(200), index=True)
    decision: Mapped[dict[str, Any]]
