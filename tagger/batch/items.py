"""The records of a source as the run sees them: numbered, in the form in which they travel to a worker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tagger.errors import Failure
from tagger.reading import BadRecord, Record

_DIGEST_BYTES = 16
MODULUS = 1 << (8 * _DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class Item:
    """A record at its `position` in the source (0 is the first): its JSON, or why it could not be read."""

    position: int
    id: str | None
    line: bytes
    failure: Failure | None = None

    @property
    def digest(self) -> int:
        """A number that stands for this record at this position; see `added`."""
        place = self.position.to_bytes(_DIGEST_BYTES)
        return int.from_bytes(hashlib.blake2b(self.line, digest_size=_DIGEST_BYTES, salt=place).digest())


def items_of(records: Iterable[Record | BadRecord]) -> Iterator[Item]:
    """Give the records of a source with their positions."""
    for position, record in enumerate(records):
        if isinstance(record, BadRecord):
            yield Item(position, record.id, b"", Failure(id=record.id, error=record.error.problem()))
        else:
            yield Item(position, record.id, record.model_dump_json().encode())


def added(total: int, item: Item) -> int:
    """Add a record's digest to that of others.

    The sum stands for a set of records at their positions: in whatever order they were added, two equal sums mean
    the same records, but for chance of one in 2^128. So a run that goes on knows whether what it has done was done
    of this source, and a rejected record can be added later.
    """
    return (total + item.digest) % MODULUS
