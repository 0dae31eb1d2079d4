"""The database: opened by its address, brought to the newest schema, and its faults told apart from ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import platformdirs
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from tagger.errors import SettingsError, StoreError
from tagger.settings import Settings

_log = logging.getLogger(__name__)

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 15  # how long a writer waits for another one in SQLite
_CONNECT_SECONDS = 5


def data_dir(settings: Settings) -> Path:
    """Give the folder for what the program keeps: the one that is set, or the user's own. It is made if need be."""
    folder = settings.data_dir or Path(platformdirs.user_data_dir("tagger", appauthor=False))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # texts and the hashes of passwords lie in it
    except OSError as error:
        raise SettingsError(f"The data folder {folder} cannot be made: {error}. Set TAGGER_DATA_DIR.") from None
    return folder


class Database:
    """A database with the newest schema."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = sessionmaker(engine, expire_on_commit=False)
        self._reading = sessionmaker(engine.execution_options(reading=True), expire_on_commit=False)

    @classmethod
    def open(cls, settings: Settings) -> Database:
        """Connect to the database that is set, and bring its tables to the newest schema.

        Raises:
            SettingsError: the address is none, or its driver is not installed.
            StoreError: the database does not answer, or its schema is of a newer program.
        """
        given = settings.database_url
        try:
            engine = _engine(given.get_secret_value() if given else f"sqlite:///{data_dir(settings) / 'tagger.db'}")
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise SettingsError(
                f"TAGGER_DATABASE_URL cannot be used: {error}. Give sqlite:///FILE, or "
                "postgresql+psycopg://USER:PASSWORD@HOST/NAME with the extra `postgresql` installed."
            ) from None
        database = cls(engine)
        database.upgrade()
        return database

    def upgrade(self) -> None:
        """Bring the tables to the newest schema; one process at a time does."""
        with _clear_faults(), self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(78)")
            _upgrade(connection)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a session in a transaction: committed at the end, rolled back where anything fails.

        Raises:
            StoreError: the database does not answer or cannot write.
        """
        with _clear_faults(), self._writing.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that only reads; it waits for no writer.

        Raises:
            StoreError: the database does not answer.
        """
        with _clear_faults(), self._reading() as session:
            yield session

    def clear_log(self) -> None:
        """Bring SQLite's write-ahead log into the database and empty it, so that nothing erased is left in it."""
        if self.engine.dialect.name == "sqlite":
            with _clear_faults(), closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_SECONDS})
    engine = create_engine(parsed, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # pysqlite's own BEGIN comes too late
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        # One that begins as a reader and turns writer would fail at once where another writes, instead of waiting.
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            f"The database is of a newer version of this program ({error}). Install that version again, or put the "
            "backup from before its upgrade in place."
        ) from None


@contextmanager
def _clear_faults() -> Iterator[None]:
    """Say in our words that the database fails; faults in our own statements go through as they are."""
    try:
        yield
    except DBAPIError as error:
        if _is_no_database(error):
            raise StoreError(f"The database is damaged: {error.orig}. Put its backup in its place.") from error
        if not _is_outage(error):
            raise
        _log.error("the database does not answer or cannot write: %s", error.orig)
        raise StoreError(f"The database does not answer or cannot write: {error.orig}") from error


def _is_no_database(error: DBAPIError) -> bool:
    """Say whether SQLite finds no database in its file, or a broken one."""
    return getattr(error.orig, "sqlite_errorname", "") in ("SQLITE_NOTADB", "SQLITE_CORRUPT")


def _is_outage(error: DBAPIError) -> bool:
    return error.connection_invalidated or type(error).__name__ in ("OperationalError", "InterfaceError")
