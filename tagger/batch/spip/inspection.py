"""What a SPIP database holds, before anything is read or written: tables, groups, encodings, keywords."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from tagger.batch.spip.database import SpipDatabase
from tagger.batch.spip.keywords import SpipGroup, SpipKeywords
from tagger.keywords.vocabulary import Vocabulary
from tagger.reading.mojibake import is_garbled

_READ_CHARS = 1000  # of each text, to tell its encoding
_FETCHED = 500


@dataclass(frozen=True)
class GroupFound:
    """A group, how many keywords it has, and how many of them stand for keywords of the vocabulary."""

    group: SpipGroup
    keywords: int
    ours: int


@dataclass(frozen=True)
class Inspection:
    """All that `inspect` found.

    `charsets` are those of the articles' and keywords' columns; `garbled` is the number of articles, out of those
    `accented`, that hold UTF-8 taken for latin-1. `missing` are keywords of the vocabulary that the site lacks,
    `ambiguous` those that it has more than once.
    """

    server: str
    site: str | None
    link_table: str
    transactional: bool
    articles: dict[str, int]
    links: int
    groups: list[GroupFound]
    charsets: list[str]
    accented: int
    garbled: int
    missing: list[str]
    ambiguous: list[str]


def inspect(database: SpipDatabase, vocabulary: Vocabulary) -> Inspection:
    """Look through a database.

    Raises:
        SpipError: the database does not answer.
    """
    with database.reading() as connection:
        keywords = SpipKeywords.load(database, connection)
        query = select(func.count()).select_from(database.links.table).where(*database.links.of_articles())
        links = connection.scalar(query) or 0
    ours = keywords.of_vocabulary(vocabulary)
    found = {keyword.name: keywords.candidates(keyword, keyword.name) for keyword in vocabulary.active}
    accented, garbled = _encodings(database)
    return Inspection(
        server=database.server,
        site=database.site,
        link_table=database.links.table.name,
        transactional=database.transactional,
        articles=database.count_articles(),
        links=links,
        groups=[
            GroupFound(
                group,
                sum(keyword.group == group.id for keyword in keywords.keywords.values()),
                sum(keywords.keywords[id].group == group.id for id in ours),
            )
            for group in keywords.groups.values()
        ],
        charsets=sorted(set(database.charsets.values())),
        accented=accented,
        garbled=garbled,
        missing=[name for name, candidates in found.items() if not candidates],
        ambiguous=[name for name, candidates in found.items() if len(candidates) > 1],
    )


def _encodings(database: SpipDatabase) -> tuple[int, int]:
    """Give the number of articles with letters beyond ASCII, and of those among them that are garbled."""
    columns = database.articles.c
    query = select(columns.titre, func.substr(columns.texte, 1, _READ_CHARS))
    accented = garbled = 0
    with database.reading() as connection:
        streamed = connection.execution_options(yield_per=_FETCHED).execute(query)
        for title, text in streamed:
            whole = f"{title}\n{text}"
            accented += not whole.isascii()
            garbled += is_garbled(whole)
    return accented, garbled
