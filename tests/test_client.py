"""The Python client: against the running service, and against one that is away, busy or breaks off."""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import json
from collections.abc import AsyncIterator, Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tagger import Annotation, Annotator, Article
from tagger.client import AsyncClient, Client, Options, Retries, ServiceError
from tagger.errors import Failure
from tagger.service.examples import HTML, RECORD, TEXT, TITLE

QUICK = Retries(attempts=3, first=0.001, longest=1.0)
PROBLEM = {"type": "urn:osiris-tagger:problem:queue-full", "title": "Voll", "status": 503, "detail": "Later."}


@pytest.fixture(scope="module")
def address(service: httpx.Client) -> str:
    return str(service.base_url)


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    with Client(address) as client:
        yield client


@pytest.fixture(scope="module")
def example(annotator: Annotator) -> Annotation:
    return annotator.annotate(Article(title=TITLE, text=TEXT), top=3)


def test_articles_in_every_form(client: Client, example: Annotation) -> None:
    assert client.annotate(Article(title=TITLE, text=TEXT), top=3) == example
    assert client.annotate(RECORD, top=3).id == "exemple-1"
    assert client.annotate({"title": TITLE, "text": TEXT, "date": dt.date(2025, 7, 2)}).article.date
    assert client.annotate_html(HTML, top=3).keywords[0].keyword == example.keywords[0].keyword
    assert client.annotate_text(f"{TITLE}\n\n{TEXT}", top=3) == example
    assert client.annotate_text("Le débit à Thiès est élevé.".encode("latin-1")).article.text.startswith("Le débit")


def test_every_option_of_the_service_can_be_asked_for(address: str, client: Client) -> None:
    document = httpx.get(f"{address}/openapi.json").json()
    parameters = document["paths"]["/v1/annotate"]["post"]["parameters"]
    assert {item["name"] for item in parameters if item["in"] == "query"} == set(Options.__annotations__)
    answer = client.annotate(RECORD, top=2, profile="fast", lead_chars=120, alternatives=True, suggest_title=True)
    assert len(answer.keywords) == 2
    assert answer.model.keywords.startswith("fast ")
    assert answer.lead is not None
    assert len(answer.lead.text) <= 120


def test_batches_come_and_go_as_iterators(client: Client) -> None:
    taken = []

    def records() -> Iterator[dict[str, str]]:
        for number in range(120):
            taken.append(number)
            yield {"id": str(number), "text": "Un drone survole Bamako." if number != 3 else " "}

    answers = client.annotate_batch(records(), top=1)
    first = next(answers)
    assert first.id == "0"
    assert len(taken) == 100
    others = list(answers)
    assert [answer.id for answer in others] == [str(number) for number in range(1, 120)]
    assert [answer.id for answer in others if isinstance(answer, Failure)] == ["3"]
    assert list(client.annotate_batch([])) == []


def test_vocabulary_and_readiness(client: Client) -> None:
    assert len(client.keywords()) == 78
    assert client.ready().models["best"].keywords.startswith("best ")


def test_a_refusal_carries_the_problem(client: Client) -> None:
    with pytest.raises(ServiceError, match="There is no text to annotate \\(422\\)") as caught:
        client.annotate({"text": " "})
    assert caught.value.problem().type.endswith("empty-text")
    with pytest.raises(ServiceError) as caught:
        client.annotate_text("mot " * 60_000)
    assert caught.value.problem().status == 413


def test_asynchronously_the_same(address: str, example: Annotation) -> None:
    async def records() -> AsyncIterator[dict[str, str]]:
        for number in range(3):
            yield {"id": str(number), "text": TEXT}

    async def work() -> None:
        async with AsyncClient(address) as client:
            assert await client.annotate(Article(title=TITLE, text=TEXT), top=3) == example
            assert await client.annotate_text(f"{TITLE}\n\n{TEXT}", top=3) == example
            assert (await client.annotate_html(HTML)).keywords
            for given in (records(), [{"id": str(number), "text": TEXT} for number in range(3)]):
                assert [answer.id async for answer in client.annotate_batch(given)] == ["0", "1", "2"]
            assert len(await client.keywords()) == 78
            assert (await client.ready()).models
            with pytest.raises(ServiceError, match="no text"):
                await client.annotate({"text": ""})

    asyncio.run(work())


class Script:
    """A service that answers as it is told, in turn, and remembers what it was asked.

    An exception is raised as the network would; a function is given the request.
    """

    def __init__(self, *answers: httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Call a method of either client on a script; an iterator comes back as a list."""

    def sync(script: Script, method: str, *args: object, **options: Any) -> Any:  # noqa: ANN401
        with Client("http://x", api_key="k", retries=QUICK, transport=httpx.MockTransport(script)) as client:
            found = getattr(client, method)(*args, **options)
            return list(found) if isinstance(found, Iterator) else found

    async def awaiting(script: Script, method: str, *args: object, **options: Any) -> Any:  # noqa: ANN401
        async def handle(request: httpx.Request) -> httpx.Response:
            await request.aread()
            return script(request)

        transport = httpx.MockTransport(handle)
        async with AsyncClient("http://x", api_key="k", retries=QUICK, transport=transport) as client:
            found = getattr(client, method)(*args, **options)
            return [item async for item in found] if isinstance(found, AsyncIterator) else await found

    yield sync if request.param == "sync" else lambda *args, **options: asyncio.run(awaiting(*args, **options))


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses are taken down and not made."""
    made: list[float] = []

    async def sleep(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr("tagger.client.clients.time", SimpleNamespace(sleep=made.append))
    monkeypatch.setattr("tagger.client.clients.asyncio", SimpleNamespace(sleep=sleep))
    return made


def ready() -> httpx.Response:
    return httpx.Response(200, json={"status": "ok", "version": "1", "models": {}})


def busy(**headers: str) -> httpx.Response:
    return httpx.Response(503, json=PROBLEM, headers={name.replace("_", "-"): text for name, text in headers.items()})


def test_tries_again_where_that_helps(call: Callable[..., Any], pauses: list[float]) -> None:
    script = Script(httpx.ConnectError("refused"), busy(), ready())
    assert call(script, "ready").version == "1"
    assert len(pauses) == 2
    assert all(0 <= pause <= 0.002 for pause in pauses)
    assert {request.headers["authorization"] for request in script.requests} == {"Bearer k"}


def test_gives_up_in_the_end(call: Callable[..., Any], pauses: list[float]) -> None:
    with pytest.raises(ServiceError, match="Voll") as caught:
        call(Script(busy(), httpx.ReadTimeout("slow"), busy(x_request_id="r1")), "ready")
    assert caught.value.problem().model_dump() == PROBLEM
    assert caught.value.request_id == "r1"
    with pytest.raises(ServiceError, match="The service does not answer"):
        call(Script(*[httpx.ConnectError("refused")] * 3), "ready")
    assert len(pauses) == 4


@pytest.mark.parametrize("status", [429, 503, 409])
def test_waits_as_long_as_it_is_asked_to(call: Callable[..., Any], pauses: list[float], status: int) -> None:
    def answer(retry_after: str) -> httpx.Response:
        return httpx.Response(status, json=PROBLEM | {"status": status}, headers={"retry-after": retry_after})

    call(Script(answer("1"), ready()), "ready")
    assert 1 <= pauses[0] <= 1.001
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=0.9)
    call(Script(answer(email.utils.format_datetime(soon)), ready()), "ready")
    assert pauses[1] < 1
    with pytest.raises(ServiceError) as caught:
        call(Script(answer("3600")), "ready")
    assert caught.value.retry_after == 3600
    assert len(pauses) == 2


def test_does_not_try_again_what_is_refused(call: Callable[..., Any], pauses: list[float]) -> None:
    for status in (400, 401, 409, 422, 500, 504):
        with pytest.raises(ServiceError) as caught:
            call(Script(httpx.Response(status, text="<h1>Nein</h1>")), "ready")
        assert caught.value.problem().status == status
        assert caught.value.problem().detail == "<h1>Nein</h1>"
    assert pauses == []


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body whose connection breaks before its end."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self.body
        raise httpx.ReadError("reset")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


def answers_to(request: httpx.Request, count: int | None = None) -> bytes:
    """Answer the first `count` records of a batch, each by a failure with its id."""
    lines = request.content.splitlines()[:count]
    return b"".join(json.dumps({"id": json.loads(line)["id"], "error": PROBLEM}).encode() + b"\n" for line in lines)


def test_a_broken_batch_goes_on_where_it_broke(call: Callable[..., Any], pauses: list[float]) -> None:
    script = Script(
        lambda request: httpx.Response(200, stream=Broken(answers_to(request, 2) + b'{"id": "2", "err')),
        lambda request: httpx.Response(200, content=answers_to(request, 1)),
        busy(),
        lambda request: httpx.Response(200, content=answers_to(request)),
    )
    records = [{"id": str(number), "text": "a"} for number in range(5)]
    assert [answer.id for answer in call(script, "annotate_batch", records, top=2)] == ["0", "1", "2", "3", "4"]
    sent = [[json.loads(line)["id"] for line in request.content.splitlines()] for request in script.requests]
    assert sent == [["0", "1", "2", "3", "4"], ["2", "3", "4"], ["3", "4"], ["3", "4"]]
    assert {request.url.query for request in script.requests} == {b"top=2"}


def test_a_batch_that_is_never_whole_ends(call: Callable[..., Any], pauses: list[float]) -> None:
    script = Script(*[httpx.Response(200, content=b"")] * 3)
    with pytest.raises(ServiceError, match="The answer is not whole"):
        call(script, "annotate_batch", [{"id": "a", "text": "a"}])


def job(state: str, answered: int = 0) -> httpx.Response:
    about = {"id": "j", "state": state, "total": 3, "answered": answered, "errors": 0, "created": "2025-07-02"}
    return httpx.Response(200, json=about)


def test_a_job_is_posted_once(call: Callable[..., Any], pauses: list[float]) -> None:
    script = Script(httpx.ReadError("reset"), busy(), job("queued"))
    records = [{"id": str(number), "text": "é" * 1000} for number in range(3)]
    started = call(script, "submit", iter(records), webhook="https://cms.example/done", top=4)
    assert (started.id, started.has_ended) == ("j", False)
    bodies = {request.content for request in script.requests}
    assert [json.loads(line) for line in bodies.pop().splitlines()] == records
    assert not bodies
    assert len({request.headers["idempotency-key"] for request in script.requests}) == 1
    assert dict(script.requests[0].url.params) == {"webhook": "https://cms.example/done", "top": "4"}
    script = Script(job("queued"))
    call(script, "submit", records, idempotency_key="mine")
    assert script.requests[0].headers["idempotency-key"] == "mine"


def test_a_job_is_waited_for(call: Callable[..., Any], pauses: list[float]) -> None:
    assert call(Script(job("queued"), job("running", 2), job("done", 3)), "wait", "j").answered == 3
    assert pauses == [0.2, pytest.approx(0.3)]
    with pytest.raises(TimeoutError, match="2 of 3"):
        call(Script(job("running", 2)), "wait", "j", timeout=0.1)
    assert call(Script(job("cancelled")), "cancel", "j").has_ended


def test_a_result_is_read_to_its_end(call: Callable[..., Any], pauses: list[float]) -> None:
    lines = [json.dumps({"id": str(number), "error": PROBLEM}).encode() + b"\n" for number in range(3)]
    script = Script(
        job("done", 3),
        httpx.Response(200, stream=Broken(lines[0] + lines[1][:9])),
        httpx.Response(200, content=b"".join(lines)),
    )
    assert [answer.id for answer in call(script, "result", "j")] == ["0", "1", "2"]


def test_the_pause_grows_to_its_limit() -> None:
    retries = Retries(first=1.0, longest=8.0)
    for attempt, most in ((1, 1.0), (3, 4.0), (9, 8.0)):
        pauses = [retries.pause(attempt) for _ in range(200)]
        assert 0 <= min(pauses) < most / 4
        assert 3 * most / 4 < max(pauses) <= most
