"""One form for what can be typed in many ways, with the way back to the original offsets.

Models and matchers work on the normalised text; whatever they find is reported on the text as given.
So « L’État », "L'Etat" with a combining accent and "L&rsquo;État" all give the same annotation.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

_SIMPLE = {
    **dict.fromkeys("‘’ʼʻ′‵´`＇", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("\u00a0\u202f\u2007\u2009\u2002\u2003\u2008\u200a\u3000\t\v\f", " "),
    **dict.fromkeys("\u2010\u2011", "-"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),  # soft hyphen, zero-width characters, BOM
    "\r\n": "\n",
    **dict.fromkeys("\r\u2028\u2029", "\n"),
    "œ": "oe",
    "Œ": "Oe",
    "æ": "ae",
    "Æ": "Ae",
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
    "ﬅ": "st",
    "ﬆ": "st",
    "…": "...",
}
_WINDOWS_1252 = {code: bytes([code]).decode("windows-1252", errors="ignore") for code in range(0x80, 0xA0)}
_VARIANT = re.compile(
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"  # an HTML entity
    r"|.(?:[\u00ad\u200b-\u200d\u2060\ufeff]*[\u0300-\u036f])+"  # a letter with combining accents
    r"|\r\n"
    r"|[" + re.escape("".join(key for key in _SIMPLE if len(key) == 1)) + "]"
    r"|[\x80-\x9f]"  # windows-1252 punctuation that was read as latin-1
)


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """A text in one typographic form, and where each of its characters stands in the original.

    `starts` and `ends` have one item for each character of `text`; both are None where nothing changed.
    """

    original: str
    text: str
    starts: list[int] | None
    ends: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the offsets in the original of ``text[start:end]``, which must not be empty."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def normalise(original: str) -> NormalisedText:
    """Fold the typographic variants of `original` and keep the way back."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0

    def copy(until: int) -> None:
        pieces.append(original[position:until])
        starts.extend(range(position, until))
        ends.extend(range(position + 1, until + 1))

    for match in _VARIANT.finditer(original):
        replacement = _fold(match.group())
        if replacement == match.group():
            continue
        copy(match.start())
        pieces.append(replacement)
        starts.extend([match.start()] * len(replacement))
        ends.extend([match.end()] * len(replacement))
        position = match.end()
    if position == 0:
        return NormalisedText(original, original, None, None)
    copy(len(original))
    return NormalisedText(original, "".join(pieces), starts, ends)


def _fold(variant: str) -> str:
    """Give the one form of a stretch that `_VARIANT` matched."""
    if variant in _SIMPLE:
        return _SIMPLE[variant]
    if variant.startswith("&"):
        variant = html.unescape(variant)
    folded = "".join(_SIMPLE.get(character, character) for character in variant.translate(_WINDOWS_1252))
    return unicodedata.normalize("NFC", folded)


def fold_accents(text: str) -> str:
    """Strip accents, character by character, so that the result has the length of `text`.

    Only for normalised text: a character that would fold to several is left as it is.
    """
    return text if text.isascii() else text.translate(_WITHOUT_ACCENT)


def _accent_table() -> dict[int, str]:
    """Map each accented Latin letter to its plain letter."""
    table = {}
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            table[code] = base
    return table


_WITHOUT_ACCENT = _accent_table()
