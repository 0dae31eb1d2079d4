"""Full-text search over stored articles, by FTS5 on SQLite and by a tsvector with French stems on PostgreSQL.

Accents are folded before anything is indexed or asked for, since PostgreSQL's `unaccent` may not be installed. A
query is words, all of which must occur; « "…" » asks for words in a row, a minus before a word or a quotation leaves
out what has it. A word also finds those that begin with it, whatever its plural.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select, text
from sqlalchemy.orm import Session

from tagger.text.typography import fold_accents, normalise

_TERM = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<quoted>[^"]*)"|(?P<word>[^\s"]+))')
_WORD = re.compile(r"[^\W_]+")
_SHORT = 4  # letters; shorter words are asked for as they are
_TITLE, _LABELS, _TEXT = 8.0, 4.0, 1.0  # how much a word counts in each, for FTS5's bm25
_POSTGRESQL_LETTERS = 300_000  # of a text; a tsvector holds at most one megabyte


@dataclass(frozen=True)
class Term:
    """Words in a row, folded; one word alone is the beginning of a word."""

    words: tuple[str, ...]
    is_excluded: bool


def parse_query(query: str) -> list[Term]:
    """Read what a person typed; nothing in it is an error."""
    terms = []
    for match in _TERM.finditer(normalise(query).text):
        words = searchable_words(match["quoted"] if match["word"] is None else match["word"])
        if words:
            terms.append(Term(tuple(words), match["minus"] is not None))
    return terms


def searchable_words(given: str) -> list[str]:
    """Give the words of a text or a query as they are compared: one typography, no accents, small letters.

    The databases would each take words apart in their own way, and PostgreSQL leave out what looks like a tag.
    """
    return _WORD.findall(fold_accents(normalise(given).text).casefold())


def index_article(session: Session, article_id: int, title: str, labels: list[str], body: str) -> None:
    """Put an article into the full-text index, in the place of what was there."""
    unindex_article(session, article_id)
    row = {"id": article_id, "title": _searchable(title), "labels": _searchable("\n".join(labels))}
    if _is_postgresql(session):
        statement = (
            "INSERT INTO article_search (article_id, document) VALUES (:id, "
            "setweight(to_tsvector('french', :title), 'A') || setweight(to_tsvector('french', :labels), 'B') || "
            "setweight(to_tsvector('french', :text), 'C'))"
        )
        body = body[:_POSTGRESQL_LETTERS]
    else:
        statement = "INSERT INTO article_search (rowid, title, labels, text) VALUES (:id, :title, :labels, :text)"
    session.execute(text(statement), {**row, "text": _searchable(body)})


def unindex_article(session: Session, article_id: int) -> None:
    """Take an article out of the full-text index."""
    key = "article_id" if _is_postgresql(session) else "rowid"
    session.execute(text(f"DELETE FROM article_search WHERE {key} = :id"), {"id": article_id})  # noqa: S608 - our own


def forget_deleted(session: Session) -> None:
    """Make SQLite's index forget the words of what was taken out of it; PostgreSQL's vacuum does so by itself."""
    if not _is_postgresql(session):
        session.execute(text("INSERT INTO article_search(article_search) VALUES ('optimize')"))


def matching(session: Session, terms: list[Term]) -> tuple[Select[Any], ColumnElement[float]]:
    """Give a query for the ids of the articles that match, and what ranks them, best first when ascending.

    The query selects from `article_search`; `terms` must not be empty.
    """
    if _is_postgresql(session):
        asked = func.to_tsquery(literal_column("'french'"), _tsquery(terms))
        document: ColumnElement[str] = literal_column("article_search.document")
        found: Select[Any] = select(literal_column("article_search.article_id").label("id"))
        return (
            found.select_from(text("article_search")).where(document.op("@@")(asked)),
            -func.ts_rank(document, asked),
        )
    found = select(literal_column("article_search.rowid").label("id")).select_from(text("article_search"))
    if not any(not term.is_excluded for term in terms):  # FTS5 knows no query of exclusions alone
        unwanted = _fts5([Term(term.words, is_excluded=False) for term in terms], " OR ")
        others = text(
            "article_search.rowid NOT IN (SELECT rowid FROM article_search WHERE article_search MATCH :unwanted)"
        )
        return found.where(others.bindparams(unwanted=unwanted)), literal_column("0.0")
    matches: ColumnElement[bool] = literal_column("article_search").op("MATCH")(_fts5(terms, " AND "))
    return found.where(matches), literal_column(f"bm25(article_search, {_TITLE}, {_LABELS}, {_TEXT})")


def _searchable(given: str) -> str:
    return " ".join(searchable_words(given))


def _fts5(terms: list[Term], joint: str) -> str:
    """Write a query of FTS5; folded words hold no quotation mark."""
    wanted = joint.join(_fts5_term(term) for term in terms if not term.is_excluded)
    unwanted = "".join(f" NOT {_fts5_term(term)}" for term in terms if term.is_excluded)
    return f"({wanted}){unwanted}"


def _fts5_term(term: Term) -> str:
    if len(term.words) > 1:
        return f'"{" ".join(term.words)}"'
    word = term.words[0]
    return f'"{re.sub("(s|x)$", "", word)}"*' if len(word) >= _SHORT else f'"{word}"'


def _tsquery(terms: list[Term]) -> str:
    """Write a query of PostgreSQL, with every word quoted."""
    return " & ".join(("!" if term.is_excluded else "") + _tsquery_term(term) for term in terms)


def _tsquery_term(term: Term) -> str:
    if len(term.words) > 1:
        return "(" + " <-> ".join(f"'{word}'" for word in term.words) + ")"
    return f"'{term.words[0]}'" + (":*" if len(term.words[0]) >= _SHORT else "")


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
