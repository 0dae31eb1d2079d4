"""What all tests share: one loaded annotator, our own sample files, and the folder of shared data if there is one."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, make_url, text

from tagger import Annotator
from tagger.resources import training_data_dir
from tagger.service.app import create_app
from tagger.settings import Settings
from tagger.store.database import Database
from tests.serving import serving, wait_until_ready

ROOT = Path(__file__).parent.parent

# The same examples on every machine, however slow it is. With --hypothesis-profile=default they are others each time.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def annotator() -> Annotator:
    return Annotator.load()


@pytest.fixture(scope="session")
def service_app(own_data_dir: None) -> FastAPI:
    """The service that tests share which leave it as it is; `service` runs it."""
    limits = {"max_body_bytes": 200_000, "max_batch_bytes": 200_000, "max_text_chars": 50_000}
    return create_app(Settings(workers=2, **limits))


@pytest.fixture(scope="session")
def service(service_app: FastAPI) -> Iterator[httpx.Client]:
    with serving(service_app) as client:
        wait_until_ready(client)
        yield client


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


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, of both kinds in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tagger.db'}"
        return
    server = os.environ.get("TAGGER_TEST_POSTGRESQL")
    if not server:
        pytest.skip("TAGGER_TEST_POSTGRESQL is unset: no PostgreSQL server is at hand (.ci/run starts one)")
    name = f"test_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.open(Settings(database_url=database_url))
    yield opened
    opened.close()


@pytest.fixture(scope="session", autouse=True)
def own_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test touches the user's own data folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAGGER_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of third-party texts that may not be copied into the project."""
    folder = os.environ.get("TAGGER_TEST_DATA")
    if not folder:
        pytest.skip("TAGGER_TEST_DATA is unset: the third-party texts are not at hand")
    return Path(folder)
