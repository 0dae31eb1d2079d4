"""What an editor can ask of a lead."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_CHARS = 280
LEAST_CHARS = 80
TITLE_CHARS = 90


class LeadOptions(BaseModel):
    """How long a lead may be, in characters and sentences, and what comes with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_chars: int = Field(DEFAULT_CHARS, ge=LEAST_CHARS)
    max_sentences: int = Field(2, ge=1, le=2)
    alternatives: bool = False
    title: bool = False
