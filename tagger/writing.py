"""Files that are written whole or not at all, and what is to be on disk for good."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO


@contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """Open a text file that takes the place of `path` when it is whole; if anything fails, `path` stays as it was.

    Raises:
        OSError: the folder cannot be written into.
    """
    with bytes_written_whole(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="\n")
        yield text
        text.flush()
        text.detach()


@contextmanager
def bytes_written_whole(path: Path) -> Iterator[BinaryIO]:
    """Do what `written_whole` does, for a file of bytes.

    Raises:
        OSError: the folder cannot be written into.
    """
    target = path.resolve()  # a link stays a link
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with aside.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, aside)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def write_all(file: int, data: bytes) -> int:
    """Write all of `data` to an open file, and give its length.

    Raises:
        OSError: the disk is full or broken; a part may have been written.
    """
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]
    return len(data)


def sync_folder(folder: Path) -> None:
    """Bring the names of a folder's files to disk, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
