"""The controlled vocabulary: the keywords under which articles are filed, as a file keeps them."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from tagger.errors import ModelError
from tagger.text.typography import fold_accents, normalise
from tagger.writing import written_whole

VOCABULARY_FILE = "keywords.jsonl"
_ADDED_LATER = ("status", "replaced_by", "former_names")  # left out of a line where they say nothing
_NOT_IN_A_LINE = {"Cc", "Cs", "Zl", "Zp"}
_CLOSE = 3
_SIMILAR_SYNONYM = 0.8


def _one_line(text: str) -> str:
    """Refuse what neither a table cell nor a line of another vocabulary format could hold."""
    for character in text:
        if unicodedata.category(character) in _NOT_IN_A_LINE:
            raise ValueError(f"{text!r} has a tab, a line break or another control character in it")
    return text


def _with_a_letter(name: str) -> str:
    if not any(map(str.isalnum, name)):
        raise ValueError(f"{name!r} has neither a letter nor a digit")
    return name


def _once(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(labels))


_Line = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_one_line)]
_Name = Annotated[_Line, AfterValidator(_with_a_letter)]
_Labels = Annotated[tuple[Annotated[_Line, Field(min_length=1)], ...], AfterValidator(_once)]


class Keyword(BaseModel):
    """One keyword: what it is called, what is filed under it, and the words that point to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: _Name
    group: _Line
    definition: _Line
    synonyms: _Labels = ()
    archive_count: int = Field(0, ge=0, description="Articles filed under it in the archive, July 2025.")
    status: Literal["active", "retired"] = Field("active", description="A retired keyword is never suggested.")
    replaced_by: str | None = Field(None, description="Id of the keyword that took the place of a retired one.")
    former_names: _Labels = Field((), description="Names under which older data may still file articles.")

    @model_validator(mode="after")
    def _only_a_retired_one_is_replaced(self) -> Self:
        if self.replaced_by is not None and self.status == "active":
            raise ValueError("replaced_by is for a keyword whose status is retired")
        return self


@dataclass(frozen=True)
class Vocabulary:
    """The keywords in their order, retired ones too; found by id, or by name in any typographic variant."""

    keywords: tuple[Keyword, ...]

    def __iter__(self) -> Iterator[Keyword]:
        return iter(self.keywords)

    def __len__(self) -> int:
        return len(self.keywords)

    @cached_property
    def active(self) -> tuple[Keyword, ...]:
        """The keywords that may be suggested, in their order."""
        return tuple(keyword for keyword in self.keywords if keyword.status == "active")

    @cached_property
    def by_id(self) -> dict[str, Keyword]:
        """Keywords by id."""
        return {keyword.id: keyword for keyword in self.keywords}

    @cached_property
    def _by_folded_name(self) -> dict[str, Keyword]:
        return {fold(keyword.name): keyword for keyword in self.keywords}

    @cached_property
    def _by_former_name(self) -> dict[str, Keyword]:
        return {fold(name): keyword for keyword in reversed(self.keywords) for name in keyword.former_names}

    def named(self, name: str) -> Keyword | None:
        """Find a keyword by its name; case, accents and the form of apostrophes do not matter."""
        return self._by_folded_name.get(fold(name))

    def find(self, name: str) -> Keyword | None:
        """Find a keyword by its name, or else by a former one; it may be retired."""
        return self.named(name) or self._by_former_name.get(fold(name))

    def resolve(self, name: str) -> Keyword | None:
        """Find the keyword that stands today for what was filed under `name`.

        A name, or else a former one, leads to its keyword; a retired keyword leads to what replaced it, if
        anything did. So what comes back is retired only where nothing took its place.
        """
        keyword = self.find(name)
        passed: set[str] = set()
        while keyword and keyword.replaced_by and keyword.id not in passed:
            passed.add(keyword.id)
            keyword = self.by_id[keyword.replaced_by]
        return keyword

    def close_to(self, name: str) -> list[Keyword]:
        """Give at most three keywords that may be meant by a `name` that none has, the likeliest first."""
        wanted = fold(name)
        names = self._by_former_name | self._by_folded_name
        synonyms = {fold(label): keyword for keyword in reversed(self.keywords) for label in keyword.synonyms}
        found = (
            *(synonyms[label] for label in (wanted,) if label in synonyms),
            *(names[label] for label in names if slug(wanted) and f"-{slug(wanted)}" in f"-{slug(label)}"),
            *(names[label] for label in difflib.get_close_matches(wanted, names)),
            *(synonyms[label] for label in difflib.get_close_matches(wanted, synonyms, cutoff=_SIMILAR_SYNONYM)),
        )
        return list({keyword.id: keyword for keyword in found}.values())[:_CLOSE]


def faults(vocabulary: Vocabulary) -> Iterator[tuple[int, str]]:
    """Give what is wrong between the keywords, each fault with the number of its keyword, from 1."""
    ids: set[str] = set()
    names: dict[str, Keyword] = {}
    for number, keyword in enumerate(vocabulary, 1):
        if keyword.id in ids:
            yield number, f"another keyword has the id {keyword.id!r}"
        ids.add(keyword.id)
        first = names.setdefault(fold(keyword.name), keyword)
        if first is not keyword:
            yield number, f"{keyword.name!r} is already the name of the keyword {first.id!r}"
        if keyword.replaced_by is not None and keyword.replaced_by not in vocabulary.by_id:
            yield number, f"{keyword.name!r} is replaced by {keyword.replaced_by!r}, which is no keyword's id"
    for number, keyword in enumerate(vocabulary, 1):
        if _is_replaced_in_a_circle(vocabulary, keyword):
            yield number, f"{keyword.name!r} is replaced in a circle"


def _is_replaced_in_a_circle(vocabulary: Vocabulary, keyword: Keyword) -> bool:
    passed = {keyword.id}
    while keyword.replaced_by in vocabulary.by_id:
        keyword = vocabulary.by_id[keyword.replaced_by]
        if keyword.id in passed:
            return True
        passed.add(keyword.id)
    return False


def load_vocabulary(folder: Path) -> Vocabulary:
    """Load the vocabulary from the folder of training data.

    Raises:
        ModelError: the file is missing, a line of it is not a keyword, or contradicts another line.
    """
    path = folder / VOCABULARY_FILE
    vocabulary = Vocabulary(tuple(keyword for keyword, _ in _read(path)))
    for number, fault in faults(vocabulary):
        raise ModelError(f"Line {number} of {path}: {fault}.")
    return vocabulary


def save_vocabulary(vocabulary: Vocabulary, folder: Path) -> None:
    """Write the vocabulary into the folder of training data; the lines of unchanged keywords stay as they are.

    Raises:
        ModelError: what the file holds now is no vocabulary.
        OSError: the file cannot be written; it is then as it was.
    """
    path = folder / VOCABULARY_FILE
    lines = dict(_read(path)) if path.exists() else {}
    with written_whole(path) as stream:
        stream.writelines(f"{lines.get(keyword) or _line(keyword)}\n" for keyword in vocabulary)


def _read(path: Path) -> Iterator[tuple[Keyword, str]]:
    """Give the keywords of a file, each with its line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ModelError(f"The vocabulary {path} is missing. Name a folder that has it.") from None
    except UnicodeDecodeError as error:
        raise ModelError(f"The vocabulary {path} is not UTF-8: {error}.") from None
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else (), 1):
        try:
            yield Keyword.model_validate_json(line), line
        except ValidationError as error:
            raise ModelError(f"Line {number} of {path} is not a keyword: {error}") from None


def _line(keyword: Keyword) -> str:
    """Write a keyword as a line of the file; fields that older files lack only where they say something."""
    unsaid = {name for name in _ADDED_LATER if getattr(keyword, name) == Keyword.model_fields[name].default}
    return json.dumps(keyword.model_dump(mode="json", exclude=unsaid), ensure_ascii=False)


def fold(name: str) -> str:
    """Give the form in which two typographic variants of a name are the same."""
    return fold_accents(normalise(name).text).casefold().strip()


def slug(name: str) -> str:
    """Give the id that suits a name; empty where the name has no letter from A to Z and no digit."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")
