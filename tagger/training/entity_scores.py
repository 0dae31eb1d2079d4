"""How well names are found: exact borders and type, precision, recall and F1 of each type and of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel

from tagger.entities.recogniser import NameSpan

ALL = "all"
TYPES = ("PER", "ORG", "COUNTRY", "LOC")


class Score(BaseModel):
    """Precision, recall and F1, each from 0 to 1, and how many names there were to find."""

    precision: float
    recall: float
    f1: float
    names: int

    @classmethod
    def of(cls, right: float, found: float, wanted: int) -> Self:
        """Make the score of `right` among `found`, where `wanted` were to find."""
        precision, recall = right / max(found, 1), right / max(wanted, 1)
        f1 = 2 * right / max(found + wanted, 1)
        return cls(precision=round(precision, 4), recall=round(recall, 4), f1=round(f1, 4), names=wanted)


class EntityScores(BaseModel):
    """The scores of each type, and of all names together under ``"all"``."""

    types: dict[str, Score]

    @classmethod
    def of(cls, pairs: Iterable[tuple[set[NameSpan], set[NameSpan]]]) -> Self:
        """Compare for many texts the names `wanted` with those `found`."""
        counts: Counter[tuple[str, str]] = Counter()
        for wanted, found in pairs:
            for what, names in (("wanted", wanted), ("found", found), ("right", wanted & found)):
                counts.update((what, name.type) for name in names)
        for what in ("wanted", "found", "right"):
            counts[what, ALL] = sum(counts[what, kind] for kind in TYPES)
        return cls(
            types={
                kind: Score.of(counts["right", kind], counts["found", kind], counts["wanted", kind])
                for kind in (ALL, *TYPES)
            }
        )
