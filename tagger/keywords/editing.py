"""Changes to the vocabulary. Each gives a new one; no keyword is ever deleted, so that older data still loads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from tagger.errors import UnknownKeywordError, VocabularyError
from tagger.keywords.vocabulary import Keyword, Vocabulary, faults, fold, slug

ChangeKind = Literal["added", "renamed", "changed", "merged", "retired", "restored"]


@dataclass(frozen=True)
class Change:
    """What became of a keyword."""

    kind: ChangeKind
    keyword: Keyword
    detail: str = ""


def add(
    vocabulary: Vocabulary,
    name: str,
    *,
    definition: str,
    synonyms: Iterable[str] = (),
    group: str = "",
    id: str | None = None,
) -> Vocabulary:
    """Add a keyword at the end; its `id` is made from its name unless given, a known `group` keeps its spelling.

    Raises:
        VocabularyError: the name or the id is taken, or a field is not as a keyword's must be.
    """
    _check_free(vocabulary, name)
    id = id or slug(name)
    if not id:
        raise VocabularyError(f"No id can be made from {name!r}. Give one with --id.")
    if id in vocabulary.by_id:
        owner = vocabulary.by_id[id].name
        raise VocabularyError(f"The id {id!r} belongs to « {owner} ». Give another with --id.")
    group = next((keyword.group for keyword in vocabulary if fold(keyword.group) == fold(group)), group)
    fields = {"id": id, "name": name, "group": group, "definition": definition, "synonyms": tuple(synonyms)}
    return Vocabulary((*vocabulary, keyword_of(fields)))


def rename(vocabulary: Vocabulary, old: str, new: str) -> Vocabulary:
    """Rename a keyword: it keeps its id and remembers the former name.

    Raises:
        UnknownKeywordError: there is no keyword `old`.
        VocabularyError: another keyword has, or had, the name `new`.
    """
    keyword = by_name(vocabulary, old)
    _check_free(vocabulary, new, but_for=keyword)
    former = with_former(keyword.former_names, keyword.name, new)
    return _replaced(vocabulary, changed(keyword, name=new, former_names=former))


def merge(vocabulary: Vocabulary, source: str, target: str) -> Vocabulary:
    """Retire `source` in favour of `target`, which takes its name and synonyms as synonyms.

    A retired source that nothing has replaced yet may be merged too.

    Raises:
        UnknownKeywordError: one of the two is no keyword.
        VocabularyError: they are the same, `target` is retired, or `source` was merged before.
    """
    merged, kept = by_name(vocabulary, source), by_name(vocabulary, target)
    if merged is kept:
        raise VocabularyError(f"« {kept.name} » cannot be merged into itself.")
    if kept.status == "retired":
        raise VocabularyError(f"« {kept.name} » is retired; nothing can be merged into it.")
    if merged.replaced_by is not None:
        owner = vocabulary.by_id[merged.replaced_by].name
        raise VocabularyError(f"« {merged.name} » was already merged into « {owner} ».")
    retired = changed(merged, status="retired", replaced_by=kept.id)
    synonyms = list(kept.synonyms)
    for label in (merged.name, *merged.synonyms):
        if fold(label) not in map(fold, (kept.name, *synonyms)):
            synonyms.append(label)
    return _replaced(_replaced(vocabulary, retired), changed(kept, synonyms=synonyms))


def retire(vocabulary: Vocabulary, name: str) -> Vocabulary:
    """Retire a keyword that nothing replaces: it stays in the file and is never suggested again.

    Raises:
        UnknownKeywordError: there is no such keyword.
        VocabularyError: it is retired already.
    """
    keyword = by_name(vocabulary, name)
    if keyword.status == "retired":
        raise VocabularyError(f"« {keyword.name} » is retired already.")
    return _replaced(vocabulary, changed(keyword, status="retired"))


def by_name(vocabulary: Vocabulary, name: str) -> Keyword:
    """Give the keyword of that name, and no other than its present one.

    Raises:
        UnknownKeywordError: there is none; the message says which may be meant.
    """
    keyword = vocabulary.named(name)
    if keyword is not None:
        return keyword
    renamed = vocabulary.find(name)
    if renamed is not None:
        raise UnknownKeywordError(f"{name!r} is a former name: the keyword is called « {renamed.name} » now.")
    raise unknown(vocabulary, name)


def unknown(vocabulary: Vocabulary, name: str) -> UnknownKeywordError:
    """Give the error for a name that nothing has, with the keywords that may be meant."""
    close = [f"« {keyword.name} »" for keyword in vocabulary.close_to(name)]
    hint = f"Did you mean {', '.join(close)}?" if close else "`tagger keywords` lists all."
    return UnknownKeywordError(f"No keyword is called {name!r}. {hint}")


def keyword_of(fields: dict[str, Any]) -> Keyword:
    """Make a keyword.

    Raises:
        VocabularyError: a field is not as a keyword's must be; the message names it.
    """
    try:
        return Keyword.model_validate(fields)
    except ValidationError as error:
        found = "; ".join(f"{_place(fault['loc'])}{_reason(fault['msg'])}" for fault in error.errors())
        raise VocabularyError(f"{fields.get('name')!r} cannot be a keyword: {found}.") from None


def changed(keyword: Keyword, **fields: Any) -> Keyword:  # noqa: ANN401 - whatever type each field has
    """Give the keyword with other `fields`, checked."""
    return keyword_of(keyword.model_dump() | fields)


def with_former(former: Sequence[str], old: str, new: str) -> tuple[str, ...]:
    """Give the former names of a keyword that was called `old` and is called `new`; no variant of one name twice."""
    kept = tuple(name for name in former if fold(name) != fold(new))
    return kept if fold(old) in map(fold, (new, *kept)) else (*kept, old)


def differences(before: Vocabulary, after: Vocabulary) -> Iterator[Change]:
    """Say what became of each keyword that is not as it was."""
    for keyword in after:
        old = before.by_id.get(keyword.id)
        if old is None:
            yield Change("added", keyword)
        elif old != keyword:
            yield _difference(old, keyword, after)


def _difference(old: Keyword, new: Keyword, vocabulary: Vocabulary) -> Change:
    if new.replaced_by and new.replaced_by != old.replaced_by:
        return Change("merged", new, f"into « {vocabulary.by_id[new.replaced_by].name} »")
    if new.status != old.status:
        return Change("retired" if new.status == "retired" else "restored", new)
    if new.name != old.name:
        return Change("renamed", new, f"was « {old.name} »")
    fields = (name for name in Keyword.model_fields if getattr(old, name) != getattr(new, name))
    return Change("changed", new, ", ".join(field.replace("_", " ") for field in fields))


def check_whole(vocabulary: Vocabulary) -> Vocabulary:
    """Give the vocabulary back if its keywords do not contradict each other.

    Raises:
        VocabularyError: they do; the message tells of every fault.
    """
    found = "; ".join(fault for _, fault in faults(vocabulary))
    if found:
        raise VocabularyError(f"The keywords would contradict each other: {found}.")
    return vocabulary


def _check_free(vocabulary: Vocabulary, name: str, but_for: Keyword | None = None) -> None:
    owner = vocabulary.find(name)
    if owner is None or owner is but_for:
        return
    if fold(owner.name) != fold(name):
        raise VocabularyError(f"{name!r} is a former name of « {owner.name} », under which older articles are filed.")
    retired = ", which is retired" if owner.status == "retired" else ""
    raise VocabularyError(f"There is a keyword « {owner.name} » already{retired}.")


def _replaced(vocabulary: Vocabulary, changed: Keyword) -> Vocabulary:
    return Vocabulary(tuple(changed if keyword.id == changed.id else keyword for keyword in vocabulary))


def _place(location: tuple[int | str, ...]) -> str:
    return f"{location[0]}: " if location else ""


def _reason(message: str) -> str:
    """Take pydantic's own words from before a validator's message."""
    return message.removeprefix("Value error, ")
