"""What a caller can ask of an annotation: the query parameters of every address that annotates."""

from __future__ import annotations

from pydantic import ConfigDict

from tagger.options import AnnotateOptions


class AnnotateParameters(AnnotateOptions):
    """The options as query parameters; those that no option has the name of are left alone."""

    model_config = ConfigDict(extra="ignore")
