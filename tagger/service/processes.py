"""The processes that annotate, as the service sees them: those that hold models, and the workers they fork.

What they do is in `tagger.service.worker`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress

from tagger.errors import ModelError, TaggerError
from tagger.service import messages
from tagger.service.messages import Hello, LoadedModels, Outcome, Task
from tagger.settings import Settings

_LOAD_SECONDS = 600.0
_BUFFER = 1 << 20


class GoneError(Exception):
    """The process at the other end is gone."""


class NeverReadError(GoneError):
    """It was gone before it had read what it was sent."""


class WorkerProcess:
    """A worker process, as the service sees it."""

    def __init__(self, host: ModelProcess, connection: socket.socket) -> None:
        self.host = host
        self.pid: int | None = None
        self._is_busy = False
        self._connection = connection
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter | None = None

    async def greet(self) -> LoadedModels:
        """Wait for the worker's first message.

        Raises:
            TaggerError: it cannot load its models.
            GoneError: it died before it could say why.
        """
        self._reader, self._writer = await asyncio.open_unix_connection(sock=self._connection, limit=_BUFFER)
        hello = Hello.model_validate_json((await self._received())[0])
        self.pid = hello.pid
        if hello.models is None:
            raise hello.fault.error() if hello.fault else GoneError
        return hello.models

    async def do(self, task: Task, body: bytes) -> tuple[Outcome, bytes]:
        """Give the worker something to do, and wait for what becomes of it.

        Raises:
            GoneError: the worker died; a `NeverReadError` if it did before it had read the task.
        """
        assert self._writer is not None  # noqa: S101 - it greeted
        self._is_busy = True
        try:
            self._writer.write(messages.pack(task, body))
            await self._reader.readexactly(len(messages.TAKEN))
        except (EOFError, ConnectionError):
            raise NeverReadError from None
        head, answer = await self._received()
        self._is_busy = False
        return Outcome.model_validate_json(head), answer

    async def _received(self) -> tuple[bytes, bytes]:
        try:
            return await messages.read(self._reader)
        except (EOFError, ConnectionError):
            raise GoneError from None

    async def death(self) -> None:
        """Wait until an idle worker dies."""
        with suppress(ConnectionError):
            await self._reader.read(1)

    @property
    def is_lost(self) -> bool:
        """Whether the worker died while it was idle."""
        return self._reader.at_eof()

    def end(self) -> None:
        """Let the worker go: one that is idle ends by itself, any other is killed."""
        if self.pid and self._is_busy:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        if self._writer:
            self._writer.close()


class ModelProcess:
    """The process that holds loaded models and forks workers."""

    def __init__(self, settings: Settings, loader: str) -> None:
        """Start the process; it loads its models before it forks its first worker."""
        self._control, theirs = socket.socketpair()
        shown = settings.for_models().model_dump_json()
        # One thread in each process: there are as many workers as cores, and no pool of threads survives a fork.
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
        with theirs:
            module = "tagger.service.worker"
            self._process = subprocess.Popen(  # noqa: S603 - our own module, with our own arguments
                [sys.executable, "-P", "-m", module, str(theirs.fileno()), shown, loader],
                env=os.environ | threads | {"PYTHONPATH": os.pathsep.join(sys.path)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.models: LoadedModels

    @property
    def version(self) -> str:
        """Name the models, for the log."""
        return ", ".join(self.models.versions["best"].names)

    async def load(self) -> None:
        """Wait until the models are loaded.

        Raises:
            TaggerError: they cannot be.
        """
        try:
            worker, self.models = await self._forked()
        except (GoneError, TimeoutError):
            self.end()
            raise ModelError(
                "The process that loads the models died or does not answer; its log says more."
            ) from None
        except BaseException:
            self.end()
            raise
        worker.end()

    async def fork(self) -> WorkerProcess:
        """Give a new worker.

        Raises:
            GoneError: this process is gone, or cannot fork.
        """
        try:
            return (await self._forked())[0]
        except (TaggerError, TimeoutError) as error:
            raise GoneError from error

    async def _forked(self) -> tuple[WorkerProcess, LoadedModels]:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [b"f"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise GoneError from None
        ours.setblocking(False)
        worker = WorkerProcess(self, ours)
        try:
            async with asyncio.timeout(_LOAD_SECONDS):
                return worker, await worker.greet()
        except BaseException:
            worker.end()
            raise

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """End the process, and its workers with it."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._control.close()
