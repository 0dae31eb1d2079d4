"""The words of an article as arrays, so that every sentence and every shortened sentence is measured at once."""

from __future__ import annotations

import operator
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tagger.leads.sentences import Sentence

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
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
    capitals: Flags
    vocabulary: list[str]
    hashes: Ints
    title: Flags

    @classmethod
    def read(cls, title: str, sentences: Sequence[Sentence]) -> Tokens:
        """Cut up an article; `title` is normalised."""
        starts: list[int] = []
        surfaces: list[str] = []
        counts = []
        for sentence in sentences:
            matches = [*_WORD.finditer(sentence.text)]
            surfaces += [match.group() for match in matches]
            starts += [sentence.start + match.start() for match in matches]
            counts.append(len(matches))
        words = [surface.lower() for surface in surfaces]
        vocabulary = list(dict.fromkeys(words))
        numbers = dict(zip(vocabulary, range(len(vocabulary)), strict=True))
        sentence_of = np.repeat(np.arange(len(counts)), np.array(counts, dtype=np.intp))
        is_head = np.diff(sentence_of, prepend=-1) > 0
        in_title = set(_WORD.findall(title.lower()))
        return cls(
            np.array(starts, dtype=np.intp),
            np.array([numbers[word] for word in words], dtype=np.intp),
            sentence_of,
            np.array([*map(operator.ne, words, surfaces)], dtype=np.bool_) & ~is_head,
            vocabulary,
            np.array([zlib.crc32(word.encode()) for word in vocabulary], dtype=np.intp),
            np.array([word in in_title for word in vocabulary], dtype=np.bool_),
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
