"""Two models on the same articles: which is better, and how sure that is.

The articles are drawn again and again with replacement, and both models are measured on each draw (the paired
bootstrap: B. Efron and R. Tibshirani, « An Introduction to the Bootstrap », 1993).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self, get_args

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from tagger.errors import SettingsError
from tagger.keywords.classifier import Labels, Rows
from tagger.keywords.decision import Answers
from tagger.keywords.model import KeywordModel, Profile
from tagger.keywords.vocabulary import Vocabulary
from tagger.text.typography import normalise
from tagger.training.corpus import Corpus
from tagger.training.scores import MEASURES, KeywordScores, keyword_scores

Progress = Callable[[str], None]
_LOWER_IS_BETTER = {name for name, measure in MEASURES.items() if measure.lower_is_better}
LOW, HIGH = 2.5, 97.5  # per cent: the ends of the interval


@dataclass(frozen=True)
class ModelName:
    """A folder of models and one of its profiles."""

    folder: Path
    profile: Profile

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read ``FOLDER`` or ``FOLDER:PROFILE``; without a profile it is `best`."""
        folder, colon, profile = name.rpartition(":")
        if not colon:
            return cls(Path(name), "best")
        if profile not in get_args(Profile):
            raise SettingsError(f"{name!r} names no profile after the colon: it must be fast or best.")
        return cls(Path(folder), profile)  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.folder}:{self.profile}"


class Difference(BaseModel):
    """One score of both models; second minus first with its 95 % interval."""

    score: str
    first: float
    second: float
    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves no doubt which model is better."""
        return self.low > 0 or self.high < 0


class Comparison(BaseModel):
    """Two models measured on the same articles."""

    first: str
    second: str
    articles: int
    differences: list[Difference]

    @property
    def worse(self) -> list[Difference]:
        """The scores in which the second is worse, beyond what chance explains."""
        return [
            item for item in self.differences if (item.low > 0 if item.score in _LOWER_IS_BETTER else item.high < 0)
        ]


def compare_models(
    first: ModelName,
    second: ModelName,
    corpus: Corpus,
    vocabulary: Vocabulary,
    samples: int,
    seed: int,
    progress: Progress,
) -> Comparison:
    """Measure two models on the articles of a corpus that may be tested."""
    tested = corpus.tested
    answers = tuple(_answers(name, corpus, vocabulary, progress) for name in (first, second))
    labels, primaries = corpus.labels(vocabulary)[tested], corpus.primaries(vocabulary)[tested]
    differences = paired_differences(answers, labels, primaries, samples, seed, progress)
    return Comparison(first=str(first), second=str(second), articles=len(tested), differences=differences)


def paired_differences(
    answers: tuple[Answers, ...],
    labels: Labels,
    primaries: Rows,
    samples: int,
    seed: int,
    progress: Progress,
) -> list[Difference]:
    """Give every score of two models' `answers` for the same articles, of keywords (m, K) and primary ones (m,)."""

    def measure(answer: Answers, rows: Rows) -> npt.NDArray[np.float64]:
        scores = keyword_scores(answer.of(rows), primaries[rows], labels[rows])
        return np.array(list(scores.model_dump().values()))

    everything = np.arange(len(labels))
    whole = [measure(answer, everything) for answer in answers]
    random = np.random.default_rng(seed)
    gaps = []
    for number in range(samples):
        if number % 100 == 0:
            progress(f"resampling, {number} of {samples}")
        rows = random.integers(len(labels), size=len(labels))
        gaps.append(measure(answers[1], rows) - measure(answers[0], rows))
    low, high = np.percentile(gaps, [LOW, HIGH], axis=0)
    return [
        Difference(
            score=name,
            first=whole[0][place],
            second=whole[1][place],
            difference=round(whole[1][place] - whole[0][place], 4),
            low=round(float(low[place]), 4),
            high=round(float(high[place]), 4),
        )
        for place, name in enumerate(KeywordScores.model_fields)
    ]


def _answers(name: ModelName, corpus: Corpus, vocabulary: Vocabulary, progress: Progress) -> Answers:
    """Let a model answer for every article, its columns put in the vocabulary's order."""
    model = KeywordModel.load(name.folder, name.profile).for_vocabulary(vocabulary)
    rows = {keyword_id: row for row, keyword_id in enumerate(model.manifest.keyword_ids)}
    active = {keyword.id for keyword in vocabulary.active}
    columns = [(place, rows[keyword.id]) for place, keyword in enumerate(vocabulary) if keyword.id in active]
    places, known = np.array(columns).T
    combined = np.empty((len(corpus.tested), len(known)))
    for row, article in enumerate(corpus.articles(corpus.tested)):
        if row % 50 == 0:
            progress(f"{name}: article {row} of {len(combined)}")
        read = model.read(normalise(article.title), normalise(article.text))
        combined[row] = model.combine(read)[known]
    answers = model.manifest.decision.of(known).answer(combined)
    shape = (len(combined), len(vocabulary))
    probabilities, chosen, order = np.zeros(shape), np.zeros(shape, bool), np.zeros(shape, np.intp)
    probabilities[:, places], chosen[:, places] = answers.probabilities, answers.chosen
    retired = np.setdiff1d(np.arange(len(vocabulary)), places)
    order[:, : len(places)], order[:, len(places) :] = places[answers.order], retired
    return Answers(probabilities, chosen, order)
