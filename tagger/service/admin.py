"""What an administrator can ask of the running service: other models."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from tagger.errors import ModelError, NothingToRollBackError, NotReadyError
from tagger.service.dependencies import Pool
from tagger.service.problems import problem_responses
from tagger.service.security import DOOR_PROBLEMS, require
from tagger.service.status import Status

router = APIRouter(
    prefix="/v1/admin",
    tags=["administration"],
    dependencies=[Depends(require("admin"))],
    responses=problem_responses(*DOOR_PROBLEMS),
)


@router.post("/reload", summary="Load the models anew", responses=problem_responses(ModelError, NotReadyError))
async def reload(pool: Pool) -> Status:
    """Load models, vocabulary and known names anew from where the settings say, and answer with them from then on.

    No request fails meanwhile. If they cannot be loaded, the answer says why and the old ones stay in use.
    """
    return Status.of(await pool.reload())


@router.post(
    "/rollback",
    summary="Go back to the models before",
    responses=problem_responses(NothingToRollBackError, NotReadyError),
)
async def rollback(pool: Pool) -> Status:
    """Answer with the models from before the last reload, which are still in memory."""
    return Status.of(await pool.rollback())
