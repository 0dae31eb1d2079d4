"""Near-twins that the editors filed apart, found in one pass over an archive of any size."""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter

from tagger.batch.difference.foremost import Foremost
from tagger.batch.difference.result import Twin, Twins, TwinsFound
from tagger.text.sketches import Sketch, resemblance

_KEYS = 8  # twins share one of so many least hashes: 94 of 100 of those that barely resemble each other enough
_LEAST_RESEMBLANCE = 0.3
_MOST_CANDIDATES = 50  # a sentence that hundreds of articles end with makes no twins
_LEAST_SKETCH = 24  # what is shorter than some thirty words resembles too much


class TwinFinder:
    """Takes the articles one by one; their sketches lie on disk."""

    def __init__(self, scratch: sqlite3.Connection, most: int) -> None:
        """`most` is the number of pairs to keep."""
        self._scratch = scratch
        self._found: Foremost[Twins] = Foremost(most)
        scratch.execute("CREATE TABLE sketched (number INTEGER PRIMARY KEY, twin TEXT, sketch BLOB)")
        scratch.execute(
            "CREATE TABLE sketch_keys (hash INTEGER, number INTEGER, PRIMARY KEY (hash, number)) WITHOUT ROWID"
        )

    def add(self, twin: Twin, text: Sketch) -> None:
        """Take an article, filed by its editors, and pair it with those before it that it resembles."""
        if len(text) < _LEAST_SKETCH:
            return
        for other, its_text in self._candidates(text):
            if set(other.filed).isdisjoint(twin.filed):
                found = resemblance(text, its_text)
                if found >= _LEAST_RESEMBLANCE:
                    self._found.add(found, Twins(first=other, second=twin, resemblance=round(found, 3)))
        self._remember(twin, text)

    def found(self) -> TwinsFound:
        """Give the pairs that were found."""
        return TwinsFound(count=self._found.count, foremost=self._found.items)

    def _candidates(self, text: Sketch) -> list[tuple[Twin, Sketch]]:
        """Give the articles that share the most least hashes with a text; of a common hash, the newest have it."""
        shared = Counter(
            number
            for key in text[:_KEYS]
            for (number,) in self._scratch.execute(
                "SELECT number FROM sketch_keys WHERE hash = ? ORDER BY number DESC LIMIT ?", (key, _MOST_CANDIDATES)
            )
        )
        rows = (
            self._scratch.execute("SELECT twin, sketch FROM sketched WHERE number = ?", (number,)).fetchone()
            for number, _ in shared.most_common(_MOST_CANDIDATES)
        )
        return [(Twin.model_validate_json(twin), tuple(array("I", its_text))) for twin, its_text in rows]

    def _remember(self, twin: Twin, text: Sketch) -> None:
        row = (twin.model_dump_json(), array("I", text).tobytes())
        number = self._scratch.execute("INSERT INTO sketched (twin, sketch) VALUES (?, ?)", row).lastrowid
        keys = ((key, number) for key in text[:_KEYS])
        self._scratch.executemany("INSERT INTO sketch_keys VALUES (?, ?)", keys)
