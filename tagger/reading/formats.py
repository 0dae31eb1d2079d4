"""Which reader takes which kind of input."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from tagger.article import Article
from tagger.errors import UnsupportedFormatError
from tagger.reading.decoding import decode
from tagger.reading.html_page import read_html
from tagger.reading.plain_text import read_plain_text


class Format(StrEnum):
    """The kinds of input. The first two hold one article, the others a record a row."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"

    @property
    def holds_records(self) -> bool:
        """Whether a file of this kind holds many records."""
        return self not in (Format.TEXT, Format.HTML)


_BY_ENDING = {
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".md": Format.TEXT,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".json": Format.JSON,
    ".csv": Format.CSV,
    ".parquet": Format.PARQUET,
}
_JSON_ARRAY = re.compile(rb"\[\s*[\]{]")
_MARKUP = re.compile(rb"<(?:[a-z][a-z0-9]*[\s/>]|!doctype|!--|\?xml)")
_BY_MEDIA_TYPE = {
    "text/plain": Format.TEXT,
    "text/html": Format.HTML,
    "application/xhtml+xml": Format.HTML,
}


def format_of_path(path: Path) -> Format:
    """Tell the format of a file by its ending."""
    try:
        return _BY_ENDING[path.suffix.lower()]
    except KeyError:
        endings = " ".join(_BY_ENDING)
        raise UnsupportedFormatError(
            f"The ending of {path.name!r} is not one of {endings}. Rename it, or say --input-format."
        ) from None


def format_of_media_type(media_type: str) -> Format | None:
    """Tell the format of an HTTP body that is one article, or None for another media type."""
    return _BY_MEDIA_TYPE.get(media_type.lower())


def format_of_content(start: bytes) -> Format:
    """Guess the format of data that came without a name, from its first few thousand bytes."""
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"PAR1".lower()):
        return Format.PARQUET
    if start.startswith(b"{") or _JSON_ARRAY.match(start):
        first_line = start.partition(b"\n")[0].rstrip()
        return Format.JSON if first_line in (b"{", b"[") or start.startswith(b"[") else Format.JSONL
    if _MARKUP.match(start):
        return Format.HTML
    return Format.TEXT


def read_bytes(data: bytes, format: Format, *, charset: str | None = None, url: str | None = None) -> Article:
    """Read one article out of the bytes of a text or a web page.

    Raises:
        InputError: the bytes are binary, or not in the `charset` that the sender declared.
    """
    text = decode(data, declared=charset)
    if format is Format.HTML:
        return read_html(text, url=url)
    if format is Format.TEXT:
        return read_plain_text(text).model_copy(update={"url": url})
    raise UnsupportedFormatError(f"A {format} file holds records: read it with read_records.")
