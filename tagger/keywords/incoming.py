"""Keywords that come in from a file of another vocabulary format, and what they do to ours."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from tagger.keywords.editing import changed, check_whole, keyword_of, with_former
from tagger.keywords.vocabulary import Keyword, Vocabulary, slug

BASE_URI = "https://osiris.sn/vocabulaire/"  # it only identifies; nothing is fetched from there


@dataclass(frozen=True)
class Incoming:
    """A keyword as a file tells of it.

    `uri` is what the file calls it. `id` is the id that the file gives it, if any. `name` is None where the file has
    no French one. `said` holds those further fields of a keyword that the file speaks of; in it, `replaced_by` is a
    URI.
    """

    uri: str
    id: str | None
    name: str | None
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Incorporation:
    """The vocabulary with a file taken into it.

    `lacking` are the names of the keywords that were retired because the file has no word of them; `left_out` are the
    URIs that have neither a French name nor a keyword.
    """

    vocabulary: Vocabulary
    lacking: tuple[str, ...]
    left_out: tuple[str, ...]


def uri_of(id: str) -> str:
    """Give the URI under which a keyword stands in exported files."""
    return BASE_URI + id


def id_of(uri: str) -> str | None:
    """Give the id in one of our own URIs; None for others."""
    id = uri.removeprefix(BASE_URI)
    return id if id and id != uri and id == slug(id) else None


def incorporate(vocabulary: Vocabulary, incoming: Sequence[Incoming], *, retire_others: bool) -> Incorporation:
    """Take the keywords of a file into the vocabulary.

    What the file says of a keyword counts, what it does not say stays; a keyword under another name is renamed.
    Known keywords keep their place, new ones follow in the order of the file. With `retire_others`, keywords that
    the file lacks are retired.

    Raises:
        VocabularyError: a keyword of the file cannot be one of ours, or two have one name.
    """
    ids = _ids(vocabulary, incoming)
    told = {
        ids[item.uri]: _taken_over(item, vocabulary.by_id.get(ids[item.uri]), ids, vocabulary)
        for item in incoming
        if item.uri in ids
    }
    if retire_others:
        lacking = [keyword for keyword in vocabulary.active if keyword.id not in told]
        told |= {keyword.id: changed(keyword, status="retired") for keyword in lacking}
    else:
        lacking = []
    kept = [told.get(keyword.id, keyword) for keyword in vocabulary]
    new = [keyword for id, keyword in told.items() if id not in vocabulary.by_id]
    return Incorporation(
        vocabulary=check_whole(Vocabulary((*kept, *new))),
        lacking=tuple(keyword.name for keyword in lacking),
        left_out=tuple(item.uri for item in incoming if item.uri not in ids),
    )


def _ids(vocabulary: Vocabulary, incoming: Sequence[Incoming]) -> dict[str, str]:
    """Give each URI the id of its keyword: a known id first, then that of a known name, then a new one."""
    ids: dict[str, str] = {}
    taken: set[str] = set()

    def known(item: Incoming) -> str | None:
        return item.id if item.id in vocabulary.by_id else None

    def known_by_name(item: Incoming) -> str | None:
        keyword = vocabulary.find(item.name) if item.name else None
        return keyword.id if keyword else None

    def its_own(item: Incoming) -> str | None:
        return item.id if item.name and item.id not in vocabulary.by_id else None

    def new(item: Incoming) -> str | None:
        return free_slug(item.name, item.uri, (taken, vocabulary.by_id)) if item.name else None

    rules: tuple[Callable[[Incoming], str | None], ...] = (known, known_by_name, its_own, new)
    for rule in rules:
        for item in incoming:
            id = rule(item) if item.uri not in ids else None
            if id and id not in taken:
                ids[item.uri] = id
                taken.add(id)
    return ids


def free_slug(name: str, otherwise: str, taken: Iterable[Container[str]]) -> str:
    """Make an id that is in none of `taken` from a name, or where it has no plain letter, from something else."""
    stem = slug(name) or slug(otherwise)
    numbered = (f"{stem}-{number}" for number in count(2))
    return next(id for id in chain((stem,), numbered) if not any(id in ids for ids in taken))


def _taken_over(item: Incoming, known: Keyword | None, ids: dict[str, str], vocabulary: Vocabulary) -> Keyword:
    """Give the keyword as it is after the file's word on it."""
    fields: dict[str, Any] = known.model_dump() if known else {"id": ids[item.uri], "group": "", "definition": ""}
    fields |= item.said
    successor = item.said.get("replaced_by")
    if successor is not None:
        own = id_of(successor)
        fields["replaced_by"] = ids.get(successor) or (own if own in vocabulary.by_id else None)
    if item.name is not None:
        fields["name"] = item.name
    if known and fields["name"] != known.name:
        fields["former_names"] = with_former(fields["former_names"], known.name, fields["name"])
    return keyword_of(fields)
