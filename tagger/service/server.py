"""The server process: what it does on signals."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from contextlib import suppress
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from tagger.errors import TaggerError
from tagger.service.pool import WorkerPool
from tagger.settings import Settings

_log = structlog.get_logger(__name__)


class Server(uvicorn.Server):
    """Serves until it is told to stop (SIGTERM, SIGINT), and reloads the models on SIGHUP.

    Told to stop, it is no longer ready; after the time that is set for draining it stops listening, finishes what it
    accepted, and ends. A second signal skips the draining.
    """

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                timeout_graceful_shutdown=max(1, round(settings.stop_timeout)),
                log_config=None,
                access_log=False,
            )
        )
        self._pool: WorkerPool = app.state.pool
        self._drain_seconds = settings.drain_seconds
        self._is_draining = False
        self._reloading: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, to requests and to SIGHUP."""
        await super().startup(sockets)
        if threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reload)

    async def on_tick(self, counter: int) -> bool:
        """End if the models could not be loaded at the start."""
        return self._pool.failure is not None or await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        self._pool.drain()
        if self._drain_seconds and not self._is_draining:
            self._is_draining = True
            loop = asyncio.get_running_loop()
            loop.call_soon_threadsafe(loop.call_later, self._drain_seconds, super().handle_exit, sig, frame)
            return
        super().handle_exit(sig, frame)

    def _reload(self) -> None:
        if self._reloading is None or self._reloading.done():
            self._reloading = asyncio.create_task(self._reloaded())

    async def _reloaded(self) -> None:
        with suppress(TaggerError):  # the pool logged it, and the old models go on answering
            await self._pool.reload()
