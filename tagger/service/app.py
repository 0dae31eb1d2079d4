"""The HTTP service: `create_app` builds it from the settings; it loads the models once it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib.metadata import version
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from tagger.errors import TaggerError
from tagger.feedback.learning import learn
from tagger.service import admin, annotation, bodies, status
from tagger.service.annif import Learn, add_annif
from tagger.service.background import add_background, beside, running_background
from tagger.service.cors import add_cors
from tagger.service.desk import Desk, add_desk
from tagger.service.idempotency import add_idempotency
from tagger.service.jobs import add_jobs
from tagger.service.observability import Metrics, Observer, trace
from tagger.service.pool import ANNOTATOR, WorkerPool
from tagger.service.problems import add_problem_handlers, show_problems
from tagger.service.retention import pruning_daily
from tagger.service.security import add_security
from tagger.settings import Settings, load_settings
from tagger.store.database import Database

_DESCRIPTION = "Keywords, entities and a lead for French-language press articles."
_log = structlog.get_logger(__name__)


def create_app(settings: Settings | None = None, *, loader: str = ANNOTATOR) -> FastAPI:
    """Build the service. It listens as soon as it runs and loads the models beside; `/ready` tells when it can work.

    `loader` names, as ``module:function``, what makes an `Annotator` of the settings in the worker processes.

    Raises:
        SettingsError: a setting cannot be used.
        StoreError: the database does not answer, or its schema is of a newer program.
    """
    settings = settings or load_settings()
    metrics = Metrics()
    database = Database.open(settings)
    app = FastAPIOffline(
        title="tagger",
        version=version("osiris-tagger"),
        description=_DESCRIPTION,
        redoc_url=None,
        static_url="/docs/static",
        lifespan=running_background,
    )
    app.state.settings = settings
    app.state.metrics = metrics
    app.state.database = database
    pool = app.state.pool = WorkerPool(settings, metrics, loader=loader)
    add_background(app, lambda: _running(app))
    add_problem_handlers(app)
    doorkeeper = add_security(app, database, settings)
    add_idempotency(app, database, doorkeeper, annotation.body_limits(settings))
    for router in (annotation.router, status.router, admin.router):
        app.include_router(router)
    add_jobs(app, database, pool.answer, settings)
    desk = add_desk(app, pool.annotate, database, settings)
    if settings.retention_days is not None:
        add_background(app, partial(pruning_daily, desk.articles, settings.retention_days))
    add_annif(app, _learning(desk) if settings.keep_texts else None)
    add_cors(app, settings)
    _complete_document(app)
    app.add_middleware(Observer, metrics=metrics)
    app.state.end_traces = trace(app)
    return app


def _learning(desk: Desk) -> Learn:
    """Give what keeps articles that come with their keywords, for the next training."""
    return lambda documents: learn(desk.articles, desk.decisions, desk.vocabulary, documents)


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    """Load the models and keep the workers, from the service's start to its end."""
    pool: WorkerPool = app.state.pool
    async with beside(_start(pool)):
        yield
    await pool.stop()
    app.state.database.close()
    app.state.end_traces()


async def _start(pool: WorkerPool) -> None:
    try:
        await pool.start()
    except TaggerError as error:
        _log.error("the models cannot be loaded", reason=str(error))
    else:
        _log.info("ready", workers=pool.size, models=pool.models.versions["best"].keywords)


def _complete_document(app: FastAPI) -> None:
    """Show in the OpenAPI document what the models that answer say of the example, and all problems as they are."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        show_problems(document)
        with suppress(TaggerError):
            example = app.state.pool.models.example.model_dump(mode="json")
            answer = document["paths"]["/v1/annotate"]["post"]["responses"]["200"]
            answer["content"][bodies.JSON]["example"] = example
        return document

    app.openapi = openapi  # type: ignore[method-assign]
