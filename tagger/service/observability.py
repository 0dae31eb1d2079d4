"""What an operator sees: request ids, a log line for each request, Prometheus metrics, OpenTelemetry traces."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version

import structlog
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tagger.article import ModelVersions
from tagger.errors import InternalError, MissingExtraError
from tagger.keywords.model import Profile
from tagger.service.messages import Outcome
from tagger.service.problems import problem_response

try:
    from opentelemetry import trace as open_telemetry
except ImportError:
    open_telemetry = None  # type: ignore[assignment]

_log = structlog.get_logger(__name__)

REQUEST_ID = "X-Request-ID"
_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_QUIET = {"/health", "/ready", "/metrics"}  # asked for every few seconds: no line in the log


def request_id() -> str | None:
    """Give the id of the request that is being answered."""
    return structlog.contextvars.get_contextvars().get("request_id")


class Metrics:
    """The metrics of one service."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter("tagger_requests", "Requests.", ["method", "route", "status"], registry=registry)
        self.latency = Histogram(
            "tagger_request_seconds", "Time to answer a request.", ["route"], buckets=_SECONDS, registry=registry
        )
        self.waiting = Gauge("tagger_queue_length", "Articles that wait for a worker.", registry=registry)
        self.wait = Histogram(
            "tagger_queue_seconds", "Time that an article waits for a worker.", buckets=_SECONDS, registry=registry
        )
        self.refused = Counter("tagger_refused", "Articles refused because the queue was full.", registry=registry)
        self.workers = Gauge("tagger_workers", "Worker processes.", registry=registry)
        self.restarts = Counter(
            "tagger_worker_restarts",
            "Processes replaced: workers that died or hung, or the one that holds the models.",
            ["reason"],
            registry=registry,
        )
        self.reloads = Counter(
            "tagger_reloads", "Reloads of the models and rollbacks.", ["result"], registry=registry
        )
        self.models = Gauge(
            "tagger_models",
            "1 for the models that answer.",
            ["profile", "keywords", "entities", "lead"],
            registry=registry,
        )
        self.articles = Counter(
            "tagger_articles", "Articles annotated, by language.", ["language"], registry=registry
        )
        self.failures = Counter(
            "tagger_failed_records", "Records of batches that could not be annotated.", ["problem"], registry=registry
        )
        self.suggestions = Counter(
            "tagger_suggestions", "Keywords suggested, by their ids.", ["keyword"], registry=registry
        )
        self.warnings = Counter("tagger_warnings", "Warnings in annotations.", ["code"], registry=registry)
        Gauge("tagger_version", "1 for the version that runs.", ["version"], registry=registry).labels(
            version("osiris-tagger")
        ).set(1)

    def count(self, outcome: Outcome) -> None:
        """Count what a worker answered."""
        if outcome.problem:
            self.failures.labels(outcome.problem).inc()
        if outcome.language:
            self.articles.labels(outcome.language).inc()
        for keyword in outcome.keyword_ids:
            self.suggestions.labels(keyword).inc()
        for code, number in outcome.warnings.items():
            self.warnings.labels(code).inc(number)

    def name_models(self, versions: Mapping[Profile, ModelVersions]) -> None:
        """Name the models that answer from now on."""
        self.models.clear()
        for profile, models in versions.items():
            self.models.labels(profile, models.keywords, models.entities, models.lead).set(1)

    def text(self) -> bytes:
        """Write all metrics in the format of Prometheus."""
        return generate_latest(self.registry)


class Observer:
    """Middleware around everything: gives each request an id, counts it, times it, and writes a line in the log.

    A fault of the program becomes a problem document here, for a server that logs it whole could quote an article.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get(REQUEST_ID, "")
        identifier = asked if _SANE_ID.fullmatch(asked) else uuid.uuid4().hex
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = identifier
            await send(message)

        start = time.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=identifier):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception:
                _log.exception("a request could not be answered because of a fault in this program")
                if not status:
                    await problem_response(InternalError())(scope, receive, send_with_id)
            finally:
                self._note(scope, status, time.monotonic() - start)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "none"
        self._metrics.requests.labels(scope["method"], route, status).inc()
        self._metrics.latency.labels(route).observe(seconds)
        if route not in _QUIET:
            _log.info("request", method=scope["method"], route=route, status=status, seconds=round(seconds, 4))


def trace(app: FastAPI) -> Callable[[], None]:
    """Send traces where the standard variable OTEL_EXPORTER_OTLP_ENDPOINT says, if it is set; return what ends that.

    Raises:
        MissingExtraError: it is set, and the extra `opentelemetry` is not installed.
    """
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise MissingExtraError(
            "OTEL_EXPORTER_OTLP_ENDPOINT asks for traces, which need an extra: "
            "pip install 'osiris-tagger[opentelemetry]'."
        ) from None
    provider = TracerProvider(resource=Resource.create({"service.name": "tagger"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    open_telemetry.set_tracer_provider(provider)
    FastAPIInstrumentor.instrument_app(app, excluded_urls="health,ready,metrics", exclude_spans=["receive", "send"])
    return provider.shutdown


def span(name: str) -> AbstractContextManager[object]:
    """Open a span of the request's trace around some work; without OpenTelemetry, nothing."""
    if open_telemetry is None:
        return nullcontext()
    return open_telemetry.get_tracer(__name__).start_as_current_span(name)
