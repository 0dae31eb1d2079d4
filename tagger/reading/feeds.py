"""RSS and Atom feeds: a record an entry, with what the feed itself holds of the article."""

from __future__ import annotations

import io
from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import feedparser

from tagger.errors import InvalidRecordError
from tagger.reading.cleaning import clean_line, join_paragraphs
from tagger.reading.html_page import read_fragment
from tagger.reading.press_lines import split_body
from tagger.reading.records import BadRecord, Record, validate_record


def read_feed(data: bytes) -> Iterator[Record | BadRecord]:
    """Give the entries of a feed, in its order; one that is no feed gives one bad record.

    The text is the entry's full content where the feed has it, else its summary; `keywords` are its categories.
    """
    # As a stream: a string could be taken for the name of a file, or for an address to fetch.
    feed = feedparser.parse(io.BytesIO(data))
    if not feed.get("version"):
        yield BadRecord(None, InvalidRecordError("This is neither an RSS nor an Atom feed."))
        return
    source = clean_line(feed.feed.get("title", "")) or None
    for entry in feed.entries:
        yield validate_record(_fields(entry) | {"source": source})


def _fields(entry: Any) -> dict[str, Any]:  # noqa: ANN401 - feedparser has no types
    contents = [content.value for content in entry.get("content", [])]
    summary = _body(entry.get("summary", ""))
    text = max(map(_body, contents), key=len, default="") or summary
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    return {
        "id": entry.get("id") or entry.get("link"),
        "title": read_fragment(entry.get("title", "")),
        "text": text,
        "chapo": summary if summary != text else None,
        "url": entry.get("link"),
        "date": datetime.fromtimestamp(timegm(moment), UTC).date() if moment else None,
        "keywords": [tag.term for tag in entry.get("tags", []) if tag.get("term")],
    }


def _body(markup: str) -> str:
    """Give the text of an entry without what the site adds (« L'article … est apparu en premier sur … »)."""
    paragraphs, _ = split_body(read_fragment(markup).split("\n\n"))
    return join_paragraphs(paragraphs)
