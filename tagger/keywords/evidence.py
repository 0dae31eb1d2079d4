"""The words that speak for a keyword, out of the classifier's own weights.

In a linear model a keyword's score is a sum over terms, so each term's part is known exactly. The part of a
character n-gram is shared among the words that contain it, that of a pair between its two words; the words
with the greatest parts are the evidence, neighbours among them joined (« noms de domaine »).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tagger.article import Evidence, TextField
from tagger.keywords.terms import FUNCTION_WORDS, Word, ngrams, pair
from tagger.text.typography import NormalisedText

_MAX_WORDS = 6
_MAX_SPANS = 6
_MAX_OCCURRENCES = 2
_MIN_SHARE = 0.03
# What may stand between two words of one phrase: « Autorité de régulation », « r&d »
_PHRASE_GAP = re.compile(r"[\s'/-]*(?:(?:de|du|des|la|le|les|l|d|et|à|au|aux|en)\b[\s']*)*")


@dataclass(frozen=True, slots=True)
class ReadField:
    """The title or the text of an article with the words that the classifier read."""

    name: TextField
    text: NormalisedText
    words: list[Word]


class EvidenceFinder:
    """Finds evidence in one article for any of its keywords."""

    def __init__(self, fields: Iterable[ReadField], columns: dict[str, int], present: npt.NDArray[np.intp]) -> None:
        """Prepare for an article whose known terms stand in the (sorted) columns `present`."""
        self._fields = tuple(fields)
        self._columns = columns
        self._candidates = sorted(
            {word.text for field in self._fields for word in field.words if _can_be_evidence(word.text)}
        )
        self._shares = self._share_out(present)

    def find(self, parts: npt.NDArray[np.float32]) -> list[Evidence]:
        """Give the evidence for a keyword; `parts` is each present term's part of its score."""
        by_word = np.zeros(len(self._candidates) + 1, dtype=np.float64)
        terms, words, shares = self._shares
        np.add.at(by_word, words, parts[terms] * shares)
        by_word = by_word[:-1]  # the last place gathers what belongs to no candidate
        total = float(by_word[by_word > 0].sum())
        if not total:
            return []
        best = np.argsort(-by_word, kind="stable")[:_MAX_WORDS]
        weights = {
            self._candidates[index]: float(by_word[index]) / total
            for index in best
            if by_word[index] >= _MIN_SHARE * total
        }
        return self._spans(weights)

    def _share_out(
        self, present: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
        """Give, as three parallel arrays, the present terms, the word each belongs to, and the share of it."""
        place = {int(column): index for index, column in enumerate(present)}
        word_index = {word: index for index, word in enumerate(self._candidates)}
        owners: dict[int, list[int]] = defaultdict(list)

        def add(term: str, word: str) -> None:
            column = self._columns.get(term)
            if column is not None and column in place:
                owners[place[column]].append(word_index.get(word, len(self._candidates)))

        for word in {word.text for field in self._fields for word in field.words}:
            add(word, word)
            for ngram in set(ngrams(word)):
                add(ngram, word)
        pairs = {
            (first.text, second.text): pair(first, second)
            for field in self._fields
            for first, second in zip(field.words, field.words[1:], strict=False)
        }
        for (first, second), term in pairs.items():
            add(term, first)
            add(term, second)
        terms = [term for term, words in sorted(owners.items()) for _ in words]
        words = [word for _, words in sorted(owners.items()) for word in sorted(words)]
        shares = [1 / len(words) for _, words in sorted(owners.items()) for _ in words]
        return np.array(terms, dtype=np.intp), np.array(words, dtype=np.intp), np.array(shares)

    def _spans(self, weights: dict[str, float]) -> list[Evidence]:
        """Place the words with their weights in the article, neighbours joined, heaviest first."""
        evidence: list[Evidence] = []
        seen: dict[str, int] = defaultdict(int)
        for field in self._fields:
            for phrase in _join([word for word in field.words if word.text in weights], field.text.text):
                key = " ".join(sorted({word.text for word in phrase}))
                seen[key] += 1
                if seen[key] > _MAX_OCCURRENCES:
                    continue
                start, end = field.text.span(phrase[0].start, phrase[-1].end)
                weight = min(1.0, sum(weights[text] for text in {word.text for word in phrase}))
                evidence.append(
                    Evidence(
                        field=field.name,
                        start=start,
                        end=end,
                        text=field.text.original[start:end],
                        weight=round(weight, 4),
                    )
                )
        evidence.sort(key=lambda item: -item.weight)
        return evidence[:_MAX_SPANS]


def _join(words: list[Word], text: str) -> list[list[Word]]:
    """Join words between which only small words stand into phrases."""
    phrases: list[list[Word]] = []
    for word in words:
        if phrases and _PHRASE_GAP.fullmatch(text, phrases[-1][-1].end, word.start):
            phrases[-1].append(word)
        else:
            phrases.append([word])
    return phrases


def _can_be_evidence(word: str) -> bool:
    return word not in FUNCTION_WORDS and not word.isdigit()
