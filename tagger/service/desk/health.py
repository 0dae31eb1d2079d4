"""The page of the model's health: what editors accept, whether probabilities hold, what drifts, what changed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import Query, Request, Response

from tagger.feedback.health import Counts, corpus_shares, health
from tagger.keywords.vocabulary import load_vocabulary
from tagger.resources import training_data_dir
from tagger.service.desk.health_charts import acceptance_chart, certainty_chart, drift_chart, reliability_chart
from tagger.service.desk.rendering import page
from tagger.service.desk.routing import DeskOf, Editor, new_router
from tagger.training.corpus import CORPUS_FOLDER, load_corpus

router = new_router()

_WEEKS_IN_TABLE = 6
_CHANGES_SHOWN = 15
_NOTABLE_CHANGE = 0.05  # of the share accepted


@router.get("/health")
def health_page(
    request: Request, desk: DeskOf, user: Editor, weeks: Annotated[int, Query(ge=2, le=104)] = 26
) -> Response:
    """Show how the models fare in use."""
    expected = _expected(training_data_dir(desk.settings.training_data_dir))
    report = health(desk.database, desk.vocabulary, expected, weeks)
    total = Counts(
        *(sum(getattr(week.counts, name) for week in report.weeks) for name in ("accepted", "rejected", "missed"))
    )
    return page(
        request,
        "health.html",
        user=user,
        waiting=desk.articles.waiting(),
        report=report,
        weeks=weeks,
        total=total,
        mondays=[week.monday for week in report.weeks[-_WEEKS_IN_TABLE:]],
        nothing=Counts(),
        changes=[
            change
            for change in report.changes
            if change.former.acceptance is not None
            and change.current.acceptance is not None
            and abs(change.current.acceptance - change.former.acceptance) >= _NOTABLE_CHANGE
        ][:_CHANGES_SHOWN],
        drifting=[week for week in report.weeks if week.drifts],
        charts={
            "acceptance": acceptance_chart(report),
            "reliability": reliability_chart(report),
            "drift": drift_chart(report),
            "certainty": certainty_chart(report),
        },
    )


@lru_cache(maxsize=1)
def _expected(folder: Path) -> dict[str, float]:
    """Give the share of each keyword in the corpus that the models learnt from."""
    vocabulary = load_vocabulary(folder)
    return corpus_shares(load_corpus(folder / CORPUS_FOLDER), vocabulary)
