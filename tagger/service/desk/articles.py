"""The pages of articles: one is annotated, shown, decided on, copied and erased."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Annotated, Any, Literal

from fastapi import Depends, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from tagger.article import Annotation
from tagger.errors import (
    DecisionError,
    EmptyTextError,
    InputError,
    TaggerError,
    UnreadablePageError,
    UnsupportedFormatError,
)
from tagger.feedback import ArticleState, StoredArticle
from tagger.feedback.decision_kinds import Decision, parse_decisions
from tagger.feedback.state import apply
from tagger.feedback.users import User
from tagger.options import AnnotateOptions
from tagger.reading import Format
from tagger.reading.formats import format_of_content
from tagger.service.bodies import JSON
from tagger.service.desk import copies, security, wording
from tagger.service.desk.lists import Narrowing
from tagger.service.desk.rendering import page
from tagger.service.desk.routing import (
    Administrator,
    Desk,
    DeskOf,
    Editor,
    FromOurPage,
    new_router,
    redirect,
)
from tagger.service.desk.views import article_view

router = new_router()

_OPTIONS = AnnotateOptions(profile="best", alternatives=True)
_MEDIA_TYPES = {".json": JSON} | dict.fromkeys((".html", ".htm", ".xhtml"), "text/html")
_MEDIA_TYPES |= dict.fromkeys((".txt", ".text", ".md"), "text/plain")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_Form = Literal["text", "html", "file"]


class Draft(BaseModel):
    """What an editor has decided on a page: on which revision of the article, and in which order."""

    model_config = ConfigDict(extra="forbid")

    revision: int
    decisions: list[dict[str, Any]] = []


class Taken(BaseModel):
    """The revision of which the last edit is to be taken back."""

    model_config = ConfigDict(extra="forbid")

    revision: int


@router.get("/annotate")
def annotate_page(request: Request, desk: DeskOf, user: Editor) -> Response:
    """Show the form that takes an article."""
    return _form(request, desk, user, {"title": "", "text": "", "html": ""}, "text")


@router.post("/annotate", dependencies=[FromOurPage])
async def annotate(request: Request, desk: DeskOf, user: Editor) -> Response:
    """Annotate what was pasted or dropped, store it, and show it."""
    form = await request.form()
    file = form.get("file")
    fields = {name: str(form.get(name) or "") for name in ("title", "text", "html")}
    upload = file if isinstance(file, UploadFile) and file.filename else None
    chosen: _Form = "file" if upload else "html" if fields["html"].strip() else "text"
    try:
        body, media_type, charset = await _body(fields, upload)
        answer = await desk.annotate(body, media_type, charset, _OPTIONS)
    except TaggerError as error:
        status = error.status if isinstance(error, InputError) else 503
        return await run_in_threadpool(
            _form, request, desk, user, fields, chosen, error=wording.problem(error), status=status
        )
    stored = await run_in_threadpool(_store, desk, answer)
    return redirect(f"{security.PATH}/articles/{stored.id}")


def _store(desk: Desk, answer: bytes) -> StoredArticle:
    annotation = Annotation.model_validate_json(answer)
    return desk.articles.add(annotation, "desk", keep_text=desk.settings.keep_texts)


async def _body(fields: dict[str, str], upload: UploadFile | None) -> tuple[bytes, str, str | None]:
    """Give what is to be annotated, its media type and its charset.

    Raises:
        EmptyTextError: nothing was given.
        UnsupportedFormatError: the file's name ends like none that is read.
        UnreadablePageError: the address of a page was pasted in place of its text.
    """
    if upload:
        ending = PurePath(upload.filename or "").suffix.lower()
        if ending not in _MEDIA_TYPES:
            raise UnsupportedFormatError(f"The file ends in {ending!r}.")
        return await upload.read(), _MEDIA_TYPES[ending], None
    text = (fields["html"] if fields["html"].strip() else fields["text"]).replace("\r\n", "\n")
    if not text.strip():
        raise EmptyTextError("Nothing was pasted, and no file was chosen.")
    if _ADDRESS.fullmatch(text.strip()):
        raise UnreadablePageError("The address of a page was pasted, not its text.")
    is_page = bool(fields["html"].strip()) or format_of_content(text.encode()) is Format.HTML
    if title := " ".join(fields["title"].split()):
        return json.dumps({"title": title, "html" if is_page else "text": text}).encode(), JSON, None
    return text.encode(), "text/html" if is_page else "text/plain", "utf-8"


@router.get("/articles/{article_id}")
def article_page(
    request: Request,
    desk: DeskOf,
    user: Editor,
    article_id: int,
    narrowing: Annotated[Narrowing, Depends(Narrowing.of)],
    queue: bool = False,
) -> Response:
    """Show an article as it is stored."""
    stored = desk.articles.get(article_id)
    return page(
        request,
        "article.html",
        user=user,
        waiting=desk.articles.waiting(),
        article=_view(desk, stored, stored.state),
        in_queue=queue,
        next=f"{security.PATH}/queue/next?{narrowing.query(after=article_id)}" if queue else "",
    )


@router.post("/articles/{article_id}/draft", dependencies=[FromOurPage])
def draft(request: Request, desk: DeskOf, user: Editor, article_id: int, given: Draft) -> Response:
    """Show what an article would be after decisions that are not saved yet; those that do not fit are named."""
    stored = desk.articles.get(article_id)
    state, refused = _with(stored.state, parse_decisions(given.decisions))
    return _parts(request, desk, user, stored, state, refused)


@router.post("/articles/{article_id}/decisions", dependencies=[FromOurPage])
def save(request: Request, desk: DeskOf, user: Editor, article_id: int, given: Draft) -> Response:
    """Save decisions on the revision that was shown, and nothing where it is no longer the newest."""
    decisions = parse_decisions(given.decisions)
    stored = desk.decisions.record(article_id, user.id, given.revision, decisions)
    return _parts(request, desk, user, stored, stored.state)


@router.post("/articles/{article_id}/undo", dependencies=[FromOurPage])
def undo(request: Request, desk: DeskOf, user: Editor, article_id: int, given: Taken) -> Response:
    """Take back what was saved last."""
    stored = desk.decisions.undo(article_id, user.id, given.revision)
    return _parts(request, desk, user, stored, stored.state)


@router.post("/articles/{article_id}/copy/{form}", dependencies=[FromOurPage])
def copy(desk: DeskOf, _: Editor, article_id: int, form: copies.Form, given: Draft) -> Response:
    """Write the article with its unsaved decisions in a form to be pasted elsewhere."""
    stored = desk.articles.get(article_id)
    state, _refused = _with(stored.state, parse_decisions(given.decisions))
    return PlainTextResponse(copies.copy(form, stored, state))


@router.post("/articles/{article_id}/erase", dependencies=[FromOurPage])
def erase(desk: DeskOf, _: Administrator, article_id: int) -> Response:
    """Erase an article with all that was decided about it."""
    desk.articles.erase(article_id)
    return redirect(f"{security.PATH}/queue")


def _with(state: ArticleState, decisions: list[Decision]) -> tuple[ArticleState, list[int]]:
    """Apply decisions one after another, and give the places of those that do not fit."""
    refused = []
    for place, decision in enumerate(decisions):
        try:
            state = apply(state, decision)
        except DecisionError:
            refused.append(place)
    return state, refused


def _view(desk: Desk, stored: StoredArticle, state: ArticleState) -> object:
    names = {keyword.id: keyword.name for keyword in desk.vocabulary}
    return article_view(stored, state, desk.decisions.history(stored.id), names)


def _parts(
    request: Request, desk: Desk, user: User, stored: StoredArticle, state: ArticleState, refused: Sequence[int] = ()
) -> Response:
    return page(request, "draft.html", user=user, article=_view(desk, stored, state), refused=refused)


def _form(
    request: Request,
    desk: Desk,
    user: User,
    given: dict[str, str],
    form: _Form,
    *,
    error: str | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "annotate.html",
        status=status,
        user=user,
        waiting=desk.articles.waiting(),
        given=given,
        form=form,
        error=error,
    )
