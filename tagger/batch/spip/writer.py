"""Annotations written back into SPIP's database: a transaction a chunk, each change in the log before it is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from itertools import islice

from pydantic import ValidationError
from sqlalchemy import Connection, column, func, select, table

from tagger.batch.spip.changes import (
    Change,
    ChangeLog,
    ChunkCommitted,
    ChunkPlanned,
    KeywordCreated,
    RunFinished,
    RunStarted,
)
from tagger.batch.spip.database import Row, SpipDatabase, is_article_id
from tagger.batch.spip.keywords import SpipGroup, SpipKeywords, find_group
from tagger.batch.spip.planning import Annotated, Planner, Standing, Tally, WriteOptions
from tagger.batch.spip.statements import make
from tagger.errors import SpipError
from tagger.keywords.vocabulary import Vocabulary
from tagger.reading.mojibake import garble, is_garbled

CHUNK_ARTICLES = 100
_BEYOND_UTF8MB3 = 0xFFFF


class SpipWriter:
    """Writes annotations into a database."""

    def __init__(
        self,
        database: SpipDatabase,
        vocabulary: Vocabulary,
        options: WriteOptions,
        chunk: int = CHUNK_ARTICLES,
    ) -> None:
        """Read the site's keywords.

        Raises:
            SpipError: the database does not answer, or has no such group or column.
        """
        self._database = database
        self._options = options
        self._chunk = chunk
        if options.lead and options.lead not in database.articles.c:
            raise SpipError(f"The table {database.articles.name} has no column {options.lead}.")
        with database.reading() as connection:
            keywords = SpipKeywords.load(database, connection)
            self._last_keyword = _last_keyword(database, connection)
        self._planner = Planner(keywords, vocabulary, options, _group_for_new(keywords, options), self._create)

    def write(self, lines: Iterable[bytes], log: ChangeLog | None, step: Callable[[], None] = lambda: None) -> Tally:
        """Write the annotations of a JSON Lines file, whose ids are the articles'; `step` is called for each line.

        Without a log the changes are only planned and counted.

        Raises:
            SpipError: the database fails or refuses; the chunks before are written, and the log tells which.
        """
        if log:
            log.append(self._started(log))
        for number, chunk in enumerate(_chunks(self._annotated(lines, step), self._chunk), 1):
            if log:
                self._write_chunk(number, chunk, log)
            else:
                with self._database.reading() as connection:
                    self._plan(connection, chunk)
        tally = self._planner.tally
        if log:
            log.append(RunFinished(finished=dt.datetime.now(dt.UTC), counts=dict(tally.counts)))
        return tally

    def _started(self, log: ChangeLog) -> RunStarted:
        return RunStarted(
            run=log.folder.name,
            started=dt.datetime.now(dt.UTC),
            version=version("osiris-tagger"),
            database=self._database.address.shown,
            prefix=self._database.address.prefix,
            transactional=self._database.transactional,
            options=asdict(self._options),
        )

    def _write_chunk(self, number: int, chunk: list[tuple[int, Annotated]], log: ChangeLog) -> None:
        """Plan a chunk on what stands in the database, log it, make it, and log that it was made."""
        with self._database.writing() as connection:
            changes = self._plan(connection, chunk)
            if not changes:
                return
            log.append(ChunkPlanned(number=number, changes=changes))
            for change in changes:
                make(self._database, connection, change)
        log.append(ChunkCommitted(number=number))

    def _plan(self, connection: Connection, chunk: list[tuple[int, Annotated]]) -> list[Change]:
        articles = self._articles(connection, [id for id, _ in chunk])
        standing = self._standing(connection, articles)
        changes: list[Change] = []
        for id, annotated in chunk:
            if id not in articles:
                self._planner.tally.failures.append(f"There is no article {id}.")
                continue
            changes += self._planner.plan(id, annotated, standing[id], self._encoder(articles[id]))
        return changes

    def _articles(self, connection: Connection, ids: list[int]) -> dict[int, Row]:
        columns = self._database.articles.c
        lead = [columns[self._options.lead]] if self._options.lead else []
        query = select(columns.id_article, columns.titre, columns.texte, *lead).where(columns.id_article.in_(ids))
        rows = connection.execute(self._database.locked(query)).mappings()
        return {row["id_article"]: dict(row) for row in rows}

    def _standing(self, connection: Connection, articles: dict[int, Row]) -> dict[int, Standing]:
        links = self._database.links
        standing = {
            id: Standing({}, row[self._options.lead] if self._options.lead else None) for id, row in articles.items()
        }
        query = select(links.table).where(links.table.c[links.article].in_(standing), *links.of_articles())
        for row in connection.execute(self._database.locked(query)).mappings():
            standing[row[links.article]].links.setdefault(row["id_mot"], []).append(dict(row))
        return standing

    def _encoder(self, article: Row) -> Callable[[str], str]:
        """Give what turns text into the form in which the article's row holds it."""
        name = self._options.lead or ""
        charset = self._database.charsets.get((self._database.articles.name, name), "utf8mb4")
        texts = [article[field] for field in ("titre", "texte") if article[field]]
        return lambda text: _encoded(text, charset, self._is_garbled(texts))

    def _is_garbled(self, texts: list[str]) -> bool:
        telling = [text for text in texts if not text.isascii()]
        return any(map(is_garbled, telling)) if telling else self._database.is_garbled

    def _create(self, name: str, group: SpipGroup) -> KeywordCreated:
        """Give the row of a new keyword, with an id that no keyword and no left-over link has."""
        self._last_keyword += 1
        table = self._database.keywords
        charset = self._database.charsets.get((table.name, "titre"), "utf8mb4")
        row: dict[str, int | float | str | None] = {
            "id_mot": self._last_keyword,
            "titre": _encoded(name, charset, self._database.is_garbled),
            "descriptif": "",
            "texte": "",
            "id_groupe": group.id,
            "type": _encoded(group.title, charset, self._database.is_garbled),
        }
        return KeywordCreated(
            keyword=self._last_keyword, row={column: value for column, value in row.items() if column in table.c}
        )

    def _annotated(self, lines: Iterable[bytes], step: Callable[[], None]) -> Iterator[tuple[int, Annotated]]:
        """Read the lines; those that hold no annotation of an article are told as failures."""
        tally = self._planner.tally
        for number, line in enumerate(lines, 1):
            step()
            if not line.strip():
                continue
            tally.counts["annotations"] += 1
            try:
                annotated = Annotated.model_validate_json(line)
            except ValidationError:
                tally.failures.append(f"Line {number} is no annotation as `tagger retag` writes it.")
                continue
            if annotated.error is not None:
                tally.counts["not-annotated"] += 1
            elif not is_article_id(annotated.id or ""):
                tally.failures.append(f"Line {number}: {annotated.id!r} is no id of a SPIP article.")
            else:
                yield int(annotated.id or 0), annotated


def _group_for_new(keywords: SpipKeywords, options: WriteOptions) -> SpipGroup | None:
    if options.create_in is None:
        return None
    group = find_group(keywords.groups.values(), options.create_in)
    if not group.for_articles:
        raise SpipError(f"The keywords of the group « {group.title} » are not for articles.")
    return group


def _last_keyword(database: SpipDatabase, connection: Connection) -> int:
    tables = (database.keywords.name, *database.keyword_tables)
    ids = (connection.scalar(select(func.max(column("id_mot"))).select_from(table(name))) for name in tables)
    return max(int(id or 0) for id in ids)


def _encoded(text: str, charset: str, garbled: bool) -> str:
    """Give text as a column holds it; what its character set lacks becomes an entity, as SPIP writes it."""
    if garbled:
        return garble(text)
    if charset in ("utf8", "utf8mb3"):
        return "".join(c if ord(c) <= _BEYOND_UTF8MB3 else f"&#{ord(c)};" for c in text)
    if charset == "latin1":
        return text.encode("windows-1252", "xmlcharrefreplace").decode("windows-1252")
    return text


def _chunks(items: Iterable[tuple[int, Annotated]], size: int) -> Iterator[list[tuple[int, Annotated]]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
