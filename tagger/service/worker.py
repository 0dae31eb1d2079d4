"""The processes that annotate.

`tagger.service.pool` starts one process that loads the models, this module's `main`. It never annotates an article
of a client: for each worker that the service asks for it forks itself, so that all workers read the same models in
the same memory. A worker does its tasks one after another until its socket is closed.
"""

from __future__ import annotations

import gc
import os
import pkgutil
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, NoReturn, cast, get_args

import structlog

from tagger.errors import InternalError, TaggerError
from tagger.keywords.model import Profile
from tagger.reading import Record, article_of
from tagger.reading.records import parse_record
from tagger.service import bodies, examples, messages
from tagger.service.logs import configure_logs
from tagger.service.messages import SUGGESTIONS, Fault, Hello, LoadedModels, Outcome, Task
from tagger.settings import DEFAULT_LEAD_MODEL, Settings

if TYPE_CHECKING:
    from tagger.annotator import Annotator

_log = structlog.get_logger(__name__)
Loader = Callable[[Settings], "Annotator"]


def main() -> None:
    """Load the models, then fork a worker for each socket that comes over the control socket."""
    for stopping in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stopping, signal.SIG_IGN)  # they are for the service, which tells us by closing the socket
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = Settings.model_validate_json(sys.argv[2])
    configure_logs(settings.log_level)
    signal.signal(signal.SIGCHLD, _see_off)
    load: Loader = pkgutil.resolve_name(sys.argv[3])
    host = ModelHost(lambda: load(settings), forks_loaded=settings.lead_model == DEFAULT_LEAD_MODEL)
    host.serve(control)
    os.killpg(os.getpgrp(), signal.SIGKILL)  # the service is gone: no worker outlives it


class ModelHost:
    """Holds the models and forks workers."""

    def __init__(self, load: Callable[[], Annotator], *, forks_loaded: bool) -> None:
        """Take what loads the models.

        A language model for leads may sit on a GPU, whose state no fork survives: without `forks_loaded` each
        worker loads for itself.
        """
        self._load = load
        self._worker = self._loaded() if forks_loaded else None

    def _loaded(self) -> Worker | Fault:
        try:
            worker = Worker(self._load())
        except TaggerError as error:
            return Fault.of(error)
        gc.collect()
        gc.freeze()  # the collector would write into every object that workers share
        return worker

    def serve(self, control: socket.socket) -> None:
        """Fork a worker for each socket that comes, until the control socket is closed."""
        while True:
            data, sockets, _, _ = socket.recv_fds(control, 1, 1)
            if not data:
                return
            with socket.socket(fileno=sockets[0]) as connection:
                if os.fork():
                    continue
                control.close()
                self._run_worker(connection)

    def _run_worker(self, connection: socket.socket) -> NoReturn:
        """Work, and end the process, whatever happens, without a clean-up of what is the host's."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        status = os.EX_SOFTWARE
        try:
            self._work(connection)
            status = os.EX_OK
        except ConnectionError:  # the service is gone or does not want this worker any more
            status = os.EX_OK
        except BaseException:
            _log.exception("a worker failed")
        finally:
            os._exit(status)

    def _work(self, connection: socket.socket) -> None:
        worker = self._worker or self._loaded()
        with cast(BinaryIO, connection.makefile("rwb")) as stream:
            if isinstance(worker, Fault):
                stream.write(messages.pack(Hello(pid=os.getpid(), fault=worker)))
            else:
                worker.serve(stream)


class Worker:
    """Does tasks with an annotator."""

    def __init__(self, annotator: Annotator) -> None:
        self._annotator = annotator
        self._models = self._try_out()

    def _try_out(self) -> LoadedModels:
        """Annotate an example with both profiles: what is only loaded when needed is loaded before the fork."""
        versions = {profile: self._annotator.prepare(profile) for profile in get_args(Profile)}
        page = bodies.record_of_body(examples.HTML.encode(), "text/html", None)
        self._annotator.annotate(article_of(page), profile="fast")
        example = self._annotator.annotate(
            article_of(Record.model_validate(examples.RECORD)), id=examples.RECORD["id"], profile="best"
        )
        return LoadedModels(versions=versions, keywords=self._annotator.vocabulary.keywords, example=example)

    def serve(self, stream: BinaryIO) -> None:
        """Say hello, then answer one task after another, until the service closes the connection."""
        stream.write(messages.pack(Hello(pid=os.getpid(), models=self._models)))
        stream.flush()
        while message := messages.receive(stream):
            stream.write(messages.TAKEN)
            stream.flush()
            task = Task.model_validate_json(message[0])
            with structlog.contextvars.bound_contextvars(request_id=task.request_id):
                outcome, answer = self._do(task, message[1])
            stream.write(messages.pack(outcome, answer))
            stream.flush()

    def _do(self, task: Task, body: bytes) -> tuple[Outcome, bytes]:
        try:
            with self._annotator.memory_zone():
                return self._answer(task, body)
        except TaggerError as error:
            return Outcome(fault=Fault.of(error)), b""
        except MemoryError:
            raise
        except Exception:
            _log.exception("an article could not be annotated because of a fault in this program")
            return Outcome(fault=Fault.of(InternalError())), b""

    def _answer(self, task: Task, body: bytes) -> tuple[Outcome, bytes]:
        if task.kind == "array":
            return Outcome(), b"".join(bodies.lines_of_array(bodies.as_utf8(body, task.charset)))
        if task.kind == "record":
            answer = self._annotator.answer(parse_record(body), **task.options.model_dump())
            return Outcome.of(answer), answer.model_dump_json().encode()
        record = bodies.record_of_body(body, task.content_type, task.charset)
        if task.kind == "keywords":
            options = task.options
            found = self._annotator.suggest(article_of(record), top=options.top, profile=options.profile or "best")
            return Outcome(), SUGGESTIONS.dump_json(found)
        annotation = self._annotator.annotate(article_of(record), id=record.id, **task.options.model_dump())
        return Outcome.of(annotation), annotation.model_dump_json().encode()


def _see_off(*_: object) -> None:
    """Take leave of workers that ended, and log how those ended that should not have."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[1]:
                _log.warning("worker ended", pid=ended[0], exit_code=os.waitstatus_to_exitcode(ended[1]))


if __name__ == "__main__":
    main()
