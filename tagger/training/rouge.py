"""ROUGE between a lead and an author's own: shared words, shared pairs of words, longest common subsequence.

Word-level F-measures after C.-Y. Lin, « ROUGE: A Package for Automatic Evaluation of Summaries » (2004), in lower
case and without stemming. Intervals are by the percentile bootstrap (B. Efron, 1979).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
ROUGE_NAMES = ("rouge_1", "rouge_2", "rouge_l")
_WORD = re.compile(r"\w+")
_LOW, _HIGH = 2.5, 97.5  # per cent: the ends of a 95 % interval


def words(text: str) -> list[str]:
    """Cut a text into the words that ROUGE compares."""
    return _WORD.findall(text.lower())


def rouge(candidate: Sequence[str], reference: Sequence[str]) -> tuple[float, float, float]:
    """Give ROUGE-1, ROUGE-2 and ROUGE-L (F, 0 to 1) of a candidate's words against a reference's."""
    return (
        _f_measure(_shared(candidate, reference), len(candidate), len(reference)),
        _f_measure(
            _shared(list(pairwise(candidate)), list(pairwise(reference))), len(candidate) - 1, len(reference) - 1
        ),
        _f_measure(_common_subsequence(candidate, reference), len(candidate), len(reference)),
    )


def bootstrap_interval(values: Floats, samples: int, seed: int) -> tuple[Floats, Floats]:
    """Give both ends of the 95 % interval of the mean of `values` (n, ...), over n articles drawn anew."""
    random = np.random.default_rng(seed)
    means = [values[random.integers(len(values), size=len(values))].mean(axis=0) for _ in range(samples)]
    low, high = np.percentile(means, [_LOW, _HIGH], axis=0)
    return low, high


def _shared(candidate: Sequence[object], reference: Sequence[object]) -> int:
    return (Counter(candidate) & Counter(reference)).total()


def _f_measure(shared: int, candidate: int, reference: int) -> float:
    return 2 * shared / (candidate + reference) if shared else 0.0


def _common_subsequence(first: Sequence[str], second: Sequence[str]) -> int:
    """Give the length of the longest common subsequence.

    Bit-parallel: a bit for each word of `first` (M. Crochemore et al., 2001), far quicker than the table.
    """
    places: dict[str, int] = {}
    for place, word in enumerate(first):
        places[word] = places.get(word, 0) | 1 << place
    everything = (1 << len(first)) - 1
    row = everything
    for word in second:
        matches = row & places.get(word, 0)
        row = (row + matches) | (row - matches)
    return (~row & everything).bit_count()
