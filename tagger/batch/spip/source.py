"""The articles of a SPIP database as records, a chunk at a time, always in the order of their ids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from tagger.batch.spip.address import SpipAddress
from tagger.batch.spip.database import Row, SpipDatabase
from tagger.batch.spip.keywords import SpipKeywords, without_rank
from tagger.reading.dates import find_date
from tagger.reading.records import BadRecord, Record, validate_record
from tagger.reading.spip import read_spip, read_spip_line

CHUNK_ARTICLES = 200
_COLUMNS = ("surtitre", "titre", "soustitre", "descriptif", "chapo", "texte", "ps", "date", "nom_site", "url_site")
_SENTENCE_ENDS = (".", "!", "?", "…", ":")


class SpipSource:
    """Reads articles. It only reads, holds one chunk in memory, and is connected for as long as it is read.

    >>> for record in SpipSource(SpipAddress.parse("spip+sqlite:///spip.db")).records():
    ...     ...
    """

    def __init__(self, address: SpipAddress, chunk: int = CHUNK_ARTICLES) -> None:
        """Open the database.

        Raises:
            SettingsError: the driver is not installed, or the file does not exist.
            SpipError: the database does not answer, or is not SPIP's.
        """
        self.database = SpipDatabase.open(address)
        self._chunk = chunk
        self._passed = self._total = 0

    def records(self) -> Iterator[Record | BadRecord]:
        """Give the articles, each with its id; what is connected is closed at their end.

        Raises:
            SpipError: the database does not answer.
        """
        self._passed, self._total = 0, self.count()
        last = 0
        try:
            with self.database.reading() as connection:
                keywords = SpipKeywords.load(self.database, connection)
            while True:
                # A connection a chunk: annotating one may take longer than the server keeps an idle connection.
                with self.database.reading() as connection:
                    rows = [dict(row) for row in connection.execute(self._page(last)).mappings()]
                    linked = self._keywords_of(connection, [row["id_article"] for row in rows])
                for row in rows:
                    names = [keyword.title for keyword in keywords.sorted(linked.get(row["id_article"], ()))]
                    self._passed += 1
                    yield self._record(row, names)
                if len(rows) < self._chunk:
                    return
                last = rows[-1]["id_article"]
        finally:
            self.database.close()

    def share_read(self) -> float:
        """Tell how much of the articles has been read, 0 to 1."""
        return min(1.0, self._passed / self._total) if self._total else 1.0

    def count(self) -> int:
        """Give the number of articles that `records` gives."""
        query = select(func.count()).select_from(self.database.articles).where(*self._conditions())
        with self.database.reading() as connection:
            return int(connection.scalar(query) or 0)

    def _conditions(self) -> list[ColumnElement[bool]]:
        address, columns = self.database.address, self.database.articles.c
        conditions: list[ColumnElement[bool]] = []
        if address.statuses:
            conditions.append(columns.statut.in_(address.statuses))
        if address.language and "lang" in columns:
            conditions.append(columns.lang == address.language)
        return conditions

    def _page(self, after: int) -> Select[Any]:
        columns = self.database.articles.c
        fields = [columns[name] if name in columns else literal("").label(name) for name in _COLUMNS]
        query = select(columns.id_article, *fields).where(columns.id_article > after, *self._conditions())
        return query.order_by(columns.id_article).limit(self._chunk)

    def _keywords_of(self, connection: Connection, articles: Sequence[int]) -> dict[int, list[int]]:
        links = self.database.links
        article = links.table.c[links.article]
        query = select(article, links.table.c.id_mot).where(article.in_(articles), *links.of_articles())
        found: dict[int, list[int]] = {}
        for id, keyword in connection.execute(query):
            found.setdefault(id, []).append(keyword)
        return found

    def _record(self, row: Row, keywords: list[str]) -> Record | BadRecord:
        """Make a record of an article's row."""
        texts = {name: read_spip(row[name] or "") for name in ("chapo", "descriptif", "texte", "ps")}
        redirection = texts["chapo"].startswith("=")  # « =http://… »: the article stands elsewhere
        chapo = "" if redirection else texts["chapo"]
        body = "\n\n".join(filter(None, (texts["texte"], texts["ps"])))
        return validate_record(
            {
                "id": str(row["id_article"]),
                "title": _title(row),
                "text": body or chapo,
                "date": _date(row["date"]),
                "chapo": chapo or texts["descriptif"] or None,
                "source": read_spip_line(row["nom_site"] or "") or None,
                "url": self._url(row),
                "keywords": keywords,
            }
        )

    def _url(self, row: Row) -> str | None:
        """Give the article's own address on the site, else that of where it came from."""
        if self.database.site:
            return f"{self.database.site}/spip.php?article{row['id_article']}"
        return (row["url_site"] or "").strip() or None


def _title(row: Row) -> str:
    """Give « surtitre : titre. soustitre », of which most articles have only the middle one."""
    above, title, below = (
        without_rank(read_spip_line(row[name] or "")) for name in ("surtitre", "titre", "soustitre")
    )
    title = f"{above.rstrip(' :')} : {title}" if above and title else above or title
    if not below:
        return title
    return f"{title}{' ' if title.endswith(_SENTENCE_ENDS) else '. '}{below}" if title else below


def _date(value: object) -> dt.date | None:
    """Give a whole date; SPIP also keeps « 2004-00-00 », which is none."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date) or value is None:
        return value
    return find_date(str(value))
