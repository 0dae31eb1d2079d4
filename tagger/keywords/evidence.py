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
from tagger.keywords.linear import Columns, LinearModel
from tagger.keywords.terms import FUNCTION_WORDS, Word
from tagger.text.typography import NormalisedText

_MAX_WORDS = 6
_MAX_SPANS = 6
_MAX_OCCURRENCES = 2
_MIN_SHARE = 0.03
# What may stand between two words of one phrase: « Autorité de régulation », « r&d »
_PHRASE_GAP = re.compile(r"[ '/-]*(?:(?:de|du|des|la|le|les|l|d|et|à|au|aux|en)\b[ ']*)*")
_MAX_PHRASE_WORDS = 5
# They stand in every article, and whatever weight they got by chance convinces nobody.
_CALENDAR_AND_TITLES = frozenset(
    "lundi mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre "
    "octobre novembre decembre an ans annee annees mois jour jours semaine hier demain mme mlle dr pr".split()
)


@dataclass(frozen=True, slots=True)
class ReadField:
    """The title or the text of an article with the words that the classifier read."""

    name: TextField
    text: NormalisedText
    words: list[Word]


class EvidenceFinder:
    """Finds evidence in one article for any of its keywords."""

    def __init__(self, model: LinearModel, fields: Iterable[ReadField], present: Columns) -> None:
        """Prepare for an article whose known terms stand in the (sorted) columns `present`."""
        self._fields = tuple(fields)
        words = {word.text for field in self._fields for word in field.words}
        self._candidates = sorted(filter(_can_be_evidence, words))
        place = {word: index for index, word in enumerate(self._candidates)}
        nobody = len(self._candidates)  # the last place gathers what belongs to no candidate
        owned = [(place.get(word, nobody), model.word_columns(word)) for word in sorted(words)]
        pairs = {
            (word.text, column)
            for field in self._fields
            for first, second, column in model.pair_columns(field.words)
            for word in (first, second)
        }
        self._owners = np.concatenate(
            [
                np.repeat([owner for owner, _ in owned], [len(columns) for _, columns in owned]).astype(np.intp),
                np.array([place.get(word, nobody) for word, _ in sorted(pairs)], dtype=np.intp),
            ]
        )
        columns = np.concatenate(
            [*(columns for _, columns in owned), np.array([column for _, column in sorted(pairs)], dtype=np.intp)]
        )
        self._terms = np.searchsorted(present, columns)
        self._shares = 1 / np.bincount(self._terms, minlength=len(present))[self._terms]

    def find(self, parts: npt.NDArray[np.float32]) -> list[Evidence]:
        """Give the evidence for a keyword; `parts` is each present term's part of its score."""
        by_word = np.bincount(
            self._owners, weights=parts[self._terms] * self._shares, minlength=len(self._candidates) + 1
        )[:-1]
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
        phrase = phrases[-1] if phrases else None
        if phrase and len(phrase) < _MAX_PHRASE_WORDS and _PHRASE_GAP.fullmatch(text, phrase[-1].end, word.start):
            phrase.append(word)
        else:
            phrases.append([word])
    return phrases


def _can_be_evidence(word: str) -> bool:
    return word not in FUNCTION_WORDS and word not in _CALENDAR_AND_TITLES and not word.isdigit()
