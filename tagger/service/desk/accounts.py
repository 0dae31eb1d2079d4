"""Logging in and out, one's own password, and the users of the desk."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Form, Request, Response

from tagger.errors import LoginError, LoginThrottledError, PasswordError, TaggerError, UserError
from tagger.feedback.users import LEAST_PASSWORD_CHARS, MOST_PASSWORD_CHARS, User
from tagger.service.desk import security, wording
from tagger.service.desk.rendering import page
from tagger.service.desk.routing import (
    Administrator,
    Desk,
    DeskOf,
    Editor,
    FromOurPage,
    InvalidRequestError,
    Visitor,
    new_router,
    redirect,
)
from tagger.store.users import Role

router = new_router()

Text = Annotated[str, Form()]


@router.get("/login")
def login_page(request: Request, desk: DeskOf, user: Visitor, next: str = security.PATH) -> Response:
    """Ask for name and password."""
    if user is not None:
        return redirect(_inside(next))
    return _login(request, desk, next)


@router.post("/login", dependencies=[FromOurPage])
def log_in(
    request: Request, desk: DeskOf, name: Text = "", password: Text = "", next: Text = security.PATH
) -> Response:
    """Begin a session."""
    address = request.client.host if request.client else ""
    try:
        user = desk.users.authenticate(name, password, address)
    except (LoginError, LoginThrottledError) as error:
        response = _login(request, desk, next, name, error)
        if isinstance(error, LoginThrottledError):
            response.headers["retry-after"] = str(error.retry_after)
        return response
    response = redirect(_inside(next))
    security.set_cookie(response, request, security.SESSION_COOKIE, desk.users.open_session(user.id))
    response.delete_cookie(security.FORM_COOKIE, path=security.PATH)
    return response


@router.post("/logout", dependencies=[FromOurPage])
def log_out(request: Request, desk: DeskOf) -> Response:
    """End the session."""
    token = request.cookies.get(security.SESSION_COOKIE)
    if token:
        desk.users.close_session(token)
    response = redirect(f"{security.PATH}/login")
    response.delete_cookie(security.SESSION_COOKIE, path=security.PATH)
    return response


@router.get("/account")
def account_page(request: Request, user: Editor) -> Response:
    """Show one's own account."""
    return _account(request, user)


@router.post("/account", dependencies=[FromOurPage])
def change_password(
    request: Request, desk: DeskOf, user: Editor, current: Text = "", password: Text = "", repeated: Text = ""
) -> Response:
    """Give oneself another password; it ends all sessions but begins a new one here."""
    try:
        desk.users.authenticate(user.name, current, request.client.host if request.client else "")
    except LoginThrottledError as error:
        return _account(request, user, wording.problem(error))
    except LoginError:
        return _account(request, user, "Le mot de passe actuel est inexact.")
    if password != repeated:
        return _account(request, user, "Les deux nouveaux mots de passe diffèrent.")
    try:
        desk.users.set_password(user.name, password)
    except UserError as error:
        return _account(request, user, _refused(error))
    response = redirect(f"{security.PATH}/account?done=1")
    security.set_cookie(response, request, security.SESSION_COOKIE, desk.users.open_session(user.id))
    return response


@router.get("/users")
def users_page(request: Request, desk: DeskOf, user: Administrator) -> Response:
    """List the users."""
    return _users(request, desk, user)


@router.post("/users", dependencies=[FromOurPage])
def add_user(
    request: Request, desk: DeskOf, user: Administrator, name: Text = "", password: Text = "", role: Text = "editor"
) -> Response:
    """Make a user."""
    try:
        made = desk.users.create(name, password, _role(role))
    except UserError as error:
        told = _refused(error, "Ce nom est vide, trop long ou déjà pris.")
        return _users(request, desk, user, error=told, status=error.status, name=name)
    return _users(request, desk, user, done=f"Le compte {wording.quoted(made.name)} est créé.")


@router.post("/users/change", dependencies=[FromOurPage])
def change_user(
    request: Request, desk: DeskOf, user: Administrator, name: Text, action: Text, password: Text = ""
) -> Response:
    """Change another user: role, password, whether the user may enter, or whether there is such a user."""
    if name == user.name and action != "password":
        return _users(
            request, desk, user, error="Un autre administrateur doit changer votre propre compte.", status=422
        )
    try:
        done = _change(desk, name, action, password)
    except UserError as error:
        return _users(request, desk, user, error=_refused(error), status=error.status)
    return _users(request, desk, user, done=done)


def _refused(error: UserError, otherwise: str = "Ce compte n’existe plus.") -> str:
    """Say why an account was not made or changed: because of the password, or else of what is given."""
    if isinstance(error, PasswordError):
        return f"Un mot de passe a de {LEAST_PASSWORD_CHARS} à {MOST_PASSWORD_CHARS} caractères."
    return otherwise


def _change(desk: Desk, name: str, action: str, password: str) -> str:
    who = wording.quoted(name)
    match action:
        case "editor" | "administrator":
            desk.users.set_role(name, _role(action))
            return f"Rôle de {who}{wording.NBSP}: {wording.ROLES[action]}."
        case "disable":
            desk.users.disable(name)
            return f"{who} ne peut plus se connecter."
        case "enable":
            desk.users.enable(name)
            return f"{who} peut de nouveau se connecter."
        case "password":
            desk.users.set_password(name, password)
            return f"Le mot de passe de {who} est changé."
        case "erase":
            desk.users.erase(name)
            return f"Le compte {who} est effacé ; ses décisions restent, sans son nom."
    raise InvalidRequestError(f"{action!r} is nothing that can be done with a user.")


def _role(role: str) -> Role:
    return "administrator" if role == "administrator" else "editor"


def _login(request: Request, desk: Desk, next: str, name: str = "", error: TaggerError | None = None) -> Response:
    return page(
        request,
        "login.html",
        status=error.status if error else 200,
        error=wording.problem(error) if error else None,
        name=name,
        next=next,
        any_user=bool(name) or bool(desk.users.list()),
    )


def _account(request: Request, user: User, error: str | None = None) -> Response:
    return page(
        request,
        "account.html",
        status=422 if error else 200,
        user=user,
        error=error,
        done="done" in request.query_params,
        least=LEAST_PASSWORD_CHARS,
    )


def _users(
    request: Request,
    desk: Desk,
    user: User,
    *,
    status: int = 200,
    error: str | None = None,
    done: str | None = None,
    name: str = "",
) -> Response:
    return page(
        request,
        "users.html",
        status=status,
        user=user,
        users=desk.users.list(),
        error=error,
        done=done,
        name=name,
        least=LEAST_PASSWORD_CHARS,
    )


def _inside(address: str) -> str:
    """Give an address of the desk; anything else, as another site's, leads to the desk's first page."""
    parts = urlsplit(address)
    is_ours = not parts.scheme and not parts.netloc and (parts.path + "/").startswith(f"{security.PATH}/")
    return address if is_ours and "\\" not in address and address.isprintable() else security.PATH
