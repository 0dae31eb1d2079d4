"""The two records of each article, brought together by their ids, whatever the order of the files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import zip_longest

from pydantic import TypeAdapter

from tagger.batch.difference.result import SideName
from tagger.batch.difference.scratch import open_scratch
from tagger.batch.difference.sides import Failed, Side

Half = Side | Failed
Pair = tuple[Half | None, Half | None]
_HALF: TypeAdapter[Half] = TypeAdapter(Half)


def match(old: Iterable[Half], new: Iterable[Half]) -> Iterator[Pair]:
    """Go through two files side by side and pair their records by id; what only one of them has comes last.

    A record whose counterpart has not come yet waits on disk: none does where both files have the same order, and a
    few where one lacks records of the other. Failures without an id have no counterpart.
    """
    with closing(open_scratch()) as scratch:
        waiting = _Waiting(scratch)
        for left, right in zip_longest(old, new):
            if left is not None and right is not None and left.id is not None and left.id == right.id:
                yield left, right
                continue
            if left is not None:
                yield from _settle(waiting, "old", left)
            if right is not None:
                yield from _settle(waiting, "new", right)
        yield from ((half, None) for half in waiting.rest("old"))
        yield from ((None, half) for half in waiting.rest("new"))


def _settle(waiting: _Waiting, side: SideName, half: Half) -> Iterator[Pair]:
    """Give the pair that a record completes; where its counterpart is still to come, let it wait."""
    counterpart = None if half.id is None else waiting.take("new" if side == "old" else "old", half.id)
    if half.id is not None and counterpart is None:
        waiting.put(side, half.id, half)
    else:
        yield (half, counterpart) if side == "old" else (counterpart, half)


class _Waiting:
    """Records that wait for their counterparts, in a table."""

    def __init__(self, scratch: sqlite3.Connection) -> None:
        self._scratch = scratch
        scratch.execute("CREATE TABLE waiting (number INTEGER PRIMARY KEY, side TEXT, id TEXT, half TEXT)")
        scratch.execute("CREATE INDEX waiting_by_id ON waiting (id, side)")

    def put(self, side: SideName, id: str, half: Half) -> None:
        row = (side, id, half.model_dump_json())
        self._scratch.execute("INSERT INTO waiting (side, id, half) VALUES (?, ?, ?)", row)

    def take(self, side: SideName, id: str) -> Half | None:
        """Take the record of an id out of a side; the one that came first, if there are several."""
        query = "SELECT number, half FROM waiting WHERE id = ? AND side = ? ORDER BY number LIMIT 1"
        found = self._scratch.execute(query, (id, side)).fetchone()
        if found is None:
            return None
        self._scratch.execute("DELETE FROM waiting WHERE number = ?", (found[0],))
        return _HALF.validate_json(found[1])

    def rest(self, side: SideName) -> Iterator[Half]:
        """Give what still waits on a side, in the order in which it came."""
        rows = self._scratch.execute("SELECT half FROM waiting WHERE side = ? ORDER BY number", (side,))
        return (_HALF.validate_json(half) for (half,) in rows)
