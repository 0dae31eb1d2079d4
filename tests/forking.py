"""Runs the command `tagger` in processes forked from one that has loaded the models: a start takes no time.

    python -m tests.forking

Reads requests as lines of JSON and answers each with two lines: the process id, and later the exit code.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path

from tagger.batch.sinks import SinkFormat
from tagger.batch.work import RetagOptions, Work
from tagger.cli import app
from tagger.settings import load_settings


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job in the background ignores it
    for keywords_only in (True, False):
        Work(load_settings(), RetagOptions(keywords_only=keywords_only), SinkFormat.JSONL).load()
    _answer("ready")
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _run(**request)
        _answer(child)
        _answer(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _answer(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _run(arguments: list[str], folder: str, largest_file: int | None) -> None:
    os.chdir(folder)
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    for name, handle in (("stdout", 1), ("stderr", 2)):
        with Path(name).open("wb") as stream:
            os.dup2(stream.fileno(), handle)
    code = 0
    try:
        app(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 70
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
