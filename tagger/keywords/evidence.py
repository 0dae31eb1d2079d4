"""The words and sentences that speak for a keyword, out of the model's own weights.

A keyword's score is a sum over terms and, in the profile `best`, over token vectors; so each one's part is known
exactly. The part of a character n-gram is shared among the words that contain it, that of a pair between its two
words; the words with the greatest parts are evidence, neighbours among them joined (« noms de domaine »). The
parts of token vectors are summed up by sentence: a vector speaks for its context, not for its word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tagger.article import Evidence, TextField
from tagger.keywords.model import SEMANTIC_PART, KeywordModel, ReadArticle
from tagger.keywords.terms import FUNCTION_WORDS, Word
from tagger.text.sentences import sentence_spans
from tagger.text.typography import NormalisedText

_MAX_WORDS = 6
_MAX_SPANS = 6
_MAX_OCCURRENCES = 2
_MAX_SENTENCES = 2
_MIN_SHARE = 0.03
_MIN_SENTENCE_SHARE = 0.1
# What may stand between two words of one phrase: « Autorité de régulation », « r&d »
_PHRASE_GAP = re.compile(r"[ '/-]*(?:(?:de|du|des|la|le|les|l|d|et|à|au|aux|en)\b[ ']*)*")
_MAX_PHRASE_WORDS = 5
# They stand in every article, and whatever weight they got by chance convinces nobody.
_CALENDAR_AND_TITLES = frozenset(
    "lundi mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre "
    "octobre novembre decembre an ans annee annees mois jour jours semaine hier demain mme mlle dr pr".split()
)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _ReadField:
    """The title or the text of an article with the words that the model read."""

    name: TextField
    text: NormalisedText
    words: list[Word]


class EvidenceFinder:
    """Finds evidence in one article for any of its keywords."""

    def __init__(
        self, model: KeywordModel, article: ReadArticle, title: NormalisedText, text: NormalisedText
    ) -> None:
        self._linear, self._semantic = model.linear, model.semantic
        self._semantic_weight = model.manifest.decision.parts.get(SEMANTIC_PART, 0.0)
        self._article = article
        self._fields = (
            _ReadField("title", title, article.title_words),
            _ReadField("text", text, article.text_words),
        )
        self._weights = self._linear.coef.T[article.columns]  # of the article's terms alone, close together in memory
        self._spread_terms_over_words()

    def find(self, keyword: int) -> list[Evidence]:
        """Give the evidence for the keyword in row `keyword`, heaviest first."""
        by_word = self._parts_of_words(keyword)
        by_sentence = self._parts_of_sentences(keyword)
        total = float(by_word[by_word > 0].sum() + by_sentence[by_sentence > 0].sum())
        if not total:
            return []
        best = np.argsort(-by_word, kind="stable")[:_MAX_WORDS]
        shares = {
            self._candidates[index]: float(by_word[index]) / total
            for index in best
            if by_word[index] >= _MIN_SHARE * total
        }
        evidence = [*self._phrases(shares), *self._sentences_of(by_sentence / total)]
        return sorted(evidence, key=lambda item: -item.weight)

    def _spread_terms_over_words(self) -> None:
        """Note which of the article's terms belongs to which word, and in which share."""
        words = {word.text for field in self._fields for word in field.words}
        self._candidates = sorted(filter(_can_be_evidence, words))
        place = {word: index for index, word in enumerate(self._candidates)}
        nobody = len(self._candidates)  # the last place gathers what belongs to no candidate
        owned = [(place.get(word, nobody), self._linear.word_columns(word)) for word in sorted(words)]
        pairs = {
            (word.text, column)
            for field in self._fields
            for first, second, column in self._linear.pair_columns(field.words)
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
        present = self._article.columns
        self._terms = np.searchsorted(present, columns)
        self._shares = 1 / np.bincount(self._terms, minlength=len(present))[self._terms]

    def _parts_of_words(self, keyword: int) -> Floats:
        """Give each candidate word's part of the keyword's score."""
        parts = self._weights[:, keyword] * self._article.values
        by_word = np.bincount(
            self._owners, weights=parts[self._terms] * self._shares, minlength=len(self._candidates) + 1
        )
        return by_word[:-1].astype(np.float64)

    @cached_property
    def _sentences(self) -> list[tuple[_ReadField, int, int]]:
        """The sentences of title and text that the encoder read."""
        return [(field, start, end) for field in self._fields for start, end in sentence_spans(field.text.text)]

    @cached_property
    def _sentence_of_token(self) -> npt.NDArray[np.intp]:
        """The sentence in which each token vector stands; the last number is for those in none."""
        assert self._article.encoding is not None  # noqa: S101 - asked for only with an encoding
        nowhere = len(self._sentences)
        found = np.full(len(self._article.encoding.pieces), nowhere, dtype=np.intp)
        number = 0
        for place, piece in enumerate(self._article.encoding.pieces):
            while piece and number < nowhere and not _holds(self._sentences[number], piece.field, piece.end):
                number += 1
            if piece:
                found[place] = number
        return found

    def _parts_of_sentences(self, keyword: int) -> Floats:
        """Give each sentence's part of the keyword's score."""
        if self._semantic is None or self._article.encoding is None:
            return np.zeros(0)
        parts = self._semantic.token_parts(self._article.encoding, keyword) * self._semantic_weight
        by_sentence = np.bincount(self._sentence_of_token, weights=parts, minlength=len(self._sentences) + 1)
        return by_sentence[:-1].astype(np.float64)

    def _sentences_of(self, shares: Floats) -> list[Evidence]:
        """Give the sentences that speak most for the keyword, and more than their length alone would."""
        if not len(shares):
            return []
        tokens = np.bincount(self._sentence_of_token, minlength=len(shares) + 1)[:-1]
        more_than_length = shares - tokens / max(tokens.sum(), 1) * shares.sum()
        best = np.argsort(-shares, kind="stable")[:_MAX_SENTENCES]
        found = [
            (self._sentences[place], float(shares[place]))
            for place in best
            if shares[place] >= _MIN_SENTENCE_SHARE and more_than_length[place] >= 0
        ]
        return [_evidence(field, start, end, share) for (field, start, end), share in found]

    def _phrases(self, shares: dict[str, float]) -> list[Evidence]:
        """Place the words with their shares in the article, neighbours joined, heaviest first."""
        evidence: list[Evidence] = []
        seen: dict[str, int] = defaultdict(int)
        for field in self._fields:
            for phrase in _join([word for word in field.words if word.text in shares], field.text.text):
                key = " ".join(sorted({word.text for word in phrase}))
                seen[key] += 1
                if seen[key] > _MAX_OCCURRENCES:
                    continue
                share = sum(shares[text] for text in {word.text for word in phrase})
                evidence.append(_evidence(field, phrase[0].start, phrase[-1].end, share))
        return sorted(evidence, key=lambda item: -item.weight)[:_MAX_SPANS]


def _evidence(field: _ReadField, start: int, end: int, share: float) -> Evidence:
    start, end = field.text.span(start, end)
    return Evidence(
        field=field.name,
        start=start,
        end=end,
        text=field.text.original[start:end],
        weight=round(min(1.0, share), 4),
    )


def _holds(sentence: tuple[_ReadField, int, int], field: TextField, end: int) -> bool:
    """Say whether the sentence is the first that reaches as far as `end` in the field."""
    return sentence[0].name == field and end <= sentence[2]


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
