"""Suggests keywords for an article: scores, probabilities, decisions and evidence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tagger.article import Suggestion
from tagger.keywords.evidence import EvidenceFinder, ReadField
from tagger.keywords.model import KeywordModel
from tagger.keywords.vocabulary import Vocabulary
from tagger.text.typography import NormalisedText

MAX_SUGGESTED = 6
_FLOOR = 0.1  # under this, not even the best keyword is suggested


class KeywordSuggester:
    """Ranks the keywords of a vocabulary with a trained model."""

    def __init__(self, model: KeywordModel, vocabulary: Vocabulary) -> None:
        self._linear = model.linear
        self._calibration = model.manifest.calibration
        self._threshold = model.manifest.threshold
        self.version = f"{model.manifest.name} {model.manifest.version}"
        # A keyword that left the vocabulary keeps its row in the model and is never shown.
        self._rows = [
            (row, vocabulary.by_id[keyword_id])
            for row, keyword_id in enumerate(model.manifest.keyword_ids)
            if keyword_id in vocabulary.by_id
        ]

    def suggest(self, title: NormalisedText, text: NormalisedText, top: int) -> list[Suggestion]:
        """Give the `top` most probable keywords, best first, each with its evidence."""
        title_words, text_words = self._linear.words(title.text, text.text)
        columns, values = self._linear.weigh(title_words, text_words)
        probabilities = self._calibration.probabilities(self._linear.score(columns, values))
        ranked = sorted(self._rows, key=lambda item: (-probabilities[item[0]], item[1].id))[:top]
        fields = (ReadField("title", title, title_words), ReadField("text", text, text_words))
        finder = EvidenceFinder(self._linear, fields, columns)
        suggestions = []
        for rank, (row, keyword) in enumerate(ranked):
            probability = float(probabilities[row])
            suggestions.append(
                Suggestion(
                    keyword=keyword.name,
                    keyword_id=keyword.id,
                    probability=round(probability, 4),
                    suggested=bool(is_suggested(rank, probability, self._threshold)),
                    evidence=finder.find(np.asarray(self._linear.coef[row, columns] * values)),
                )
            )
        return suggestions


def is_suggested(
    rank: npt.NDArray[np.intp] | int, probability: npt.NDArray[np.float64] | float, threshold: float
) -> npt.NDArray[np.bool_]:
    """Decide: what passes the threshold, at most six, and the best one (`rank` 0) unless it is hopeless."""
    best = (np.asarray(rank) == 0) & (np.asarray(probability) >= min(_FLOOR, threshold))
    others = (np.asarray(rank) < MAX_SUGGESTED) & (np.asarray(probability) >= threshold)
    return np.asarray(best | others)
