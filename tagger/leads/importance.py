"""How likely each word of an article, and each pair of neighbours, is in the author's own lead.

Learnt from articles and their leads: a small network sees how often and how early a word stands, whether the title
has it, whether it is a name or a number, how rare it is, and how readily leads take it up. Words are known by the
hash of their letters only. (That words of a summary can be foretold by frequency, position and title goes back to
H. P. Edmundson, 1969; to learn how likely each one is, to K. Hong and A. Nenkova, 2014.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tagger.leads.network import Network
from tagger.leads.tokens import Floats, Ints, Tokens

BUCKETS = 1 << 16
WORD_FEATURES = 16
PROPENSITY = 1  # the column of a word's propensity
PAIR_FEATURES = 10
_EARLY_SENTENCES = 3


@dataclass(frozen=True)
class WordStatistics:
    """What is known of words from the articles learnt from, by the hash of the word (B,).

    `rarity` is the logarithm of the share of articles that have it, `propensity` the log-odds that a lead has it
    where its article does, `appeal` what a word or a pair of words adds to its sentence's likeness to a lead.
    """

    rarity: Floats
    propensity: Floats
    appeal: Floats


@dataclass(frozen=True)
class Importance:
    """The probability of every word (v,) and of every pair of neighbours (n,; with the next word) in the lead.

    The last word of a sentence has no next one; its pair has probability 0. `rarity` (v,) and `appeal` (n,) are as in
    `WordStatistics`.
    """

    words: Floats
    pairs: Floats
    rarity: Floats
    appeal: Floats


@dataclass(frozen=True)
class ImportanceModel:
    """Foretells which words and pairs of neighbours a lead takes up."""

    statistics: WordStatistics
    words: Network
    pairs: Network

    def apply(self, tokens: Tokens) -> Importance:
        """Rate all words and pairs of an article that has at least one."""
        word_features = describe_words(tokens, self.statistics)
        words = sigmoid(self.words.apply(word_features))
        pairs = np.zeros(len(tokens.words), dtype=np.float32)
        inside, features = describe_pairs(tokens, words, word_features)
        if inside.any():
            pairs[inside] = sigmoid(self.pairs.apply(features))
        appeal = self.statistics.appeal[appeal_buckets(tokens)].sum(axis=1)
        return Importance(words, pairs, word_features[:, 0], appeal)


def appeal_buckets(tokens: Tokens) -> Ints:
    """Give the bucket of every word and of every word with the next one (n, 2)."""
    own = tokens.hashes[tokens.words]
    following = np.append(own[1:], own[:1])
    return np.column_stack([own % BUCKETS, (own * 31 + following) % BUCKETS])


def describe_words(tokens: Tokens, statistics: WordStatistics) -> Floats:
    """Describe the different words of an article (v, WORD_FEATURES)."""
    size = len(tokens.vocabulary)
    buckets = tokens.hashes % BUCKETS
    counts = np.bincount(tokens.words, minlength=size)
    first_sentence = tokens.sentences[tokens.first]
    capital = np.bincount(tokens.words, weights=tokens.capitals, minlength=size) / counts
    features = np.empty((size, WORD_FEATURES), dtype=np.float32)
    features[:, 0] = statistics.rarity[buckets]
    features[:, PROPENSITY] = statistics.propensity[buckets]
    features[:, 2] = np.log(counts)
    features[:, 3] = np.log1p(first_sentence)
    features[:, 4] = first_sentence == 0
    features[:, 5] = tokens.title
    features[:, 6] = capital
    features[:, 7] = tokens.digits
    features[:, 8] = np.minimum([len(word) for word in tokens.vocabulary], 12) / 12
    features[:, 9] = np.log(len(tokens.words)) - 5
    features[:, 10] = np.log(1 + 100 * counts / len(tokens.words))
    features[:, 11] = features[:, 5] * features[:, 0]
    early = tokens.sentences < _EARLY_SENTENCES
    features[:, 12] = np.log1p(np.bincount(tokens.words[early], minlength=size))
    features[:, 13] = np.log(np.bincount(tokens.words[tokens.first_in_sentence], minlength=size))
    in_title = tokens.title[tokens.words]
    features[:, 14:] = 0
    features[tokens.words[1:][in_title[:-1]], 14] = 1  # stands after a word of the title
    features[tokens.words[:-1][in_title[1:]], 15] = 1  # stands before one
    return features


def describe_pairs(tokens: Tokens, words: Floats, word_features: Floats) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Say which words have a next one in their sentence (n,), and describe those p pairs (p, PAIR_FEATURES)."""
    inside = np.zeros(len(tokens.words), dtype=np.bool_)
    inside[:-1] = tokens.sentences[:-1] == tokens.sentences[1:]
    places = np.flatnonzero(inside)
    left, right = tokens.words[places], tokens.words[places + 1]
    _, inverse, counts = np.unique(left * len(tokens.vocabulary) + right, return_inverse=True, return_counts=True)
    odds = np.log(words / (1 - words))
    features = np.empty((len(places), PAIR_FEATURES), dtype=np.float32)
    features[:, 0] = odds[left]
    features[:, 1] = odds[right]
    features[:, 2] = np.log(counts[inverse])
    features[:, 3] = np.log1p(tokens.sentences[places])
    features[:, 4] = tokens.title[left] & tokens.title[right]
    features[:, 5] = word_features[left, 0]
    features[:, 6] = word_features[right, 0]
    features[:, 7] = tokens.capitals[places] & tokens.capitals[places + 1]
    features[:, 8] = word_features[left, 2]
    features[:, 9] = word_features[right, 2]
    return inside, features


def sigmoid(values: Floats) -> Floats:
    """Give the probabilities of log-odds."""
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -12, 12))), dtype=np.float32)
