"""Names that an editor brings in a table, laid over what is known, line by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tagger.entities.known_name_files import NameEntry, NameId, combined, entry_of, laid_over, read_own_table
from tagger.entities.known_names import name_key
from tagger.errors import NamesError
from tagger.keywords.vocabulary import slug


@dataclass(frozen=True)
class Taken:
    """What became of a line: its name was added, updated, known as it is, or the line was rejected for a reason."""

    line: int
    kind: Literal["added", "updated", "unchanged", "rejected"]
    name: str
    detail: str


@dataclass(frozen=True)
class NameImport:
    """What became of every line, and what the newsroom's own file is to say now."""

    lines: tuple[Taken, ...]
    own: tuple[NameEntry, ...]

    def of_kind(self, kind: str) -> list[Taken]:
        """Give the lines that came to this."""
        return [line for line in self.lines if line.kind == kind]


def import_names(text: str, shipped: Iterable[NameEntry], own: Iterable[NameEntry]) -> NameImport:
    """Take a table of names; a line that cannot be taken hinders no other.

    Raises:
        NamesError: the table cannot be read, or its header is not as it must be.
    """
    lines = read_own_table(text)
    register = _Register(shipped, own)
    return NameImport(tuple(register.take(number, cells) for number, cells in lines), register.own)


class _Register:
    """All known names by id and by form, and what the newsroom's own file says of them."""

    def __init__(self, shipped: Iterable[NameEntry], own: Iterable[NameEntry]) -> None:
        own = list(own)
        self._own = {entry.key: entry for entry in own}
        self._entries: dict[NameId, NameEntry] = {}
        self._ids_of_name: dict[tuple[str, str], set[NameId]] = defaultdict(set)
        self._owners: dict[str, NameId] = {}  # forms that stand for one name and nothing else
        self._ambiguous: set[str] = set()
        for entry in laid_over(shipped, own):
            self._enter(entry)
        self._countries = {entry.country for entry in self._entries.values()}

    @property
    def own(self) -> tuple[NameEntry, ...]:
        """What the newsroom's own file is to say."""
        return tuple(self._own.values())

    def take(self, line: int, cells: dict[str, str]) -> Taken:
        """Take a line of a table, or reject it."""
        try:
            said = entry_of(self._identified(cells))
            known = self._entries.get(said.key)
            now = combined(known, said) if known else said
            self._check(said, now)
        except NamesError as error:
            return Taken(line, "rejected", cells["name"].strip(), str(error))
        detail = f"{said.type}, {said.id}"
        if now == known:
            return Taken(line, "unchanged", now.name, detail)
        self._enter(now)
        own = self._own.get(said.key)
        self._own[said.key] = combined(own, said) if own else said
        return Taken(line, "updated" if known else "added", now.name, detail)

    def _enter(self, entry: NameEntry) -> None:
        self._entries[entry.key] = entry
        self._ids_of_name[entry.type, name_key(entry.name)].add(entry.key)
        self._ambiguous.update(map(name_key, entry.ambiguous_aliases))
        for key in entry.clear_forms:
            self._owners.setdefault(key, entry.key)

    def _identified(self, cells: dict[str, str]) -> dict[str, str]:
        """Give a line with its id: its own, or that of the known name, or one made from its name.

        A name without an id is known by its type and name, however it is written.
        """
        cells = cells | {"type": cells["type"].strip().upper()}
        if cells.get("id", "").strip():
            return cells
        ids = self._ids_of_name.get((cells["type"], name_key(cells["name"])), set())
        known = [self._entries[key] for key in ids]
        if len(known) > 1:
            raise NamesError(f"several are called so ({', '.join(_who(entry) for entry in known)}); give the id")
        if known:
            return cells | {"id": known[0].id, "name": known[0].name}
        if cells["type"] == "COUNTRY":
            raise NamesError("no known country is called so; give its ISO 3166 code as the id")
        made = slug(cells["name"])
        if cells["name"].strip() and not made:
            raise NamesError("no id can be made from the name; give one of letters from a to z")
        if any(type_ == cells["type"] and id_ == made for type_, id_ in self._entries):
            raise NamesError(f"the id {made!r}, made from the name, is another's; give an id")
        return cells | {"id": made}

    def _check(self, said: NameEntry, now: NameEntry) -> None:
        """Refuse a country that is unknown or another than known, and forms that clearly name somebody else."""
        if said.type != "COUNTRY" and said.country and said.country not in self._countries:
            raise NamesError(f"column country: {said.country!r} is no known country's code; import the country first")
        known = self._entries.get(said.key)
        if known and known.country and known.country != now.country and name_key(known.name) == name_key(now.name):
            raise NamesError(f"{_who(known)} is of {known.country}, not {now.country}; give another's id to another")
        for key, form in now.clear_forms.items():
            owner = self._owners.get(key)
            if owner and owner != now.key and key not in self._ambiguous:
                raise NamesError(
                    f"« {form} » already means {_who(self._entries[owner])} and nothing else; "
                    "leave it out, or put it into ambiguous_aliases if it means both"
                )


def _who(entry: NameEntry) -> str:
    return f"« {entry.name} » ({entry.type}, {entry.id})"
