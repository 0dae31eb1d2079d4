"""The lists of known names as files keep them: the shipped ones, a list a type, and a newsroom's own.

What the newsroom's own file says is laid over the shipped lists when both are loaded: it adds names, and adds
forms to names that are known, so that it need not be copied anew when the shipped lists grow.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from io import StringIO
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from tagger.article import EntityType
from tagger.entities.known_names import KnownName, name_key
from tagger.errors import ModelError, NamesError, TaggerError
from tagger.reading.decoding import decode
from tagger.text.typography import normalise
from tagger.writing import written_whole

KNOWN_NAMES_FOLDER = "known_names"
_SHIPPED: dict[str, EntityType] = {
    "people.csv": "PER",
    "institutions.csv": "ORG",
    "countries.csv": "COUNTRY",
    "places.csv": "LOC",
}
_LISTS = ("aliases", "ambiguous_aliases", "former_names", "demonyms")
OWN_COLUMNS = "type id name acronym aliases ambiguous_aliases former_names role kind country wikidata isni".split()
_NEEDED_COLUMNS = ("type", "name")
_DELIMITERS = ",;\t"
_BETWEEN_PARTS = " | "
_ISO_CODE = re.compile(r"[A-Z]{2}")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ISNI_BASE, _ISNI_TEN = 11, 10

NameId = tuple[EntityType, str]
_Country = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")]


class NameEntry(BaseModel):
    """One line of a list of known names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: EntityType
    id: str
    name: str
    acronym: str = ""
    aliases: tuple[str, ...] = ()
    ambiguous_aliases: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    capital: str = ""
    role: str = ""
    kind: str = ""
    country: _Country = ""
    wikidata: Annotated[str, StringConstraints(pattern=r"^(Q[1-9]\d*)?$")] = ""
    isni: str = ""

    @property
    def key(self) -> NameId:
        """What it is known by: ids are unique within a type."""
        return self.type, self.id

    @property
    def forms(self) -> tuple[str, ...]:
        """All forms that name it, ambiguous ones among them."""
        forms = (self.name, self.acronym, *self.aliases, *self.former_names, *self.ambiguous_aliases)
        return tuple(dict.fromkeys(filter(None, forms)))

    @property
    def clear_forms(self) -> dict[str, str]:
        """The forms that name it and nothing else, by their keys."""
        ambiguous = set(map(name_key, self.ambiguous_aliases))
        forms = {name_key(form): form for form in reversed(self.forms)}
        return {key: form for key, form in forms.items() if key not in ambiguous}

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        shape, example = (_ISO_CODE, "SN") if self.type == "COUNTRY" else (_ID, "sonatel-mobiles")
        if not shape.fullmatch(self.id):
            raise ValueError(f"the id {self.id!r} is not written like {example!r}")
        for form in self.forms:
            if len(form) == 1 or not any(map(str.isalnum, form)):
                raise ValueError(f"« {form} » is too short to be found; leave it out")
        if self.type == "PER":
            for key, form in self.clear_forms.items():
                if " " not in key and form != self.name:
                    raise ValueError(f"« {form} » alone may be anybody's name; put it into ambiguous_aliases")
        if self.isni and not _is_isni(self.isni):
            raise ValueError(f"{self.isni!r} is no ISNI; check its 16 digits")
        return self


def _is_isni(isni: str) -> bool:
    """Say whether the last character is the check digit of the fifteen before it (ISO 7064, MOD 11-2)."""
    if not re.fullmatch(r"\d{15}[\dX]", isni):
        return False
    total = 0
    for digit in isni[:-1]:
        total = (total + int(digit)) * 2 % _ISNI_BASE
    check = (_ISNI_BASE + 1 - total) % _ISNI_BASE
    return isni[-1] == ("X" if check == _ISNI_TEN else str(check))


def entry_of(cells: Mapping[str, str]) -> NameEntry:
    """Make an entry of a line's cells; an empty cell says nothing.

    Raises:
        NamesError: a cell is not as it must be; the message names its column.
    """
    said: dict[str, Any] = {
        column: _parts(cell) if column in _LISTS else " ".join(cell.split())
        for column, cell in cells.items()
        if cell.strip()
    }
    if "isni" in said:
        said["isni"] = said["isni"].replace(" ", "")
    if said.get("type") == "COUNTRY" and "id" in said:
        said["country"] = said["id"]
    try:
        return NameEntry.model_validate(said)
    except ValidationError as error:
        raise NamesError("; ".join(map(_fault, error.errors()))) from None


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for piece in cell.split("|") if (part := " ".join(piece.split()))))


def _fault(error: Any) -> str:  # noqa: ANN401 - pydantic's own dictionary
    """Tell one of pydantic's findings in the words of somebody who fills in a table."""
    column = error["loc"][0] if error["loc"] else ""
    advice = {
        "type": "write PER, ORG, COUNTRY or LOC",
        "country": "write its ISO 3166 code of two capital letters, such as SN",
        "wikidata": "write it like Q1041",
    }.get(column)
    if error["type"] == "missing":
        return f"the column {column} is empty" + (f"; {advice}" if advice else "")
    if advice:
        return f"column {column}: {error['input']!r} cannot be used; {advice}"
    what = str(error["msg"]).removeprefix("Value error, ")
    return f"column {column}: {what}" if column else what


def read_table(text: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Read a table of names: its columns, and its lines with their numbers, empty ones left out.

    The delimiter is what divides the header most: a comma, a semicolon or a tab.

    Raises:
        NamesError: a line cannot be read.
    """
    header = text.split("\n", 1)[0]
    rows = csv.reader(StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=header.count), strict=True)
    try:
        columns = [name.strip().lower() for name in next(rows, [])]
        lines = []
        for row in rows:
            if any(map(str.strip, row[len(columns) :])):
                raise NamesError(
                    f"Line {rows.line_num} has {len(row)} cells, the header {len(columns)}. "
                    "Put a cell that holds the delimiter into quotation marks."
                )
            if any(map(str.strip, row)):
                lines.append((rows.line_num, dict(zip_longest(columns, row[: len(columns)], fillvalue=""))))
    except csv.Error as error:
        raise NamesError(f"Line {rows.line_num} cannot be read: {error}. Save the table as CSV anew.") from None
    return columns, lines


def read_own_table(text: str) -> list[tuple[int, dict[str, str]]]:
    """Read a newsroom's table of names: its lines with their numbers.

    Raises:
        NamesError: a column is missing, stands twice or is unknown, or a line cannot be read.
    """
    columns, lines = read_table(text)
    faults = [f"no column {column!r}" for column in _NEEDED_COLUMNS if column not in columns]
    faults += [f"an unknown column {column!r}" for column in columns if column not in OWN_COLUMNS]
    faults += [f"the column {column!r} twice" for column in OWN_COLUMNS if columns.count(column) > 1]
    if faults:
        raise NamesError(f"The header has {', '.join(faults)}. The columns are {', '.join(OWN_COLUMNS)}.")
    return lines


def load_known_names(folder: Path, own: Path | None = None) -> list[KnownName]:
    """Load the known names from the folder of training data, the newsroom's `own` file laid over them.

    Raises:
        ModelError: a file is missing or a line of it cannot be used.
    """
    return [_known_name(entry) for entry in laid_over(load_shipped(folder), load_own(own) if own else [])]


def load_shipped(folder: Path) -> list[NameEntry]:
    """Load the lists of names in the folder of training data.

    Raises:
        ModelError: a file is missing or a line of it cannot be used.
    """
    entries: list[NameEntry] = []
    for file_name, entity_type in _SHIPPED.items():
        path = folder / KNOWN_NAMES_FOLDER / file_name
        for number, cells in _read(path, lambda text: read_table(text)[1]):
            if "code" in cells:
                cells["id"] = cells.pop("code")
            entries.append(_checked(path, number, cells | {"type": entity_type}))
    return entries


def load_own(path: Path) -> list[NameEntry]:
    """Load a newsroom's own file of names.

    Raises:
        ModelError: it is missing or a line of it cannot be used.
    """
    return [_checked(path, number, cells) for number, cells in _read(path, read_own_table)]


def _read(path: Path, read: Callable[[str], list[tuple[int, dict[str, str]]]]) -> list[tuple[int, dict[str, str]]]:
    try:
        return read(decode(path.read_bytes()))
    except FileNotFoundError:
        raise ModelError(f"The file of known names {path} is missing. Name one that is there.") from None
    except TaggerError as error:
        raise ModelError(f"The file of known names {path} cannot be used. {error}") from None


def _checked(path: Path, number: int, cells: Mapping[str, str]) -> NameEntry:
    try:
        return entry_of(cells)
    except NamesError as error:
        raise ModelError(f"{path}, line {number}: {error}.") from None


def save_own(entries: Iterable[NameEntry], path: Path) -> None:
    """Write a newsroom's own file of names.

    Raises:
        OSError: it cannot be written; it is then as it was.
    """
    with written_whole(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(OWN_COLUMNS)
        for entry in entries:
            writer.writerow(_cell(getattr(entry, column)) for column in OWN_COLUMNS)


def _cell(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else _BETWEEN_PARTS.join(value)


def laid_over(base: Iterable[NameEntry], said: Iterable[NameEntry]) -> list[NameEntry]:
    """Lay what is `said` of names over what is known of them; names are the same by type and id."""
    entries = {entry.key: entry for entry in base}
    for entry in said:
        known = entries.get(entry.key)
        entries[entry.key] = combined(known, entry) if known else entry
    return list(entries.values())


def combined(known: NameEntry, said: NameEntry) -> NameEntry:
    """Lay what is `said` of a name over what is `known` of it.

    Forms are added and never lost, a new name makes the present one a former name, and of all the rest what
    is said counts.
    """
    fields = {
        field: _together(getattr(known, field), getattr(said, field))
        if field in _LISTS
        else getattr(said, field) or getattr(known, field)
        for field in NameEntry.model_fields
    }
    if name_key(said.name) != name_key(known.name):
        fields["former_names"] = _together(fields["former_names"], (known.name,))
    fields["former_names"] = tuple(form for form in fields["former_names"] if form != said.name)
    return NameEntry(**fields)


def _together(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _known_name(entry: NameEntry) -> KnownName:
    return KnownName(
        id=entry.id,
        name=entry.name,
        type=entry.type,
        country=entry.country or None,
        forms=tuple(map(_typed, entry.forms)),
        ambiguous_forms=tuple(map(_typed, entry.ambiguous_aliases)),
        demonyms=frozenset(entry.demonyms),
        former_names=tuple(map(_typed, entry.former_names)),
    )


def _typed(form: str) -> str:
    """Give a form as it stands in the normalised texts in which names are searched."""
    return normalise(form).text
