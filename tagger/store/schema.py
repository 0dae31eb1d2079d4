"""The whole schema: every module that declares tables is imported here."""

from __future__ import annotations

import tagger.store.articles
import tagger.store.decisions
import tagger.store.users  # noqa: F401
from tagger.store.tables import Base

metadata = Base.metadata


def include_name(name: str | None, kind: str, _: object) -> bool:
    """Say whether a table of the database is one of `metadata`'s; the full-text index is built by hand."""
    return kind != "table" or not (name or "").startswith("article_search")
