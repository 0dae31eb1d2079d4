"""Whether the service is alive and ready, what it measures, and which vocabulary it answers from."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from tagger.article import ModelVersions
from tagger.errors import NotReadyError
from tagger.keywords.model import Profile
from tagger.keywords.vocabulary import Keyword
from tagger.service.dependencies import Pool, ServiceMetrics
from tagger.service.messages import LoadedModels
from tagger.service.problems import problem_responses
from tagger.service.security import DOOR_PROBLEMS, require

router = APIRouter(tags=["status"])


class Status(BaseModel):
    """Whether the service can annotate, and with which models, by profile."""

    status: str
    version: str
    models: dict[Profile, ModelVersions]

    @classmethod
    def of(cls, models: LoadedModels) -> Status:
        """Say that all is well with these models."""
        return cls(status="ok", version=version("osiris-tagger"), models=models.versions)


@router.get(
    "/v1/keywords",
    summary="List the vocabulary",
    dependencies=[Depends(require("annotate"))],
    responses=problem_responses(*DOOR_PROBLEMS, NotReadyError),
)
async def list_keywords(pool: Pool) -> list[Keyword]:
    """List the keywords that can be suggested, with their ids, definitions, synonyms and groups."""
    return list(pool.models.vocabulary.active)


@router.get("/health", summary="Whether the process is alive")
async def health() -> dict[str, str]:
    """Answer as long as the process can answer at all."""
    return {"status": "ok"}


@router.get("/ready", summary="Whether articles can be annotated", responses=problem_responses(NotReadyError))
async def ready(pool: Pool) -> Status:
    """Answer 200 and name the models; 503 until they are loaded and while the service stops."""
    pool.check_ready()
    return Status.of(pool.models)


@router.get(
    "/metrics",
    summary="What the service measures",
    dependencies=[Depends(require("annotate"))],
    response_class=Response,
    responses=problem_responses(*DOOR_PROBLEMS)
    | {200: {"content": {CONTENT_TYPE_LATEST: {"schema": {"type": "string"}}}}},
)
async def metrics(measured: ServiceMetrics) -> Response:
    """Give all metrics in the text format of Prometheus."""
    return Response(measured.text(), media_type=CONTENT_TYPE_LATEST)
