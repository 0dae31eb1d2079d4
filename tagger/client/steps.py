"""What every call to the service goes through, without a word on how bytes travel.

An operation is a generator of steps: it asks for a request to be sent, a pause to be made, a line to be read, and is
given what came of it. The two clients do the steps, one by waiting, one by awaiting; all that is to be decided, such
as when to try again, is decided here, once.
"""

from __future__ import annotations

import email.utils
import random
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, Generic, TypeVar

import httpx
from pydantic import ValidationError

from tagger.errors import PROBLEM_URN, Problem, ServiceError

T = TypeVar("T")

_TRIED_AGAIN = frozenset({429, 502, 503})  # 502 is what a proxy says while the service starts anew
_CHUNK_BYTES = 1 << 16
_IN_MEMORY_BYTES = 10_000_000
_SHOWN_CHARS = 200


class Spool:
    """A long body, kept so that it can be sent more than once."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - it lasts as long as the body

    def write(self, line: bytes) -> None:
        """Add a line."""
        self._file.write(line)

    def chunks(self) -> Iterator[bytes]:
        """Give the body from its beginning."""
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK_BYTES):
            yield chunk


@dataclass(frozen=True)
class Call:
    """A request to be sent; the `httpx.Response` that answers it is still to be read if `is_streamed`."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | Spool | None = None
    is_streamed: bool = False


@dataclass(frozen=True)
class Pause:
    """So many seconds in which nothing happens."""

    seconds: float


@dataclass(frozen=True)
class Lines:
    """A wish for the lines of a response, as an iterator for `Next`."""

    response: httpx.Response


@dataclass(frozen=True)
class Next:
    """A wish for the next item of an iterator, or for `END`."""

    iterator: Iterator[Any] | AsyncIterator[Any]


@dataclass(frozen=True)
class Emit(Generic[T]):
    """Something for the caller."""

    value: T


END = object()
Step = Call | Pause | Lines | Next
Steps = Generator[Step | Emit[T], Any, None]


@dataclass(frozen=True)
class Retries:
    """How often and after what pause a request is sent again that found the service away or busy.

    `attempts` counts all, the first too. The pause is drawn at random from nothing to `first` seconds, doubled each
    time up to `longest`; where the service says how long to wait, that is added. A service that wants more patience
    than `longest` is not waited for.
    """

    attempts: int = 6
    first: float = 0.5
    longest: float = 30.0

    def pause(self, attempt: int, asked: float = 0.0) -> float:
        """Give the seconds to wait after an attempt, counted from 1."""
        return asked + random.uniform(0, min(self.longest, self.first * 2 ** (attempt - 1)))  # noqa: S311 - no secret


def send(call: Call, retries: Retries) -> Generator[Step, Any, httpx.Response]:
    """Send a request until the service has answered it.

    Raises:
        ServiceError: it refused, or was away or busy to the last.
    """
    for attempt in count(1):
        try:
            response: httpx.Response = yield call
        except httpx.TransportError as error:
            refusal, asked = unreachable(error), 0.0
        else:
            if response.is_success:
                return response
            refusal = _refusal(response)
            asked = refusal.retry_after or 0.0
            if response.status_code not in _TRIED_AGAIN and refusal.retry_after is None:
                raise refusal
        if attempt >= retries.attempts or asked > retries.longest:
            raise refusal
        yield Pause(retries.pause(attempt, asked))
    raise AssertionError  # `count` has no end


def unreachable(error: httpx.TransportError) -> ServiceError:
    """Say that the service does not answer."""
    return ServiceError(
        Problem(
            type=f"{PROBLEM_URN}unreachable",
            title="The service does not answer",
            status=503,
            detail=f"{type(error).__name__}: {error}",
        )
    )


def _refusal(response: httpx.Response) -> ServiceError:
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:  # not ours: a proxy's, perhaps
        problem = Problem(
            type="about:blank",
            title=response.reason_phrase,
            status=response.status_code,
            detail=response.text[:_SHOWN_CHARS],
        )
    return ServiceError(problem, _retry_after(response), response.headers.get("x-request-id"))


def _retry_after(response: httpx.Response) -> float | None:
    """Give the seconds that the service asks to wait, by its header: a number, or a moment."""
    value = response.headers.get("retry-after")
    if value is None:
        return None
    if value.isdecimal():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
