"""The pool of workers under faults: workers that die or hang, too many requests, other models, the end.

Its workers have an annotator that does what the article says (tests/faults.py), all else is as in service.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tagger.service import pool as pool_module
from tagger.service.app import create_app
from tagger.service.pool import WorkerPool
from tagger.settings import Settings
from tests.faults import VERSION_FILE
from tests.serving import SECONDS, bound, client_of, runs, serving, wait_until, wait_until_ready

LOADER = "tests.faults:load"
TIMEOUT = 3.0
WORKERS = QUEUE = 2


def metric(client: httpx.Client, name: str) -> float:
    found = [line for line in client.get("/metrics").text.splitlines() if line.startswith(name + " ")]
    return float(found[0].split()[-1]) if found else 0.0


class Service:
    """A running service with all that a test may want to get hold of."""

    def __init__(self, client: httpx.Client, pool: WorkerPool, models: Path) -> None:
        self.client = client
        self.pool = pool
        self.models = models

    def say(self, text: str) -> httpx.Response:
        return self.client.post("/v1/annotate", json={"id": "i", "text": text})

    def metric(self, name: str) -> float:
        return metric(self.client, name)

    def wait_for_workers(self) -> None:
        wait_until(lambda: len(self.pool.worker_pids) == WORKERS)

    def kill_workers(self) -> None:
        for pid in self.pool.worker_pids:
            with contextlib.suppress(ProcessLookupError):  # it is dead, and the pool does not know yet
                os.kill(pid, signal.SIGKILL)

    @contextlib.contextmanager
    def all_busy(self) -> Iterator[None]:
        """Give the workers something to do, and go on when each is at it."""
        begun = self.metric("tagger_queue_seconds_count")
        yield
        wait_until(lambda: self.metric("tagger_queue_seconds_count") >= begun + WORKERS)

    def wait_for_queue(self, length: int) -> None:
        wait_until(lambda: self.metric("tagger_queue_length") == length)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    models = tmp_path_factory.mktemp("models")
    settings = Settings(
        models_dir=models, workers=WORKERS, queue_length=QUEUE, request_timeout=TIMEOUT, max_body_bytes=2_000_000
    )
    app = create_app(settings, loader=LOADER)
    with serving(app) as client:
        assert client.get("/health").status_code == 200
        early = client.post("/v1/annotate", json={"text": "Un."})
        assert early.json()["type"].endswith("not-ready")
        assert int(early.headers["retry-after"]) > 0
        (models / VERSION_FILE).write_text("v1", encoding="utf-8")  # only now can the models be loaded
        wait_until_ready(client)
        yield Service(client, app.state.pool, models)


@pytest.fixture
def service(shared: Service) -> Iterator[Service]:
    shared.wait_for_workers()
    yield shared
    (shared.models / VERSION_FILE).write_text("v1", encoding="utf-8")


def test_a_request_whose_worker_dies_is_answered_by_another(service: Service, tmp_path: Path) -> None:
    before = service.metric('tagger_worker_restarts_total{reason="died"}')
    answer = service.say(f"MEURS-UNE-FOIS {tmp_path / 'tried'}")
    assert answer.status_code == 200
    assert answer.json()["id"] == "i"
    assert service.metric('tagger_worker_restarts_total{reason="died"}') == before + 1


def test_a_request_that_kills_every_worker_is_refused_and_nothing_else_suffers(service: Service) -> None:
    answer = service.say("MEURS")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (503, "worker-lost")
    assert "retry-after" in answer.headers
    assert service.say("Le Mali.").status_code == 200


def test_a_worker_killed_from_outside_in_the_middle(service: Service) -> None:
    with ThreadPoolExecutor() as threads:
        asked = [threads.submit(service.say, "DORS 0.6") for _ in range(WORKERS)]
        time.sleep(0.3)  # in the middle, on most machines; before or after it on others, which must do no harm
        service.kill_workers()
        assert [answer.result().status_code for answer in asked] == [200] * WORKERS


def test_idle_workers_that_die_are_replaced(service: Service) -> None:
    before = set(service.pool.worker_pids)
    service.kill_workers()
    wait_until(lambda: not before & set(service.pool.worker_pids))
    service.wait_for_workers()
    assert service.say("Le Mali.").status_code == 200


def test_a_worker_that_hangs_is_replaced(service: Service, tmp_path: Path) -> None:
    before = service.metric('tagger_worker_restarts_total{reason="hung"}')
    assert service.say(f"DORS-UNE-FOIS {tmp_path / 'tried'}").status_code == 200
    answer = service.say("DORS 60")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (504, "request-timeout")
    assert service.say("Le Mali.").status_code == 200
    assert service.metric('tagger_worker_restarts_total{reason="hung"}') == before + 3


def test_the_process_that_holds_the_models_is_replaced(service: Service) -> None:
    parent = int(Path(f"/proc/{service.pool.worker_pids[0]}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(parent, signal.SIGKILL)
    for _ in range(3):
        service.kill_workers()
        assert service.say("Le Mali.").status_code == 200
    assert service.metric('tagger_worker_restarts_total{reason="models"}') == 1


def test_a_full_queue_is_refused_at_once(service: Service, tmp_path: Path) -> None:
    """It is told so while all who came before still wait."""
    gate = tmp_path / "gate"
    with ThreadPoolExecutor(16) as threads:
        with service.all_busy():
            asked = [threads.submit(service.say, f"ATTENDS {gate}") for _ in range(WORKERS + QUEUE)]
        service.wait_for_queue(QUEUE)
        refused = service.say("Le Mali.")
        assert not any(answer.done() for answer in asked)
        gate.touch()
        assert [answer.result().status_code for answer in asked] == [200] * (WORKERS + QUEUE)
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (503, "queue-full")
    assert int(refused.headers["retry-after"]) >= 1
    assert service.metric("tagger_refused_total") >= 1


def ndjson(*texts: str) -> str:
    return "".join(json.dumps({"id": str(number), "text": text}) + "\n" for number, text in enumerate(texts))


def test_a_batch_is_answered_in_order_whatever_its_lines_do(service: Service, tmp_path: Path) -> None:
    lines = ndjson("DORS 0.3", "Un.", f"MEURS-UNE-FOIS {tmp_path / 'a'}", "MEURS", "Deux.", "x" * 2_000_100, "Trois.")
    headers = {"content-type": "application/x-ndjson"}
    answer = service.client.post("/v1/annotate/batch", content=lines + "{broken\n", headers=headers)
    answers = [json.loads(line) for line in answer.text.splitlines()]
    kinds = [found.get("error", {"type": "ok"})["type"].rpartition(":")[2] for found in answers]
    assert kinds == ["ok", "ok", "ok", "worker-lost", "ok", "body-too-large", "ok", "broken-json"]
    assert [found["id"] for found in answers] == ["0", "1", "2", "3", "4", None, "6", None]


@pytest.mark.parametrize("media_type", [b"application/x-ndjson", b"application/jsonl; charset=UTF8"])
def test_a_batch_streams_in_both_directions(service: Service, media_type: bytes) -> None:
    """Each line is answered before the next is sent, over one request."""
    lines = ndjson("Un.", "Deux.", "Trois.").encode().splitlines(keepends=True)
    with socket.create_connection((service.client.base_url.host, service.client.base_url.port or 0), SECONDS) as wire:
        wire.sendall(
            b"POST /v1/annotate/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" % media_type
        )
        received = b""
        for number, line in enumerate(lines):
            wire.sendall(b"%x\r\n%s\r\n" % (len(line), line))
            while f'"id":"{number}"'.encode() not in received:
                received += wire.recv(65536)
        wire.sendall(b"0\r\n\r\n")
        while not received.endswith(b"0\r\n\r\n"):
            received += wire.recv(65536)


def test_a_batch_uses_all_workers_and_lets_single_articles_go_first(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are at its first lines; the single article comes last and is answered while the others still wait."""
    monkeypatch.setattr(pool_module, "_BATCH_PATIENCE", SECONDS)  # however slow this machine is
    first, then = tmp_path / "first", tmp_path / "then"
    lines = ndjson(*[f"ATTENDS {first}"] * WORKERS, *[f"ATTENDS {then}"] * WORKERS)
    with ThreadPoolExecutor() as threads:
        headers = {"content-type": "application/x-ndjson"}
        with service.all_busy():
            batch = threads.submit(service.client.post, "/v1/annotate/batch", content=lines, headers=headers)
        service.wait_for_queue(WORKERS)
        single = threads.submit(service.say, "Le Mali.")
        service.wait_for_queue(WORKERS + 1)
        first.touch()
        assert single.result().status_code == 200
        assert not batch.done()
        then.touch()
        assert len(batch.result().text.splitlines()) == 2 * WORKERS


def test_a_client_that_reads_nothing_until_all_is_sent(service: Service) -> None:
    """As most HTTP clients do; the answers are more than any buffer holds."""
    text = "Un mot. " * 20_000
    headers = {"content-type": "application/x-ndjson"}
    answer = service.client.post("/v1/annotate/batch", content=ndjson(*[text] * 150), headers=headers)
    assert [json.loads(line)["id"] for line in answer.text.splitlines()] == [str(number) for number in range(150)]


def test_a_batch_over_the_limit(service: Service) -> None:
    big = "x" * 1_900_000
    chunks = (ndjson(big).encode() for _ in range(30))  # of no announced length
    headers = {"content-type": "application/x-ndjson"}
    answer = service.client.post("/v1/annotate/batch", content=chunks, headers=headers)
    *answered, last = answer.text.splitlines()
    assert 20 < len(answered) < 30
    assert json.loads(last)["error"]["type"].endswith("body-too-large")
    announced = service.client.post("/v1/annotate/batch", content=ndjson(big) * 30, headers=headers)
    assert announced.status_code == 413


def version_of(service: Service) -> str:
    version: str = service.say("Le Mali.").json()["model"]["keywords"]
    return version


def test_models_are_reloaded_and_rolled_back_without_a_failed_request(service: Service) -> None:
    statuses, is_over = [], threading.Event()

    def load() -> None:
        while not is_over.is_set():
            statuses.append(service.say("DORS 0.02").status_code)

    def go_on() -> None:
        enough = len(statuses) + 10
        wait_until(lambda: len(statuses) >= enough)

    with ThreadPoolExecutor() as threads:
        loading = [threads.submit(load) for _ in range(WORKERS + QUEUE - 1)]
        try:
            (service.models / VERSION_FILE).write_text("v2", encoding="utf-8")
            go_on()
            answer = service.client.post("/v1/admin/reload")
            assert answer.json()["models"]["best"]["keywords"] == "v2"
            assert version_of(service) == "v2"
            for version in ("v1", "v2"):
                go_on()
                assert service.client.post("/v1/admin/rollback").status_code == 200
                assert version_of(service) == version
            go_on()
        finally:
            is_over.set()
        for future in loading:
            future.result()
    assert set(statuses) == {200}
    assert (
        'tagger_models{entities="e",keywords="v2",lead="l",profile="best"} 1' in service.client.get("/metrics").text
    )


@pytest.mark.parametrize("version", ["broken", "deadly"])
def test_models_that_cannot_be_loaded_leave_the_old_ones_in_service(service: Service, version: str) -> None:
    before = version_of(service)
    (service.models / VERSION_FILE).write_text(version, encoding="utf-8")
    answer = service.client.post("/v1/admin/reload")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (503, "model-unusable")
    assert version_of(service) == before
    assert service.client.get("/ready").status_code == 200


def test_request_ids(service: Service) -> None:
    taken = service.client.get("/health", headers={"X-Request-ID": "abc-1"})
    assert taken.headers["x-request-id"] == "abc-1"
    for bad in ("a b", "x" * 65, ""):
        made = service.client.get("/v1/nowhere", headers={"X-Request-ID": bad}).headers["x-request-id"]
        assert made != bad
        assert len(made) == 32


def test_metrics_count_requests_by_route(service: Service) -> None:
    name = 'tagger_requests_total{method="POST",route="/v1/annotate",status="422"}'
    before = service.metric(name)
    service.client.post("/v1/annotate", json={"title": "sans texte"})
    wait_until(lambda: service.metric(name) == before + 1)  # as below
    service.client.post("/v1/annotate", json={"text": "Le Mali lance la 5G à Bamako, a annoncé le ministre."})
    assert service.metric('tagger_articles_total{language="fr"}') > 0
    assert service.metric("tagger_queue_seconds_count") > 0


def test_routes_of_the_desk_are_named_whole(service: Service) -> None:
    name = 'tagger_requests_total{method="GET",route="/desk/static/{name}",status="200"}'
    assert service.client.get("/desk/static/desk.css").status_code == 200
    wait_until(lambda: service.metric(name) >= 1)  # a file is counted once it is sent: who has it may ask before that


def test_the_documentation_page_loads_nothing_from_elsewhere(service: Service) -> None:
    page = service.client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert service.client.get(f"/docs/static/{name}").status_code == 200


class Process:
    """The service as a process of its own, with its log."""

    def __init__(self, models: Path, **environment: str) -> None:
        self.log = (models / "log").open("w+", encoding="utf-8")
        environment = {**os.environ, **environment}
        with bound() as listening:
            self.port, handle = listening.getsockname()[1], listening.fileno()
            script = (
                "import socket; from tagger.service.app import create_app; from tagger.service.server import Server\n"
                "from tagger.service.logs import configure_logs; from tagger.settings import load_settings\n"
                f"settings = load_settings(models_dir={str(models)!r}, workers=1); configure_logs('INFO')\n"
                f"server = Server(create_app(settings, loader={LOADER!r}), settings)\n"
                f"server.run([socket.socket(fileno={handle})])"
            )
            command = [sys.executable, "-c", script]
            self.process = subprocess.Popen(command, stderr=self.log, env=environment, pass_fds=[handle])
        self.client = client_of(self.port)

    def wait(self) -> None:
        wait_until(self.takes_connections)
        wait_until_ready(self.client)

    def takes_connections(self) -> bool:
        try:
            self.client.get("/health")
        except httpx.TransportError:
            return False
        return True

    def events(self) -> list[dict[str, object]]:
        self.log.seek(0)
        return [json.loads(line) for line in self.log]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    (tmp_path / VERSION_FILE).write_text("v1", encoding="utf-8")
    running = Process(tmp_path, TAGGER_DRAIN_SECONDS="5")
    running.wait()
    yield running
    running.client.close()
    running.process.kill()
    running.process.wait()
    running.log.close()


def test_signals_and_logs(process: Process, tmp_path: Path) -> None:
    def say(text: str) -> httpx.Response:
        return httpx.post(f"http://127.0.0.1:{process.port}/v1/annotate", json={"text": text}, timeout=SECONDS)

    (tmp_path / VERSION_FILE).write_text("v2", encoding="utf-8")
    process.process.send_signal(signal.SIGHUP)
    wait_until(lambda: say("Bonjour.").json()["model"]["keywords"] == "v2")
    assert say("ECHOUE motsecret").status_code == 500

    gate, begun = tmp_path / "gate", metric(process.client, "tagger_queue_seconds_count")
    with ThreadPoolExecutor() as threads:
        long = threads.submit(say, f"ATTENDS {gate}")
        wait_until(lambda: metric(process.client, "tagger_queue_seconds_count") > begun)
        process.process.send_signal(signal.SIGTERM)
        wait_until(lambda: process.client.get("/ready").status_code == 503)
        assert process.client.get("/health").status_code == 200
        late = threads.submit(say, "Bonjour.")  # a load balancer may not have noticed yet
        wait_until(lambda: not process.takes_connections())
        assert not long.done()
        gate.touch()
        assert long.result().status_code == 200
        assert late.result().status_code == 200
    assert process.process.wait(SECONDS) in (0, -signal.SIGTERM)

    events = process.events()
    requests = [event for event in events if event["event"] == "request"]
    assert {"method", "route", "status", "seconds", "request_id", "timestamp", "level"} <= requests[0].keys()
    (fault,) = [event for event in events if event.get("exception") == "ValueError"]
    assert fault["request_id"] in {event["request_id"] for event in requests if event["status"] == 500}
    assert any("faults.py" in place for place in fault["places"])  # type: ignore[attr-defined]
    assert not any(word in json.dumps(events) for word in ("motsecret", "Bonjour", "ATTENDS"))


def test_no_process_outlives_a_service_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / VERSION_FILE).write_text("v1", encoding="utf-8")
    process = Process(tmp_path, TAGGER_LEAD_MODEL="a-language-model")  # which each worker loads for itself
    process.wait()
    assert process.client.post("/v1/annotate", json={"text": "Un."}).status_code == 200
    process.client.close()
    process.log.close()
    children = Path(f"/proc/{process.process.pid}/task/{process.process.pid}/children").read_text().split()
    assert children, "the process that holds the models"
    process.process.kill()
    process.process.wait()
    wait_until(lambda: not any(runs(int(pid)) for pid in children))


def test_traces_go_where_the_standard_variable_says(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.instrumentation.fastapi")
    received: list[bytes] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append(gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    (tmp_path / VERSION_FILE).write_text("v1", encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        running = Process(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.server_port}")
        running.wait()
        assert running.client.post("/v1/annotate", json={"text": "motsecret"}).status_code == 200
        running.client.close()
        running.process.terminate()
        running.process.wait(SECONDS)
        running.log.close()
        receiver.shutdown()
    sent = b"".join(received)
    assert b"POST /v1/annotate" in sent
    assert b"annotate" in sent
    assert b"tagger" in sent
    assert b"motsecret" not in sent
    assert b"/ready" not in sent
