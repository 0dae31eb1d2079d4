"""Bytes to text: the declared encoding if there is one, else what the bytes themselves say."""

from __future__ import annotations

import codecs
import re

from tagger.errors import BinaryDataError, InvalidEncodingError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP archive or an Office document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\x1f\x8b": "a gzip archive",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"{\\rtf": "an RTF document",
}
_META_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w:.-]+)", re.I)
_HTML_HEAD_BYTES = 4096
# What browsers do: pages that claim latin-1 or ASCII are in windows-1252.
_AS_BROWSERS_DO = {"iso-8859-1": "windows-1252", "latin-1": "windows-1252", "ascii": "windows-1252"}
# Codecs of Python in which no text is kept; punycode takes minutes for what others take milliseconds for.
_NOT_FOR_TEXTS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape"})
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_CONTROL_SHARE = 0.01


def decode(data: bytes, *, declared: str | None = None) -> str:
    """Decode `data`; `declared` is the encoding that the sender named, which is then held to it.

    Without one: a byte order mark, a declaration inside the page, UTF-8, and windows-1252 last.

    Raises:
        BinaryDataError: the bytes are no text.
        InvalidEncodingError: they are not in the encoding that was declared.
    """
    _refuse_signatures(data)
    text = _decode_as(data, declared) if declared else _decode_by_content(data)
    if _SURROGATE.search(text):
        raise InvalidEncodingError("The text holds half a character (a lone surrogate). Send it as UTF-8.")
    control_characters = len(_CONTROL.findall(text))
    if "\x00" in text or control_characters > _MAX_CONTROL_SHARE * len(text):
        raise BinaryDataError("The data holds control characters that no text has. Send text, HTML or JSON.")
    return text


def _refuse_signatures(data: bytes) -> None:
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            raise BinaryDataError(f"The data is {kind}. Send its text, or the web page, instead.")


def bom_encoding(data: bytes) -> str | None:
    """Give the encoding of the byte order mark that `data` begins with, or None where there is none."""
    return next((encoding for bom, encoding in _BOMS if data.startswith(bom)), None)


def utf8_or_windows(data: bytes) -> str:
    """Tell the encoding of a text that is not declared: UTF-8 if it can be that, else windows-1252."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def text_encoding(name: str) -> str:
    """Give the name of an encoding in which texts are kept, as Python has it.

    Raises:
        InvalidEncodingError: there is none of this name.
    """
    try:
        "".encode(name)  # says LookupError for base64, rot13 and the like too
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        known = ""
    if not known or known in _NOT_FOR_TEXTS:
        raise InvalidEncodingError(f"The encoding {name!r} is unknown. Send UTF-8.")
    return known


def _decode_as(data: bytes, declared: str) -> str:
    try:
        text = data.decode(text_encoding(declared))
    except UnicodeError as error:
        raise InvalidEncodingError(
            f"The data is declared as {declared} and is not: {error}. Send it as UTF-8, or name its encoding."
        ) from None
    return text.removeprefix("\ufeff")


def _decode_by_content(data: bytes) -> str:
    if encoding := bom_encoding(data):
        return data.decode(encoding, errors="replace")
    if meta := _META_CHARSET.search(data[:_HTML_HEAD_BYTES]):
        named = meta.group(1).decode("ascii").lower()
        try:
            return data.decode(_AS_BROWSERS_DO.get(named, text_encoding(named)))
        except (InvalidEncodingError, UnicodeError):
            pass  # many pages claim an encoding that they are not in
    return data.decode(utf8_or_windows(data), errors="replace")
