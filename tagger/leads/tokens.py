"""The words of an article as arrays, so that every sentence and every shortened sentence is measured at once."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tagger.leads.sentences import Sentence

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Tokens:
    """The n words of an article's sentences, and the v different ones among them.

    `starts` (n) are their places in the text, `words` (n) their numbers in `vocabulary`, `sentences` (n) the number
    of the sentence each stands in, `capitals` (n) whether it has a capital elsewhere than at the sentence's head;
    `hashes` (v) are the CRC-32 of the different words, `title` (v) tells whether the title has them.
    """

    starts: Ints
    words: Ints
    sentences: Ints
    capitals: npt.NDArray[np.bool_]
    vocabulary: list[str]
    hashes: Ints
    title: npt.NDArray[np.bool_]

    @classmethod
    def read(cls, title: str, sentences: Sequence[Sentence]) -> Tokens:
        """Cut up an article; `title` is normalised."""
        numbers: dict[str, int] = {}
        starts: list[int] = []
        words: list[int] = []
        owners: list[int] = []
        capitals: list[bool] = []
        for sentence in sentences:
            for match in _WORD.finditer(sentence.text):
                word = match.group()
                lowered = word.lower()
                starts.append(sentence.start + match.start())
                words.append(numbers.setdefault(lowered, len(numbers)))
                capitals.append(word != lowered)
            owners += [sentence.index] * (len(words) - len(owners))
        sentence_of = np.array(owners, dtype=np.intp)
        is_head = np.diff(sentence_of, prepend=-1) > 0
        in_title = set(_WORD.findall(title.lower()))
        return cls(
            np.array(starts, dtype=np.intp),
            np.array(words, dtype=np.intp),
            sentence_of,
            np.array(capitals, dtype=np.bool_) & ~is_head,
            list(numbers),
            np.array([zlib.crc32(word.encode()) for word in numbers], dtype=np.intp),
            np.array([word in in_title for word in numbers], dtype=np.bool_),
        )
