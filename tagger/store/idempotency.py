"""Answers that are kept for a day, so that a request sent again with its `Idempotency-Key` is not done again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from tagger.store.tables import Base


class KeptAnswer(Base):
    """A client's request, by its key and the hash of all that it asks; its answer once there is one (`status`).

    `expires` is when the key may be used anew; for a request that is under way, when it counts as lost.
    `body` is compressed by zlib.
    """

    __tablename__ = "kept_answers"

    owner: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    expires: Mapped[dt.datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
