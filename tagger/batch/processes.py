"""Workers that are processes of this machine, forked from one that has loaded the models: they share its memory."""

from __future__ import annotations

import contextlib
import gc
import itertools
import multiprocessing
import os
import queue
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from threadpoolctl import threadpool_limits

from tagger.batch.engine import Done, Event, Lost, Ready, WorkerId
from tagger.batch.work import Models, Result, Work, Worker
from tagger.errors import TaggerError

_SECONDS_TO_LEAVE = 2.0


@dataclass(frozen=True, slots=True)
class _Process:
    process: BaseProcess
    connection: Connection


class ProcessCrew:
    """A crew of `size` processes.

    Where the system cannot fork, each process loads the models itself.
    """

    def __init__(self, work: Work, size: int) -> None:
        """Load the models, so that the workers find them loaded.

        Raises:
            ModelError: a model or data file is missing, altered or of another version.
        """
        self.size = size
        self._work = work
        can_fork = "fork" in multiprocessing.get_all_start_methods()
        self._context: Any = multiprocessing.get_context("fork" if can_fork else "spawn")
        self._processes: dict[WorkerId, _Process] = {}
        self._numbers = itertools.count()
        if can_fork:
            work.load()
            gc.collect()
            gc.freeze()  # a worker's collector would touch, and so copy, all pages

    def hire(self) -> WorkerId:
        """Fork a process."""
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(ours, theirs, self._work), daemon=True)
        process.start()
        theirs.close()
        number = next(self._numbers)
        self._processes[number] = _Process(process, ours)
        return number

    def give(self, worker: WorkerId, lines: list[bytes]) -> None:
        """Send records to a process."""
        with contextlib.suppress(OSError):  # where it has died; `wait` will tell of it
            self._processes[worker].connection.send(lines)

    def wait(self) -> list[Event]:
        """Wait until a process answers or ends."""
        numbers = {process.connection: number for number, process in self._processes.items()}
        return [self._receive(numbers[connection]) for connection in wait(list(numbers))]  # type: ignore[index]

    def dismiss(self) -> None:
        """Let all processes leave, and end those that do not."""
        for process in self._processes.values():
            process.connection.close()  # which tells them to leave
        for process in self._processes.values():
            process.process.join(_SECONDS_TO_LEAVE)
            process.process.kill()
            process.process.join()
        self._processes.clear()

    def _receive(self, worker: WorkerId) -> Event:
        process = self._processes[worker]
        try:
            told: Models | Result | str = process.connection.recv()
        except (EOFError, OSError):
            told = ""
        if isinstance(told, Models):
            return Ready(worker, told)
        if isinstance(told, Result):
            return Done(worker, told)
        del self._processes[worker]
        process.connection.close()
        process.process.join(_SECONDS_TO_LEAVE)
        process.process.kill()
        return Lost(worker, told or f"a process ended with exit code {process.process.exitcode}.")


def _serve(theirs: Connection, ours: Connection, work: Work) -> None:
    """Work until the connection is closed, be it that the run is over or that it was killed."""
    theirs.close()  # this process has a copy of it, and would never see it closed
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run itself decides what an interruption means
    threadpool_limits(1)  # the other cores have workers of their own
    given: queue.SimpleQueue[list[bytes]] = queue.SimpleQueue()
    # A thread takes what is sent, even while this process sends: both waiting for each other would be the end.
    threading.Thread(target=_listen, args=(ours, given), daemon=True).start()
    try:
        worker = Worker(work)
    except TaggerError as error:
        ours.send(str(error))
        return
    ours.send(worker.models)
    while True:
        ours.send(worker.do(given.get()))


def _listen(connection: Connection, given: queue.SimpleQueue[list[bytes]]) -> None:
    try:
        while True:
            given.put(connection.recv())
    except (EOFError, OSError):
        os._exit(0)
