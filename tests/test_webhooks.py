"""Webhooks: signed, sent until they are taken, and only where the operator lets them go."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from pydantic import SecretStr
from sqlalchemy import update
from standardwebhooks import Webhook, WebhookVerificationError

from tagger.errors import SettingsError, WebhookRefusedError
from tagger.service import webhooks
from tagger.service.webhooks import WebhookPolicy, is_public
from tagger.settings import Settings
from tagger.store.database import Database
from tagger.store.jobs import DeliveryRow
from tagger.store.tables import now
from tests.serving import ServerProcess, job_service, serving, wait_for, wait_until
from tests.test_jobs import NDJSON, lines

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of no service


@dataclass
class Receiver:
    """A host that takes webhooks; it answers with `statuses` one after the other, then with 204."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
            self.send_header("location", receiver.url)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield receiver
    server.shutdown()
    server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def made(tmp_path: Path, database_url: str, **given: object) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        webhook_secret=SecretStr(SECRET),
        webhook_allow_private=True,
        job_lease_seconds=2,
    ).model_copy(update=given)


def start(http: httpx.Client, url: str) -> str:
    answer = http.post("/v1/jobs", content=lines(2), headers=NDJSON, params={"webhook": url})
    assert answer.status_code == 202, answer.text
    assert answer.json()["webhook"] == {"url": url, "state": "waiting", "attempts": 0, "error": None}
    job_id: str = answer.json()["id"]
    return job_id


def webhook_of(http: httpx.Client, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"/v1/jobs/{job_id}").json()["webhook"]
    return found


def test_the_end_of_a_job_is_told_with_a_signature(receiver: Receiver, tmp_path: Path, database_url: str) -> None:
    settings = made(tmp_path, database_url, webhook_hosts=f"example.org, 127.0.0.1:{receiver.port}")
    with serving(job_service(settings)) as http:
        job_id = start(http, receiver.url)
        wait_until(lambda: webhook_of(http, job_id)["state"] == "delivered")
    [(headers, body)] = receiver.requests
    told = Webhook(SECRET).verify(body, headers)
    assert told["type"] == "job.done"
    assert told["data"] == {
        "id": job_id,
        "state": "done",
        "total": 2,
        "answered": 2,
        "errors": 0,
        "reason": None,
        "result": f"/v1/jobs/{job_id}/result",
    }
    assert "texte" not in body.decode()
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"done", b"gone"), headers)


def test_a_webhook_is_sent_again_until_it_is_taken(
    receiver: Receiver, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused, redirected, then the service restarts, then it is taken: one message, under one id."""
    monkeypatch.setattr(webhooks, "PAUSES", (0.1, 3600, 0.1))
    receiver.statuses = [500, 302]
    settings = made(tmp_path, database_url, webhook_hosts=f"127.0.0.1:{receiver.port}")
    server = ServerProcess(settings)
    job_id = start(server.client, receiver.url)
    wait_until(lambda: len(receiver.requests) == 2)
    wait_until(lambda: webhook_of(server.client, job_id)["error"] == "answered with status 302")
    server.kill()
    database = Database.open(settings)
    with database.session() as session:  # an hour passes
        session.execute(update(DeliveryRow).values(next_attempt=now()))
    database.close()
    server = ServerProcess(settings)
    wait_until(lambda: webhook_of(server.client, job_id)["state"] == "delivered")
    assert webhook_of(server.client, job_id)["attempts"] == 3
    server.stop()
    assert len(receiver.requests) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.requests}) == 1
    assert len({body for _, body in receiver.requests}) == 1


def test_a_webhook_is_given_up_some_day(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "PAUSES", (0.01, 0.01))
    receiver.statuses = [500] * 9
    settings = made(tmp_path, f"sqlite:///{tmp_path}/db", webhook_hosts=f"127.0.0.1:{receiver.port}")
    with serving(job_service(settings)) as http:
        job_id = start(http, receiver.url)
        wait_until(lambda: webhook_of(http, job_id)["state"] == "given-up")
    assert len(receiver.requests) == 3


def test_a_cancelled_job_is_told_too(receiver: Receiver, tmp_path: Path) -> None:
    hosts = f"127.0.0.1:{receiver.port}"
    settings = made(tmp_path, f"sqlite:///{tmp_path}/db", webhook_hosts=hosts, jobs_at_once=0)
    with serving(job_service(settings)) as http:
        http.post(f"/v1/jobs/{start(http, receiver.url)}/cancel")
        wait_until(lambda: receiver.requests)
    assert json.loads(receiver.requests[0][1])["type"] == "job.cancelled"


def test_addresses_inside_the_network_are_refused(receiver: Receiver, tmp_path: Path) -> None:
    hosts = f"127.0.0.1:{receiver.port}, localhost:{receiver.port}"
    settings = made(tmp_path, f"sqlite:///{tmp_path}/db", webhook_hosts=hosts, webhook_allow_private=False)
    with serving(job_service(settings)) as http:
        for host in ("127.0.0.1", "localhost"):
            job_id = start(http, f"http://{host}:{receiver.port}/hook")
            wait_for(http, job_id, "done")
            wait_until(lambda job_id=job_id: webhook_of(http, job_id)["error"])
            assert "inside the network" in webhook_of(http, job_id)["error"]
    assert receiver.requests == []


def test_hosts_that_are_not_allowed_are_refused_at_once(tmp_path: Path) -> None:
    settings = made(tmp_path, f"sqlite:///{tmp_path}/db", webhook_hosts="hooks.example.org,other.example.org:8443")
    policy = WebhookPolicy(settings)
    for url in ("https://hooks.example.org/a?b=c", "http://HOOKS.example.org", "https://other.example.org:8443/"):
        assert policy.check(url).host in {"hooks.example.org", "other.example.org"}
    refused = (
        "https://example.org/",
        "https://sub.hooks.example.org/",
        "https://hooks.example.org.evil.test/",
        "https://hooks.example.org:8443/",
        "https://other.example.org/",
        "https://hooks.example.org@evil.test/",
        "https://user:secret@hooks.example.org/",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "//hooks.example.org/",
        "hooks.example.org",
        "http://[::1/",
        "",
        "https://hooks.example.org/" + "a" * 2000,
    )
    with serving(job_service(settings)) as http:
        for url in refused:
            answer = http.post("/v1/jobs", content=lines(1), headers=NDJSON, params={"webhook": url})
            assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (422, "webhook-refused"), url
        assert http.get("/v1/jobs").json() == []
    with pytest.raises(WebhookRefusedError):
        WebhookPolicy(Settings()).check("https://example.org/")


@pytest.mark.parametrize("secret", [None, "secret", "whsec_", "whsec_YWJj", "whsec_é", "whsec_" + "A" * 100])
def test_hosts_need_a_good_secret(secret: str | None) -> None:
    given = SecretStr(secret) if secret is not None else None
    with pytest.raises(SettingsError, match="TAGGER_WEBHOOK_SECRET"):
        WebhookPolicy(Settings(webhook_hosts="example.org", webhook_secret=given))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2a00:1450:4007::1", True),
        *((address, False) for address in (
            "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 240.0.0.1 "
            "255.255.255.255 192.0.2.1 198.18.0.1 ::1 :: fe80::1 fc00::1 fd12::1 fec0::1 ff02::1 2001:db8::1 "
            "::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 2002:7f00:1:: 2002:a00:1::"
        ).split()),
        ("64:ff9b::808:808", True),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


def test_one_address_inside_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolve_to(monkeypatch, ["93.184.215.14", "10.0.0.7"])
    settings = Settings(webhook_hosts="example.org", webhook_secret=SecretStr(SECRET))
    policy = WebhookPolicy(settings)
    with pytest.raises(WebhookRefusedError, match=r"10\.0\.0\.7"):
        asyncio.run(policy.resolve(policy.check("https://example.org/")))


def test_what_was_resolved_is_what_is_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    """A name is looked up once: a second look-up, which might lead inside the network, would fail here."""
    looked_up = _resolve_to(monkeypatch, ["127.0.0.1"])
    host = f"hooks.example.test:{receiver.port}"
    settings = made(tmp_path, f"sqlite:///{tmp_path}/db", webhook_hosts=host)
    with serving(job_service(settings)) as http:
        job_id = start(http, f"http://{host}/hook")
        wait_until(lambda: webhook_of(http, job_id)["state"] == "delivered")
    assert looked_up == ["hooks.example.test"]
    assert receiver.requests[0][0]["host"] == host


@pytest.mark.parametrize(("name", "taken"), [("hooks.example.test", True), ("evil.example.test", False)])
def test_a_certificate_must_be_the_host_s_own(
    name: str, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    ours, theirs = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(ours)
    authority.issue_cert(name).configure_cert(theirs)
    monkeypatch.setattr(webhooks.httpx, "AsyncClient", functools.partial(httpx.AsyncClient, verify=ours))
    _resolve_to(monkeypatch, ["127.0.0.1"])
    with receiving(theirs) as receiver:
        host = f"hooks.example.test:{receiver.port}"
        settings = made(tmp_path, f"sqlite:///{tmp_path}/db", webhook_hosts=host)
        with serving(job_service(settings)) as http:
            job_id = start(http, f"https://{host}/hook")
            wait_until(lambda: webhook_of(http, job_id)["error"] or webhook_of(http, job_id)["state"] == "delivered")
            outcome = webhook_of(http, job_id)
            assert (outcome["state"] == "delivered") if taken else ("certificate verify failed" in outcome["error"])
        assert len(receiver.requests) == taken


def _resolve_to(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> list[str]:
    """Have example hosts resolve to these addresses, and give the list of hosts that are looked up."""
    looked_up: list[str] = []
    resolve = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *rest: int, **more: int) -> list[tuple[object, ...]]:
        if "example" not in str(host):
            return list(resolve(host, port, *rest, **more))
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return looked_up
