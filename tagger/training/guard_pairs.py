"""How well the guard tells faithful leads from unfaithful ones, on pairs written for it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from tagger.entities.known_names import KnownNames
from tagger.leads.guard import FaultKind, Source
from tagger.text.typography import normalise
from tagger.training.corpus import CORPUS_FOLDER, load_corpus

_PAIRS = Path("guard") / "lead-pairs.jsonl"
_BRIEFS = "osiris-briefs.jsonl"

Split = Literal["building", "held-out"]


class Pair(BaseModel):
    """A lead of a brief; `error` is the kind of its one error, or None where it is faithful.

    An error of the kind ``relation`` turns round who did what: the guard does not look for it.
    """

    id: str
    brief: str
    lead: str
    error: FaultKind | Literal["relation"] | None
    split: Split


class GuardScores(BaseModel):
    """Unfaithful leads caught, by kind, and faithful ones flagged: (how many, of how many)."""

    caught: dict[str, tuple[int, int]]
    false_alarms: tuple[int, int]

    @property
    def precision(self) -> float:
        """The share of flagged leads that are unfaithful."""
        found = sum(count for count, _ in self.caught.values())
        return found / max(found + self.false_alarms[0], 1)

    @property
    def recall(self) -> float:
        """The share of unfaithful leads that are flagged, relations included."""
        return sum(count for count, _ in self.caught.values()) / sum(total for _, total in self.caught.values())


def measure_guard(training_data: Path, known_names: KnownNames, split: Split) -> GuardScores:
    """Hold the leads of one part of the pairs against their briefs."""
    briefs = {brief.id: brief for brief in load_corpus(training_data / CORPUS_FOLDER / _BRIEFS)}
    flagged: Counter[str | None] = Counter()
    total: Counter[str | None] = Counter()
    for line in (training_data / _PAIRS).read_text(encoding="utf-8").splitlines():
        pair = Pair.model_validate_json(line)
        if pair.split != split:
            continue
        brief = briefs[pair.brief]
        source = Source(normalise(brief.title).text, normalise(brief.text).text, known_names=known_names)
        total[pair.error] += 1
        flagged[pair.error] += bool(source.faults(normalise(pair.lead).text))
    caught = {kind: (flagged[kind], count) for kind, count in sorted(total.items(), key=str) if kind is not None}
    return GuardScores(caught=caught, false_alarms=(flagged[None], total[None]))
