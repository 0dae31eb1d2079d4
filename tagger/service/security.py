"""Who may do what: API keys asked for at the door, and what a client needs for each address."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.requests import HTTPConnection

from tagger.errors import ForbiddenError, StoreError, TaggerError, TooManyRequestsError, UnauthorizedError
from tagger.service.background import add_background
from tagger.service.keyring import Client, Keyring
from tagger.service.limits import RateLimitHeaders, RateLimits, note
from tagger.settings import Settings
from tagger.store.database import Database
from tagger.store.keys import SCOPES, ApiKeys, Scope

DOOR_PROBLEMS: tuple[type[TaggerError], ...] = (
    UnauthorizedError,
    ForbiddenError,
    TooManyRequestsError,
    StoreError,
)  # what an address with `require` may answer
NEIGHBOUR = Client(name=None, key_id=None, scopes=frozenset(SCOPES))

# What a reverse proxy adds: behind one every client looks like a neighbour.
_FORWARDED = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
    "x-original-forwarded-for",
    "cf-connecting-ip",
    "true-client-ip",
)
_BEARER = HTTPBearer(auto_error=False, description="An API key, made by `tagger keys create`.")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same API key, in a header of its own.")


class Doorkeeper:
    """Tells who sends a request."""

    def __init__(self, settings: Settings, keyring: Keyring) -> None:
        self._keyring = keyring
        self._limits = RateLimits(settings.requests_per_minute)
        self._neighbours_need_keys = settings.require_keys or not _is_loopback(settings.host)

    async def identify(self, connection: HTTPConnection) -> Client:
        """Give the client; a key that is sent counts even where none is needed.

        Raises:
            UnauthorizedError: the key is unknown, revoked or expired, or is missing where one is needed.
            StoreError: a key that was not seen before cannot be looked up.
        """
        known: Client | None = getattr(connection.state, "client", None)
        if known is None:
            known = connection.state.client = await self._identify(connection)
        return known

    async def _identify(self, connection: HTTPConnection) -> Client:
        key = _key_of(connection)
        if key is not None:
            client = await self._keyring.client_of(key)
            if client is None:
                raise UnauthorizedError("The API key is unknown, revoked or expired. `tagger keys list` shows which.")
            return client
        if self._neighbours_need_keys or not _is_neighbour(connection):
            raise UnauthorizedError("Send an API key, as Authorization: Bearer KEY or as X-API-Key: KEY.")
        return NEIGHBOUR

    def admit(self, connection: HTTPConnection, client: Client, *scopes: Scope) -> None:
        """Let a client in that may do all that `scopes` allow, and count its request.

        Raises:
            ForbiddenError: the client may not do this.
            TooManyRequestsError: it sent too many requests.
        """
        for scope in scopes:
            if scope not in client.scopes:
                raise ForbiddenError(scope)
        note(connection.scope, self._limits.take(client))


def add_security(app: FastAPI, database: Database, settings: Settings) -> Doorkeeper:
    """Put a doorkeeper at the app's door, whom `require` asks."""
    keyring = Keyring(ApiKeys(database))
    doorkeeper = app.state.doorkeeper = Doorkeeper(settings, keyring)
    add_background(app, keyring.kept_fresh)
    app.add_middleware(RateLimitHeaders)
    return doorkeeper


def require(*scopes: Scope) -> Callable[..., Awaitable[Client]]:
    """Make a dependency that lets only clients with all `scopes` in, and gives the client.

    It counts a request each time it is asked: an address has one such dependency, for all the scopes that it needs.
    """

    async def admitted(
        request: Request,
        _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
        _header: Annotated[str | None, Security(_HEADER)],
    ) -> Client:
        doorkeeper: Doorkeeper = request.app.state.doorkeeper
        client = await doorkeeper.identify(request)
        doorkeeper.admit(request, client, *scopes)
        return client

    return admitted


def _key_of(connection: HTTPConnection) -> str | None:
    """Give the key that is sent; a proxy's own `Authorization: Basic` is none."""
    scheme, _, credentials = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    return connection.headers.get("x-api-key")


def _is_neighbour(connection: HTTPConnection) -> bool:
    """Whether the request comes from a program on this machine, and for no one else.

    Not for a client behind a reverse proxy, nor for a web page that makes a browser here call: such requests carry
    a proxy's headers, another host's name or a foreign origin, or speak HTTP/1.0, as nginx does to what is behind it.
    """
    headers, scope = connection.headers, connection.scope
    addresses = (scope.get("server"), scope.get("client"))
    origin = headers.get("origin")
    return (
        all(address is not None and _is_loopback(address[0]) for address in addresses)
        and scope.get("http_version") != "1.0"
        and not any(name in headers for name in _FORWARDED)
        and _is_loopback(_host_in(f"//{headers.get('host', '')}"))
        and (origin is None or _is_loopback(_host_in(origin)))
    )


def _host_in(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
