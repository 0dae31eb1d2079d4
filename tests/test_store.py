"""The store on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from tagger.errors import SettingsError, StoreError
from tagger.settings import Settings
from tagger.store.database import Database
from tagger.store.schema import include_name, metadata


def test_migrations_build_what_the_tables_declare(database: Database) -> None:
    with database.engine.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"include_name": include_name}), metadata)
            == []
        )
        assert set(metadata.tables) <= set(inspect(connection).get_table_names())


def test_opening_twice_changes_nothing(database: Database, database_url: str) -> None:
    again = Database.open(Settings(database_url=database_url))
    again.close()


@pytest.mark.parametrize("url", ["nonsense", "oracle+nodriver://a/b"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(SettingsError, match="TAGGER_DATABASE_URL"):
        Database.open(Settings(database_url=url))


def test_a_server_that_is_away_is_told() -> None:
    with pytest.raises(StoreError, match="does not answer"):
        Database.open(Settings(database_url="postgresql+psycopg://nobody@127.0.0.1:9/none"))


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "tagger.db").write_bytes(b"no database at all " * 300)
    with pytest.raises(StoreError, match="damaged"):
        Database.open(Settings(data_dir=tmp_path))


def test_a_database_of_a_newer_version_is_told(database: Database, database_url: str) -> None:
    with database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        Database.open(Settings(database_url=database_url))


def test_the_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    Database.open(Settings(data_dir=tmp_path / "data")).close()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
