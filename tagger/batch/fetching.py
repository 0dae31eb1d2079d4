"""Pages fetched politely: as robots.txt allows, one after another, with a pause, and each only once (by a cache)."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import httpx
from protego import Protego

from tagger.errors import FetchError
from tagger.writing import bytes_written_whole

USER_AGENT = f"osiris-tagger/{version('osiris-tagger')}"
DEFAULT_PAUSE = 1.0

_TIMEOUT_SECONDS = 30.0
_TRIES = 3
_LONGEST_WAIT = 60.0
_MAX_REDIRECTS = 5
_MAX_ROBOTS_BYTES = 500_000  # what RFC 9309 asks programs to read at least
_BUSY = (429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Page:
    """What an address answered: the bytes, and what the server said they are."""

    body: bytes
    content_type: str
    charset: str | None


class Fetcher:
    """Fetches pages one at a time (a context manager).

    `pause` are the seconds between two requests to one host; a longer one that its robots.txt asks for counts. Pages
    in `cache` are not fetched again; failures are kept there too, and tried again where `retry_failures` says so.
    """

    def __init__(
        self,
        cache: Path,
        *,
        max_bytes: int,
        pause: float = DEFAULT_PAUSE,
        retry_failures: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._cache = cache
        self._max_bytes = max_bytes
        self._pause = pause
        self.retry_failures = retry_failures
        self._sleep = sleep
        self._client = httpx.Client(headers={"user-agent": USER_AGENT}, timeout=_TIMEOUT_SECONDS)
        self._robots: dict[str, Protego] = {}
        self._last_request: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def fetch(self, url: str) -> Page:
        """Give the page at an address, from the cache or from its site.

        Raises:
            FetchError: it could not be fetched, or its site asks programs not to.
        """
        name = hashlib.blake2b(url.encode(), digest_size=16).hexdigest()
        path = self._cache / name[:2] / name
        if path.exists():
            head, _, body = path.read_bytes().partition(b"\n")
            known = json.loads(head)
            if known["failure"] is None:
                return Page(body, known["content_type"], known["charset"])
            if not self.retry_failures:
                raise FetchError(known["failure"])
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            page = self._fetch_following(url)
        except FetchError as error:
            _keep(path, {"url": url, "failure": str(error)}, b"")
            raise
        facts = {"url": url, "failure": None, "content_type": page.content_type, "charset": page.charset}
        _keep(path, facts, page.body)
        return page

    def _fetch_following(self, url: str) -> Page:
        for _ in range(_MAX_REDIRECTS + 1):
            if not _is_web_address(url):
                raise FetchError(f"{url} is no address of a web page; it must begin with http:// or https://.")
            if not self._robots_of(url).can_fetch(url, USER_AGENT):
                raise FetchError(f"The robots.txt of {urlsplit(url).netloc} asks programs not to fetch {url}.")
            response, body = self._request(url)
            if response.next_request is not None:  # where it is sent to; httpx has not gone there
                url = str(response.next_request.url)
                continue
            if not response.is_success:
                raise FetchError(f"{url} answered {response.status_code} {response.reason_phrase}.")
            content_type = response.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
            return Page(body, content_type, response.charset_encoding)
        raise FetchError(f"{url} sends from one address to another without end.")

    def _robots_of(self, url: str) -> Protego:
        """Give the rules of a site; where they cannot be had, nothing may be fetched, as RFC 9309 says."""
        site = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if site not in self._robots:
            response, body = self._request(f"{site}/robots.txt")
            if response.is_success:
                rules = body[:_MAX_ROBOTS_BYTES].decode(errors="replace")
            elif response.is_server_error:
                raise FetchError(f"{site}/robots.txt answered {response.status_code}: without it nothing is fetched.")
            else:
                rules = ""
            self._robots[site] = Protego.parse(rules)
        return self._robots[site]

    def _request(self, url: str) -> tuple[httpx.Response, bytes]:
        """Ask for an address, again after a while where the server is busy or does not answer."""
        wait = self._pause
        for left in reversed(range(_TRIES)):
            self._take_turn(urlsplit(url).netloc)
            try:
                with self._client.stream("GET", url) as response:
                    if response.status_code not in _BUSY or not left:
                        return response, self._read(response)
                    wait = _asked_wait(response) or 2 * wait
            except httpx.InvalidURL as error:
                raise FetchError(f"{url} is no address: {error}.") from None
            except httpx.HTTPError as error:
                if not left:
                    raise FetchError(f"{url} does not answer: {error}.") from None
                wait *= 2
            self._sleep(min(wait, _LONGEST_WAIT))
        raise AssertionError("the last try returns or raises")

    def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._max_bytes:
                raise FetchError(
                    f"{response.url} has more than {self._max_bytes} bytes. Raise TAGGER_MAX_BODY_BYTES to take it."
                )
        return bytes(body)

    def _take_turn(self, host: str) -> None:
        """Wait until the host's pause is over."""
        asked = [
            rules.crawl_delay(USER_AGENT) or 0 for site, rules in self._robots.items() if site.endswith(f"/{host}")
        ]
        due = self._last_request.get(host, 0) + max([self._pause, *asked])
        if (wait := due - time.monotonic()) > 0 and host in self._last_request:
            self._sleep(wait)
        self._last_request[host] = time.monotonic()


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without end, a port that is no number
        return False


def _asked_wait(response: httpx.Response) -> float:
    """Give the seconds that a busy server asks to wait, 0 where it does not say."""
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isdecimal() else 0.0


def _keep(path: Path, facts: dict[str, str | None], body: bytes) -> None:
    with bytes_written_whole(path) as stream:
        stream.write(json.dumps(facts).encode() + b"\n" + body)
