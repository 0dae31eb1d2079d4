"""How the models fare in use: what editors accept, whether probabilities hold, what drifts, what a new model changed.

    report = health(database, vocabulary, corpus_shares(corpus, vocabulary), weeks=26)

All of it is plain data, without names of people; the editors' desk draws it. A verdict is the last
decision on a keyword of an article that was not taken back. Weeks begin on Monday, in UTC.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from tagger.feedback.rows import edits_of
from tagger.keywords.decision import Labels, Probabilities
from tagger.keywords.vocabulary import Vocabulary
from tagger.store.articles import ArticleRow, Review
from tagger.store.database import Database
from tagger.store.decisions import EditRow as Edit
from tagger.store.tables import now
from tagger.training.corpus import Corpus
from tagger.training.scores import ReliabilityBin, calibration_error, reliability

_MOST_ARTICLES = 5_000  # the newest ones of the time that is looked at
_DRAWS = 400
_USUAL = 95  # per cent of draws from the corpus that are nearer to it than the bound
_VERDICTS = {"keyword-accepted": True, "keyword-added": True, "keyword-rejected": False}


@dataclass(frozen=True)
class Counts:
    """Verdicts on keywords: suggested and accepted, suggested and rejected, and put though not suggested."""

    accepted: int = 0
    rejected: int = 0
    missed: int = 0

    @property
    def acceptance(self) -> float | None:
        """The share of the suggestions with a verdict that were accepted; None without any."""
        decided = self.accepted + self.rejected
        return self.accepted / decided if decided else None


@dataclass(frozen=True)
class Week:
    """A week: the verdicts given in it, and the articles stored in it.

    `certainty` is the median probability of the most probable keyword, which need not be the one to file an article
    under; `foreign` is the share of articles that are not in French; `distance` how far the suggested keywords are
    from the training corpus (Jensen-Shannon, 0 to 1), and `usual_distance` what as many draws from the corpus stay
    under in 95 of 100 cases.
    """

    monday: dt.date
    counts: Counts
    articles: int
    certainty: float | None
    foreign: float | None
    distance: float | None
    usual_distance: float | None

    @property
    def drifts(self) -> bool:
        """Whether the suggested keywords are farther from the corpus than chance explains."""
        return self.distance is not None and self.usual_distance is not None and self.distance > self.usual_distance


@dataclass(frozen=True)
class KeywordHealth:
    """The verdicts on one keyword, in all and by week (Monday)."""

    keyword_id: str
    keyword: str
    counts: Counts
    weeks: Mapping[dt.date, Counts]


@dataclass(frozen=True)
class ModelHealth:
    """The verdicts on what one keyword model suggested. `first_at` is when an editor first decided on it."""

    version: str
    first_at: dt.datetime
    counts: Counts
    calibration_error: float | None


@dataclass(frozen=True)
class KeywordChange:
    """How the verdicts on a keyword differ between the last two models."""

    keyword_id: str
    keyword: str
    former: Counts
    current: Counts


@dataclass(frozen=True)
class Health:
    """The state of the models in use. `models` has the newest one last; `changes` the largest first.

    `reliability` and `calibration_error` tell of the keywords shown in reviewed articles what the scores of training
    tell of articles that no model has seen.
    """

    weeks: list[Week]
    keywords: list[KeywordHealth]
    reliability: list[ReliabilityBin]
    calibration_error: float | None
    models: list[ModelHealth]
    changes: list[KeywordChange]


@dataclass(frozen=True)
class _Verdict:
    keyword_id: str
    at: dt.datetime
    model: str
    is_right: bool
    suggested: bool


@dataclass(frozen=True)
class _Shown:
    """A keyword that was shown in a reviewed article, and whether it turned out right."""

    model: str
    probability: float
    is_right: bool


def corpus_shares(corpus: Corpus, vocabulary: Vocabulary) -> dict[str, float]:
    """Give the share of each keyword, by id, among all keywords of the corpus's articles that stem from a page."""
    counts = corpus.labels(vocabulary)[corpus.tested].sum(axis=0)
    total = max(int(counts.sum()), 1)
    return {keyword.id: int(count) / total for keyword, count in zip(vocabulary, counts, strict=True)}


def health(database: Database, vocabulary: Vocabulary, expected: Mapping[str, float], weeks: int = 26) -> Health:
    """Sum up the last `weeks`; `expected` are the keywords' shares in the training corpus (`corpus_shares`)."""
    mondays = [_monday(now()) - dt.timedelta(weeks=back) for back in reversed(range(weeks))]
    since = dt.datetime.combine(mondays[0], dt.time(), dt.UTC)
    with database.reading() as session:
        verdicts, shown = _decided(session, since)
        stored = _stored(session, since)
    names = {keyword.id: keyword.name for keyword in vocabulary}
    by_week = _grouped(verdicts, lambda verdict: _monday(verdict.at))
    by_keyword = _grouped(verdicts, lambda verdict: verdict.keyword_id)
    by_model = _grouped(verdicts, lambda verdict: verdict.model)
    models = sorted(
        (_model_health(version, group, shown) for version, group in by_model.items()), key=lambda item: item.first_at
    )
    return Health(
        weeks=[_week(monday, by_week.get(monday, []), stored[monday], expected) for monday in mondays],
        keywords=[
            KeywordHealth(
                keyword_id,
                names.get(keyword_id, keyword_id),
                _counts(group),
                {week: _counts(part) for week, part in _grouped(group, lambda verdict: _monday(verdict.at)).items()},
            )
            for keyword_id, group in sorted(by_keyword.items(), key=lambda item: (-len(item[1]), item[0]))
        ],
        reliability=_reliability(shown),
        calibration_error=_calibration_error(shown),
        models=models,
        changes=_changes(by_model, models, names),
    )


def _decided(session: Session, since: dt.datetime) -> tuple[list[_Verdict], list[_Shown]]:
    """Read the verdicts since a moment, and what was shown in the articles reviewed since then."""
    recent = select(Edit.article_id).where(Edit.at >= since).distinct()
    states = session.execute(select(ArticleRow.id, ArticleRow.review).where(ArticleRow.id.in_(recent)))
    reviews: dict[int, Review] = {row.id: row.review for row in states}
    verdicts: list[_Verdict] = []
    shown: list[_Shown] = []
    for article_id, edits in edits_of(session, reviews).items():
        last = _last_verdicts(edits)
        verdicts += [verdict for verdict in last.values() if verdict.at >= since]
        if reviews[article_id] == "reviewed":
            shown += _outcomes(edits[-1], last)
    return verdicts, shown


def _last_verdicts(edits: Sequence[Edit]) -> dict[str, _Verdict]:
    """Give the last verdict on each keyword of an article, those taken back left out."""
    undone = {edit.undoes for edit in edits}
    verdicts = {}
    for edit in edits:
        if edit.revision in undone or not edit.shown:
            continue
        suggested = {item["keyword_id"] for item in edit.shown if item["suggested"]}
        for row in edit.decisions:
            if row.kind in _VERDICTS and row.keyword_id is not None:
                verdicts[row.keyword_id] = _Verdict(
                    row.keyword_id,
                    edit.at,
                    edit.model["keywords"],
                    _VERDICTS[row.kind],
                    row.keyword_id in suggested,
                )
    return verdicts


def _outcomes(edit: Edit, verdicts: Mapping[str, _Verdict]) -> list[_Shown]:
    """Tell of each keyword last shown whether it was right.

    One that was listed, not suggested and left alone was wrong; of a suggestion left alone nothing is known.
    """
    found = []
    for item in edit.shown:
        verdict = verdicts.get(item["keyword_id"])
        if verdict is not None or not item["suggested"]:
            is_right = verdict is not None and verdict.is_right
            found.append(_Shown(edit.model["keywords"], float(item["probability"]), is_right))
    return found


def _stored(session: Session, since: dt.datetime) -> dict[dt.date, list[dict[str, Any]]]:
    """Read the annotations of the newest articles stored since a moment, by week."""
    newest = (
        select(ArticleRow.created_at, ArticleRow.annotation)
        .where(ArticleRow.created_at >= since)
        .order_by(ArticleRow.created_at.desc())
        .limit(_MOST_ARTICLES)
    )
    found: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    for created_at, annotation in session.execute(newest):
        kept = {"language": annotation["language"], "keywords": annotation["keywords"]}
        for item in kept["keywords"]:
            item.pop("evidence", None)
        found[_monday(created_at)].append(kept)
    return found


def _week(
    monday: dt.date, verdicts: list[_Verdict], annotations: list[dict[str, Any]], expected: Mapping[str, float]
) -> Week:
    annotated = [annotation for annotation in annotations if annotation["keywords"]]
    suggested = Counter(
        item["keyword_id"] for annotation in annotated for item in annotation["keywords"] if item["suggested"]
    )
    distance, usual = _distance(suggested, expected) if suggested else (None, None)
    return Week(
        monday=monday,
        counts=_counts(verdicts),
        articles=len(annotations),
        certainty=median(map(_greatest, annotated)) if annotated else None,
        foreign=(
            sum(annotation["language"] != "fr" for annotation in annotations) / len(annotations)
            if annotations
            else None
        ),
        distance=distance,
        usual_distance=usual,
    )


def _greatest(annotation: dict[str, Any]) -> float:
    """Give the probability of the most probable keyword."""
    return max(float(item["probability"]) for item in annotation["keywords"])


def _distance(found: Counter[str], expected: Mapping[str, float]) -> tuple[float, float]:
    """Give the distance of counted keywords from what is expected, and what chance alone stays under."""
    from scipy.spatial.distance import jensenshannon

    ids = sorted(expected.keys() | found.keys())
    shares = np.array([expected.get(keyword_id, 0.0) for keyword_id in ids])
    shares = shares / shares.sum() if shares.sum() else np.full(len(ids), 1 / len(ids))
    counts = np.array([found[keyword_id] for keyword_id in ids])
    draws = np.random.default_rng(0).multinomial(int(counts.sum()), shares, size=_DRAWS)
    usual = np.percentile([jensenshannon(draw, shares, base=2) for draw in draws], _USUAL)
    return round(float(jensenshannon(counts, shares, base=2)), 4), round(float(usual), 4)


def _reliability(shown: Sequence[_Shown]) -> list[ReliabilityBin]:
    return reliability(*_stated_and_right(shown))


def _calibration_error(shown: Sequence[_Shown]) -> float | None:
    """Give the calibration error as the model cards define it; None where nothing is there to tell it by."""
    stated, right = _stated_and_right(shown)
    return round(calibration_error(stated, right), 4) if reliability(stated, right) else None


def _stated_and_right(shown: Sequence[_Shown]) -> tuple[Probabilities, Labels]:
    """Give the probabilities that were shown (n,), and whether each was right (n,)."""
    stated = np.array([item.probability for item in shown], dtype=np.float64)
    return stated, np.array([item.is_right for item in shown], dtype=np.int8)


def _model_health(version: str, verdicts: Sequence[_Verdict], shown: Iterable[_Shown]) -> ModelHealth:
    return ModelHealth(
        version,
        min(verdict.at for verdict in verdicts),
        _counts(verdicts),
        _calibration_error([item for item in shown if item.model == version]),
    )


def _changes(
    by_model: Mapping[str, list[_Verdict]], models: Sequence[ModelHealth], names: Mapping[str, str]
) -> list[KeywordChange]:
    """Set the verdicts on the newest model beside those on the one before it, keyword by keyword."""
    if len(models) < 2:  # noqa: PLR2004 - a change needs two
        return []
    former, current = (_grouped(by_model[model.version], lambda verdict: verdict.keyword_id) for model in models[-2:])
    changes = [
        KeywordChange(
            keyword_id,
            names.get(keyword_id, keyword_id),
            _counts(former.get(keyword_id, [])),
            _counts(current.get(keyword_id, [])),
        )
        for keyword_id in sorted(former.keys() | current.keys())
    ]
    return sorted(changes, key=lambda change: -_size(change))


def _size(change: KeywordChange) -> float:
    """Rate a change by the difference in acceptance; one seen under one model alone comes last."""
    former, current = change.former.acceptance, change.current.acceptance
    return -1.0 if former is None or current is None else abs(current - former)


def _grouped(verdicts: Iterable[_Verdict], key: Any) -> dict[Any, list[_Verdict]]:  # noqa: ANN401 - any key
    groups: dict[Any, list[_Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[key(verdict)].append(verdict)
    return groups


def _counts(verdicts: Iterable[_Verdict]) -> Counts:
    kinds = Counter((verdict.suggested, verdict.is_right) for verdict in verdicts)
    return Counts(accepted=kinds[True, True], rejected=kinds[True, False], missed=kinds[False, True])


def _monday(moment: dt.datetime) -> dt.date:
    day = moment.astimezone(dt.UTC).date()
    return day - dt.timedelta(days=day.weekday())
