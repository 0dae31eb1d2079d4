"""API keys: who may call the service, and for what.

A key is 256 random bits, kept as its SHA-256. A slow hash such as Argon2 guards passwords, which can be guessed; a
random key cannot, and a fast hash lets every request be checked without delay.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection, Mapping
from typing import Literal, get_args

from sqlalchemy import String, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from tagger.errors import ApiKeyError
from tagger.store.database import Database
from tagger.store.tables import Base, now

Scope = Literal["annotate", "feedback", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
_MARK = "tgr_"
_LONGEST_NAME = 100


class ApiKey(Base):
    """A key by its hash. Keys of one `name` are one client, so that a key can be replaced without losing its jobs.

    `prefix` is the part that may be shown; `requests_per_minute` overrides the service's own limit.
    """

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(_LONGEST_NAME), index=True)
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]]
    requests_per_minute: Mapped[int | None]
    created: Mapped[dt.datetime] = mapped_column(default=now)
    expires: Mapped[dt.datetime | None]
    revoked: Mapped[dt.datetime | None]
    last_used: Mapped[dt.datetime | None]

    @property
    def is_usable(self) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked is None and (self.expires is None or self.expires > now())


def digest_of(key: str) -> str:
    """Give the hash by which a key is kept and found."""
    return hashlib.sha256(key.encode()).hexdigest()


def is_well_formed(key: str) -> bool:
    """Whether it can be a key of this program at all."""
    return key.startswith(_MARK) and key.isascii()


class ApiKeys:
    """The keys in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        name: str,
        scopes: Collection[Scope],
        *,
        expires: dt.datetime | None = None,
        requests_per_minute: int | None = None,
    ) -> tuple[str, ApiKey]:
        """Make a key; it is given here and never again.

        Raises:
            ApiKeyError: the name or the moment of expiry cannot be taken.
        """
        name = name.strip()
        if not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
            raise ApiKeyError(f"A key's name has 1 to {_LONGEST_NAME} printable characters.")
        if expires is not None and expires <= now():
            raise ApiKeyError(f"The key would expire at once: {expires:%Y-%m-%d %H:%M} UTC is past.")
        prefix = _MARK + secrets.token_hex(4)
        key = f"{prefix}_{secrets.token_urlsafe(32)}"
        row = ApiKey(
            name=name,
            prefix=prefix,
            digest=digest_of(key),
            scopes=sorted(scopes, key=SCOPES.index),
            expires=expires,
            requests_per_minute=requests_per_minute,
        )
        with self._database.session() as session:
            session.add(row)
        return key, row

    def all(self) -> list[ApiKey]:
        """Give all keys, the revoked ones too, oldest first."""
        with self._database.reading() as session:
            return list(session.scalars(select(ApiKey).order_by(ApiKey.id)))

    def usable(self) -> list[ApiKey]:
        """Give the keys that are neither revoked nor expired."""
        with self._database.reading() as session:
            in_time = or_(ApiKey.expires.is_(None), ApiKey.expires > now())
            return list(session.scalars(select(ApiKey).where(ApiKey.revoked.is_(None), in_time)))

    def find(self, digest: str) -> ApiKey | None:
        """Give the key of that hash, if it can be used."""
        with self._database.reading() as session:
            row = session.scalar(select(ApiKey).where(ApiKey.digest == digest))
            return row if row is not None and row.is_usable else None

    def revoke(self, name: str) -> ApiKey:
        """Revoke the key of that prefix, or the only one in use of that name.

        Raises:
            ApiKeyError: there is none, or there are several of that name.
        """
        with self._database.session() as session:
            wanted = or_(ApiKey.prefix == name, ApiKey.name == name)
            found = list(session.scalars(select(ApiKey).where(wanted, ApiKey.revoked.is_(None))))
            if not found:
                raise ApiKeyError(f"No key in use has the prefix or the name {name!r}. List them: tagger keys list.")
            if len(found) > 1:
                prefixes = ", ".join(row.prefix for row in found)
                raise ApiKeyError(f"Several keys have the name {name!r}. Name one by its prefix: {prefixes}.")
            found[0].revoked = now()
            return found[0]

    def mark_used(self, used: Mapping[int, dt.datetime]) -> None:
        """Note when keys were last used, by their ids."""
        with self._database.session() as session:
            for key_id, moment in used.items():
                session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used=moment))
