"""What all tests share: one loaded annotator, our own sample files, and the folder of shared data if there is one."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tagger import Annotator
from tagger.resources import training_data_dir

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def annotator() -> Annotator:
    return Annotator.load()


@pytest.fixture(scope="session")
def data() -> Path:
    return Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def examples() -> Path:
    return ROOT / "examples"


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of training data with eight keywords and 130 briefs: training on it takes seconds."""
    folder, shipped = tmp_path_factory.mktemp("small"), training_data_dir()
    (folder / "corpus").mkdir()
    shutil.copytree(shipped / "known_names", folder / "known_names")
    shutil.copy(shipped / "entity_groups.jsonl", folder)
    keywords = [json.loads(line) for line in (shipped / "keywords.jsonl").read_text(encoding="utf-8").splitlines()]
    kept = {"Fintech", "Mouvements sociaux", "Régulation des télécoms", "Formation", "Noms de domaine"}
    kept |= {"Intelligence artificielle", "Genre", "Sonatel/Orange"}
    _write(folder / "keywords.jsonl", [keyword for keyword in keywords if keyword["name"] in kept])
    for name, most in (("osiris-briefs.jsonl", 12), ("composed-briefs.jsonl", 5)):
        taken: Counter[str] = Counter()
        briefs = []
        for line in (shipped / "corpus" / name).read_text(encoding="utf-8").splitlines():
            brief = json.loads(line)
            taken[brief["primary"]] += 1
            if brief["primary"] in kept and taken[brief["primary"]] <= most:
                briefs.append(brief | {"secondary": [other for other in brief["secondary"] if other in kept]})
        _write(folder / "corpus" / name, briefs)
    return folder


def _write(path: Path, records: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of third-party texts that may not be copied into the project."""
    folder = os.environ.get("TAGGER_TEST_DATA")
    if not folder:
        pytest.skip("TAGGER_TEST_DATA is unset: the third-party texts are not at hand")
    return Path(folder)
