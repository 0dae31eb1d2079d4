"""How many requests a minute a key may send: a token bucket a key, in the memory of each process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from tagger.errors import TooManyRequestsError
from tagger.service.keyring import Client

_STATE = "rate_limit"
_MINUTE = 60.0


@dataclass
class _Bucket:
    tokens: float
    filled: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a client may still send: `remaining` requests at once, and all of `quota` again in `seconds`."""

    quota: int
    remaining: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """Give it as the headers of the IETF's draft on rate limits."""
        return {
            "RateLimit-Policy": f'"requests";q={self.quota};w={_MINUTE:.0f}',
            "RateLimit": f'"requests";r={self.remaining};t={self.seconds}',
        }


class RateLimits:
    """Counts the requests of every key. `clock` gives seconds."""

    def __init__(self, requests_per_minute: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._default = requests_per_minute
        self._clock = clock
        self._buckets: dict[int, _Bucket] = {}

    def take(self, client: Client) -> Allowance | None:
        """Count one request; None where the client has no limit.

        Raises:
            TooManyRequestsError: the client has none left.
        """
        quota = client.requests_per_minute or self._default
        if client.key_id is None or quota is None:
            return None
        moment = self._clock()
        bucket = self._buckets.setdefault(client.key_id, _Bucket(quota, moment))
        bucket.tokens = min(quota, bucket.tokens + (moment - bucket.filled) * quota / _MINUTE)
        bucket.filled = moment
        if bucket.tokens < 1:
            raise TooManyRequestsError(quota, math.ceil((1 - bucket.tokens) * _MINUTE / quota))
        bucket.tokens -= 1
        return Allowance(quota, int(bucket.tokens), math.ceil((quota - bucket.tokens) * _MINUTE / quota))


class RateLimitHeaders:
    """Middleware that tells every client in each answer what it may still send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer, with the headers of what `note` left."""

        async def send_with_headers(message: Message) -> None:
            allowance = scope.get("state", {}).get(_STATE)
            if message["type"] == "http.response.start" and allowance is not None:
                MutableHeaders(scope=message).update(allowance.headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def note(scope: AsgiScope, allowance: Allowance | None) -> None:
    """Leave what the client may still send, for `RateLimitHeaders`."""
    scope.setdefault("state", {})[_STATE] = allowance
