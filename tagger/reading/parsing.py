"""The markup of a web page as a tree, refused where to parse it would take unbounded time."""

from __future__ import annotations

import re

from lxml import html as lxml_html
from lxml.etree import LxmlError, ParserError

from tagger.errors import UnreadablePageError

_MAX_ATTRIBUTES = 1000
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>"'][^\s>]*+)?+)?+"""
_RAW_ELEMENTS = "script|style|textarea|title|noscript|iframe|xmp|noembed|noframes"
# As HTML 5 cuts markup into tokens; possessive, so that each character is looked at once.
_TOKEN = re.compile(
    rf"<!--.*?(?:-->|\Z)|<[!?][^>]*+|<(?:({_RAW_ELEMENTS})(?=[\s/>])|/?[a-z])[^\s/>]*+"
    rf"(?:{_ATTRIBUTE}){{0,{_MAX_ATTRIBUTES}}}+({_ATTRIBUTE})?+(?(1)[^>]*+>?+.*?(?:</\1|\Z))",
    re.IGNORECASE | re.DOTALL,
)


def parse_page(markup: str) -> lxml_html.HtmlElement | None:
    """Parse a page; None where it holds nothing.

    Raises:
        UnreadablePageError: a tag has more attributes than any page's; the parser compares each with all before it.
    """
    if any(token[2] for token in _TOKEN.finditer(markup)):
        raise UnreadablePageError(
            f"A tag has more than {_MAX_ATTRIBUTES} attributes. Send the article's text instead."
        )
    try:
        return lxml_html.fromstring(markup.encode("utf-8"), parser=lxml_html.HTMLParser(encoding="utf-8"))
    except (ParserError, LxmlError, ValueError):
        return None
