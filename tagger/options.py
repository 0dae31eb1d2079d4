"""What can be asked of an annotation, by the same names in Python, on the command line and over HTTP."""

from __future__ import annotations

from typing import Self, TypedDict

from pydantic import Field, ValidationError

from tagger.keywords.model import Profile
from tagger.leads.options import LeadOptions
from tagger.reading.records import explain

DEFAULT_TOP = 10


class Options(TypedDict, total=False):
    """The options as keyword arguments; `AnnotateOptions` says what each does, its limits and its default."""

    top: int
    require_french: bool
    profile: Profile | None
    precision: float | None
    lead_chars: int
    lead_sentences: int
    alternatives: bool
    suggest_title: bool


class AnnotateOptions(LeadOptions):
    """The options, checked. Where `profile` is left open, one article has `best` and a batch `fast`."""

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

    @classmethod
    def of(cls, options: Options) -> Self:
        """Check what a caller asks for.

        Raises:
            ValueError: an option is unknown or over its limits; the message names it.
        """
        try:
            return cls(**options)
        except ValidationError as error:
            raise ValueError(f"{explain(error)} The options are {', '.join(cls.model_fields)}.") from None
