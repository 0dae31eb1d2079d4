"""API keys: who may call the service, and for what."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from tagger.store.tables import Base, now


class ApiKey(Base):
    """A key by its hash. Keys of one `name` are one client, so that a key can be replaced without losing its jobs.

    `prefix` is the part that may be shown; `requests_per_minute` overrides the service's own limit.
    """

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), index=True)
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]]
    requests_per_minute: Mapped[int | None]
    created: Mapped[dt.datetime] = mapped_column(default=now)
    expires: Mapped[dt.datetime | None]
    revoked: Mapped[dt.datetime | None]
    last_used: Mapped[dt.datetime | None]
