"""Small repairs that every read text gets: composed accents, single spaces, paragraphs apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff\x00-\x08\x0e-\x1f]")
_WRAP_MIN, _WRAP_MAX = 50, 100
_WRAP_MIN_LINES = 2
_COLUMN_MIN, _COLUMN_MIN_CUTS, _COLUMN_MIN_LINES = 20, 2, 4
_SLACK = 2  # characters: lines are not set to the last one
_FULL_SHARE = 0.75  # of a column's width: a shorter line leaves room
_CUT_WORD = re.compile(r"(?P<before>[\w'’-]*[^\W\d_])[-\u2010]\n(?P<after>[a-zà-öø-ÿ]+)")
_FIRST_PART = re.compile(  # « porte-parole », « c'est-à-dire »; not « par », « mi », « au », which are syllables too
    r".*-[^-]+|(?:.*['’])?(?:celles?|celui|ceux|chef|demi|e|grande?s?|haut|petit|porte|quelques?|rendez|savoir|semi"
    r"|vingt|trente|quarante|cinquante|soixante|quatre|vice)",
    re.IGNORECASE,
)
_AFTER_HYPHEN = re.compile(r"(?<=[^\W\d_]-)\n(?=[A-ZÀ-Ý])")  # « Bobo-\nDioulasso »
_LAST_PART = re.compile(r"je|ils?|elles?|là|nous|vous|moi|mêmes?|à|dire|être|t")
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
    if len(others) < _WRAP_MIN_LINES or sum(map(_goes_on, others)) < len(others) / 2:
        return block
    if all(_WRAP_MIN <= len(line) <= _WRAP_MAX for line in wrapped):
        return _join([first, *others])
    if _is_column([line.strip() for line in (first, *others)]):
        return _join_column([line.strip() for line in (first, *others)])
    return block


def _goes_on(line: str) -> bool:
    return line.lstrip()[:1].islower()


def _is_column(lines: list[str]) -> bool:
    """Say whether lines are those of a narrow column: words cut at their ends, or none that had room for one more."""
    width = max(map(len, lines))
    if not _COLUMN_MIN <= width <= _WRAP_MAX:
        return False
    if sum(bool(_CUT_WORD.search(f"{line}\n{after}")) for line, after in pairwise(lines)) >= _COLUMN_MIN_CUTS:
        return True
    is_full = all(len(line) + len(after.partition(" ")[0]) > width - _SLACK for line, after in pairwise(lines))
    return is_full and len(lines) >= _COLUMN_MIN_LINES and not any(line.endswith(";") for line in lines)


def _join_column(lines: list[str]) -> str:
    """Join the lines of a column; one that leaves room and ends a sentence, or is a heading, ends a paragraph."""
    width = max(map(len, lines))
    paragraphs = [lines[:1]]
    for before, line in pairwise(lines):
        if _goes_on(line) or len(before) >= _FULL_SHARE * width:
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return "\n".join(map(_join, paragraphs))


def _join(lines: list[str]) -> str:
    """Join lines by spaces, and the words that were cut at their ends; « porte-parole » keeps its hyphen."""
    joined = _CUT_WORD.sub(_whole_word, "\n".join(line.strip() for line in lines))
    return _AFTER_HYPHEN.sub("", joined).replace("\n", " ")


def _whole_word(match: re.Match[str]) -> str:
    is_compound = _FIRST_PART.fullmatch(match["before"]) or _LAST_PART.fullmatch(match["after"])
    return match["before"] + ("-" if is_compound else "") + match["after"]
