"""A linear multi-label classifier over TF-IDF terms, as a scikit-learn estimator.

Two linear support vector machines a keyword, on sublinear, L2-normalised TF-IDF of the terms of
`tagger.keywords.terms`: one knows articles that have the keyword from those that have not, the other articles
whose *primary* keyword it is. Their weights are added, so that the score stays one sum over terms. They are
trained by stochastic gradient descent over chunks on disk: time grows linearly with the corpus, memory does not.
The press says first what matters: of a long article only the beginning is read, and the title counts several
times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import numpy as np
import numpy.typing as npt
from joblib import cpu_count
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import SGDClassifier

from tagger.article import Article
from tagger.keywords.linear import LinearModel, Scores
from tagger.keywords.term_chunks import CHUNK_ARTICLES, Read, TermChunks, document_frequencies
from tagger.keywords.terms import is_ngram, words_of
from tagger.text.typography import normalise

Labels = npt.NDArray[np.int8]
Rows = npt.NDArray[np.intp]
Progress = Callable[[str], None]

_LEAST_EPOCHS = 3
_FULL_EPOCHS_UP_TO = 10_000  # articles
_NEVER = -3.0  # the score of a keyword without any example: well below every learnt one


class KeywordClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Scores every keyword for articles, given as `Article` or as plain texts.

    Parameters
    ----------
    regularisation: strength of the L2 penalty of each machine, shared among the articles.
    epochs: how often the whole corpus is gone through; one of more than 10,000 articles less often, at least thrice.
    positive_weight: how much more an example of the keyword counts than any other article.
    primary_weight: how much the machine of primary keywords counts beside the one of all keywords.
    min_df: number of articles that a term must occur in.
    max_terms: number of terms that are kept, the most frequent ones.
    word_weight: how much more a word or a pair of words weighs than a character n-gram.
    title_weight: how often the title counts.
    words_read: number of words of the text that are read.
    seed: seed of everything random.

    Attributes after `fit`
    ----------------------
    model_: the `LinearModel` of K keywords over F terms.
    classes_: the row numbers of the keywords (K,).
    """

    def __init__(
        self,
        regularisation: float = 0.5,
        epochs: int = 12,
        positive_weight: float = 4.0,
        primary_weight: float = 1.0,
        min_df: int = 3,
        max_terms: int = 80_000,
        word_weight: float = 2.0,
        title_weight: int = 2,
        words_read: int = 200,
        seed: int = 0,
    ) -> None:
        self.regularisation = regularisation
        self.epochs = epochs
        self.positive_weight = positive_weight
        self.primary_weight = primary_weight
        self.min_df = min_df
        self.max_terms = max_terms
        self.word_weight = word_weight
        self.title_weight = title_weight
        self.words_read = words_read
        self.seed = seed

    def fit(
        self,
        X: Sequence[Article | str],  # noqa: N803
        y: Labels,
        primaries: Rows | None = None,
        progress: Progress = lambda step: None,
        weights: Scores | None = None,
    ) -> Self:
        """Learn from articles and their keywords, `y` an indicator array (n, K).

        `primaries` (n,) are the columns of the articles' primary keywords, -1 where there is none; without it all
        keywords of an article count alike. `weights` (n, K) say how much each article counts for each keyword.
        `X` is gone through twice and never held as a whole.
        """
        labels = np.asarray(y)
        keywords = labels.shape[1]
        progress("counting terms")
        columns, idf = self._choose_terms(X)
        coef = np.zeros((keywords, len(columns)), dtype=np.float32)
        intercept = np.full(keywords, _NEVER, dtype=np.float32)
        self.classes_ = np.arange(keywords)
        self.model_ = LinearModel(columns, idf, coef, intercept, self.title_weight, self.words_read)
        with TermChunks() as chunks:
            for rows in self._deal(len(X)):
                chunks.add(rows, [self.model_.weigh(*self._read(X[row])) for row in rows], len(columns))
            targets = labels if primaries is None else np.hstack([labels, _indicators(primaries, keywords)])
            machines = self._train(chunks, targets, weights, progress)
        for keyword in np.flatnonzero(labels.any(axis=0)):
            coef[keyword], intercept[keyword] = _weights(machines[keyword], len(columns))
            if primaries is not None:
                further_coef, further_intercept = _weights(machines[keywords + keyword], len(columns))
                coef[keyword] += self.primary_weight * further_coef
                intercept[keyword] += self.primary_weight * further_intercept
        return self

    def decision_function(self, X: Sequence[Article | str]) -> Scores:  # noqa: N803
        """Give the score of every keyword, an array (n, K)."""
        scores = np.empty((len(X), len(self.classes_)), dtype=np.float32)
        for row, article in enumerate(X):
            scores[row] = self.model_.score(*self.model_.weigh(*self._read(article)))
        return scores

    def likeness(self, X: Sequence[Article | str], texts: list[tuple[str, str]]) -> Scores:  # noqa: N803
        """Give the likeness (cosine) of articles to normalised titles and texts, an array (n, len(texts))."""
        model = self.model_.likeness_to(texts)
        found = np.empty((len(X), len(texts)), dtype=np.float32)
        for row, article in enumerate(X):
            found[row] = model.score(*model.weigh(*self._read(article)))
        return found

    def predict(self, X: Sequence[Article | str]) -> Labels:  # noqa: N803
        """Give the keywords whose score is positive, an indicator array (n, K)."""
        return (self.decision_function(X) > 0).astype(np.int8)

    def _read(self, article: Article | str) -> Read:
        """Give the words of the title and of the text that count."""
        title, text = ("", article) if isinstance(article, str) else (article.title, article.text)
        return words_of(normalise(title).text), words_of(normalise(text).text, self.words_read)

    def _choose_terms(self, articles: Sequence[Article | str]) -> tuple[dict[str, int], Scores]:
        """Give the most frequent terms that occur in enough articles a column each, and their weight (F,)."""
        frequencies = document_frequencies(self._read(articles[row]) for row in range(len(articles)))
        known = [term for term, frequency in frequencies.items() if frequency >= self.min_df]
        terms = sorted(sorted(known, key=lambda term: (-frequencies[term], term))[: self.max_terms])
        shares = np.array([(1 + len(articles)) / (1 + frequencies[term]) for term in terms])
        kinds = np.array([1.0 if is_ngram(term) else self.word_weight for term in terms])
        return {term: column for column, term in enumerate(terms)}, ((np.log(shares) + 1) * kinds).astype(np.float32)

    def _deal(self, articles: int) -> Iterator[Rows]:
        """Deal the articles at random into chunks."""
        order = np.random.default_rng(self.seed).permutation(articles)
        for start in range(0, articles, CHUNK_ARTICLES):
            yield order[start : start + CHUNK_ARTICLES]

    def _train(
        self, chunks: TermChunks, targets: Labels, weights: Scores | None, progress: Progress
    ) -> list[SGDClassifier]:
        """Train a machine for each column of `targets` (n, M) that has an example."""
        class_weights = {0: 1.0, 1: self.positive_weight}
        machines = [
            SGDClassifier(
                loss="hinge",
                alpha=self.regularisation / len(targets),
                class_weight=class_weights,
                random_state=self.seed,
            )
            for _ in range(targets.shape[1])
        ]
        learning = np.flatnonzero(targets.any(axis=0))
        random = np.random.default_rng(self.seed)
        epochs = min(self.epochs, max(_LEAST_EPOCHS, self.epochs * _FULL_EPOCHS_UP_TO // len(targets)))
        with ThreadPoolExecutor(cpu_count()) as pool:
            for epoch in range(1, epochs + 1):
                progress(f"training, pass {epoch} of {epochs}")
                for rows, matrix in chunks.shuffled(random):
                    tasks = [
                        pool.submit(
                            machines[column].partial_fit,
                            matrix,
                            targets[rows, column],
                            classes=[0, 1],
                            sample_weight=None if weights is None else weights[rows, column % weights.shape[1]],
                        )
                        for column in learning
                    ]
                    for task in tasks:
                        task.result()
        return machines


def _indicators(primaries: Rows, keywords: int) -> Labels:
    indicators = np.zeros((len(primaries), keywords), dtype=np.int8)
    filed = np.flatnonzero(primaries >= 0)
    indicators[filed, primaries[filed]] = 1
    return indicators


def _weights(machine: SGDClassifier, terms: int) -> tuple[Scores, float]:
    """Give a machine's weights (F,) and intercept; one that had no example says no to everything."""
    if not hasattr(machine, "coef_"):
        return np.zeros(terms, dtype=np.float32), -1.0
    return machine.coef_[0].astype(np.float32), float(machine.intercept_[0])
