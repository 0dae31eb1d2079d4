"""What can be asked of a lead."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_CHARS = 280
LEAST_CHARS = 80
MOST_SENTENCES = 2
TITLE_CHARS = 90


class LeadOptions(BaseModel):
    """How long a lead may be, in characters and sentences, and what comes with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lead_chars: int = Field(DEFAULT_CHARS, ge=LEAST_CHARS, description="How many characters the lead may have.")
    lead_sentences: int = Field(
        MOST_SENTENCES, ge=1, le=MOST_SENTENCES, description="How many sentences the lead may have."
    )
    alternatives: bool = Field(False, description="Give two other leads to choose from.")
    suggest_title: bool = Field(False, description=f"Suggest a title of at most {TITLE_CHARS} characters.")
