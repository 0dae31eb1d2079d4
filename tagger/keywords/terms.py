"""From a text to the terms that the classifier weighs, each with the place where it stands.

Terms are words, pairs of neighbouring words, and the character n-grams of words (marked with ``#``), which
tie « régulateur » to « régulation ». All are in lower case without accents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from tagger.text.typography import fold_accents

_WORD = re.compile(r"(?<![^\W_])\.?[a-z0-9]+(?:[&+][a-z0-9]+)*")  # « .sn » keeps its dot, « r&d » is one word
_MIN_WORD_CHARS = 2
_MAX_CHARS_PER_WORD = 20  # on average, spaces and short words included: French has six
_NGRAM_SIZES = (3, 4, 5)
FUNCTION_WORDS = frozenset(
    fold_accents(
        "le la les un une des du de au aux et ou où ni mais or donc car que qui quoi dont ce cet cette ces cela ça "
        "il elle ils elles on nous vous je tu se sa son ses leur leurs notre nos votre vos mon ma mes en dans par "
        "pour sur sous avec sans entre vers chez depuis pendant avant après dès jusque selon contre comme si ne pas "
        "plus moins très aussi encore déjà toujours jamais bien mal tout toute tous toutes même mêmes autre autres "
        "est sont était étaient être été a ont avait avaient avoir eu fait faire peut peuvent doit doivent va vont "
        "y lui eux là ici ainsi alors quand lorsque puis enfin afin lors tandis parce quel quelle quels quelles "
        "deux trois qu jusqu lorsqu puisqu aujourd hui celui celle ceux celles chaque plusieurs certains certaines"
    ).split()
)


class Word(NamedTuple):  # one is made for every word of every article: a data class takes three times as long
    """A word of a text, folded, with its offsets."""

    text: str
    start: int
    end: int


def words_of(text: str, limit: int | None = None) -> list[Word]:
    """Cut the first `limit` words out of a normalised text."""
    words = []
    beginning = text if limit is None else text[: limit * _MAX_CHARS_PER_WORD]
    for match in _WORD.finditer(_lower(fold_accents(beginning))):
        if match.end() - match.start() < _MIN_WORD_CHARS:
            continue
        words.append(Word(match.group(), match.start(), match.end()))
        if len(words) == limit:
            break
    return words


def terms_of(words: list[Word]) -> Iterator[str]:
    """Give every term of a text, as often as it occurs."""
    for word in words:
        yield from terms_of_word(word.text)
    for first, second in pairwise(words):
        yield pair(first, second)


def pair(first: Word, second: Word) -> str:
    """Give the term of two neighbouring words."""
    return f"{first.text} {second.text}"


@lru_cache(maxsize=50_000)
def terms_of_word(word: str) -> tuple[str, ...]:
    """Give a word and its character n-grams, its beginning and end marked by a space."""
    padded = f" {word} "
    ngrams = ("#" + padded[start : start + size] for size in _NGRAM_SIZES for start in range(len(padded) - size + 1))
    return (word, *ngrams)


def is_ngram(term: str) -> bool:
    """Say whether a term is a character n-gram, not a word or a pair."""
    return term.startswith("#")


def _lower(text: str) -> str:
    """Lower the case and keep the length (« İ » would become two characters)."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower()[:1] for c in text)
