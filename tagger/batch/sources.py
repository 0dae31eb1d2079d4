"""Where a run's records come from: `open_source` opens what an address names.

A source gives the same records in the same order each time it is read: a run that goes on reads it again from its
beginning.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from tagger.batch.fetching import Fetcher, Page
from tagger.batch.spip import SpipAddress, SpipSource
from tagger.errors import InputError, SourceError, UnsupportedFormatError
from tagger.reading import BadRecord, Record, format_of_media_type, read_records
from tagger.reading.decoding import decode
from tagger.reading.feeds import read_feed
from tagger.reading.formats import Format, format_of_path
from tagger.reading.streams import at_least_one, format_of_stream, record_of, records_in

_FEED_ENDINGS = (".rss", ".atom", ".xml")
_LIST_ENDINGS = (".urls", ".txt")
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml", "text/xml")


class Source(Protocol):
    """A series of records."""

    def records(self) -> Iterator[Record | BadRecord]:
        """Give the records, always the same in the same order, one at a time; what is open is closed at their end."""

    def share_read(self) -> float | None:
        """Tell how much of the source has been read (0 to 1), or None where nobody can know."""


@dataclass(frozen=True)
class SourceOptions:
    """What must be said of a source beside its address; `fetcher` is there if the network may be used."""

    format: Format | None = None
    charset: str | None = None
    fetcher: Fetcher | None = None


Opener = Callable[[str, SourceOptions], Source]


def open_source(address: str, options: SourceOptions) -> Source:
    """Open the source at an address: a file, a folder, ``-`` for standard input, a web address, or a database's.

    Raises:
        SourceError: nothing is there, or the network was not asked for.
        UnsupportedFormatError: the ending of the file's name tells of no known format.
    """
    scheme, has_scheme, _ = address.partition("://")
    if has_scheme:
        opener = OPENERS.get(scheme.partition("+")[0])
        if opener is None:
            known = ", ".join(f"{name}://" for name in OPENERS)
            raise SourceError(f"Nothing reads {scheme}://. Known are files, folders, and {known}.")
        return opener(address, options)
    if address == "-":
        return _Filled(_StandardInput(options), "Standard input")
    path = Path(address)
    if path.is_dir():
        return _Filled(_Folder(path, options), address)
    if not path.is_file():
        raise SourceError(f"There is no file or folder {address}.")
    return _Filled(_open_file(path, options), address)


def _open_file(path: Path, options: SourceOptions) -> Source:
    ending = path.suffix.lower()
    if ending == ".urls" or (options.fetcher and ending in _LIST_ENDINGS):
        return _Web(_addresses_in(path), _fetcher_of(options))
    if ending in _FEED_ENDINGS:
        return _Feed(path)
    return _File(path, options.format or format_of_path(path), options.charset, path.name)


def _open_web(address: str, options: SourceOptions) -> Source:
    return _Web([address], _fetcher_of(options))


def _open_spip(address: str, _: SourceOptions) -> Source:
    return SpipSource(SpipAddress.parse(address))


OPENERS: dict[str, Opener] = {"http": _open_web, "https": _open_web, "spip": _open_spip}


def _fetcher_of(options: SourceOptions) -> Fetcher:
    if options.fetcher is None:
        raise SourceError("This source is on the network, which is used only when asked for: add --fetch.")
    return options.fetcher


class _Filled:
    """A source whose records may not be none at all."""

    def __init__(self, source: Source, name: str) -> None:
        self._source, self._name = source, name

    def records(self) -> Iterator[Record | BadRecord]:
        return at_least_one(self._source.records(), self._name)

    def share_read(self) -> float | None:
        return self._source.share_read()


class _File:
    """A file of records, or of one article, whose id is then `name`."""

    def __init__(self, path: Path, format: Format, charset: str | None, name: str) -> None:
        self._path, self._format, self._charset, self._name = path, format, charset, name
        self._share: Callable[[], float] = lambda: 0.0

    def records(self) -> Iterator[Record | BadRecord]:
        with self._path.open("rb") as stream:
            if self._format is Format.PARQUET:
                yield from self._counted(stream)
            else:
                size = max(self._path.stat().st_size, 1)
                self._share = lambda: stream.tell() / size if not stream.closed else 1.0
                yield from records_in(stream, self._format, self._charset, self._name)

    def share_read(self) -> float:
        return self._share()

    def _counted(self, stream: BinaryIO) -> Iterator[Record | BadRecord]:
        """Count the records, since a Parquet file is not read from its beginning to its end."""
        total, read = _rows_of(self._path), 0
        self._share = lambda: read / total
        for record in read_records(stream, self._format):
            read += 1
            yield record


class _Folder:
    """All files of known formats in a folder and its subfolders, by name."""

    def __init__(self, folder: Path, options: SourceOptions) -> None:
        self._folder, self._options = folder, options
        self._files = sorted(path for path in folder.rglob("*") if path.is_file() and _is_readable(path))
        if not self._files:
            raise SourceError(f"In {folder} there is no file that can be read.")
        self._read = 0
        self._open: Source | None = None

    def records(self) -> Iterator[Record | BadRecord]:
        for number, path in enumerate(self._files):
            self._read = number
            if path.suffix.lower() in _FEED_ENDINGS:
                self._open = _Feed(path)
            else:
                name = path.relative_to(self._folder).as_posix()
                self._open = _File(path, format_of_path(path), self._options.charset, name)
            yield from self._open.records()

    def share_read(self) -> float:
        inside = self._open.share_read() if self._open else None
        return (self._read + (inside or 0.0)) / len(self._files)


class _StandardInput:
    """Whatever is piped in; a run that goes on must be given the same again."""

    def __init__(self, options: SourceOptions) -> None:
        self._options = options

    def records(self) -> Iterator[Record | BadRecord]:
        stream = sys.stdin.buffer
        format = self._options.format or format_of_stream(stream)
        return records_in(stream, format, self._options.charset, "-")

    def share_read(self) -> None:
        return None


class _Feed:
    """A feed in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def records(self) -> Iterator[Record | BadRecord]:
        return read_feed(self._path.read_bytes())

    def share_read(self) -> None:
        return None


class _Web:
    """Pages and feeds on the web."""

    def __init__(self, addresses: list[str], fetcher: Fetcher) -> None:
        self._addresses, self._fetcher = addresses, fetcher
        self._read = 0

    def records(self) -> Iterator[Record | BadRecord]:
        for number, address in enumerate(self._addresses):
            self._read = number
            try:
                page = self._fetcher.fetch(address)
            except InputError as error:
                yield BadRecord(address, error)
            else:
                yield from _records_of_page(address, page)

    def share_read(self) -> float:
        return self._read / max(len(self._addresses), 1)


def _records_of_page(address: str, page: Page) -> Iterator[Record | BadRecord]:
    if page.content_type in _FEED_TYPES:
        yield from read_feed(page.body)
    elif format := format_of_media_type(page.content_type):
        record = record_of(page.body, format, page.charset, address)
        yield record if isinstance(record, BadRecord) else record.model_copy(update={"url": address})
    else:
        yield BadRecord(
            address,
            UnsupportedFormatError(f"The address answered {page.content_type}, which is no page and no feed."),
        )


def _addresses_in(path: Path) -> list[str]:
    """Read a list of web addresses, one a line; empty lines and those that begin with # are left out."""
    lines = map(str.strip, decode(path.read_bytes()).splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _is_readable(path: Path) -> bool:
    if path.name.startswith("."):
        return False
    try:
        format_of_path(path)
    except UnsupportedFormatError:
        return path.suffix.lower() in _FEED_ENDINGS
    return True


def _rows_of(path: Path) -> int:
    """Give the number of rows of a Parquet file; 1 where it cannot be read, which the reader will explain."""
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        return 1
    try:
        return max(int(parquet.read_metadata(path).num_rows), 1)
    except ArrowException:
        return 1
