"""SPIP's own markup read as text: true paragraphs, no typography, what is only layout left out.

The markup is that of SPIP's raccourcis typographiques, with the HTML that editors write between them. Nothing in a
text can make the reading fail: what is no markup stays as it stands.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from tagger.reading.cleaning import clean_line, join_paragraphs, unwrap
from tagger.reading.mojibake import repair

_LANGUAGE = "fr"
_ANY = re.IGNORECASE | re.DOTALL
_OPEN, _CLOSE = "\ue000", "\ue001"  # around the number of a passage that is set aside
_PRIVATE = re.compile(f"[{_OPEN}{_CLOSE}]")
_SET_ASIDE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")

_LITERAL = re.compile(r"<(code|cadre|frame)\b[^<>]*>(.*?)</\1\s*>", _ANY)
_NOT_TEXT = re.compile(
    r"<!--.*?-->|<\?.*?\?>|<(script|style|math|svg|iframe|object|noscript)\b[^<>]*>.*?</\1\s*>|<:[\w:]*?:>", _ANY
)
_MULTI = re.compile(r"<multi>(.*?)</multi\s*>", _ANY)
_MULTI_LANGUAGE = re.compile(r"\[([a-z]{2,3}(?:_[a-z]+)*)\]")
# <doc12|left>, <img3>, <emb4|center>, <album|id=5>: a model, which SPIP draws; of HTML, only headings look so.
_MODEL = re.compile(r"<(?!h[1-6]\b)[a-z_]+\d+(?:\s*\|[^<>]*)?/?>|<[a-z_]+\d*\s*\|[^<>]*>", re.IGNORECASE)
_NOTE = re.compile(r"\[\[\s*(?:<[^<>'\"]*>)?(.{0,5000}?)\]\](?!\])", re.DOTALL)
_ANCHOR = re.compile(r"\[#?[\w-]*\s*<-\s*[\w-]*\]")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\]){0,1000}?)->>?([^\[\]\n]{0,2000})\]")
_LINK_HINT = re.compile(r"\|.*|\{[a-z]{2,3}\}\s*$", re.DOTALL)  # [texte|bulle{en}->adresse]
_GLOSSARY = re.compile(r"\[\?([^\[\]|{}\n]{1,200})[^\[\]\n]{0,200}\]")
_ADDRESS = re.compile(r"(?:https?|ftp)://\S", re.IGNORECASE)

_HEADING = re.compile(r"\{{3}(?:[*#]{1,5}(?=\s))?(.{0,500}?)\}{3}", re.DOTALL)
_EMPHASIS = re.compile(r"\{+|\}+")
_RULE = re.compile(r"^[ \t]*(?:-[ \t]*){4,}$|^[ \t]*_{4,}[ \t]*$", re.MULTILINE)
_TABLE_CAPTION = re.compile(r"^[ \t]*\|\|([^|\n]*)(?:\|[^\n]*)?\|\|[ \t]*$", re.MULTILINE)
_TABLE_ROW = re.compile(r"^[ \t]*\|(.*)\|[ \t]*$", re.MULTILINE)
_NO_CELL = ("", "<", "^")  # empty, or joined to its neighbour
_ITEM = re.compile(r"^[ \t]*(?:-[*#]+|-(?=[ \t]))[ \t]*", re.MULTILINE)
_LINE_BREAK = re.compile(r"^[ \t]*_[ \t]+", re.MULTILINE)
_TILDE = re.compile(r"(?<!/)~")  # not in http://host/~user

_TAG = re.compile(r"<(/?)([a-z][a-z0-9:-]*)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BLOCKS = frozenset(
    "address article aside blockquote center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr intro li main nav ol p poesie poetry pre quote section table td th title tr ul".split()
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_PARAGRAPH_END = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")

_SIGN = re.compile(r"[<>{}\[\]~|]|^[-_]", re.MULTILINE)


def read_spip(markup: str) -> str:
    """Give the text of an article's field: paragraphs, headings and list items apart by a blank line.

    Lines that the editor broke stay lines of one paragraph. Foot-notes follow the text, as SPIP prints them. Of
    `<multi>`, French is read, else what stands first. Documents, pictures and other models are left out.
    """
    set_aside: list[str] = []

    def back(text: str) -> str:
        return _SET_ASIDE.sub(lambda match: set_aside[int(match[1])], text)

    def aside(text: str) -> str:
        set_aside.append(back(text))
        return f"{_OPEN}{len(set_aside) - 1}{_CLOSE}"

    text = _PRIVATE.sub("", repair(markup)).replace("\r\n", "\n").replace("\r", "\n")
    text = _LITERAL.sub(lambda match: aside(match[2]), text)
    text = _NOT_TEXT.sub("", text)
    text = _MULTI.sub(lambda match: _of_language(match[1]), text)
    text = _MODEL.sub("", text)
    notes: list[str] = []
    text = _NOTE.sub(lambda match: notes.append(match[1]) or "", text)  # type: ignore[func-returns-value]
    text = "\n\n".join((text, *notes))
    text = _shape_blocks(_shape_links(text, aside))
    text = _ENTITY.sub(lambda match: _PRIVATE.sub("", html.unescape(match[0])), _TAG.sub(_tag, text))
    return join_paragraphs(map(_paragraph, _PARAGRAPH_END.split(back(text))))


def read_spip_line(markup: str) -> str:
    """Give the text of a field of one line, such as a title."""
    return " ".join(read_spip(markup).split())


def as_spip(text: str) -> str:
    """Give plain text as SPIP's markup: `read_spip` reads it back, and SPIP prints it as it is."""
    return _SIGN.sub(lambda match: f"&#{ord(match[0])};", text.replace("&", "&amp;"))


def _of_language(alternatives: str) -> str:
    """Choose among « text [fr]texte[en]text » the French text, else the first that is not empty."""
    first, *others = _MULTI_LANGUAGE.split(alternatives)
    texts = dict(zip(others[::2], others[1::2], strict=True))
    return texts.get(_LANGUAGE) or next(filter(str.strip, (first, *texts.values())), "")


def _shape_links(text: str, aside: Callable[[str], str]) -> str:
    """Leave of links their text, and of a link without one its address, unless it leads inside the site."""

    def shape(match: re.Match[str]) -> str:
        label, address = _LINK_HINT.sub("", match[1]).strip(), match[2].strip()
        if label or not _ADDRESS.match(address):
            return label
        return aside(address)

    text = _LINK.sub(shape, _ANCHOR.sub("", text))
    return _GLOSSARY.sub(lambda match: match[1].strip(), text)


def _shape_blocks(text: str) -> str:
    """Put blank lines where SPIP begins a block, and take the signs away that say so."""
    text = _HEADING.sub(lambda match: f"\n\n{match[1]}\n\n", text)
    text = _EMPHASIS.sub("", text)
    text = _RULE.sub("\n\n", text)
    text = _TABLE_CAPTION.sub(lambda match: f"\n{match[1]}\n", text)
    text = _TABLE_ROW.sub(_row, text)
    text = _ITEM.sub("\n\n", text)
    return _TILDE.sub("\N{NO-BREAK SPACE}", _LINE_BREAK.sub("", text))


def _row(match: re.Match[str]) -> str:
    cells = (cell.strip() for cell in match[1].split("|"))
    return " ; ".join(cell for cell in cells if cell not in _NO_CELL)


def _tag(match: re.Match[str]) -> str:
    name = match[2].lower()
    if name == "br":
        return "\n"
    return "\n\n" if name in _BLOCKS else ""


def _paragraph(block: str) -> str:
    """Give a paragraph with clean lines; those of a text wrapped to a fixed width are joined."""
    return "\n".join(filter(None, map(clean_line, unwrap(block).split("\n"))))
