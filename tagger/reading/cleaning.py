"""Small repairs that every read text gets: composed accents, single spaces, paragraphs apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff\x00-\x08\x0e-\x1f]")
_SPACES = re.compile(r"[ \t\v\f\u00a0\u2000-\u200a\u202f\u3000]+")


def clean_line(line: str) -> str:
    """Give `line` with composed accents, no invisible characters and single spaces."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", line))).strip()


def join_paragraphs(paragraphs: Iterable[str]) -> str:
    """Join paragraphs by a blank line, leaving out empty ones."""
    return "\n\n".join(paragraph for paragraph in map(clean_line, paragraphs) if paragraph)
