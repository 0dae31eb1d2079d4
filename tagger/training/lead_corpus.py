"""Articles with leads to learn from and to be measured against: JSON Lines, plain or gzipped."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from tagger.errors import InvalidRecordError


class LeadExample(BaseModel):
    """An article with the lead that its author or an editor wrote."""

    model_config = ConfigDict(extra="ignore")

    title: str = ""
    text: str = Field(validation_alias=AliasChoices("text", "article"), min_length=1)
    lead: str = Field(validation_alias=AliasChoices("lead", "heading", "chapo"), min_length=1)


def load_examples(paths: Sequence[Path], limit: int | None = None) -> list[LeadExample]:
    """Read the articles of some files, at most `limit` of each.

    Raises:
        InvalidRecordError: a line is no article with a lead, or there is none at all.
    """
    examples = [example for path in paths for example in _read(path, limit)]
    if not examples:
        raise InvalidRecordError(f"There is no article in {', '.join(map(str, paths))}.")
    return examples


def _read(path: Path, limit: int | None) -> Iterator[LeadExample]:
    with _open(path) as lines:
        for number, line in enumerate(lines, 1):
            if limit is not None and number > limit:
                return
            if line.strip():
                try:
                    yield LeadExample.model_validate_json(line)
                except ValidationError as error:
                    raise InvalidRecordError(
                        f"Line {number} of {path} has no lead to learn from: {error} A line needs a text (or "
                        "article) and a lead (or heading, or chapo)."
                    ) from None


def _open(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
