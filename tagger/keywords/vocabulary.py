"""The controlled vocabulary: the keywords under which articles are filed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tagger.errors import ModelError
from tagger.text.typography import fold_accents, normalise

VOCABULARY_FILE = "keywords.jsonl"


class Keyword(BaseModel):
    """One keyword: what it is called, what is filed under it, and the words that point to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str
    group: str
    definition: str
    synonyms: tuple[str, ...] = ()
    archive_count: int = Field(0, ge=0, description="Articles filed under it in the archive, July 2025.")


@dataclass(frozen=True)
class Vocabulary:
    """The keywords in their order; found by id, or by name in any typographic variant."""

    keywords: tuple[Keyword, ...]

    def __iter__(self) -> Iterator[Keyword]:
        return iter(self.keywords)

    def __len__(self) -> int:
        return len(self.keywords)

    @cached_property
    def by_id(self) -> dict[str, Keyword]:
        """Keywords by id."""
        return {keyword.id: keyword for keyword in self.keywords}

    @cached_property
    def _by_folded_name(self) -> dict[str, Keyword]:
        return {_fold(keyword.name): keyword for keyword in self.keywords}

    def named(self, name: str) -> Keyword | None:
        """Find a keyword by its name; case, accents and the form of apostrophes do not matter."""
        return self._by_folded_name.get(_fold(name))


def load_vocabulary(folder: Path) -> Vocabulary:
    """Load the vocabulary from the folder of training data.

    Raises:
        ModelError: the file is missing, or a line of it is not a keyword.
    """
    path = folder / VOCABULARY_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise ModelError(f"The vocabulary {path} is missing. Name a folder that has it.") from None
    keywords = []
    for number, line in enumerate(lines, 1):
        try:
            keywords.append(Keyword.model_validate_json(line))
        except ValidationError as error:
            raise ModelError(f"Line {number} of {path} is not a keyword: {error}") from None
    return Vocabulary(tuple(keywords))


def _fold(name: str) -> str:
    return fold_accents(normalise(name).text).casefold().strip()
