"""The service on a real port, for tests."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from fastapi import FastAPI

from tagger.service.app import create_app
from tagger.service.pool import ANNOTATOR
from tagger.settings import Settings

SECONDS = 120


@contextmanager
def served(settings: Settings, *, loader: str = ANNOTATOR) -> Iterator[httpx.Client]:
    """Run the service in a thread until it is ready; give a client of it."""
    with listening(create_app(settings, loader=loader)) as client:
        wait_until_ready(client)
        yield client


@contextmanager
def listening(app: FastAPI) -> Iterator[httpx.Client]:
    """Run an app in a thread, ready or not; give a client of it."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


def wait_until_ready(client: httpx.Client) -> None:
    """Wait until the service can annotate."""
    end = time.monotonic() + SECONDS
    while (answer := client.get("/ready")).status_code != 200:
        assert time.monotonic() < end, answer.text
        assert answer.json()["type"].endswith("not-ready"), answer.text
        time.sleep(0.05)


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
