"""What is seen of a sentence, and of a lead made of one or two (shortened) sentences, before they are rated.

Whatever adds up over words is summed once along the text, so that a shortened sentence costs no more than a few
differences. The expected overlap with an author's lead comes from `tagger.leads.importance`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tagger.leads.importance import Importance
from tagger.leads.sentences import Sentence
from tagger.leads.tokens import Flags, Floats, Ints, Tokens

Span = tuple[int, int]

_USUAL_WORDS = 33.0  # of an author's lead
_SMALL_RARITY = 1.0  # a word that more than a third of all articles have carries no meaning
_SUMS = 9  # see `Features.sums`
_FIRST_PERSON, _HAVE, _BEEN, _IS_ANNOUNCED = 1, 2, 3, 4  # kinds of words
_KINDS = {
    **dict.fromkeys(("je", "j", "nous", "vous", "moi", "mon", "ma", "mes", "notre", "nos", "tu"), _FIRST_PERSON),
    **dict.fromkeys(("a", "ont"), _HAVE),
    "été": _BEEN,
}
_ANNOUNCED = ("annonc", "déclar", "indiqu", "affirm", "révél", "confirm", "lanc", "présent", "dévoil")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, whole or shortened: the stretches of the text that are kept, and what is printed of them."""

    sentence: Sentence
    spans: tuple[Span, ...]
    text: str

    @property
    def is_shortened(self) -> bool:
        """Whether anything was taken out."""
        return self.spans != ((self.sentence.start, self.sentence.end),)


@dataclass(frozen=True)
class Features:
    """An article with its words rated, ready to describe its s sentences and the leads made of them."""

    sentences: Sequence[Sentence]
    tokens: Tokens
    importance: Importance

    @cached_property
    def sums(self) -> Floats:
        """Sums over the words before each place (n + 1, _SUMS).

        The columns: words, expected shared words, expected shared pairs, words of the title, digits, capitals,
        small words, rarity, appeal. A word that a sentence repeats is expected to be shared once.
        """
        tokens = self.tokens
        first = tokens.first_in_sentence
        small = self.importance.rarity < _SMALL_RARITY
        columns = np.empty((len(tokens.words) + 1, _SUMS), dtype=np.float32)
        columns[0] = 0
        columns[1:, 0] = 1
        columns[1:, 1] = self.importance.words[tokens.words] * first
        columns[1:, 2] = self.importance.pairs
        columns[1:, 3] = (tokens.title & ~small)[tokens.words] & first
        columns[1:, 4] = tokens.digits[tokens.words]
        columns[1:, 5] = tokens.capitals
        columns[1:, 6] = small[tokens.words]
        columns[1:, 7] = self.importance.rarity[tokens.words] * ~small[tokens.words]
        columns[1:, 8] = self.importance.appeal
        return np.asarray(np.cumsum(columns, axis=0, dtype=np.float64), dtype=np.float32)

    @cached_property
    def surface(self) -> Floats:
        """What does not add up over words, for every sentence (s, 12)."""
        sentences = self.sentences
        columns = np.empty((len(sentences), 12), dtype=np.float32)
        places = np.array([sentence.index for sentence in sentences])
        columns[:, 0] = np.log1p(places)
        columns[:, 1] = places == 0
        columns[:, 2] = places / max(len(sentences) - 1, 1)
        columns[:, 3:9] = [
            (
                sentence.points_back,
                sentence.text.startswith(("«", '"')),
                '"' in sentence.text or "«" in sentence.text,
                sentence.text.endswith("?"),
                "(" in sentence.text,
                " : " in sentence.text,
            )
            for sentence in sentences
        ]
        kinds = np.array([_kind(word) for word in self.tokens.vocabulary])[self.tokens.words]
        columns[:, 9] = self._have(kinds == _FIRST_PERSON)
        columns[:, 10] = self._have(_announces(kinds))
        columns[:, 11] = np.log([len(sentence.text) for sentence in sentences])
        return columns

    def _have(self, flags: Flags) -> Flags:
        """Say which sentences (s,) have a word of which `flags` (n,) are set."""
        found = np.zeros(len(self.sentences), dtype=np.bool_)
        found[self.tokens.sentences[flags]] = True
        return found

    @cached_property
    def whole(self) -> Floats:
        """The sums over each whole sentence (s, _SUMS)."""
        ends = np.searchsorted(self.tokens.sentences, np.arange(len(self.sentences) + 1))
        return np.asarray(self.sums[ends[1:]] - self.sums[ends[:-1]])

    @cached_property
    def article(self) -> Floats:
        """What is the same for all sentences (3,)."""
        gains = _expected(self.whole)[:, 0]
        return np.array([np.log(len(self.tokens.words)), np.log(len(self.sentences)), gains.max()], dtype=np.float32)

    def describe_sentences(self) -> Floats:
        """Describe every sentence (s, F), with what its neighbours are worth."""
        gains = _expected(self.whole)
        neighbours = np.pad(gains[:, 0], 1)
        rank = np.argsort(np.argsort(-gains[:, 0], kind="stable"), kind="stable")
        return np.column_stack(
            [
                self.whole,
                _ratios(self.whole),
                gains,
                self.surface,
                np.log1p(rank),
                neighbours[:-2],
                neighbours[2:],
                np.broadcast_to(self.article, (len(self.sentences), len(self.article))),
            ]
        ).astype(np.float32)

    def describe_leads(
        self, pieces: Sequence[Piece], alone: Sequence[int], pairs: Sequence[tuple[int, int]], values: Floats
    ) -> Floats:
        """Describe leads (m, F), their number of words first: pieces `alone`, then `pairs` of them.

        `values` (s,) are what the sentences are worth by themselves.
        """
        owners = np.array([piece.sentence.index for piece in pieces], dtype=np.intp)
        sums = self._sum(pieces)
        own = np.column_stack(
            [
                [len(piece.text) for piece in pieces],
                [len(piece.spans) for piece in pieces],
                [piece.is_shortened for piece in pieces],
                sums[:, 2] / np.maximum(self.whole[owners, 2], 1e-3),
            ]
        ).astype(np.float32)
        first = np.array([*alone, *(left for left, _ in pairs)], dtype=np.intp)
        second = np.array([right for _, right in pairs], dtype=np.intp)
        shared = self._shared(owners[first[len(alone) :]], owners[second])
        repeated = np.concatenate([np.zeros(len(alone), dtype=np.float32), shared])
        together = sums[first].copy()
        together[len(alone) :] += sums[second]
        together[:, 1] -= repeated
        other = np.zeros((len(first), 8), dtype=np.float32)
        other[len(alone) :, 0] = 1
        other[len(alone) :, 1] = values[owners[second]]
        other[len(alone) :, 2] = np.log1p(owners[second])
        other[len(alone) :, 3] = owners[second] - owners[first[len(alone) :]]
        other[len(alone) :, 4] = self.surface[owners[second], 3]
        other[len(alone) :, 5] = self.surface[owners[second], 5]
        other[len(alone) :, 6] = own[second, 0]
        other[len(alone) :, 7] = own[second, 2]
        return np.column_stack(
            [
                together,
                _ratios(together),
                _expected(together),
                repeated,
                own[first],
                self.surface[owners[first]],
                values[owners[first]],
                other,
                np.broadcast_to(values.max(), len(first)),
                np.broadcast_to(self.article, (len(first), len(self.article))),
            ]
        ).astype(np.float32)

    def _sum(self, pieces: Sequence[Piece]) -> Floats:
        """Give the sums over the words of each piece (p, _SUMS)."""
        bounds = np.array([bound for piece in pieces for span in piece.spans for bound in span])
        rows = self.sums[np.searchsorted(self.tokens.starts, bounds)]
        first = np.cumsum([0, *(len(piece.spans) for piece in pieces[:-1])])
        return np.asarray(np.add.reduceat(rows[1::2] - rows[::2], first, axis=0))

    def _shared(self, left: Ints, right: Ints) -> Floats:
        """Give the expected shared words that two sentences have in common, for pairs of sentences (m,)."""
        has = np.zeros((len(self.sentences), len(self.tokens.vocabulary)), dtype=np.float32)
        has[self.tokens.sentences, self.tokens.words] = 1
        rows = np.unique(np.concatenate([left, right]))
        part = has[rows]
        common = (part * self.importance.words) @ part.T
        return np.asarray(common[np.searchsorted(rows, left), np.searchsorted(rows, right)], dtype=np.float32)


def _kind(word: str) -> int:
    return _KINDS.get(word) or (_IS_ANNOUNCED if word.startswith(_ANNOUNCED) else 0)


def _announces(kinds: Ints) -> Flags:
    """Say where « a annoncé » or « ont été dévoilés » begin, from the kinds of the words (n,)."""
    next_announced = np.append(kinds[1:] == _IS_ANNOUNCED, False)
    next_been = np.append(((kinds == _BEEN) & next_announced)[1:], False)
    return np.asarray((kinds == _HAVE) & (next_announced | next_been))


def _ratios(sums: Floats) -> Floats:
    """Give the share of each sum in the number of words (m, _SUMS - 1)."""
    return np.asarray(sums[:, 1:] / np.maximum(sums[:, :1], 1))


def _expected(sums: Floats) -> Floats:
    """Give the expected F-measures of words and of pairs (m, 2)."""
    words = sums[:, 0]
    return np.column_stack([2 * sums[:, 1] / (words + _USUAL_WORDS), 2 * sums[:, 2] / (words + _USUAL_WORDS - 2)])
