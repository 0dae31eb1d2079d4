"""Workers that are actors of a Ray cluster, one a core; lost actors, and lost machines with theirs, are made up for.

All machines of the cluster need the same version of tagger with the same models; the engine compares them.
"""

from __future__ import annotations

import itertools
import os
from collections import deque
from typing import Any

from tagger.batch.engine import Done, Event, Lost, Ready, WorkerId
from tagger.batch.work import Models, Result, Work, Worker
from tagger.errors import EngineError, MissingExtraError

_QUIET = "ERROR"


class RayCrew:
    """A crew of actors."""

    def __init__(self, work: Work, size: int | None = None, address: str | None = None) -> None:
        """Join the cluster at `address`, or start Ray on this machine; `size` is by default the number of its cores.

        Raises:
            MissingExtraError: Ray is not installed.
            EngineError: no cluster answers at the address.
        """
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
        os.environ.setdefault("RAY_worker_niceness", "0")  # else actors give way to whatever else the machine does
        try:
            import ray
        except ImportError:
            raise MissingExtraError("A Ray cluster needs Ray: pip install 'osiris-tagger[ray]'.") from None
        self._ray: Any = ray
        self._is_ours = not ray.is_initialized()
        if self._is_ours:
            _join(ray, size, address)
        self.size = size or max(int(self._ray.cluster_resources().get("CPU", 1)), 1)
        self._actor: Any = ray.remote(num_cpus=1, max_restarts=0)(RetagWorker)
        self._work = work
        self._numbers = itertools.count()
        self._actors: dict[WorkerId, Any] = {}
        self._answers: dict[WorkerId, deque[Any]] = {}

    def hire(self) -> WorkerId:
        """Ask the cluster for an actor; it waits where no core is free."""
        number = next(self._numbers)
        actor = self._actor.remote(self._work)
        self._actors[number] = actor
        self._answers[number] = deque([actor.models.remote()])
        return number

    def give(self, worker: WorkerId, lines: list[bytes]) -> None:
        """Send records to an actor."""
        self._answers[worker].append(self._actors[worker].do.remote(lines))

    def wait(self) -> list[Event]:
        """Wait until an actor answers or is lost."""
        first = {answers[0]: number for number, answers in self._answers.items() if answers}
        ready, _ = self._ray.wait(list(first), num_returns=1)
        also, _ = self._ray.wait(list(first), num_returns=len(first), timeout=0)
        return [self._receive(first[answer]) for answer in {*ready, *also}]

    def dismiss(self) -> None:
        """End all actors, and Ray if it was started for this run."""
        for actor in self._actors.values():
            self._ray.kill(actor)
        self._actors.clear()
        if self._is_ours:
            self._ray.shutdown()

    def _receive(self, worker: WorkerId) -> Event:
        try:
            told: Models | Result = self._ray.get(self._answers[worker].popleft())
        except self._ray.exceptions.RayTaskError:
            raise  # a fault of this program, not of the cluster
        except self._ray.exceptions.RayError as error:
            del self._answers[worker]
            self._ray.kill(self._actors.pop(worker))
            return Lost(worker, str(error))
        return Ready(worker, told) if isinstance(told, Models) else Done(worker, told)


class RetagWorker:
    """A worker as an actor of the cluster."""

    def __init__(self, work: Work) -> None:
        self._worker = Worker(work)

    def models(self) -> Models:
        """Name the models that it has."""
        return self._worker.models

    def do(self, lines: list[bytes]) -> Result:
        """Annotate records given as JSON."""
        return self._worker.do(lines)


def _join(ray: Any, size: int | None, address: str | None) -> None:  # noqa: ANN401 - a module
    try:
        if address:
            ray.init(address=address, log_to_driver=False, logging_level=_QUIET)
        else:
            ray.init(
                address="local", num_cpus=size, include_dashboard=False, log_to_driver=False, logging_level=_QUIET
            )
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise EngineError(f"No Ray cluster answers at {address or 'this machine'}: {error}") from None
