"""How useful it is to have an editor look at an article: how many corrections it can be expected to need."""

from __future__ import annotations

from tagger.article import Annotation
from tagger.keywords.vocabulary import fold

_FILED_OTHERWISE = 1.0  # how much a disagreement with an editor's filing counts beside one expected correction


def usefulness(annotation: Annotation) -> float:
    """Rate how much a review of the article would teach, 0 or more.

    Probabilities are calibrated: the suggestions that will be rejected and the keywords that will be missed among
    those listed can be added up. Where the article is filed already, each keyword on which the model and the
    editors disagree counts by how sure the model is. An article without a suggestion counts for one correction.
    """
    rated = sum(1 - item.probability if item.suggested else item.probability for item in annotation.keywords)
    if not any(item.suggested for item in annotation.keywords):
        rated += 1.0
    return round(rated + _FILED_OTHERWISE * _disagreement(annotation), 4)


def _disagreement(annotation: Annotation) -> float:
    filed = {fold(name) for name in annotation.article.keywords}
    if not filed:
        return 0.0
    listed = {fold(item.keyword): item.probability for item in annotation.keywords}
    suggested = {fold(item.keyword) for item in annotation.keywords if item.suggested}
    unwanted = sum(listed[name] for name in suggested - filed)
    missed = sum(1 - listed.get(name, 0.0) for name in filed - suggested)
    return unwanted + missed
