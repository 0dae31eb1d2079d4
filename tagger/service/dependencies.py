"""What the addresses need of the service: FastAPI dependencies."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from tagger.service.observability import Metrics
from tagger.service.pool import WorkerPool
from tagger.settings import Settings


def _pool(request: Request) -> WorkerPool:
    pool: WorkerPool = request.app.state.pool
    return pool


def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


Pool = Annotated[WorkerPool, Depends(_pool)]
ServiceMetrics = Annotated[Metrics, Depends(_metrics)]
ServiceSettings = Annotated[Settings, Depends(_settings)]
