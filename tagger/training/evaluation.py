"""What is known of a model's quality: scores, keyword by keyword, confusions, and how far probabilities hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from tagger.keywords.decision import Probabilities
from tagger.keywords.model import Profile
from tagger.keywords.vocabulary import Vocabulary
from tagger.training.corpus import Corpus
from tagger.training.cross_validation import UnseenScores
from tagger.training.scores import KeywordScores, ReliabilityBin, reliability

_CONFUSIONS = 25
_ARTICLES_SHOWN = 5
_CURVE = np.round(np.arange(0.05, 1.0, 0.05), 2)


class KeywordResult(BaseModel):
    """How one keyword fares: articles that have it, articles for which it was suggested, and how well these agree."""

    keyword: str
    articles: int
    suggested: int
    precision: float
    recall: float
    f1: float


class ConfusedArticle(BaseModel):
    """An article that shows a confusion."""

    id: str
    title: str
    probability: float


class Confusion(BaseModel):
    """A keyword `missed` where another one, that the article does not have, was suggested `instead`."""

    missed: str
    instead: str
    count: int
    articles: list[ConfusedArticle]


class CurvePoint(BaseModel):
    """Precision and recall of all that reaches a threshold."""

    threshold: float
    precision: float
    recall: float


class ProfileEvaluation(BaseModel):
    """All that is known of one profile. `spread` is the standard deviation over the repetitions."""

    scores: KeywordScores
    spread: KeywordScores
    keywords: list[KeywordResult]
    confusions: list[Confusion]
    reliability: list[ReliabilityBin]
    precision_recall: list[CurvePoint]


class Evaluation(BaseModel):
    """An evaluation by repeated cross-validation, near-duplicates never on both sides."""

    articles: int
    repetitions: int
    seed: int
    profiles: dict[Profile, ProfileEvaluation]


def evaluate(
    corpus: Corpus, vocabulary: Vocabulary, runs: Sequence[UnseenScores], profiles: Sequence[Profile], seed: int
) -> Evaluation:
    """Sum up repeated cross-validations; all but scores and spread is told of the first."""
    return Evaluation(
        articles=len(runs[0].tested),
        repetitions=len(runs),
        seed=seed,
        profiles={profile: _of_profile(corpus, vocabulary, runs, profile) for profile in profiles},
    )


def _of_profile(
    corpus: Corpus, vocabulary: Vocabulary, runs: Sequence[UnseenScores], profile: Profile
) -> ProfileEvaluation:
    measured = np.array([list(run.measure(profile).model_dump().values()) for run in runs])
    names = list(KeywordScores.model_fields)
    first = runs[0]
    answers = first.decide(profile)
    probabilities, chosen = answers.probabilities, answers.chosen
    return ProfileEvaluation(
        scores=KeywordScores(**dict(zip(names, measured.mean(axis=0).round(4), strict=True))),
        spread=KeywordScores(**dict(zip(names, measured.std(axis=0).round(4), strict=True))),
        keywords=_keyword_results(vocabulary, chosen, first),
        confusions=_confusions(corpus, vocabulary, probabilities, chosen, first),
        reliability=reliability(probabilities, first.labels),
        precision_recall=_curve(probabilities, first),
    )


def _keyword_results(vocabulary: Vocabulary, chosen: npt.NDArray[np.bool_], run: UnseenScores) -> list[KeywordResult]:
    hits = (chosen & (run.labels == 1)).sum(axis=0)
    return [
        KeywordResult(
            keyword=keyword.name,
            articles=int(run.labels[:, row].sum()),
            suggested=int(chosen[:, row].sum()),
            precision=_share(hits[row], chosen[:, row].sum()),
            recall=_share(hits[row], run.labels[:, row].sum()),
            f1=_share(2 * hits[row], chosen[:, row].sum() + run.labels[:, row].sum()),
        )
        for row, keyword in enumerate(vocabulary)
    ]


def _confusions(
    corpus: Corpus,
    vocabulary: Vocabulary,
    probabilities: Probabilities,
    chosen: npt.NDArray[np.bool_],
    run: UnseenScores,
) -> list[Confusion]:
    """Find the pairs of keywords most often taken for each other, with the articles where the model was surest."""
    names = [keyword.name for keyword in vocabulary]
    found: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
    for place in range(len(run.tested)):
        missed = np.flatnonzero((run.labels[place] == 1) & ~chosen[place])
        for instead in np.flatnonzero(chosen[place] & (run.labels[place] == 0)):
            for keyword in missed:
                found[int(keyword), int(instead)].append((float(probabilities[place, instead]), place))
    most = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:_CONFUSIONS]
    return [
        Confusion(
            missed=names[missed],
            instead=names[instead],
            count=len(places),
            articles=[
                _confused_article(corpus, int(run.tested[place]), probability)
                for probability, place in sorted(places, reverse=True)[:_ARTICLES_SHOWN]
            ],
        )
        for (missed, instead), places in most
    ]


def _confused_article(corpus: Corpus, index: int, probability: float) -> ConfusedArticle:
    brief = corpus.brief(index)
    return ConfusedArticle(id=brief.id, title=brief.title, probability=round(probability, 3))


def _curve(probabilities: Probabilities, run: UnseenScores) -> list[CurvePoint]:
    points = []
    for threshold in _CURVE:
        passing = probabilities >= threshold
        hits = (passing & (run.labels == 1)).sum()
        points.append(
            CurvePoint(
                threshold=float(threshold),
                precision=_share(hits, passing.sum()),
                recall=_share(hits, run.labels.sum()),
            )
        )
    return points


def _share(part: np.integer | int, whole: np.integer | int) -> float:
    return round(float(part / whole), 4) if whole else 0.0
