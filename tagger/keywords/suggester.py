"""Suggests keywords for an article: scores, probabilities, decisions and evidence."""

from __future__ import annotations

import numpy as np

from tagger.article import Suggestion
from tagger.keywords.decision import is_suggested
from tagger.keywords.evidence import EvidenceFinder
from tagger.keywords.model import KeywordModel
from tagger.keywords.vocabulary import Vocabulary
from tagger.text.typography import NormalisedText


class KeywordSuggester:
    """Ranks the keywords of a vocabulary with a trained model."""

    def __init__(self, model: KeywordModel, vocabulary: Vocabulary) -> None:
        """Take a trained model; keywords without training are scored by their definition, retired ones never."""
        self._model = model.for_vocabulary(vocabulary)
        manifest = self._model.manifest
        self.version = f"{manifest.name} {manifest.version}"
        by_id = {keyword.id: keyword for keyword in vocabulary.active}
        rows = [row for row, keyword_id in enumerate(manifest.keyword_ids) if keyword_id in by_id]
        self._rows = np.array(rows, dtype=np.intp)
        self._keywords = [by_id[manifest.keyword_ids[row]] for row in rows]

    @property
    def size(self) -> int:
        """How many keywords can be suggested."""
        return len(self._keywords)

    def suggest(
        self,
        title: NormalisedText,
        text: NormalisedText,
        top: int,
        precision: float | None = None,
        *,
        with_evidence: bool = True,
    ) -> list[Suggestion]:
        """Give the `top` most probable keywords, best first, each with its evidence (half of the work).

        Suggested is what passes the keyword's threshold, or the one that reaches the named `precision`.
        """
        decision = self._model.manifest.decision
        article = self._model.read(title, text)
        probabilities = decision.probabilities(self._model.combine(article)[self._rows][None])[0]
        thresholds = decision.thresholds_for(precision)[self._rows]
        finder = EvidenceFinder(self._model, article, title, text) if with_evidence else None
        order = np.argsort(-probabilities, kind="stable")[:top]
        suggested = is_suggested(np.arange(len(order)), probabilities[order], thresholds[order])
        return [
            Suggestion(
                keyword=self._keywords[place].name,
                keyword_id=self._keywords[place].id,
                probability=round(float(probabilities[place]), 4),
                suggested=bool(suggested[rank]),
                evidence=finder.find(int(self._rows[place])) if finder else [],
            )
            for rank, place in enumerate(order)
        ]
