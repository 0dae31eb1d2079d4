"""The desk put together, and what belongs to no page of its own: static files, the vocabulary, known names."""

from __future__ import annotations

import mimetypes
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Response
from starlette.responses import FileResponse, PlainTextResponse

from tagger.charts import CHART_CSS
from tagger.entities.known_names import KnownName
from tagger.feedback import Articles, Decisions, Users
from tagger.keywords.vocabulary import fold
from tagger.service.desk import accounts, articles, health, lists, security, wording
from tagger.service.desk.rendering import STATIC
from tagger.service.desk.routing import Annotate, Desk, DeskOf, Editor, PageNotFoundError, new_router, redirect
from tagger.settings import Settings
from tagger.store.database import Database

_WIDGET = "widget.js"  # the one file that other sites may load
_NAMES = 8  # known names that are offered at once
_LEAST_LETTERS = 2

router = new_router()


def add_desk(app: FastAPI, annotate: Annotate, database: Database, settings: Settings) -> Desk:
    """Add the desk's pages under /desk, and lead there from the root; give what they work with."""
    desk = app.state.desk = Desk(
        annotate=annotate,
        database=database,
        articles=Articles(database),
        decisions=Decisions(database),
        users=Users(database, settings.session_hours),
        settings=settings,
    )
    for part in (accounts.router, articles.router, lists.router, health.router, router):
        app.include_router(part)

    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        return redirect(security.PATH)

    return desk


@router.get("/static/charts.css")
async def chart_styles() -> Response:
    """Give the styles of the charts."""
    return PlainTextResponse(CHART_CSS, media_type="text/css", headers={"cache-control": "no-cache"})


@router.get("/static/{name}")
async def static_file(name: str) -> Response:
    """Give a style sheet, a script or a picture; browsers ask each time whether it is still the same."""
    if name not in {path.name for path in STATIC.iterdir()}:
        raise PageNotFoundError(f"There is no file {name}.")
    headers = {"cache-control": "no-cache"}
    if name == _WIDGET:
        headers["cross-origin-resource-policy"] = "cross-origin"
    return FileResponse(STATIC / name, media_type=mimetypes.guess_type(name)[0], headers=headers)


@router.get("/vocabulary")
def vocabulary(desk: DeskOf, _: Editor) -> list[dict[str, Any]]:
    """List the keywords that can be added, with what they are found by."""
    return [
        {"id": keyword.id, "name": keyword.name, "group": keyword.group, "synonyms": keyword.synonyms}
        for keyword in desk.vocabulary.active
    ]


@router.get("/names")
def known_names(desk: DeskOf, _: Editor, q: str = "") -> list[dict[str, Any]]:
    """Find known names that begin with some letters, or have a word that does."""
    asked = fold(q.strip())
    if len(asked) < _LEAST_LETTERS:
        return []
    matching = [
        (not forms[0].startswith(asked), name.name, name)
        for name, forms in _folded(desk.names)
        if any(f" {asked}" in f" {form}" for form in forms)
    ]
    return [
        {"name": label, "id": name.id, "country": name.country, "type": wording.TYPES[name.type]}
        for _, label, name in sorted(matching, key=lambda item: item[:2])[:_NAMES]
    ]


@lru_cache(maxsize=1)
def _folded(names: tuple[KnownName, ...]) -> list[tuple[KnownName, list[str]]]:
    """Give names as they are compared, with all forms; the name itself is the first."""
    return [(name, [fold(form) for form in (name.name, *name.forms)]) for name in names]


@router.get("/{path:path}")
def nothing(path: str) -> Response:
    """Answer for every other address of the desk."""
    raise PageNotFoundError(f"There is no page {path}.")
