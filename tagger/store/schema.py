"""The whole schema: every module that declares tables is imported here."""

from __future__ import annotations

from tagger.store import idempotency, jobs, keys  # noqa: F401 - they declare their tables
from tagger.store.tables import Base

metadata = Base.metadata
