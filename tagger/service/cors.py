"""Which other sites' pages may ask the API: those of TAGGER_ALLOWED_ORIGINS, and the API alone."""

from __future__ import annotations

import re

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from tagger.errors import SettingsError
from tagger.settings import Settings

_API = "/v1/"
_ORIGIN = re.compile(r"https?://[^/\s,*]+")
_ONE_HOUR = 3600


class ApiCors:
    """CORS for the API's addresses; all others answer as if there were none. No cookie is ever sent along."""

    def __init__(self, app: ASGIApp, origins: list[str]) -> None:
        self._app = app
        self._with_cors = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", "idempotency-key", "x-api-key"],
            expose_headers=["retry-after"],
            max_age=_ONE_HOUR,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with or without CORS, by the address."""
        is_api = scope["type"] == "http" and scope["path"].startswith(_API)
        await (self._with_cors if is_api else self._app)(scope, receive, send)


def add_cors(app: FastAPI, settings: Settings) -> None:
    """Let the pages of the origins that are set ask the API.

    Raises:
        SettingsError: one of them is no origin.
    """
    origins = [origin.strip().rstrip("/") for origin in (settings.allowed_origins or "").split(",") if origin.strip()]
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise SettingsError(
                f"TAGGER_ALLOWED_ORIGINS: {origin!r} is no origin. Write scheme and host, as in https://www.osiris.sn."
            )
    if origins:
        app.add_middleware(ApiCors, origins=origins)
