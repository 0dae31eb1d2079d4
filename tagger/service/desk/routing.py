"""What every address of the desk shares: who asks, French answers to errors, and the headers of `security`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from tagger.entities.known_name_files import load_known_names
from tagger.entities.known_names import KnownName
from tagger.errors import BodyTooLargeError, InternalError, TaggerError
from tagger.feedback import Articles, Decisions, Users
from tagger.feedback.users import User
from tagger.keywords.vocabulary import VOCABULARY_FILE, Vocabulary, load_vocabulary
from tagger.options import AnnotateOptions
from tagger.resources import training_data_dir
from tagger.service.bodies import JSON
from tagger.service.desk import security, wording
from tagger.service.desk.rendering import page
from tagger.service.problems import problem_response
from tagger.settings import Settings
from tagger.store.database import Database

_log = structlog.get_logger(__name__)

Annotate = Callable[[bytes, str, str | None, AnnotateOptions], Awaitable[bytes]]
"""Annotates a body of a media type and a charset: JSON of one `Annotation`, or a TaggerError."""

_FORM_OVERHEAD = 100_000  # bytes that a form may have beside the article


@dataclass(frozen=True)
class Desk:
    """All that the pages work with."""

    annotate: Annotate
    database: Database
    articles: Articles
    decisions: Decisions
    users: Users
    settings: Settings

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary as it is on disk: an edited one needs no restart.

        Raises:
            ModelError: it cannot be read.
        """
        data = training_data_dir(self.settings.training_data_dir)
        return _vocabulary(data, _last_change(data / VOCABULARY_FILE))

    @property
    def names(self) -> tuple[KnownName, ...]:
        """The known names, the newsroom's own as they are on disk.

        Raises:
            ModelError: they cannot be read.
        """
        own = self.settings.names_file
        return _names(training_data_dir(self.settings.training_data_dir), own, _last_change(own) if own else 0)


def _last_change(path: Path) -> int:
    """Give the moment of a file's last change (ns), 0 where there is none."""
    return path.stat().st_mtime_ns if path.exists() else 0


@lru_cache(maxsize=1)
def _vocabulary(data: Path, changed: int) -> Vocabulary:
    return load_vocabulary(data)


@lru_cache(maxsize=1)
def _names(data: Path, own: Path | None, changed: int) -> tuple[KnownName, ...]:
    return tuple(load_known_names(data, own))


class LoginNeededError(TaggerError):
    """Nobody is logged in."""

    code, title, status = "login-needed", "Nobody is logged in", 401


class NotAllowedError(TaggerError):
    """The user is logged in and may not do this."""

    code, title, status = "not-allowed", "This is for administrators", 403


class PageNotFoundError(TaggerError):
    """An address of the desk that there is not."""

    code, title, status = "no-such-page", "There is no such page", 404


class InvalidRequestError(TaggerError):
    """An address or a post with a part that cannot be: an unknown filter, a page number that is none."""

    code, title, status = "invalid-request", "The request is not as it should be", 422


class DeskRoute(APIRoute):
    """A route whose errors are French pages, or problem documents with a French detail for the pages' scripts."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's own handler."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                _check_length(request)
                response = await handler(request)
            except LoginNeededError as error:
                response = _to_login(request, error)
            except TaggerError as error:
                response = _refusal(request, error)
            except (RequestValidationError, HTTPException) as error:
                response = _refusal(request, InvalidRequestError(str(error)))
            except Exception:
                _log.exception("a page of the desk failed")
                response = _refusal(request, InternalError())
            for name, value in security.HEADERS.items():
                response.headers.setdefault(name, value)
            response.headers.setdefault("cache-control", "no-store")
            return response

        return handle


def new_router() -> APIRouter:
    """Give a router for pages of the desk."""
    return APIRouter(prefix=security.PATH, route_class=DeskRoute, include_in_schema=False)


def desk_of(request: Request) -> Desk:
    """Give the desk that the application was built with."""
    desk: Desk = request.app.state.desk
    return desk


def visitor(request: Request, desk: Annotated[Desk, Depends(desk_of)]) -> User | None:
    """Give who is logged in, if anyone."""
    token = request.cookies.get(security.SESSION_COOKIE)
    return desk.users.user_of(token) if token else None


def editor(user: Annotated[User | None, Depends(visitor)]) -> User:
    """Give who is logged in.

    Raises:
        LoginNeededError: nobody is.
    """
    if user is None:
        raise LoginNeededError("Log in first.")
    return user


def administrator(user: Annotated[User, Depends(editor)]) -> User:
    """Give the administrator who is logged in.

    Raises:
        LoginNeededError: nobody is logged in.
        NotAllowedError: an editor is.
    """
    if not user.is_administrator:
        raise NotAllowedError("Ask an administrator.")
    return user


async def from_our_page(request: Request, desk: Annotated[Desk, Depends(desk_of)]) -> None:
    """Let only posts of our own pages through: those of scripts say the token in a header, forms in a field.

    Raises:
        ForgedRequestError: the token is missing or another.
    """
    given = request.headers.get(security.TOKEN_HEADER)
    if given is None and not _is_script(request):
        form = await request.form(max_part_size=desk.settings.max_body_bytes)
        given = str(form.get(security.TOKEN_FIELD, ""))
    security.check_token(request, given)


DeskOf = Annotated[Desk, Depends(desk_of)]
Visitor = Annotated[User | None, Depends(visitor)]
Editor = Annotated[User, Depends(editor)]
Administrator = Annotated[User, Depends(administrator)]
FromOurPage = Depends(from_our_page)


def redirect(address: str) -> RedirectResponse:
    """Send the browser on, to be asked with GET."""
    return RedirectResponse(address, status_code=303)


def _check_length(request: Request) -> None:
    """Refuse a body that is too large, or does not say how large it is, before any of it is read."""
    if request.method != "POST":
        return
    length = request.headers.get("content-length", "")
    limit = desk_of(request).settings.max_body_bytes + _FORM_OVERHEAD
    if not length.isdecimal() or int(length) > limit:
        raise BodyTooLargeError(f"The body is larger than {limit} bytes, or does not say its length.")


def _is_script(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith(JSON) or "json" in request.headers.get("accept", "")


def _to_login(request: Request, error: LoginNeededError) -> Response:
    if _is_script(request):
        return _problem(error)
    path, query = request.url.path, request.url.query
    if request.method == "GET":
        wanted = path + (f"?{query}" if query else "")
    else:  # the form for an article keeps what was pasted; what other forms would do is not done by a mere visit
        wanted = path if path == f"{security.PATH}/annotate" else security.PATH
    return redirect(f"{security.PATH}/login?next={quote(wanted)}")


def _refusal(request: Request, error: TaggerError) -> Response:
    if _is_script(request):
        response = _problem(error)
    else:
        title = "Cette page n’existe pas" if error.status == PageNotFoundError.status else "Ce n’est pas possible"
        detail = wording.problem(error)
        response = page(request, "error.html", status=error.status, title=title, detail=detail)
    response.headers.update(error.headers())
    return response


def _problem(error: TaggerError) -> Response:
    return problem_response(error, wording.problem(error))
