"""The address of a SPIP database, and which of its articles are meant.

``spip+mysql+pymysql://USER:PASSWORD@HOST/NAME?prefix=spip_&statut=publie&lang=fr&groupe=Thèmes``: a database address
as SQLAlchemy takes it, with our own parameters among its others. ``spip:`` or nothing may stand before it, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from tagger.errors import SettingsError

PREFIX = "spip_"
PUBLISHED = "publie"
_MARKS = ("spip+", "spip:")
_DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql", "sqlite": "sqlite"}
_OWN = ("prefix", "statut", "lang", "groupe")
_EXAMPLE = "spip+mysql://USER:PASSWORD@HOST/NAME?prefix=spip_"


@dataclass(frozen=True)
class SpipAddress:
    """Where a SPIP database is, and what to read of it.

    `statuses` are those of the articles (SPIP's `statut`; none means all), `language` is their `lang` if only one is
    wanted, `groups` are the ids or titles of the keyword groups that count (none means all).
    """

    url: URL
    prefix: str = PREFIX
    statuses: tuple[str, ...] = (PUBLISHED,)
    language: str | None = None
    groups: tuple[str, ...] = ()

    @classmethod
    def parse(cls, address: str) -> Self:
        """Read an address.

        Raises:
            SettingsError: it is none, or of a database that SPIP does not run on.
        """
        try:
            url = make_url(_unmarked(address))
        except (ArgumentError, ValueError):
            raise SettingsError(f"This is no address of a database. Write it as {_EXAMPLE}.") from None
        backend = url.get_backend_name()
        if backend not in _DRIVERS:
            raise SettingsError(f"SPIP does not run on {backend!r}: the address must begin as {_EXAMPLE} does.")
        if url.drivername == backend:
            url = url.set(drivername=_DRIVERS[backend])
        if backend == "sqlite" and url.database:
            url = url.set(database=str(Path(url.database).resolve()))
        own = {name: _values(url, name) for name in _OWN if name in url.query}
        prefix = (own.get("prefix") or (PREFIX,))[0]
        if not re.fullmatch(r"\w*", prefix, re.ASCII):
            raise SettingsError(f"The prefix {prefix!r} is none that tables can have.")
        return cls(
            url.difference_update_query(_OWN),
            prefix,
            tuple(status for status in own.get("statut", (PUBLISHED,)) if status != "tous"),
            (own.get("lang") or (None,))[0],
            own.get("groupe", ()),
        )

    @property
    def shown(self) -> str:
        """The address as it may be shown and kept: without its password."""
        return self.url._replace(password=None).render_as_string()

    def is_same_database(self, other: SpipAddress) -> bool:
        """Say whether both mean the same tables; host and account may differ, as through a tunnel."""
        return (self.url.database, self.prefix) == (other.url.database, other.prefix)


def _unmarked(address: str) -> str:
    for mark in _MARKS:
        address = address.removeprefix(mark)
    return address


def _values(url: URL, name: str) -> tuple[str, ...]:
    """Give the values of a parameter, which may be repeated or hold several between commas."""
    value = url.query[name]
    parts = (value,) if isinstance(value, str) else value
    return tuple(item.strip() for part in parts for item in part.split(",") if item.strip())
