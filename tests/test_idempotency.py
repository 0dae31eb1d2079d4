"""`Idempotency-Key`, over a real port and on both databases."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import text

from tagger.service import idempotency
from tagger.service.background import running_background
from tagger.service.idempotency import add_idempotency
from tagger.service.problems import add_problem_handlers
from tagger.service.security import add_security
from tagger.settings import Settings
from tagger.store import idempotency as kept_store
from tagger.store.database import Database
from tagger.store.keys import ApiKeys
from tests.serving import job_service, serving, wait_until
from tests.test_jobs import NDJSON, lines

calls: Counter[str] = Counter()
gate = threading.Event()


def echoing(settings: Settings) -> FastAPI:
    """A service that counts its calls; each of its answers is another."""
    app = FastAPI(lifespan=running_background)
    database = Database.open(settings)
    doorkeeper = add_security(app, database, settings)
    add_problem_handlers(app)
    add_idempotency(app, database, doorkeeper, {f"/{name}": 100 for name in ("echo", "stream", "slow", "fault")})

    @app.post("/echo")
    async def echo(request: Request) -> Response:
        calls["echo"] += 1
        return Response(await request.body() + f" {calls['echo']}".encode(), 201, media_type="text/x-echo")

    @app.post("/stream")
    async def stream(request: Request) -> Response:
        calls["stream"] += 1
        body = await request.body()
        return StreamingResponse(iter([body, b"|", body]), media_type="text/plain")

    @app.post("/slow")
    async def slow() -> int:
        calls["slow"] += 1
        while not gate.is_set():
            await asyncio.sleep(0.01)
        return calls["slow"]

    @app.post("/fault")
    async def fault() -> Response:
        calls["fault"] += 1
        return Response(status_code=503)

    return app


@pytest.fixture
def http(database_url: str) -> Iterator[httpx.Client]:
    calls.clear()
    gate.clear()
    with serving(echoing(Settings(database_url=database_url))) as client:
        yield client


def post(http: httpx.Client, path: str, key: str, body: str = "a", **headers: str) -> httpx.Response:
    return http.post(path, content=body, headers={"Idempotency-Key": key, **headers})


def kind(answer: httpx.Response) -> str:
    problem_type: str = answer.json()["type"]
    return problem_type.rpartition(":")[2]


def test_a_request_sent_again_has_the_same_answer(http: httpx.Client) -> None:
    first, again = (post(http, "/echo", "one") for _ in range(2))
    for answer in (first, again):
        assert (answer.status_code, answer.text) == (201, "a 1")
        assert answer.headers["content-type"].startswith("text/x-echo")
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert post(http, "/echo", "two").text == "a 2"
    assert http.post("/echo", content="a").text == "a 3"
    for other in (post(http, "/echo", "one", "b"), post(http, "/echo?x=1", "one"), post(http, "/stream", "one")):
        assert (other.status_code, kind(other)) == (422, "idempotency-key-reused")
    assert calls == {"echo": 3}


def test_a_streamed_answer_is_kept_too(http: httpx.Client) -> None:
    assert [post(http, "/stream", "s").text for _ in range(2)] == ["a|a", "a|a"]
    assert calls["stream"] == 1


def test_the_same_request_at_the_same_time_conflicts(http: httpx.Client) -> None:
    with ThreadPoolExecutor() as pool:
        first = pool.submit(post, http, "/slow", "k")
        wait_until(lambda: calls["slow"] == 1)
        second = post(http, "/slow", "k")
        assert (second.status_code, kind(second)) == (409, "request-under-way")
        assert second.headers["retry-after"]
        gate.set()
        assert first.result().text == "1"
    assert post(http, "/slow", "k").text == "1"
    assert calls["slow"] == 1


def test_many_at_once_are_one(http: httpx.Client) -> None:
    gate.set()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(http, "/slow", "many"), range(16)))
    assert {answer.text for answer in answers if answer.status_code == 200} == {"1"}
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert calls["slow"] == 1


def test_a_fault_is_not_kept(http: httpx.Client) -> None:
    assert [post(http, "/fault", "f").status_code for _ in range(2)] == [503, 503]
    assert calls["fault"] == 2


def test_a_large_answer_is_not_kept(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_MOST_KEPT_BYTES", 3)
    assert [post(http, "/echo", "l", "aaa").text for _ in range(2)] == ["aaa 1", "aaa 2"]


def test_bad_keys_and_bodies(http: httpx.Client) -> None:
    for bad in (b"", b"a" * 256, b"\xe9"):
        answer = http.post("/echo", content="a", headers={b"Idempotency-Key": bad})
        assert (answer.status_code, kind(answer)) == (400, "invalid-idempotency-key")
    answer = post(http, "/echo", "k", "a" * 101)
    assert (answer.status_code, kind(answer)) == (413, "body-too-large")
    assert not calls


def test_keys_of_clients_are_their_own(http: httpx.Client, database: Database) -> None:
    one, two = (ApiKeys(database).create(name, ["annotate"])[0] for name in ("one", "two"))
    answers = [post(http, "/echo", "k", Authorization=f"Bearer {key}").text for key in (one, two, one)]
    assert answers == ["a 1", "a 2", "a 1"]
    assert post(http, "/echo", "k", Authorization="Bearer wrong").status_code == 401


def test_a_key_may_be_used_anew_after_a_day(
    http: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(http, "/echo", "k")
    with database.session() as session:
        session.execute(text("UPDATE kept_answers SET expires = '2020-01-01 00:00:00'"))
    assert post(http, "/echo", "k", "b").text == "b 2"
    assert post(http, "/echo", "k", "b").text == "b 2"
    kept_store.KeptAnswers(database).forget_expired()
    assert post(http, "/echo", "k", "b").text == "b 2"


def test_a_request_whose_process_died_can_be_sent_again(database: Database) -> None:
    kept = kept_store.KeptAnswers(database)
    assert kept.begin("", "k", "f", seconds=0.05) is None
    wait_until(lambda: _begins(kept))


def _begins(kept: kept_store.KeptAnswers) -> bool:
    try:
        return kept.begin("", "k", "f", seconds=0.05) is None
    except kept_store.UnderWayError:
        return False


def test_a_job_is_started_once(database_url: str, tmp_path: Path) -> None:
    with serving(job_service(Settings(database_url=database_url, data_dir=tmp_path))) as http:

        def start(body: str, key: str = "k") -> httpx.Response:
            return http.post("/v1/jobs", content=body, headers={**NDJSON, "Idempotency-Key": key})

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: start(lines(3)), range(8)))
        assert {answer.status_code for answer in answers} <= {202, 409}
        accepted = {answer.json()["id"] for answer in answers if answer.status_code == 202}
        assert len(accepted) == 1
        again = start(lines(3))
        assert again.headers["idempotent-replayed"] == "true"
        assert again.json()["id"] in accepted
        assert again.headers["location"] == f"/v1/jobs/{again.json()['id']}"
        assert start(lines(4)).status_code == 422
        assert start(lines(4), "other").status_code == 202
        assert len(http.get("/v1/jobs").json()) == 2
        assert len(list((tmp_path / "jobs").iterdir())) == 3
