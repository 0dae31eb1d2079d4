"""The rooms of the README's table: one imports only from those before it, wherever in a module the import stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOORS = ("__init__", "__main__")  # what stands in front of the house, and leads to all of it


def rooms() -> dict[str, int]:
    """Give each room with its place in the README's table; those of one row may know each other."""
    _, table = (ROOT / "README.md").read_text(encoding="utf-8").split("| room | what it does |\n|---|---|\n")
    places: dict[str, int] = {}
    for place, row in enumerate(table.split("\n\n")[0].splitlines()):
        named = re.findall(r"`(?:tagger/)?(\w+)(?:/|\.py)`", row.split("|")[1])
        places |= dict.fromkeys(named, place)
    return places


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Give the line and the room of each import from tagger, those in functions and for types alone included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports by dots, which this test cannot follow"
            found = [f"{node.module}.{name.name}" for name in node.names]
        for name in found:
            package, _, rest = name.partition(".")
            if package == "tagger":
                yield node.lineno, rest.split(".")[0]


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "tagger").parts[0].removesuffix(".py")


def modules() -> list[Path]:
    return [
        path for path in (ROOT / "tagger").rglob("*.py") if room_of(path) not in DOORS and "_data" not in path.parts
    ]


def test_every_room_has_its_place() -> None:
    assert rooms().keys() == {room_of(path) for path in modules()}


def test_a_room_imports_only_from_those_before_it() -> None:
    places = rooms()
    last = len(places)  # what no room is called, such as `from tagger import Annotator`, comes after all
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports from {room}"
        for path in modules()
        for line, room in imports(path)
        if room != room_of(path) and places.get(room, last) > places[room_of(path)]
    ]
    assert wrong == []


def test_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "import tagger.batch.work\nfrom tagger import service\n"
        "if TYPE_CHECKING:\n from tagger.store.keys import ApiKey\n"
        "def f():\n from tagger import Annotator\n import numpy\n",
        encoding="utf-8",
    )
    assert sorted(imports(module)) == [(1, "batch"), (2, "service"), (4, "store"), (6, "Annotator")]
