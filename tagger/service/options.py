"""What a caller can ask of an annotation: the query parameters of every address that annotates."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tagger.annotator import DEFAULT_TOP
from tagger.keywords.model import Profile
from tagger.leads.options import DEFAULT_CHARS, LEAST_CHARS, TITLE_CHARS, LeadOptions


class AnnotateOptions(BaseModel):
    """Options of an annotation. Where `profile` is left open, one article has `best` and a batch `fast`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    top: int = Field(DEFAULT_TOP, ge=1, description="How many keywords to list, suggested or not.")
    require_french: bool = Field(False, description="Refuse articles that are not in French.")
    profile: Profile | None = Field(
        None,
        description="The keyword model: `best` reads the meaning of sentences too, `fast` only words. "
        "By default `best` for one article and `fast` for a batch.",
    )
    precision: float | None = Field(
        None, ge=0, le=1, description="Suggest what reaches this precision, instead of what gives the best F1."
    )
    lead_chars: int = Field(DEFAULT_CHARS, ge=LEAST_CHARS, description="How many characters the lead may have.")
    lead_sentences: int = Field(2, ge=1, le=2, description="How many sentences the lead may have.")
    alternatives: bool = Field(False, description="Give two other leads to choose from.")
    suggest_title: bool = Field(False, description=f"Suggest a title of at most {TITLE_CHARS} characters.")

    @property
    def lead(self) -> LeadOptions:
        """Give what is asked of the lead."""
        return LeadOptions(
            max_chars=self.lead_chars,
            max_sentences=self.lead_sentences,
            alternatives=self.alternatives,
            title=self.suggest_title,
        )

    def arguments(self, default: Profile) -> dict[str, Any]:
        """Give the keyword arguments of `Annotator.annotate` and `.answer`; `default` is the profile if left open."""
        return {
            "top": self.top,
            "require_french": self.require_french,
            "profile": self.profile or default,
            "precision": self.precision,
            "lead": self.lead,
        }
