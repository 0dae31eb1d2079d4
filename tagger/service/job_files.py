"""The files of jobs in the data folder: what came in, and the segments of each result.

jobs/place                       which data folder this is: a job is only run where its files are
jobs/ID/input.ndjson             one record a line
jobs/ID/EPOCH.ndjson             what the EPOCH-th taking up of the job answered
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tagger.errors import ResultGoneError, SettingsError
from tagger.store.jobs import JobRow
from tagger.writing import sync_folder, write_all

_PLACE = "place"
_CHUNK_BYTES = 1 << 20


class JobFolder:
    """The folder of all jobs' files.

    Raises:
        SettingsError: it cannot be made.
    """

    def __init__(self, data: Path) -> None:
        self._root = data / "jobs"
        try:
            self._root.mkdir(exist_ok=True)
            self.place = _place(self._root)
        except OSError as error:
            raise SettingsError(f"The data folder {data} cannot be written into: {error}.") from None

    def receive(self, job_id: str) -> Input:
        """Open the input of a new job.

        Raises:
            OSError: the folder cannot be written into.
        """
        folder = self._root / job_id
        folder.mkdir()
        return Input(folder / "input.ndjson")

    def source(self, job: JobRow, longest_line: int) -> Source:
        """Open a job's input where its next record begins."""
        return Source(self._root / job.id / "input.ndjson", job.position, longest_line)

    def segment(self, job: JobRow) -> Segment:
        """Open the segment of the result that this taking up of the job writes."""
        return Segment(self._segment(job.id, job.epoch))

    def result(self, job: JobRow) -> tuple[int, Iterator[bytes]]:
        """Give the bytes of a job's result, and how many there are.

        Raises:
            ResultGoneError: a part of it is not here.
        """
        parts = [(self._segment(job.id, epoch), size) for epoch, size in job.segments]
        for path, size in parts:
            if not path.exists() or path.stat().st_size < size:
                where = "in the data folder of another server" if job.place != self.place else "lost"
                raise ResultGoneError(f"The result of job {job.id} is {where}. Send the records again.")
        return sum(size for _, size in parts), _bytes(parts)

    def remove_input(self, job_id: str) -> None:
        """Remove what came in, once it is no longer needed."""
        (self._root / job_id / "input.ndjson").unlink(missing_ok=True)

    def remove(self, job_id: str) -> None:
        """Remove all files of a job."""
        shutil.rmtree(self._root / job_id, ignore_errors=True)

    def strays(self, known: set[str], older_than: float) -> list[str]:
        """Give the ids under which files lie that no known job has, untouched for so many seconds."""
        before = time.time() - older_than
        folders = [path for path in self._root.iterdir() if path.is_dir() and path.name not in known]
        return [path.name for path in folders if path.stat().st_mtime < before]

    def _segment(self, job_id: str, epoch: int) -> Path:
        return self._root / job_id / f"{epoch}.ndjson"


class Input:
    """Records being received, one a line; `total` counts them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream = path.open("xb", buffering=_CHUNK_BYTES)
        self._has_words = False  # whether the line that is not whole yet holds anything
        self.total = 0

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._stream.write(chunk)
        first, *others = chunk.split(b"\n")
        for line in others:  # each is the line after a newline: the one before it is whole
            self.total += self._has_words or bool(first.strip())
            self._has_words, first = False, line
        self._has_words = self._has_words or bool(first.strip())

    def close(self) -> None:
        """Write all to the disk for good."""
        self.total += self._has_words
        with self._stream:
            self._stream.flush()
            os.fsync(self._stream.fileno())
        sync_folder(self._path.parent)
        sync_folder(self._path.parent.parent)


class Source:
    """A job's records, from a byte on."""

    def __init__(self, path: Path, position: int, longest_line: int) -> None:
        self._stream = path.open("rb")
        self._stream.seek(position)
        self._longest = longest_line

    def take(self, most: int) -> list[tuple[bytes | None, int]]:
        """Give the next records, each with the byte at which it ends; None is one that is too long."""
        taken: list[tuple[bytes | None, int]] = []
        while len(taken) < most and (line := self._stream.readline(self._longest + 1)):
            whole = line.endswith(b"\n") or len(line) <= self._longest
            if not whole:
                _skip_line(self._stream)
            if not whole or line.strip():
                taken.append((line if whole else None, self._stream.tell()))
        return taken

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


class Segment:
    """What one taking up of a job answers; `size` is what has reached the disk for good."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: BinaryIO | None = None
        self.size = 0

    def append(self, lines: list[bytes]) -> None:
        """Write lines to the disk for good.

        Raises:
            OSError: there is no room; what was written of them does not count.
        """
        if not lines:
            return
        if self._stream is None:
            self._stream = self._path.open("wb", buffering=0)
            sync_folder(self._path.parent)
        written = write_all(self._stream.fileno(), b"".join(line + b"\n" for line in lines))
        os.fsync(self._stream.fileno())
        self.size += written

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            self._stream.close()


def _place(root: Path) -> str:
    """Give the folder's name for itself, made up by the first process that comes."""
    path = root / _PLACE
    if not path.exists():
        aside = root / f".{_PLACE}.{uuid.uuid4().hex}"
        aside.write_text(uuid.uuid4().hex, encoding="ascii")
        try:
            os.link(aside, path)
        except FileExistsError:  # another process was first
            pass
        finally:
            aside.unlink()
    return path.read_text(encoding="ascii")


def _skip_line(stream: BinaryIO) -> None:
    while (piece := stream.readline(_CHUNK_BYTES)) and not piece.endswith(b"\n"):
        pass


def _bytes(parts: list[tuple[Path, int]]) -> Iterator[bytes]:
    for path, size in parts:
        with path.open("rb") as stream:
            left = size
            while left and (chunk := stream.read(min(left, _CHUNK_BYTES))):
                left -= len(chunk)
                yield chunk
