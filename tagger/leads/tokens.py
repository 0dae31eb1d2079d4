"""The words of an article as arrays, so that every sentence and every shortened sentence is measured at once."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from tagger.leads.sentences import Sentence

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
_WORD = re.compile(r"\w+")
_LAST_CODE = 0xFFFF  # code points from here on are no letters of ours


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
    capitals: Flags
    vocabulary: list[str]
    hashes: Ints
    title: Flags

    @classmethod
    def read(cls, title: str, sentences: Sequence[Sentence]) -> Tokens:
        """Cut up an article; `title` is normalised."""
        text = "\n".join(sentence.text for sentence in sentences)
        codes = np.minimum(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32), _LAST_CODE)
        edges = np.flatnonzero(np.diff(_letters()[codes], prepend=False, append=False))
        starts, ends = edges[::2], edges[1::2]
        lengths = np.array([len(sentence.text) + 1 for sentence in sentences], dtype=np.intp)
        begins = np.cumsum(lengths) - lengths
        sentence_of = np.searchsorted(begins, starts, side="right") - 1
        capitals = np.concatenate([[0], np.cumsum(_capitals()[codes])])
        is_head = np.diff(sentence_of, prepend=-1) > 0
        lowered = _lower(text)
        numbers: dict[str, int] = {}
        words = [
            numbers.setdefault(lowered[start:end], len(numbers))
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]
        offsets = np.array([sentence.start for sentence in sentences], dtype=np.intp) - begins
        in_title = set(_WORD.findall(title.lower()))
        return cls(
            starts + offsets[sentence_of],
            np.array(words, dtype=np.intp),
            sentence_of,
            (capitals[ends] > capitals[starts]) & ~is_head,
            list(numbers),
            np.array([zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in numbers], dtype=np.intp),
            np.array([word in in_title for word in numbers], dtype=np.bool_),
        )

    @cached_property
    def digits(self) -> Flags:
        """Whether each different word begins with a digit (v,)."""
        return np.array([word[0].isdigit() for word in self.vocabulary], dtype=np.bool_)

    @cached_property
    def first(self) -> Ints:
        """The place (of n) at which each different word stands first (v,): the vocabulary is in this order."""
        return np.flatnonzero(np.diff(np.maximum.accumulate(self.words), prepend=-1))

    @cached_property
    def first_in_sentence(self) -> Flags:
        """Whether a word does not stand in its sentence before (n,)."""
        found = np.zeros(len(self.words), dtype=np.bool_)
        found[np.unique(self.sentences * len(self.vocabulary) + self.words, return_index=True)[1]] = True
        return found


@cache
def _letters() -> Flags:
    """Say of every code point whether words are made of it."""
    return np.array([chr(code).isalnum() or chr(code) == "_" for code in range(_LAST_CODE + 1)], dtype=np.bool_)


@cache
def _capitals() -> Flags:
    """Say of every code point whether it has a small letter."""
    return np.array([_lower(chr(code)) != chr(code) for code in range(_LAST_CODE + 1)], dtype=np.bool_)


def _lower(text: str) -> str:
    """Put a text in small letters, each in its place: the one letter that becomes two (« İ ») stays."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(char if len(char.lower()) > 1 else char.lower() for char in text)
