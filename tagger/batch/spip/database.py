"""A SPIP database opened: which tables and columns it has, to read only or to write, in either generation.

Since SPIP 3 the links of keywords stand in `spip_mots_liens` (id_mot, id_objet, objet), before in
`spip_mots_articles` (id_mot, id_article).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Inspector,
    Select,
    TableClause,
    column,
    create_engine,
    event,
    func,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from tagger.batch.spip.address import SpipAddress
from tagger.errors import MissingExtraError, SettingsError, SpipError
from tagger.reading.mojibake import is_garbled

Row = dict[str, Any]
_CONNECT_SECONDS = 10
_BUSY_SECONDS = 15  # how long a writer waits for another one in SQLite
_SAMPLED = 500
_ID_DIGITS = 18  # of a BIGINT
_TRANSACTIONAL = {"innodb", "xtradb", "rocksdb", "tokudb", "ndbcluster"}
_ARTICLE_COLUMNS = ("id_article", "titre", "texte", "statut")
ARTICLE = "article"  # what `objet` says of a link to an article


@dataclass(frozen=True)
class Links:
    """The table of links between keywords and articles."""

    table: TableClause
    article: str  # the column that holds the article's id
    has_object: bool  # whether links of other things stand in the table, too

    def of_articles(self) -> list[ColumnElement[bool]]:
        """Give the conditions that leave only links to articles."""
        return [self.table.c.objet == ARTICLE] if self.has_object else []

    def row(self, article: int, keyword: int) -> Row:
        """Give a new link as a row."""
        row: Row = {"id_mot": keyword, self.article: article}
        return row | {"objet": ARTICLE} if self.has_object else row

    def between(self, article: int, keyword: int) -> list[ColumnElement[bool]]:
        """Give the conditions that leave the links between an article and a keyword."""
        return [self.table.c[name] == value for name, value in self.row(article, keyword).items()]


@dataclass(frozen=True)
class SpipDatabase:
    """A SPIP database. `transactional` tells whether all its tables can take back what a transaction did.

    `charsets` gives the character set of a column ``(table, column)`` where the server keeps one; `kept` are the
    columns of articles that the server would set to the present moment whenever a row changes.
    """

    address: SpipAddress
    engine: Engine
    writable: bool
    articles: TableClause
    keywords: TableClause
    groups: TableClause
    links: Links
    meta: TableClause | None
    keyword_tables: tuple[str, ...]
    transactional: bool
    charsets: dict[tuple[str, str], str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    @classmethod
    def open(cls, address: SpipAddress, *, writable: bool = False) -> Self:
        """Connect and look at the tables; unless `writable`, the session itself refuses to write.

        Raises:
            SettingsError: the driver is not installed, or the file does not exist.
            SpipError: the database does not answer, or its tables are not SPIP's.
        """
        engine = _engine(address, writable)
        with clear_faults():
            return cls._look(address, engine, writable)

    @classmethod
    def _look(cls, address: SpipAddress, engine: Engine, writable: bool) -> Self:
        inspector = inspect(engine)
        names = set(inspector.get_table_names())

        def find(name: str) -> TableClause | None:
            full = address.prefix + name
            if full not in names:
                return None
            return table(full, *(column(described["name"]) for described in inspector.get_columns(full)))

        found = {name: find(name) for name in ("articles", "mots", "groupes_mots", "meta")}
        articles, keywords, groups = found["articles"], found["mots"], found["groupes_mots"]
        liens, mots_articles = find("mots_liens"), find("mots_articles")
        if articles is None or keywords is None or groups is None or (liens is None and mots_articles is None):
            raise SpipError(_no_tables(address, names))
        if lacking := [name for name in _ARTICLE_COLUMNS if name not in articles.c]:
            raise SpipError(f"The table {articles.name} has no column {', '.join(lacking)}: it is not SPIP's.")
        if liens is not None:
            links = Links(liens, "id_objet", has_object=True)
        elif mots_articles is not None:
            links = Links(mots_articles, "id_article", has_object=False)
        used = [articles.name, keywords.name, groups.name, links.table.name]
        engines, charsets, kept = _server_facts(engine, used, articles.name)
        return cls(
            address,
            engine,
            writable,
            articles,
            keywords,
            groups,
            links,
            found["meta"],
            _keyword_tables(inspector, names, address.prefix),
            transactional=engines <= _TRANSACTIONAL,
            charsets=charsets,
            kept=kept,
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to read from.

        Raises:
            SpipError: the database does not answer.
        """
        with clear_faults(), self.engine.execution_options(reading=True).connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction: committed at the end, rolled back where anything fails.

        Raises:
            SpipError: the database does not answer or refuses to write.
        """
        with clear_faults(), self.engine.begin() as connection:
            yield connection

    def locked(self, query: Select[Any]) -> Select[Any]:
        """Make the rows of a query stay as they are until the transaction ends, where the session may write."""
        return query.with_for_update() if self.writable else query

    @property
    def server(self) -> str:
        """The server and its version."""
        with self.reading() as connection:
            statement = "sqlite_version()" if connection.dialect.name == "sqlite" else "version()"
            version = connection.scalar(text(f"SELECT {statement}"))
            return f"{self.address.url.get_backend_name()} {version}"

    @cached_property
    def site(self) -> str | None:
        """The address of the site, as SPIP's configuration has it."""
        if self.meta is None:
            return None
        with self.reading() as connection:
            query = select(self.meta.c.valeur).where(self.meta.c.nom == "adresse_site")
            value = connection.scalar(query)
        return str(value).strip().rstrip("/") or None if value else None

    @cached_property
    def is_garbled(self) -> bool:
        """Whether the newest titles are mostly UTF-8 taken for latin-1, as the whole of an old database can be."""
        query = select(self.articles.c.titre).order_by(self.articles.c.id_article.desc()).limit(_SAMPLED)
        with self.reading() as connection:
            titles = [title for title in connection.scalars(query) if title and not title.isascii()]
        return sum(map(is_garbled, titles)) * 2 > len(titles)

    def count_articles(self) -> dict[str, int]:
        """Give the number of articles by their `statut`."""
        query = select(self.articles.c.statut, func.count()).group_by(self.articles.c.statut)
        with self.reading() as connection:
            return dict(connection.execute(query).all())

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _keyword_tables(inspector: Inspector, names: set[str], prefix: str) -> tuple[str, ...]:
    """Give the tables that link keywords with anything: articles, sections, documents."""
    found = sorted(name for name in names if name.startswith(f"{prefix}mots_"))
    return tuple(name for name in found if any(c["name"] == "id_mot" for c in inspector.get_columns(name)))


def _no_tables(address: SpipAddress, names: set[str]) -> str:
    prefixes = sorted(name.removesuffix("articles") for name in names if name.endswith("_articles"))
    found = f" Tables named …articles begin with: {', '.join(prefixes)}." if prefixes else ""
    return (
        f"There are no tables {address.prefix}articles, {address.prefix}mots, {address.prefix}groupes_mots and "
        f"{address.prefix}mots_liens (or {address.prefix}mots_articles).{found} "
        "Give the prefix in the address: ?prefix=PREFIX."
    )


def _engine(address: SpipAddress, writable: bool) -> Engine:
    is_sqlite = address.url.get_backend_name() == "sqlite"
    if is_sqlite and not (address.url.database and Path(address.url.database).is_file()):
        raise SettingsError(f"There is no SQLite file {address.url.database!r}.")
    try:
        if is_sqlite:
            engine = create_engine(address.url, connect_args={"timeout": _BUSY_SECONDS})
            _set_up_sqlite(engine, writable)
        else:
            url = address.url.update_query_dict({"charset": "utf8mb4"} | dict(address.url.query))
            engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_SECONDS})
            _set_up_mysql(engine, writable)
    except ModuleNotFoundError:
        raise MissingExtraError(
            "SPIP's MySQL or MariaDB needs a driver: pip install 'osiris-tagger[mysql]'."
        ) from None
    except (NoSuchModuleError, TypeError) as error:
        raise SettingsError(f"The address of SPIP's database cannot be used: {error}.") from None
    return engine


def _set_up_mysql(engine: Engine, writable: bool) -> None:
    @event.listens_for(engine, "connect")
    def _set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        # A value that does not fit is an error, never cut; dates of zeros, which SPIP writes, stay possible.
        cursor.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'")
        if not writable:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.close()


def _set_up_sqlite(engine: Engine, writable: bool) -> None:
    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401 - sqlite3's own attributes
        connection.isolation_level = None  # pysqlite's own BEGIN comes too late
        connection.text_factory = _utf8_or_latin1
        if not writable:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = not writable or connection.get_execution_options().get("reading", False)
        # One that begins as a reader and turns writer would fail at once where another writes, instead of waiting.
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _utf8_or_latin1(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("windows-1252", errors="replace")


def _server_facts(
    engine: Engine, tables: list[str], articles: str
) -> tuple[set[str], dict[tuple[str, str], str], tuple[str, ...]]:
    """Give the storage engines of the tables, the character sets of columns, and the columns that set themselves."""
    if engine.dialect.name == "sqlite":
        return set(), {}, ()
    stored = table("TABLES", *map(column, ("TABLE_SCHEMA", "TABLE_NAME", "ENGINE")), schema="information_schema").c
    described = table(
        "COLUMNS",
        *map(column, ("TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "CHARACTER_SET_NAME", "EXTRA")),
        schema="information_schema",
    ).c
    with engine.connect() as connection:
        engines = connection.scalars(
            select(stored.ENGINE).where(func.database() == stored.TABLE_SCHEMA, stored.TABLE_NAME.in_(tables))
        ).all()
        columns = connection.execute(
            select(described.TABLE_NAME, described.COLUMN_NAME, described.CHARACTER_SET_NAME, described.EXTRA).where(
                func.database() == described.TABLE_SCHEMA, described.TABLE_NAME.in_(tables)
            )
        ).all()
    charsets = {(name, field): charset.lower() for name, field, charset, _ in columns if charset}
    kept = tuple(field for name, field, _, extra in columns if name == articles and "on update" in extra.lower())
    return {str(name).lower() for name in engines}, charsets, kept


def is_article_id(text: str) -> bool:
    """Say whether `text` can be the id of an article: a number that the database can hold."""
    return text.isdecimal() and len(text) <= _ID_DIGITS


@contextmanager
def clear_faults() -> Iterator[None]:
    """Say in our words that SPIP's database fails or refuses."""
    try:
        yield
    except DBAPIError as error:
        raise SpipError(f"The database says: {error.orig}.") from error
