"""Feeds, and pages fetched politely from a server of our own."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tagger.batch.fetching import USER_AGENT, Fetcher
from tagger.batch.sources import SourceOptions, open_source
from tagger.errors import FetchError
from tagger.reading import BadRecord, Record
from tagger.reading.feeds import read_feed

RSS = """<?xml version="1.0" encoding="iso-8859-1"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Le Fil</title>
<item><title>L'Artp &amp; les op\xe9rateurs</title><link>https://fil.example/1</link><guid>fil-1</guid>
<pubDate>Wed, 02 Jul 2025 10:00:00 GMT</pubDate><category>R\xe9gulation</category>
<description>Un r\xe9sum\xe9.</description>
<content:encoded><![CDATA[<p>Premier <b>paragraphe</b>.</p><script>x()</script>
<p>Second.</p>]]></content:encoded></item>
<item><title>Sans texte</title><link>https://fil.example/2</link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Atome</title>
<entry><id>urn:1</id><title>Titre</title><updated>2024-05-06T07:08:09Z</updated>
<link href="https://atome.example/1"/>
<summary>Tout ce qu'il y a.</summary></entry></feed>"""


def test_rss_is_read() -> None:
    first, second = read_feed(RSS.encode("iso-8859-1"))
    assert first == Record(
        id="fil-1",
        title="L'Artp & les opérateurs",
        text="Premier paragraphe.\n\nSecond.",
        chapo="Un résumé.",
        url="https://fil.example/1",
        date=dt.date(2025, 7, 2),
        source="Le Fil",
        keywords=["Régulation"],
    )
    assert isinstance(second, Record)
    assert (second.id, second.text) == ("https://fil.example/2", "")


def test_atom_is_read() -> None:
    (entry,) = read_feed(ATOM.encode())
    assert isinstance(entry, Record)
    assert (entry.id, entry.text, entry.chapo) == ("urn:1", "Tout ce qu'il y a.", None)
    assert entry.date == dt.date(2024, 5, 6)


@pytest.mark.parametrize(
    "data", [b"", b"<html><p>page</p></html>", b"\x89PNG", b"/etc/passwd", b"http://example.org/"]
)
def test_what_is_no_feed_is_told(data: bytes) -> None:
    (found,) = read_feed(data)
    assert isinstance(found, BadRecord)
    assert "neither an RSS nor an Atom feed" in str(found.error)


class Site:
    """A web site that remembers what it was asked, by whom and when."""

    robots = "User-agent: *\nDisallow: /private\n"
    robots_status = 200

    def __init__(self) -> None:
        self.asked: list[tuple[str, float, str]] = []
        self.busy_times = 1
        self.late = False
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, time.monotonic(), self.headers["user-agent"]))
                status, kind, body, more = site.answer(self.path)
                self.send_response(status)
                self.send_header("content-type", kind)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path: str) -> tuple[int, str, bytes, dict[str, str]]:
        page = (
            "<html><head><title>Le Mali lance la 5G</title></head><body><article><h1>Le Mali lance la 5G</h1><p>Le "
            "ministre de la Communication a lancé la 5G à Bamako, en présence des opérateurs Orange Mali et Moov "
            f"Africa Malitel, qui ont acquis leurs licences en mars.</p><p>Page {path}.</p></article></body></html>"
        ).encode("iso-8859-1")
        html = "text/html; charset=iso-8859-1"
        if path == "/busy" and self.busy_times:
            self.busy_times -= 1
            return 503, html, b"", {"retry-after": "1"}
        special = {
            "/robots.txt": (self.robots_status, "text/plain", self.robots.encode(), {}),
            "/moved": (301, html, b"", {"location": "/page/moved"}),
            "/to-private": (302, html, b"", {"location": "/private/page"}),
            "/loop": (302, html, b"", {"location": "/loop"}),
            "/feed": (200, "application/rss+xml", RSS.encode("iso-8859-1"), {}),
            "/logo": (200, "image/png", b"\x89PNG", {}),
            "/large": (200, html, b"x" * 20_000, {}),
            "/nowhere": (404, html, b"", {}),
        }
        if not self.late:
            special["/late"] = special["/nowhere"]
        return special.get(path, (200, html, page, {}))


@pytest.fixture
def site() -> Iterator[Site]:
    opened = Site()
    yield opened
    opened.server.shutdown()
    opened.server.server_close()


def fetched(site: Site, folder: Path, *paths: str, retry_failures: bool = True) -> list[Record | BadRecord]:
    addresses = folder / "list.urls"
    addresses.write_text("# pages\n\n" + "".join(f"{site.url}{path}\n" for path in paths))
    with Fetcher(folder / "cache", max_bytes=10_000, pause=0.1, retry_failures=retry_failures) as fetcher:
        return list(open_source(str(addresses), SourceOptions(fetcher=fetcher)).records())


def test_pages_are_fetched_politely_and_once(site: Site, tmp_path: Path) -> None:
    paths = (
        "/page/1",
        "/private/page",
        "/moved",
        "/busy",
        "/nowhere",
        "/feed",
        "/to-private",
        "/loop",
        "/logo",
        "/large",
    )
    found = fetched(site, tmp_path, *paths)
    reasons = {
        record.id.removeprefix(site.url): str(record.error)
        for record in found
        if isinstance(record, BadRecord) and record.id
    }
    assert set(reasons) == {"/private/page", "/nowhere", "/to-private", "/loop", "/logo", "/large"}
    for path, words in {
        "/private/page": "asks programs not to",
        "/nowhere": "404",
        "/to-private": "asks programs not to",
        "/loop": "without end",
        "/logo": "image/png",
        "/large": "TAGGER_MAX_BODY_BYTES",
    }.items():
        assert words in reasons[path]
    good = [record for record in found if isinstance(record, Record)]
    assert [record.id for record in good][:3] == [f"{site.url}{path}" for path in ("/page/1", "/moved", "/busy")]
    assert "présence des opérateurs" in (good[0].html or "")
    assert [record.id for record in good][3:] == ["fil-1", "https://fil.example/2"]

    asked = [path for path, _, _ in site.asked]
    assert asked.count("/robots.txt") == 1
    assert "/private/page" not in asked
    assert asked.count("/busy") == 2
    assert {agent for _, _, agent in site.asked} == {USER_AGENT}
    moments = [moment for _, moment, _ in site.asked]
    assert moments[-1] - moments[0] > 0.09 * (len(moments) - 1)

    before = len(site.asked)
    again = fetched(site, tmp_path, *paths, retry_failures=False)
    assert len(site.asked) == before
    assert [record for record in again if isinstance(record, Record)] == good
    assert len(again) == len(found)
    fetched(site, tmp_path, "/page/1", "/nowhere")
    assert [path for path, _, _ in site.asked][before:] == ["/robots.txt", "/nowhere"]


def test_a_longer_pause_that_a_site_asks_for_counts(site: Site, tmp_path: Path) -> None:
    site.robots = "User-agent: *\nCrawl-delay: 7\n"
    waits: list[float] = []
    with Fetcher(tmp_path, max_bytes=10_000, pause=0.5, sleep=waits.append) as fetcher:
        fetcher.fetch(f"{site.url}/page/1")
        fetcher.fetch(f"{site.url}/page/2")
    assert len(waits) == 2
    assert all(0.5 < wait <= 7 for wait in waits)  # seconds, less those that passed since the last request


@pytest.mark.parametrize(("status", "is_fetched"), [(404, True), (403, True), (503, False)])
def test_without_rules_a_site_is_free_unless_it_is_broken(
    site: Site, tmp_path: Path, status: int, is_fetched: bool
) -> None:
    site.robots_status = status
    with Fetcher(tmp_path, max_bytes=10_000, pause=0.0, sleep=lambda _: None) as fetcher:
        if is_fetched:
            assert fetcher.fetch(f"{site.url}/page/1").body
        else:
            with pytest.raises(FetchError, match="without it nothing is fetched"):
                fetcher.fetch(f"{site.url}/page/1")
    assert ("/page/1" in [path for path, _, _ in site.asked]) == is_fetched


@pytest.mark.parametrize(
    "address", ["ftp://example.org/a", "https://", "http://127.0.0.1:9/x", "http://[/", "pas une adresse"]
)
def test_addresses_that_lead_nowhere_are_told(tmp_path: Path, address: str) -> None:
    with Fetcher(tmp_path, max_bytes=10, pause=0.0, sleep=lambda _: None) as fetcher, pytest.raises(FetchError):
        fetcher.fetch(address)
