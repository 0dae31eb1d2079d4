"""Pages from templates: what all of them are given, and how values are written in French."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tagger.feedback.users import User
from tagger.leads.options import DEFAULT_CHARS
from tagger.service.desk import security, wording

STATIC = Path(__file__).parent / "static"
_TEMPLATES = Path(__file__).parent / "templates"
_PLACES = (
    (f"{security.PATH}/annotate", "Annoter"),
    (f"{security.PATH}/queue", "À relire"),
    (f"{security.PATH}/search", "Rechercher"),
    (f"{security.PATH}/health", "Santé du modèle"),
)
_FOR_ADMINISTRATORS = ((f"{security.PATH}/users", "Comptes"),)


def page(
    request: Request, template: str, *, status: int = 200, user: User | None = None, waiting: int = 0, **given: object
) -> Response:
    """Render a page for a user; without a user, the page has no navigation and a token of its own for its forms."""
    secret = request.cookies.get(security.SESSION_COOKIE) or request.cookies.get(security.FORM_COOKIE)
    fresh = None if secret else security.new_secret()
    token = security.form_token(secret or fresh or "")
    places = _PLACES + (_FOR_ADMINISTRATORS if user and user.is_administrator else ())
    here = next((address for address, _ in places if request.url.path.startswith(address)), None)
    written = (
        _environment()
        .get_template(template)
        .render(
            user=user,
            waiting=waiting,
            places=places,
            here=here,
            csrf=token,
            form_token=lambda: Markup('<input type="hidden" name="{}" value="{}">').format(
                security.TOKEN_FIELD, token
            ),
            **given,
        )
    )
    response = HTMLResponse(written, status_code=status)
    if fresh:
        security.set_cookie(response, request, security.FORM_COOKIE, fresh)
    return response


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "static": lambda name: f"{security.PATH}/static/{name}",
        "types": wording.TYPES,
        "roles": wording.ROLES,
        "origins": wording.ORIGINS,
        "legend": tuple(wording.TYPES_PLURAL.items()),
        "lead_chars": DEFAULT_CHARS,
        "bool": bool,
    }
    environment.filters |= {
        "percent": wording.percent,
        "decimal": wording.decimal,
        "day": wording.day,
        "moment": wording.moment,
        "quoted": wording.quoted,
        "plural": wording.plural,
        "shortened": wording.shortened,
        "typographic": wording.typographic,
        "breakable": lambda name: Markup("/<wbr>").join(name.split("/")),
    }
    return environment
