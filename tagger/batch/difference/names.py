"""Entities and countries that articles gain and lose, year by year; there may be more than memory should hold."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import Literal, cast

from tagger.article import EntityType
from tagger.batch.difference.result import NameCount, Names, year_label
from tagger.batch.difference.sides import Name

Kind = Literal["entity", "country"]
_BUFFERED = 50_000
_MOST_SHOWN = 10
_COUNTRY = ""  # stands for the type of a country that an article is about
_Key = tuple[str, str, str, str]  # year, type, key, name


class NameCounter:
    """Counts the names that articles gain and lose."""

    def __init__(self, scratch: sqlite3.Connection) -> None:
        self._scratch = scratch
        self._gained: Counter[_Key] = Counter()
        self._lost: Counter[_Key] = Counter()
        scratch.execute(
            "CREATE TABLE names (year TEXT, type TEXT, key TEXT, name TEXT, gained INTEGER, lost INTEGER, "
            "PRIMARY KEY (year, type, key)) WITHOUT ROWID"
        )

    def add(self, year: int | None, before: Iterable[Name], after: Iterable[Name]) -> None:
        """Count what one article gains and loses."""
        old, new = _by_identity(before), _by_identity(after)
        label = year_label(year)
        self._gained.update((label, *identity, name) for identity, name in new.items() if identity not in old)
        self._lost.update((label, *identity, name) for identity, name in old.items() if identity not in new)
        if len(self._gained) + len(self._lost) > _BUFFERED:
            self._flush()

    def of_year(self, year: int | None, kind: Kind) -> Names:
        """Give what the articles of a year gain and lose."""
        return self._sum_up(kind, "year = ?", (year_label(year),))

    def in_all(self, kind: Kind) -> Names:
        """Give what all articles gain and lose."""
        return self._sum_up(kind, "1", ())

    def _sum_up(self, kind: Kind, condition: str, values: tuple[str, ...]) -> Names:
        self._flush()
        where = f"WHERE {condition} AND type {'=' if kind == 'country' else '!='} '{_COUNTRY}'"
        totals = "SELECT coalesce(sum(gained), 0), coalesce(sum(lost), 0) FROM names"
        different = (
            f"SELECT type, key, min(name) AS shown, sum(gained) AS total FROM names {where} GROUP BY type, key"  # noqa: S608 - our own words
        )
        gained, lost = self._scratch.execute(f"{totals} {where}", values).fetchone()
        (number,) = self._scratch.execute(f"SELECT count(*) FROM ({different} HAVING total)", values).fetchone()  # noqa: S608
        most = self._scratch.execute(
            f"{different} HAVING total ORDER BY total DESC, type, key LIMIT {_MOST_SHOWN}", values
        )
        return Names(
            gained=gained,
            lost=lost,
            different=number,
            most_gained=[
                NameCount(name=name, type=cast(EntityType, type) if type else None, articles=count)
                for type, _, name, count in most
            ],
        )

    def _flush(self) -> None:
        """Add what was counted to the table. The name shown is the first one in the order of letters."""
        for column, counted in (("gained", self._gained), ("lost", self._lost)):
            other = "lost" if column == "gained" else "gained"
            self._scratch.executemany(
                f"INSERT INTO names (year, type, key, name, {column}, {other}) VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT "  # noqa: S608
                f"DO UPDATE SET {column} = {column} + excluded.{column}, name = min(name, excluded.name)",
                ((*key, count) for key, count in counted.items()),
            )
            counted.clear()


def _by_identity(names: Iterable[Name]) -> dict[tuple[str, str], str]:
    return {(name.type or _COUNTRY, name.key): name.name for name in names}
