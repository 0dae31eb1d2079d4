"""Reports as HTML pages that stand alone: one file each, nothing from elsewhere, no text that turns into markup."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tagger.charts import CHART_CSS

_SHARED = Path(__file__).parent
# What XML does not take for a character, and the control characters that HTML forbids beside.
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(template: Path, **context: object) -> str:
    """Fill a template that extends ``page.html``; the page is well-formed XML too.

    Style sheet and script are the shared ones, and beside the template those of its name, if there are any; a script
    must do without `&` and `<`, which XML would take for its own.
    """
    style = CHART_CSS + _read(_SHARED / "page.css") + _read(template.with_suffix(".css"))
    script = _read(_SHARED / "sorting.js") + _read(template.with_suffix(".js"))
    return (
        _environment(template.parent)
        .get_template(template.name)
        .render(
            **context,
            style=Markup(style),  # noqa: S704 - our own
            script=Markup(script),  # noqa: S704 - our own
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


@cache
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([folder, _SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_without_controls,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    return environment


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _breakable(name: str) -> Markup:
    """Let a keyword's name break after a slash."""
    return Markup("/<wbr />").join(_NO_CHARACTER.sub("", name).split("/"))


def _without_controls(value: object) -> object:
    """Drop what no page may contain from other people's text."""
    return _NO_CHARACTER.sub("", value) if isinstance(value, str) and not isinstance(value, Markup) else value
