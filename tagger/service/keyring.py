"""The API keys in memory: no request waits for the database, and it may go away without stopping known clients."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from starlette.concurrency import run_in_threadpool

from tagger.errors import StoreError
from tagger.service.background import beside
from tagger.store.keys import ApiKey, ApiKeys, digest_of, is_well_formed
from tagger.store.tables import now

REFRESH_SECONDS = 2.0  # a revoked key is refused after this long
_MARK_SECONDS = 30.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Client:
    """Who sends a request: the holder of a key, or a neighbour on loopback, who has no `name` and no `key_id`."""

    name: str | None
    key_id: int | None
    scopes: frozenset[str]
    requests_per_minute: int | None = None
    expires: dt.datetime | None = None


class Keyring:
    """The keys in use, read anew every other second."""

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys
        self._clients: dict[str, Client] = {}
        self._used: dict[int, dt.datetime] = {}
        self._asking = asyncio.Lock()

    async def client_of(self, key: str) -> Client | None:
        """Give the holder of a key; None where it is unknown, revoked or expired.

        Raises:
            StoreError: a key that was not seen before cannot be looked up.
        """
        if not is_well_formed(key):
            return None
        digest = digest_of(key)
        client = self._clients.get(digest)
        if client is None:
            async with self._asking:  # one at a time: whoever tries keys takes no connection from the others
                row = await run_in_threadpool(self._keys.find, digest)
            if row is None:
                return None
            client = self._clients[digest] = _client(row)
        if client.expires is not None and client.expires <= now():
            return None
        if client.key_id is not None:
            self._used[client.key_id] = now()
        return client

    @asynccontextmanager
    async def kept_fresh(self) -> AsyncIterator[None]:
        """Read the keys anew in the background, and note now and then which were used."""
        try:
            async with beside(self._keep_fresh()):
                yield
        finally:
            await self._mark()

    async def _keep_fresh(self) -> None:
        loop = asyncio.get_running_loop()
        marked = loop.time()
        was_away = False
        while True:
            try:
                rows = await run_in_threadpool(self._keys.usable)
                self._clients = {row.digest: _client(row) for row in rows}
                was_away = False
            except Exception as error:  # whatever it is, the keys must be read again
                if not was_away:
                    _log.warning("the keys cannot be read, those known go on to count", reason=str(error))
                was_away = True
            if loop.time() - marked > _MARK_SECONDS:
                marked = loop.time()
                await self._mark()
            await asyncio.sleep(REFRESH_SECONDS)

    async def _mark(self) -> None:
        used, self._used = self._used, {}
        if used:
            try:
                await run_in_threadpool(self._keys.mark_used, used)
            except StoreError:  # the reading of the keys tells of it
                self._used = used | self._used


def _client(row: ApiKey) -> Client:
    return Client(row.name, row.id, frozenset(row.scopes), row.requests_per_minute, row.expires)
