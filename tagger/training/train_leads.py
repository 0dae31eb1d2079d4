"""Trains the extractive lead ranker on articles with the leads that their authors wrote.

In three steps, each of which learns from what the one before says of articles that it has not seen (two halves):
which words and pairs a lead takes up; how like the author's lead each sentence is; how like it each lead is that can
be made of the best sentences, shortened or not. Likeness is the mean of ROUGE-1, ROUGE-2 and ROUGE-L.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel
from scipy.linalg import block_diag
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from tagger.leads.candidates import make_candidates, printed
from tagger.leads.extractive import ExtractiveWriter
from tagger.leads.features import Features
from tagger.leads.importance import (
    BUCKETS,
    PROPENSITY,
    ImportanceModel,
    WordStatistics,
    appeal_buckets,
    describe_pairs,
    describe_words,
    sigmoid,
)
from tagger.leads.network import Network
from tagger.leads.options import DEFAULT_CHARS
from tagger.leads.ranker import FORMAT, LEAD, LeadRanker, write_ranker
from tagger.leads.sentences import Sentence, read_sentences
from tagger.leads.tokens import Floats, Tokens
from tagger.leads.writing import LeadWriter
from tagger.model_files import Manifest, file_hash
from tagger.text.typography import normalise
from tagger.training.evaluate_leads import evaluate_leads
from tagger.training.lead_card import write_lead_card
from tagger.training.lead_corpus import LeadExample
from tagger.training.rouge import rouge, words

Progress = Callable[[str], None]
_SMOOTHING = 20  # articles: how many the overall rate counts for beside a word's own
_STAGES = ((2e-3, 0.5), (7e-4, 0.25), (2e-4, 0.25))  # rates of learning, each for its share of the epochs
_SCALE = 10.0  # ROUGE is learnt times ten, for losses of a handy size


class Recipe(BaseModel):
    """What can be set of the training.

    `importance_articles` are so many articles, drawn at random, that the networks for words and pairs learn from;
    `raters` are so many networks, whose mean rates sentences and leads;
    `words_penalty` is what each word takes off a lead's worth (a ROUGE of one is worth ten); it is
    chosen for leads of some 36 words.
    """

    importance_articles: int = 12_000
    hidden: int = 32
    epochs: int = 12
    raters: int = 3
    appeal_penalty: float = 1.0
    words_penalty: float = 0.0045
    seed: int = 0


@dataclass(frozen=True)
class _Prepared:
    """An article cut up, the words of its author's lead, and the likeness of each sentence to it (s,)."""

    title: str
    sentences: list[Sentence]
    tokens: Tokens
    reference: list[str]
    likeness: npt.NDArray[np.float64]


def train_ranker(examples: Sequence[LeadExample], recipe: Recipe, progress: Progress) -> LeadRanker:
    """Train the ranker; the same examples and recipe give the same one."""
    articles = _prepare(examples, progress)
    halves = [articles[::2], articles[1::2]]
    progress("importance of words and sentences, half by half")
    importance = [_fit_importance(half, recipe) for half in halves]
    described = [_describe(half, importance[1 - number]) for number, half in enumerate(halves)]
    raters = [_fit_sentences(*pair, recipe) for pair in zip(halves, described, strict=True)]
    rows: list[Floats] = []
    targets: list[npt.NDArray[np.float64]] = []
    for number, (half, features) in enumerate(zip(halves, described, strict=True)):
        for place, (article, seen) in enumerate(zip(half, features, strict=True)):
            if place % 500 == 0:
                progress(f"leads of half {number + 1}: article {place} of {len(half)}")
            found = _lead_rows(article, seen, raters[1 - number])
            if found:
                rows.append(found[0])
                targets.append(found[1])
    progress("the rater of leads")
    leads = _fit_rater(np.vstack(rows), np.concatenate(targets), recipe)
    del rows, targets
    progress("the raters of words and sentences on all articles")
    sentences = _fit_sentences([*halves[0], *halves[1]], [*described[0], *described[1]], recipe)
    return LeadRanker(_fit_importance(articles, recipe), sentences, leads, recipe.words_penalty, "untitled")


def train_and_write(
    examples: Sequence[LeadExample],
    held_out: Sequence[LeadExample],
    files: Sequence[Path],
    models: Path,
    recipe: Recipe,
    progress: Progress,
) -> Manifest:
    """Train the ranker, measure it on the articles `held_out`, and write it, its manifest and card into `models`."""
    ranker = train_ranker(examples, recipe, progress)
    scores = _measure(ranker, held_out, recipe.seed, progress) if held_out else {}
    manifest = Manifest(
        name=LEAD,
        version=version("osiris-tagger"),
        format=FORMAT,
        data={path.name: file_hash(path) for path in files},
        parameters={"articles": len(examples), **recipe.model_dump()},
        libraries={name: version(name) for name in ("numpy", "scikit-learn", "safetensors")},
        scores=scores,
        files={},
    )
    complete = write_ranker(models / LEAD, ranker, manifest)
    write_lead_card(models / LEAD, complete)
    return complete


def _measure(ranker: LeadRanker, examples: Sequence[LeadExample], seed: int, progress: Progress) -> dict[str, object]:
    """Measure the ranker beside the first sentence and the oracle, as the card shows it."""
    writer = LeadWriter(ExtractiveWriter(ranker), None, None)
    return evaluate_leads(examples, {"extractive": writer}, None, False, seed, progress).model_dump()


def _prepare(examples: Sequence[LeadExample], progress: Progress) -> list[_Prepared]:
    articles = []
    for number, example in enumerate(examples):
        if number % 500 == 0:
            progress(f"reading, article {number} of {len(examples)}")
        title, text = normalise(example.title).text, normalise(example.text).text
        sentences = read_sentences(text, [])
        tokens = Tokens.read(title, sentences)
        reference = words(normalise(example.lead).text)
        if len(tokens.words) and reference:
            likeness = np.array([_likeness(sentence.text, reference) for sentence in sentences])
            articles.append(_Prepared(title, sentences, tokens, reference, likeness))
    return articles


def _likeness(text: str, reference: list[str]) -> float:
    return _SCALE * float(np.mean(rouge(words(text), reference)))


@dataclass(frozen=True)
class _Counts:
    """In how many of `articles` articles a word stands, and in how many leads of them, by the word's hash (B,)."""

    articles: int
    having: npt.NDArray[np.float64]
    taken: npt.NDArray[np.float64]

    @classmethod
    def of(cls, articles: Sequence[_Prepared]) -> _Counts:
        having, taken = np.zeros(BUCKETS), np.zeros(BUCKETS)
        for article in articles:
            buckets = article.tokens.hashes % BUCKETS
            np.add.at(having, buckets, 1)
            np.add.at(taken, buckets, _words_in_lead(article))
        return cls(len(articles), having, taken)

    def rarity(self) -> Floats:
        return np.asarray(np.log((self.articles + 1) / (self.having + 1)), dtype=np.float32)

    def propensity(self) -> Floats:
        return self._log_odds(self.having, self.taken)

    def propensity_without(self, article: _Prepared) -> Floats:
        """Give the propensities of an article's words (v,) as if it had not been counted.

        Else a rare word's would tell the article's own lead, and what learns from it would trust it too much.
        """
        buckets = article.tokens.hashes % BUCKETS
        return self._log_odds(self.having[buckets] - 1, self.taken[buckets] - _words_in_lead(article))

    def _log_odds(self, having: npt.NDArray[np.float64], taken: npt.NDArray[np.float64]) -> Floats:
        rate = self.taken.sum() / self.having.sum()
        odds = (np.maximum(taken, 0) + _SMOOTHING * rate) / (np.maximum(having, 0) + _SMOOTHING)
        return np.asarray(np.log(odds / (1 - odds)), dtype=np.float32)


def _fit_importance(articles: Sequence[_Prepared], recipe: Recipe) -> ImportanceModel:
    counts = _Counts.of(articles)
    statistics = WordStatistics(counts.rarity(), counts.propensity(), _fit_appeal(articles, recipe))
    drawn = np.random.default_rng(recipe.seed).permutation(len(articles))[: recipe.importance_articles]
    sample = [articles[place] for place in drawn]
    described = [_describe_words(article, statistics, counts) for article in sample]
    network = _fit_network(
        np.vstack(described), np.concatenate([_words_in_lead(article) for article in sample]), recipe
    )
    pairs = [
        describe_pairs(article.tokens, sigmoid(network.apply(rows)), rows)
        for article, rows in zip(sample, described, strict=True)
    ]
    targets = [_pairs_in_lead(article, inside) for article, (inside, _) in zip(sample, pairs, strict=True)]
    pair_network = _fit_network(np.vstack([rows for _, rows in pairs]), np.concatenate(targets), recipe)
    return ImportanceModel(statistics, network, pair_network)


def _describe_words(article: _Prepared, statistics: WordStatistics, counts: _Counts) -> Floats:
    """Describe the words of an article that has been counted as those of any other (v, WORD_FEATURES)."""
    rows = describe_words(article.tokens, statistics)
    rows[:, PROPENSITY] = counts.propensity_without(article)
    return rows


def _fit_appeal(articles: Sequence[_Prepared], recipe: Recipe) -> Floats:
    """Learn what each word and pair adds to its sentence, by ridge regression on their shares in it (B,)."""
    from scipy.sparse import csr_matrix

    rows, columns, values = [], [], []
    start = 0
    for article in articles:
        own = article.tokens.sentences
        share = 1 / np.maximum(np.bincount(own, minlength=len(article.sentences)), 1)[own]
        for column in appeal_buckets(article.tokens).T:
            rows.append(own + start)
            columns.append(column)
            values.append(share)
        start += len(article.sentences)
    places = (np.concatenate(rows), np.concatenate(columns))
    matrix = csr_matrix((np.concatenate(values), places), shape=(start, BUCKETS))
    ridge = Ridge(alpha=recipe.appeal_penalty, solver="lsqr", max_iter=30)
    return np.asarray(ridge.fit(matrix, _centred(articles)).coef_, dtype=np.float32)


def _centred(articles: Sequence[_Prepared]) -> npt.NDArray[np.float64]:
    """Give the likeness of all sentences, each less the mean of its article: only the order within it matters."""
    return np.concatenate([article.likeness - article.likeness.mean() for article in articles])


def _words_in_lead(article: _Prepared) -> npt.NDArray[np.bool_]:
    reference = set(article.reference)
    return np.array([word in reference for word in article.tokens.vocabulary])


def _pairs_in_lead(article: _Prepared, inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    reference = set(pairwise(article.reference))
    text = [article.tokens.vocabulary[word] for word in article.tokens.words]
    return np.array([(text[place], text[place + 1]) in reference for place in np.flatnonzero(inside)], dtype=np.bool_)


def _fit_network(rows: Floats, targets: npt.NDArray[np.bool_], recipe: Recipe) -> Network:
    """Train a network that gives log-odds."""
    scaler = StandardScaler().fit(rows)
    return _export_network(_fit(MLPClassifier, scaler.transform(rows), targets, recipe, recipe.seed), scaler)


def _fit_sentences(articles: Sequence[_Prepared], described: Sequence[Features], recipe: Recipe) -> Network:
    """Train the rater of sentences."""
    rows = np.vstack([features.describe_sentences() for features in described])
    return _fit_rater(rows, _centred(articles), recipe)


def _fit_rater(rows: Floats, likeness: npt.NDArray[np.float64], recipe: Recipe) -> Network:
    """Train networks whose mean gives the likeness of sentences or leads, less the mean of their article."""
    scaler = StandardScaler().fit(rows)
    scaled = scaler.transform(rows)
    return mean_network(
        [
            _export_network(_fit(MLPRegressor, scaled, likeness, recipe, seed), scaler)
            for seed in range(recipe.seed, recipe.seed + recipe.raters)
        ]
    )


def mean_network(networks: Sequence[Network]) -> Network:
    """Put networks side by side into one that gives the mean of what they give."""
    first, *inner, last = zip(*(network.weights for network in networks), strict=True)
    *hidden, given = zip(*(network.biases for network in networks), strict=True)
    weights = [np.hstack(first), *(block_diag(*layer) for layer in inner), np.vstack(last) / len(networks)]
    return Network(weights, [*(np.concatenate(layer) for layer in hidden), np.mean(given, axis=0)])


def _fit(
    kind: type[MLPClassifier] | type[MLPRegressor],
    rows: Floats,
    targets: npt.NDArray[np.generic],
    recipe: Recipe,
    seed: int,
) -> MLPClassifier | MLPRegressor:
    """Train a network in stages, each with smaller steps than the one before."""
    network = kind(
        hidden_layer_sizes=(recipe.hidden, recipe.hidden // 2),
        batch_size=min(2000, len(rows)),
        tol=0,
        n_iter_no_change=recipe.epochs,
        warm_start=True,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is meant to end after so many epochs
        for rate, share in _STAGES:
            network.set_params(learning_rate_init=rate, max_iter=max(round(share * recipe.epochs), 1))
            network.fit(rows, targets)
    return network


def _export_network(network: MLPClassifier | MLPRegressor, scaler: StandardScaler) -> Network:
    """Put a network into arrays, the scaling of its input into its first layer."""
    first = network.coefs_[0] / scaler.scale_[:, None]
    weights = [first, *network.coefs_[1:]]
    biases = [network.intercepts_[0] - scaler.mean_ @ first, *network.intercepts_[1:]]
    return Network([w.astype(np.float32) for w in weights], [b.astype(np.float32) for b in biases])


def _describe(articles: Sequence[_Prepared], importance: ImportanceModel) -> list[Features]:
    return [Features(article.sentences, article.tokens, importance.apply(article.tokens)) for article in articles]


def _lead_rows(
    article: _Prepared, features: Features, rater: Network
) -> tuple[Floats, npt.NDArray[np.float64]] | None:
    """Describe the leads that can be made of an article, with their likeness to the author's, less the mean."""
    values = rater.apply(features.describe_sentences())
    candidates = make_candidates(article.sentences, values, DEFAULT_CHARS, 2)
    if not len(candidates):
        return None
    texts = [printed(candidates.lead(number)) for number in range(len(candidates))]
    likeness = np.array([_likeness(text, article.reference) for text in texts])
    described = features.describe_leads(candidates.pieces, candidates.alone, candidates.pairs, values)
    return described, likeness - likeness.mean()
