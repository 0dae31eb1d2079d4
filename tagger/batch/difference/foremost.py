"""The few best of many."""

from __future__ import annotations

import heapq
from typing import Generic, TypeVar

_Item = TypeVar("_Item")


class Foremost(Generic[_Item]):
    """Counts items and keeps those with the highest scores; of equal ones the earlier."""

    def __init__(self, size: int) -> None:
        self.count = 0
        self._size = size
        self._kept: list[tuple[float, int, _Item]] = []

    def add(self, score: float, item: _Item) -> None:
        """Count an item, and keep it if it is one of the best so far."""
        self.count += 1
        entry = (score, -self.count, item)  # no two have the same number, so items are never compared
        if len(self._kept) < self._size:
            heapq.heappush(self._kept, entry)
        else:
            heapq.heappushpop(self._kept, entry)

    @property
    def items(self) -> list[_Item]:
        """The items that are kept, best first."""
        return [item for _, _, item in sorted(self._kept, key=lambda entry: entry[:2], reverse=True)]
