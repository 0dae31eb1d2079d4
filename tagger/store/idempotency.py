"""Answers that are kept for a day, so that a request sent again with its `Idempotency-Key` is not done again."""

from __future__ import annotations

import datetime as dt
import zlib
from typing import Any

from sqlalchemy import LargeBinary, String, delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from tagger.errors import KeyReusedError, UnderWayError
from tagger.store.database import Database
from tagger.store.tables import Base, now

LONGEST_KEY = 255
_KEPT_FOR = dt.timedelta(hours=24)


class KeptAnswerRow(Base):
    """A client's request, by its key and the hash of all that it asks; its answer once there is one (`status`).

    `expires` is when the key may be used anew; for a request that is under way, when it counts as lost.
    `body` is compressed by zlib.
    """

    __tablename__ = "kept_answers"

    owner: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(LONGEST_KEY), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    expires: Mapped[dt.datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Keep the answer, for a day from now."""
        self.status, self.headers, self.body = status, headers, zlib.compress(body, 1)
        self.expires = now() + _KEPT_FOR

    @property
    def plain_body(self) -> bytes:
        """The body as it was sent."""
        return zlib.decompress(self.body or zlib.compress(b""))


class KeptAnswers:
    """The kept answers in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, owner: str, key: str, fingerprint: str, seconds: float) -> KeptAnswerRow | None:
        """Give the kept answer to this request; None where it is new, and under way from now on for some seconds.

        Raises:
            KeyReusedError: the key came with another request.
            UnderWayError: the same request is being answered.
        """
        try:
            with self._database.session() as session:
                kept = kept_answer(session, owner, key, fingerprint)
                if kept is None:
                    expires = now() + dt.timedelta(seconds=seconds)
                    session.add(KeptAnswerRow(owner=owner, key=key, fingerprint=fingerprint, expires=expires))
                return kept
        except IntegrityError:
            raise under_way() from None

    def go_on(self, owner: str, key: str, seconds: float) -> None:
        """Say that the request is still being answered."""
        with self._database.session() as session:
            kept = session.get(KeptAnswerRow, (owner, key))
            if kept is not None and kept.status is None:
                kept.expires = now() + dt.timedelta(seconds=seconds)

    def finish(self, owner: str, key: str, status: int, headers: dict[str, str], body: bytes) -> None:
        """Keep the answer to a request that `begin` began."""
        with self._database.session() as session:
            kept = session.get(KeptAnswerRow, (owner, key))
            if kept is not None:
                kept.answer(status, headers, body)

    def forget(self, owner: str, key: str) -> None:
        """Let the key be used anew at once: its request came to nothing that is worth keeping."""
        with self._database.session() as session:
            unanswered = (KeptAnswerRow.owner == owner, KeptAnswerRow.key == key, KeptAnswerRow.status.is_(None))
            session.execute(delete(KeptAnswerRow).where(*unanswered))

    def forget_expired(self) -> None:
        """Remove what need be kept no longer."""
        with self._database.session() as session:
            session.execute(delete(KeptAnswerRow).where(KeptAnswerRow.expires < now()))


def kept_answer(session: Session, owner: str, key: str, fingerprint: str) -> KeptAnswerRow | None:
    """Give the kept answer to a request, None where there is none; one that has expired is removed.

    Raises:
        KeyReusedError: the key came with another request.
        UnderWayError: the same request is being answered.
    """
    kept = session.get(KeptAnswerRow, (owner, key), with_for_update=True)
    if kept is not None and kept.expires < now():
        session.delete(kept)
        session.flush()
        return None
    if kept is not None and kept.fingerprint != fingerprint:
        raise KeyReusedError(f"The Idempotency-Key {key!r} came with another request before. Take a new one.")
    if kept is not None and kept.status is None:
        raise under_way()
    return kept


def under_way() -> UnderWayError:
    """Give the error of a request that is sent again before it is answered."""
    return UnderWayError("The same request is being answered. Ask again in a moment for its answer.")
