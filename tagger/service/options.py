"""How an article is to be annotated: the query parameters of the annotation addresses as one model."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tagger.annotator import DEFAULT_TOP
from tagger.keywords.model import Profile
from tagger.leads.options import DEFAULT_CHARS, LEAST_CHARS


class AnnotateOptions(BaseModel):
    """The options of one annotation."""

    model_config = ConfigDict(extra="forbid")

    top: int = Field(DEFAULT_TOP, ge=1, description="How many keywords to list, suggested or not.")
    require_french: bool = Field(False, description="Refuse articles that are not in French.")
    profile: Profile = Field("best", description="The keyword model.")
    precision: float | None = Field(None, ge=0, le=1, description="Suggest what reaches this precision.")
    lead_chars: int = Field(DEFAULT_CHARS, ge=LEAST_CHARS, description="How many characters the lead may have.")
    lead_sentences: int = Field(2, ge=1, le=2, description="How many sentences the lead may have.")
    alternatives: bool = Field(False, description="Give two other leads to choose from.")
    suggest_title: bool = Field(False, description="Suggest a title.")
