"""Suggests keywords for an article: scores, probabilities, decisions and evidence."""

from __future__ import annotations

import numpy as np

from tagger.article import Suggestion
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
        self._decision = manifest.decision.of(self._rows)

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
        """Give the first `top` keywords, each with its evidence (half of the work).

        The first is the one to file the article under, the others follow by probability. Suggested is what passes
        the threshold, or the one that reaches the named `precision`.
        """
        article = self._model.read(title, text)
        combined = self._model.combine(article)[None, self._rows]
        answers = self._decision.answer(combined, precision)
        finder = EvidenceFinder(self._model, article, title, text) if with_evidence else None
        return [
            Suggestion(
                keyword=self._keywords[place].name,
                keyword_id=self._keywords[place].id,
                probability=round(float(answers.probabilities[0, place]), 4),
                suggested=bool(answers.chosen[0, place]),
                evidence=finder.find(int(self._rows[place])) if finder else [],
            )
            for place in answers.order[0, :top]
        ]
