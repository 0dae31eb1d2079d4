"""Tables of those who may enter the editors' desk: users, their sessions, and failed logins."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tagger.store.tables import Base, now

Role = Literal["editor", "administrator"]


class UserRow(Base):
    """One who logs in. `key` is the name as it is compared: without case and accents."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(100), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(String(20))
    is_disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)

    sessions: Mapped[list[UserSessionRow]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )


class UserSessionRow(Base):
    """A login that lasts. Only the hash of its token is kept."""

    __tablename__ = "user_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)

    user: Mapped[UserRow] = relationship(back_populates="sessions")


class FailedLoginsRow(Base):
    """How often logins failed for a name or from an address, of which only the hash is kept."""

    __tablename__ = "failed_logins"

    subject_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[dt.datetime] = mapped_column(index=True)
