"""Small repairs that every read text gets: composed accents, single spaces, paragraphs apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff\x00-\x08\x0e-\x1f]")
_WRAP_MIN, _WRAP_MAX = 50, 100
_WRAP_MIN_LINES = 2
_SPACES = re.compile(r"[ \t\v\f\u00a0\u2000-\u200a\u202f\u3000]+")


def clean_line(line: str) -> str:
    """Give `line` with composed accents, no invisible characters and single spaces."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", line))).strip()


def join_paragraphs(paragraphs: Iterable[str]) -> str:
    """Join paragraphs by a blank line, leaving out empty ones."""
    return "\n\n".join(paragraph for paragraph in map(clean_line, paragraphs) if paragraph)


def unwrap(text: str) -> str:
    """Join the lines of paragraphs that were wrapped to a fixed width, as mails and Markdown files are."""
    return "\n\n".join(_unwrap_block(block) for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")))


def _unwrap_block(block: str) -> str:
    """Join the lines of a block if they are of one width and mostly go on in the middle of a sentence."""
    first, *others = block.split("\n")
    wrapped = [line.rstrip() for line in (first, *others[:-1])]
    if len(others) < _WRAP_MIN_LINES or not all(_WRAP_MIN <= len(line) <= _WRAP_MAX for line in wrapped):
        return block
    if sum(line.lstrip()[:1].islower() for line in others) < len(others) / 2:
        return block
    return " ".join(line.strip() for line in (first, *others))
