"""How a change stands in the database: made, taken back, or looked for."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, column, delete, func, insert, select, table, update

from tagger.batch.spip.changes import Change, KeywordCreated, LinkAdded, LinkRemoved, TextWritten
from tagger.batch.spip.database import Row, SpipDatabase
from tagger.errors import SpipError

# As the change left it; as before the change; or otherwise, because somebody changed it since.
State = Literal["made", "before", "other"]


def make(database: SpipDatabase, connection: Connection, change: Change) -> None:
    """Make a change.

    Raises:
        SpipError: the row is not as it was when the change was planned.
    """
    if isinstance(change, LinkAdded):
        connection.execute(insert(database.links.table).values(database.links.row(change.article, change.keyword)))
    elif isinstance(change, LinkRemoved):
        _unlink(database, connection, change.article, change.keyword, len(change.rows))
    elif isinstance(change, TextWritten):
        _write(database, connection, change.article, change.column, change.after)
    else:
        connection.execute(insert(database.keywords).values(change.row))


def take_back(database: SpipDatabase, connection: Connection, change: Change) -> None:
    """Bring back what stood before a change that `state` finds made."""
    if isinstance(change, LinkAdded):
        _unlink(database, connection, change.article, change.keyword, 1)
    elif isinstance(change, LinkRemoved):
        for row in change.rows:
            connection.execute(insert(database.links.table).values(row))
    elif isinstance(change, TextWritten):
        _write(database, connection, change.article, change.column, change.before)
    else:
        connection.execute(delete(database.keywords).where(database.keywords.c.id_mot == change.keyword))


def state(database: SpipDatabase, connection: Connection, change: Change) -> State:
    """Look at how the database stands to a change; inside a transaction the rows stay so until its end."""
    if isinstance(change, LinkAdded):
        linked = len(_links(database, connection, change.article, change.keyword))
        return "before" if linked == 0 else "made" if linked == 1 else "other"
    if isinstance(change, LinkRemoved):
        rows = _links(database, connection, change.article, change.keyword)
        return "made" if not rows else "before" if _sorted(rows) == _sorted(change.rows) else "other"
    if isinstance(change, TextWritten):
        articles = database.articles.c
        query = select(articles[change.column]).where(articles.id_article == change.article)
        found = connection.execute(database.locked(query)).first()
        if found is None:
            return "other"
        return "made" if found[0] == change.after else "before" if found[0] == change.before else "other"
    return _state_of_keyword(database, connection, change)


def _state_of_keyword(database: SpipDatabase, connection: Connection, change: KeywordCreated) -> State:
    keywords = database.keywords
    query = select(keywords).where(keywords.c.id_mot == change.keyword)
    found = connection.execute(database.locked(query)).mappings().first()
    if found is None:
        return "before"
    return "made" if all(found[name] == value for name, value in change.row.items()) else "other"


def obstacle(database: SpipDatabase, connection: Connection, change: Change) -> str | None:
    """Say why a change that was made cannot be taken back, though itself it stands as it was made."""
    if isinstance(change, KeywordCreated):
        used = sum(_uses(database, connection, table, change.keyword) for table in database.keyword_tables)
        return f"it is in use {used} times" if used else None
    if isinstance(change, LinkRemoved):
        return _obstacle_to_link(database, connection, change)
    return None


def _obstacle_to_link(database: SpipDatabase, connection: Connection, change: LinkRemoved) -> str | None:
    keywords, groups = database.keywords, database.groups
    group = connection.scalar(select(keywords.c.id_groupe).where(keywords.c.id_mot == change.keyword))
    if group is None:
        return "the keyword was deleted since"
    articles = database.articles
    if not connection.scalar(
        select(func.count()).select_from(articles).where(articles.c.id_article == change.article)
    ):
        return "the article was deleted since"
    single = connection.scalar(select(groups.c.unseul).where(groups.c.id_groupe == group)) == "oui"
    links = database.links
    others = select(func.count()).where(
        links.table.c.id_mot == keywords.c.id_mot,
        links.table.c[links.article] == change.article,
        keywords.c.id_groupe == group,
        *links.of_articles(),
    )
    if single and connection.scalar(others):
        return "the article has another keyword of a group that allows one"
    return None


def _uses(database: SpipDatabase, connection: Connection, name: str, keyword: int) -> int:
    links = table(name, column("id_mot"))
    return connection.scalar(select(func.count()).select_from(links).where(links.c.id_mot == keyword)) or 0


def _links(database: SpipDatabase, connection: Connection, article: int, keyword: int) -> list[Row]:
    query = select(database.links.table).where(*database.links.between(article, keyword))
    return [dict(row) for row in connection.execute(database.locked(query)).mappings()]


def _sorted(rows: list[Row]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)


def _unlink(database: SpipDatabase, connection: Connection, article: int, keyword: int, rows: int) -> None:
    gone = connection.execute(delete(database.links.table).where(*database.links.between(article, keyword))).rowcount
    if gone != rows:
        raise SpipError(f"The keywords of article {article} changed under our hands. Start again.")


def _write(database: SpipDatabase, connection: Connection, article: int, name: str, text: str | None) -> None:
    """Write a text, leave the row's time of change alone, and see that the column holds what it was given."""
    articles = database.articles
    kept = {kept: articles.c[kept] for kept in database.kept}
    connection.execute(update(articles).where(articles.c.id_article == article).values({name: text} | kept))
    if connection.scalar(select(articles.c[name]).where(articles.c.id_article == article)) != text:
        raise SpipError(f"The column {name} of article {article} cannot hold the text as it is.")
