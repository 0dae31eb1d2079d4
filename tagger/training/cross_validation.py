"""Scores of articles by models that have not seen them: the ground on which decisions and claims are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tagger.article import Article
from tagger.errors import InvalidRecordError
from tagger.keywords.classifier import KeywordClassifier, Labels, Rows
from tagger.keywords.decision import Answers, Decision
from tagger.keywords.encoder import SentenceEncoder
from tagger.keywords.linear import Scores
from tagger.keywords.model import DEFINITION_PART, SEMANTIC_PART, TERMS_PART, Profile
from tagger.keywords.semantic import SemanticModel
from tagger.keywords.semantic_classifier import SemanticClassifier
from tagger.keywords.vocabulary import Vocabulary
from tagger.text.typography import normalise
from tagger.training.corpus import Articles, Corpus, Emphasis
from tagger.training.own_texts import OwnTexts, Text
from tagger.training.scores import KeywordScores, keyword_scores

FOLDS = 5
_HELD_OUT_ONCE = 20_000  # from so many tested articles on, one held-out tenth says enough
_HELD_OUT_SHARE = 10

Progress = Callable[[str], None]
PartScores = dict[str, npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Recipe:
    """How both parts of the models are trained."""

    terms: KeywordClassifier = field(default_factory=KeywordClassifier)
    semantic: SemanticClassifier = field(default_factory=SemanticClassifier)


@dataclass(frozen=True)
class TrainingSet:
    """What models learn from: articles, then what the vocabulary says of each keyword as one more article.

    `vectors` (n + K, H) are the encoder's, or None without the profile `best`; `labels` (n + K, K), `primaries`
    (n + K,) and `weights` (n + K, K), which is None where all count alike, have the vocabulary's texts at their end.
    The semantic part learns from articles alone.
    """

    corpus: Corpus
    vocabulary: Vocabulary
    labels: Labels
    primaries: Rows
    weights: Scores | None
    groups: Rows
    own: OwnTexts
    vectors: Scores | None

    @classmethod
    def make(
        cls,
        corpus: Corpus,
        vocabulary: Vocabulary,
        encoder: SentenceEncoder | None,
        progress: Progress,
        emphasis: Emphasis | None = None,
    ) -> TrainingSet:
        """Gather all that training needs; with an encoder, encode every article once."""
        progress("looking for near-duplicates")
        labels = corpus.labels(vocabulary)
        weights = corpus.weights(vocabulary, emphasis or Emphasis())
        own_weights = np.ones((len(vocabulary), len(vocabulary)), dtype=np.float32)
        own = OwnTexts.make(vocabulary, corpus, labels)
        return cls(
            corpus,
            vocabulary,
            np.vstack([labels, np.eye(len(vocabulary), dtype=np.int8)]),
            np.concatenate([corpus.primaries(vocabulary), np.arange(len(vocabulary))]),
            None if weights is None else np.vstack([weights, own_weights]),
            corpus.groups(),
            own,
            _encode(_joined(corpus.articles(), own.texts), encoder, progress) if encoder else None,
        )

    def everything(self) -> Rows:
        """Give all rows: the articles and, after them, the vocabulary's own texts."""
        return np.arange(len(self.labels))

    def learnt_without(self, fold: Rows) -> Rows:
        """Give all rows but the articles of a fold and their near-duplicates."""
        unseen = np.isin(self.groups, self.groups[fold])
        return np.concatenate([np.flatnonzero(~unseen), np.arange(len(self.corpus), len(self.labels))])

    def fit_terms(
        self, classifier: KeywordClassifier, rows: Rows, progress: Progress, texts: list[Text] | None = None
    ) -> None:
        """Train the classifier of terms on some rows; `texts` are the vocabulary's, by default as they are."""
        articles, own = rows[rows < len(self.corpus)], rows[rows >= len(self.corpus)] - len(self.corpus)
        texts = self.own.texts if texts is None else texts
        learnt = _joined(self.corpus.articles(articles), [texts[number] for number in own])
        classifier.fit(learnt, self.labels[rows], self.primaries[rows], progress, self._weights(rows))

    def fit_semantic(self, classifier: SemanticClassifier, rows: Rows) -> SemanticModel:
        """Train the semantic part on the vectors of the articles among some rows."""
        assert self.vectors is not None  # noqa: S101 - asked for only with vectors
        rows = rows[rows < len(self.corpus)]
        return classifier.fit(self.vectors[rows], self.labels[rows], self.primaries[rows], self._weights(rows))

    def _weights(self, rows: Rows) -> Scores | None:
        return None if self.weights is None else self.weights[rows]

    def folds(self, seed: int) -> list[Rows]:
        """Deal the articles that may be tested into folds, near-duplicates together."""
        return deal_folds(self.corpus, self.groups, seed)


def deal_folds(corpus: Corpus, groups: Rows, seed: int) -> list[Rows]:
    """Deal the articles of a corpus that may be tested into folds, those of one group together.

    A corpus so large that one fold says enough gets one, of a tenth of the articles.

    Raises:
        InvalidRecordError: there are too few articles.
    """
    from sklearn.model_selection import GroupKFold

    tested = corpus.tested
    if len(np.unique(groups[tested])) < FOLDS:
        raise InvalidRecordError(
            f"The corpus has {len(tested)} articles to test on; at least {FOLDS} are needed, no two of them alike."
        )
    large = len(tested) >= _HELD_OUT_ONCE
    splitter = GroupKFold(_HELD_OUT_SHARE if large else FOLDS, shuffle=True, random_state=seed)
    folds = [tested[fold] for _, fold in splitter.split(tested, groups=groups[tested])]
    return folds[:1] if large else folds


@dataclass(frozen=True)
class UnseenScores:
    """Scores (m, K) of the tested articles `tested` (m,), each by models that have not seen it.

    `fold` (m,) says in which fold an article was tested.
    """

    tested: Rows
    fold: Rows
    parts: PartScores
    labels: Labels
    primaries: Rows

    def decide(self, profile: Profile) -> Answers:
        """Give what a profile answers, decided on each fold by what the others taught.

        With one fold alone the decision is learnt on one half of it for the other.
        """
        scores = self.of(profile)
        sides = self.fold if len(np.unique(self.fold)) > 1 else np.arange(len(self.fold)) % 2
        shape = self.labels.shape
        probabilities, chosen, order = np.zeros(shape), np.zeros(shape, bool), np.zeros(shape, np.intp)
        for side in np.unique(sides):
            here, there = sides == side, sides != side
            taught = {name: part[there] for name, part in scores.items()}
            decision = Decision.fit(taught, self.labels[there], self.primaries[there], with_precisions=False)
            combined = decision.combine({name: part[here] for name, part in scores.items()})
            answered = decision.answer(combined)
            probabilities[here], chosen[here], order[here] = (
                answered.probabilities,
                answered.chosen,
                answered.order,
            )
        return Answers(probabilities, chosen, order)

    def measure(self, profile: Profile) -> KeywordScores:
        """Give the scores of a profile."""
        return keyword_scores(self.decide(profile), self.primaries, self.labels)

    def of(self, profile: Profile) -> PartScores:
        """Give the scores of the parts that a profile has."""
        return {name: part for name, part in self.parts.items() if profile == "best" or name != SEMANTIC_PART}


def cross_validate(
    data: TrainingSet,
    recipe: Recipe,
    folds: list[Rows],
    progress: Progress,
    taught: npt.NDArray[np.bool_] | None = None,
) -> UnseenScores:
    """Score every article of the folds by models that saw neither it nor a near-duplicate of it.

    Composed briefs teach and are never tested. With `taught` (n + K,) only these rows teach.
    """
    tested = np.concatenate(folds)
    names = (TERMS_PART, DEFINITION_PART, *([SEMANTIC_PART] if data.vectors is not None else []))
    parts: PartScores = {name: np.zeros((len(tested), len(data.vocabulary))) for name in names}
    start = 0
    for number, fold in enumerate(folds, 1):
        here = slice(start, start + len(fold))
        start += len(fold)
        learnt = data.learnt_without(fold)
        learnt = learnt if taught is None else learnt[taught[learnt]]

        def say(step: str, number: int = number) -> None:
            progress(f"fold {number} of {len(folds)}: {step}")

        texts = data.own.without(fold)
        data.fit_terms(recipe.terms, learnt, say, texts)
        articles = data.corpus.articles(fold)
        parts[TERMS_PART][here] = recipe.terms.decision_function(articles)
        parts[DEFINITION_PART][here] = recipe.terms.likeness(articles, texts)
        if data.vectors is not None:
            say("training on vectors")
            parts[SEMANTIC_PART][here] = data.fit_semantic(recipe.semantic, learnt).score(data.vectors[fold])
    numbers = np.repeat(np.arange(len(folds)), [len(fold) for fold in folds])
    return UnseenScores(tested, numbers, parts, data.labels[tested], data.primaries[tested])


@dataclass(frozen=True)
class _Joined(Sequence[Article]):
    """Two sequences one after the other; that of the corpus holds no article in memory."""

    first: Articles
    second: list[Article]

    def __len__(self) -> int:
        return len(self.first) + len(self.second)

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 - single articles are all that is asked for
        return self.first[place] if place < len(self.first) else self.second[place - len(self.first)]


def _joined(articles: Articles, texts: list[Text]) -> Sequence[Article]:
    return _Joined(articles, [Article(title=title, text=text) for title, text in texts])


def _encode(articles: Sequence[Article], encoder: SentenceEncoder, progress: Progress) -> Scores:
    vectors = np.zeros((len(articles), encoder.size), dtype=np.float32)
    for row, article in enumerate(articles):
        if row % 100 == 0:
            progress(f"encoding, article {row} of {len(articles)}")
        vectors[row] = encoder.encode(normalise(article.title).text, normalise(article.text).text).mean
    return vectors
