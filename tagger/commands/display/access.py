"""Who may call the service and log in to the desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from tagger.feedback.users import User
    from tagger.store.keys import ApiKey


def show_api_keys(console: Console, keys: Iterable[ApiKey]) -> None:
    """Print API keys by their prefixes; moments are in UTC."""
    table = Table("Key", "Name", "Scopes", "A minute", "Created", "Last used", "Until", box=None, pad_edge=False)
    for key in keys:
        until = f"revoked {_moment(key.revoked)}" if key.revoked else _moment(key.expires)
        rate = str(key.requests_per_minute or "")
        name, scopes = Text(key.name), ", ".join(key.scopes)
        table.add_row(key.prefix, name, scopes, rate, _moment(key.created), _moment(key.last_used), until)
    console.print(table)


def show_users(console: Console, users: Iterable[User]) -> None:
    """Print those who may log in to the desk, and who no longer may."""
    table = Table("User", "Role", "Since", "")
    for user in users:
        status = "disabled" if user.is_disabled else ""
        table.add_row(Text(user.name), user.role, f"{user.created_at:%Y-%m-%d}", status)
    console.print(table)


def _moment(value: dt.datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if value else ""
