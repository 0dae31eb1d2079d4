"""Services for tests: on a real port, in this process or in one that can be killed."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from tagger.errors import EmptyTextError, Failure
from tagger.options import AnnotateOptions
from tagger.reading import Record
from tagger.reading.records import parse_record
from tagger.service.app import create_app
from tagger.service.background import running_background
from tagger.service.idempotency import add_idempotency
from tagger.service.job_runner import Answer
from tagger.service.jobs import add_jobs
from tagger.service.pool import ANNOTATOR
from tagger.service.problems import add_problem_handlers
from tagger.service.security import add_security
from tagger.settings import Settings
from tagger.store.database import Database

RECORD_SECONDS = 0.03
SECONDS = 400


async def echo(line: bytes, options: AnnotateOptions) -> bytes:
    """Answer a record without models: its id and its text, or that it has none."""
    await asyncio.sleep(RECORD_SECONDS)
    record = parse_record(line)
    if isinstance(record, Record) and record.text:
        return Record(id=record.id, text=record.text).model_dump_json(include={"id", "text"}).encode()
    return Failure(id=record.id, error=EmptyTextError("There is none.").problem()).model_dump_json().encode()


def job_service(settings: Settings, answer: Answer = echo) -> FastAPI:
    """Make a service that has jobs and keys, and no models."""
    app = FastAPI(lifespan=running_background)
    database = Database.open(settings)
    add_problem_handlers(app)
    add_idempotency(app, database, add_security(app, database, settings), {})
    add_jobs(app, database, answer, settings)
    return app


def bound() -> socket.socket:
    """Give a socket with a port that nobody else can take, for a server to listen on."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    return taken


def client_of(port: int) -> httpx.Client:
    """Make a client that is patient, and uses no connection that the server may be about to close."""
    limits = httpx.Limits(keepalive_expiry=1)  # uvicorn closes idle connections after five seconds
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS, limits=limits)


@contextmanager
def serving(app: FastAPI) -> Iterator[httpx.Client]:
    """Serve in a thread of this process."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    listening = bound()
    port = listening.getsockname()[1]
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        with client_of(port) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def served(settings: Settings, *, loader: str = ANNOTATOR) -> Iterator[httpx.Client]:
    """Run the service in a thread until it is ready; give a client of it."""
    with serving(create_app(settings, loader=loader)) as client:
        wait_until_ready(client)
        yield client


def wait_until_ready(client: httpx.Client) -> None:
    """Wait until the service can annotate."""
    end = time.monotonic() + SECONDS
    while (answer := client.get("/ready")).status_code != 200:
        assert time.monotonic() < end, answer.text
        assert answer.json()["type"].endswith("not-ready"), answer.text
        time.sleep(0.05)


class ServerProcess:
    """A service in a process of its own, which can be killed. It is forked: nothing need be imported anew."""

    def __init__(self, settings: Settings) -> None:
        with bound() as listening:
            self.process = get_context("fork").Process(target=_serve, args=(settings, listening))
            self.process.start()
            self.client = client_of(listening.getsockname()[1])
        wait_until(self._answers)

    def _answers(self) -> bool:
        assert self.process.is_alive(), "the server ended"
        try:
            return self.client.get("/v1/jobs").status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.join()
        self.client.close()

    def stop(self) -> None:
        """End it as an operator would; uvicorn then ends by the signal."""
        self.process.terminate()
        self.client.close()
        self.process.join(SECONDS)
        assert self.process.exitcode in (0, -signal.SIGTERM)


def _serve(settings: Settings, listening: socket.socket) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # Ray leaves a handler of its own in the process that forks
    uvicorn.Server(uvicorn.Config(job_service(settings), log_level="error")).run([listening])


def runs(pid: int) -> bool:
    """Whether a process runs, and is not dead and waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait until something is so, however slow the machine is."""
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.03)


def wait_for(client: httpx.Client, job_id: str, state: str) -> dict[str, object]:
    """Wait until a job is in a state, and give it."""
    job: dict[str, object] = {}

    def is_in_state() -> bool:
        job.update(client.get(f"/v1/jobs/{job_id}").json())
        return job.get("state") == state

    wait_until(is_in_state)
    return job
