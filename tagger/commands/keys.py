"""`tagger keys`: who may call the service."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from tagger.commands.common import clear_errors, errors, say
from tagger.commands.display.access import show_api_keys
from tagger.settings import load_settings
from tagger.store.database import Database
from tagger.store.keys import SCOPES, ApiKey, ApiKeys, Scope
from tagger.store.tables import now

app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)


@app.callback()
def keys() -> None:
    """Make, list and revoke the API keys of the service.

    Examples:
        tagger keys create pipeline

        tagger keys list

        tagger keys revoke tgr_1a2b3c4d
    """


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The client that it is for; keys of one name share their jobs.")],
    scopes: Annotated[
        list[str] | None,
        typer.Option("--scope", help=f"What it allows: {', '.join(SCOPES)}; may be given several times."),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires; without, it does not.")] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option("--rate", min=1, help="Requests a minute, instead of TAGGER_REQUESTS_PER_MINUTE.")
    ] = None,
) -> None:
    """Make a key and print it, once: only its hash is kept. It allows `annotate` unless scopes are given.

    Examples:
        tagger keys create pipeline

        tagger keys create teacher --scope annotate --scope feedback --days 365

        KEY=$(tagger keys create importer --rate 600)
    """
    allowed = {_scope(given) for given in scopes or ["annotate"]}
    expires = now() + dt.timedelta(days=days) if days else None
    with clear_errors(), _api_keys() as api_keys:
        key, row = api_keys.create(name, allowed, expires=expires, requests_per_minute=requests_per_minute)
    sys.stdout.write(key + "\n")
    errors.print(
        f"The key {row.prefix} allows {', '.join(row.scopes)}. Note it now: it cannot be shown again.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


@app.command("list")
def list_keys(
    all_: Annotated[bool, typer.Option("--all", help="List revoked and expired keys too.")] = False,
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help="Print JSON Lines instead of a table.")] = False,
) -> None:
    """List the keys by their prefixes: what they allow, when they expire, when they were last used.

    Example:
        tagger keys list --all
    """
    with clear_errors(), _api_keys() as api_keys:
        rows = [row for row in api_keys.all() if all_ or row.is_usable]
    if as_jsonl:
        for row in rows:
            sys.stdout.write(json.dumps(_facts(row), ensure_ascii=False) + "\n")
    else:
        show_api_keys(Console(), rows)


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="Its prefix, or its name where no other key has it.")]) -> None:
    """Revoke a key. A running service refuses it within seconds.

    Example:
        tagger keys revoke tgr_1a2b3c4d
    """
    with clear_errors(), _api_keys() as api_keys:
        row = api_keys.revoke(name)
    say(f"Revoked the key {row.prefix} of {row.name}.")


@contextmanager
def _api_keys() -> Iterator[ApiKeys]:
    database = Database.open(load_settings())
    try:
        yield ApiKeys(database)
    finally:
        database.close()


def _scope(given: str) -> Scope:
    for scope in SCOPES:
        if scope == given:
            return scope
    raise typer.BadParameter(f"there is no scope {given!r}; there are {', '.join(SCOPES)}", param_hint="--scope")


def _facts(row: ApiKey) -> dict[str, object]:
    moments = {name: getattr(row, name) for name in ("created", "expires", "revoked", "last_used")}
    return {
        "prefix": row.prefix,
        "name": row.name,
        "scopes": row.scopes,
        "requests_per_minute": row.requests_per_minute,
        **{name: moment and moment.isoformat() for name, moment in moments.items()},
    }
