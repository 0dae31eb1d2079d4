"""Sketches of texts, by which copies and reworked agency texts are found without comparing whole texts.

A sketch is the least hashes of a text's eight-word sequences (A. Broder, « On the resemblance and containment of
documents », 1997). Texts that share one of their few least hashes are likely to resemble each other, and longer
sketches tell how much.
"""

from __future__ import annotations

import re
import zlib

from tagger.text.typography import fold_accents

Sketch = tuple[int, ...]

_SEQUENCE_WORDS = 8
_WORD = re.compile(r"\w+")


def sketch(text: str, size: int) -> Sketch:
    """Give the `size` least hashes of the sequences of words in a text, in order; fewer where it is short."""
    words = _WORD.findall(fold_accents(text).lower())
    starts = range(max(1, len(words) - _SEQUENCE_WORDS))
    sequences = (" ".join(words[start : start + _SEQUENCE_WORDS]) for start in starts)
    return tuple(sorted({zlib.crc32(sequence.encode()) for sequence in sequences})[:size])


def resemblance(first: Sketch, second: Sketch) -> float:
    """Estimate which share of the sequences of two texts they have in common, from sketches of one size."""
    least = sorted({*first, *second})[: max(len(first), len(second))]
    return len(set(first).intersection(second, least)) / max(len(least), 1)
