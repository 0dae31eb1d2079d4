"""UTF-8 that was once read as latin-1 (« Ã© » for « é »), as old databases hold it: put right, and made again."""

from __future__ import annotations

import re

import ftfy
import ftfy.bad_codecs  # registers sloppy-windows-1252, which is what MySQL calls latin1

# Only the encoding: spaces, quotes, ligatures and entities stay as they were typed.
_REPAIRS = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    replace_lossy_sequences=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)
_LATIN1 = "sloppy-windows-1252"
_NEXT = "[" + re.escape(bytes(range(0x80, 0xC0)).decode(_LATIN1)) + "]"
# What the UTF-8 of French letters and marks looks like as latin-1. Only where some of it is, ftfy is asked: it knows
# far more, but takes « ADRAMÉ° » for a garbled letter, too.
_SUSPECT = re.compile(
    rf"[ÃÅ]{_NEXT}|Â[\xa1-\xba\xbc-\xbf]|â€{_NEXT}|â‚¬"
    r"|(?<![A-ZÀ-Ý])Â[\xa0»]"  # after a capital it may be meant: « PAPE KÂ : »
    r"|Ã "  # « à » whose non-breaking space became a plain one
    r"|[\x80-\x9f]"  # windows-1252 punctuation read as latin-1
)


def repair(text: str) -> str:
    """Give `text` as it was meant; text that is right comes back unchanged."""
    return ftfy.fix_text(text, _REPAIRS) if _SUSPECT.search(text) else text


def garble(text: str) -> str:
    """Give the form in which a database holds `text` whose UTF-8 it takes for latin-1: the inverse of `repair`."""
    return text.encode("utf-8", "replace").decode(_LATIN1)


def is_garbled(text: str) -> bool:
    """Say whether `text` is UTF-8 that was read as latin-1."""
    return repair(text) != text
