"""What guards the desk: the session's cookie, the token of every form, and the headers of every page."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from fastapi import Request, Response

from tagger.errors import TaggerError

SESSION_COOKIE = "tagger_session"
FORM_COOKIE = "tagger_form"  # stands in for a session until there is one, so that the login form has a token too
TOKEN_FIELD = "csrf"  # noqa: S105 - a field's name
TOKEN_HEADER = "x-csrf-token"  # noqa: S105 - a header's name
PATH = "/desk"

HEADERS = {
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class ForgedRequestError(TaggerError):
    """A post without the token of this session: another site's, or a page that is too old."""

    code, title, status = "forged-request", "This request does not come from the desk", 403


def new_secret() -> str:
    """Give a random value for a cookie."""
    return secrets.token_urlsafe(32)


def form_token(secret: str) -> str:
    """Give the token that forms carry: only who knows the cookie can know it."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def check_token(request: Request, given: str | None) -> None:
    """Refuse a post whose token is not that of its cookie.

    Raises:
        ForgedRequestError: it is missing or another.
    """
    secret = request.cookies.get(SESSION_COOKIE) or request.cookies.get(FORM_COOKIE)
    if not secret or not given or not hmac.compare_digest(given.encode(), form_token(secret).encode()):
        raise ForgedRequestError("Open the page anew and repeat what you did.")


def set_cookie(response: Response, request: Request, name: str, value: str) -> None:
    """Set a cookie that no script reads and no other site sends; over https, only https carries it."""
    response.set_cookie(
        name,
        value,
        path=PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
