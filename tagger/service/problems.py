"""Every error as a problem document (RFC 9457), whatever raised it."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from tagger.errors import InternalError, InvalidRecordError, Problem, TaggerError

MEDIA_TYPE = "application/problem+json"


def problem_response(problem: Problem) -> JSONResponse:
    """Send a problem document."""
    return JSONResponse(problem.model_dump(), status_code=problem.status, media_type=MEDIA_TYPE)


def add_problem_handlers(app: FastAPI) -> None:
    """Answer our own errors, invalid parameters and unknown addresses with problem documents."""

    @app.exception_handler(TaggerError)
    async def _ours(_: Request, error: TaggerError) -> JSONResponse:
        return problem_response(error.problem())

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        reasons = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        return problem_response(InvalidRecordError("; ".join(reasons) + ".").problem())

    @app.exception_handler(Exception)
    async def _fault(_: Request, error: Exception) -> JSONResponse:  # the server logs it with its traceback
        return problem_response(InternalError("This is a fault of tagger; its log says more.").problem())

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        problem = Problem(type="about:blank", title=error.detail, status=error.status_code, detail=error.detail)
        return problem_response(problem)
