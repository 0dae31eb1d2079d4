"""Every error as a problem document (RFC 9457), whatever raised it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from tagger.errors import InvalidRecordError, Problem, TaggerError

MEDIA_TYPE = "application/problem+json"
_OWN_FORM = "HTTPValidationError"


def problem_response(error: TaggerError, detail: str | None = None) -> JSONResponse:
    """Send an error as a problem document, with other words for its detail where some are given."""
    problem = error.problem()
    return _send(problem.model_copy(update={"detail": detail}) if detail else problem, error.headers())


def problem_responses(*kinds: type[TaggerError]) -> dict[int | str, dict[str, Any]]:
    """Describe the errors that an address may answer, for the OpenAPI document."""
    schema = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    described: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        others = [described[kind.status]["description"]] if kind.status in described else []
        described[kind.status] = {"description": " ".join([*others, f"{kind.title}."]), "content": schema}
    return described


def show_problems(document: dict[str, Any]) -> None:
    """Say in an OpenAPI document that wrong parameters are answered by problem documents, not in FastAPI's form."""
    described = problem_responses(InvalidRecordError)[InvalidRecordError.status]
    for operations in document["paths"].values():
        for operation in operations.values():
            if _OWN_FORM in str(operation["responses"].get("422")):
                operation["responses"]["422"] = described
    for name in (_OWN_FORM, "ValidationError"):
        document.get("components", {}).get("schemas", {}).pop(name, None)


def add_problem_handlers(app: FastAPI) -> None:
    """Answer our own errors, invalid parameters and unknown addresses with problem documents.

    A fault of the program is answered by `tagger.service.observability.Observer`.
    """

    @app.exception_handler(TaggerError)
    async def _ours(_: Request, error: TaggerError) -> JSONResponse:
        return problem_response(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        reasons = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        return problem_response(InvalidRecordError("; ".join(reasons) + "."))

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        problem = Problem(type="about:blank", title=error.detail, status=error.status_code, detail=error.detail)
        return _send(problem, dict(error.headers or {}))


def _send(problem: Problem, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse(problem.model_dump(), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)
