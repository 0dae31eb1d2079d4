"""SPIP's keywords and their groups, and which of them stands for a keyword of the vocabulary."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, select

from tagger.batch.spip.database import Row, SpipDatabase
from tagger.errors import SpipError
from tagger.keywords.vocabulary import Keyword, Vocabulary, fold, slug
from tagger.reading.spip import read_spip_line

# « 41. Législation/Réglementation »: SPIP sorts by the number and does not print it.
_RANK = re.compile(r"^\s*(\d+)(?:[.)]|°)\s+")
_YES = "oui"


@dataclass(frozen=True)
class SpipGroup:
    """A group of keywords. Of a `single` one an article has at most one; others may be closed to articles."""

    id: int
    title: str
    single: bool
    for_articles: bool


@dataclass(frozen=True)
class SpipKeyword:
    """A keyword of the site; `title` is without markup and rank."""

    id: int
    title: str
    rank: int | None
    group: int


def without_rank(title: str) -> str:
    """Give a title without the number that SPIP sorts it by."""
    return _RANK.sub("", title).strip()


@dataclass(frozen=True)
class SpipKeywords:
    """The site's keywords that count: all, or those of chosen groups."""

    keywords: dict[int, SpipKeyword]
    groups: dict[int, SpipGroup]

    @classmethod
    def load(cls, database: SpipDatabase, connection: Connection) -> SpipKeywords:
        """Read the keywords of the groups that the address names, or of all.

        Raises:
            SpipError: the address names a group that the site has not.
        """
        groups = {
            group.id: group
            for row in connection.execute(select(database.groups)).mappings()
            if (group := _group(dict(row)))
        }
        wanted = {find_group(groups.values(), name).id for name in database.address.groups}
        table = database.keywords
        rows = connection.execute(select(table.c.id_mot, table.c.titre, table.c.id_groupe).order_by(table.c.id_mot))
        keywords = (_keyword(id, title or "", group or 0) for id, title, group in rows)
        return cls({keyword.id: keyword for keyword in keywords if not wanted or keyword.group in wanted}, groups)

    def sorted(self, ids: Iterable[int]) -> list[SpipKeyword]:
        """Give the keywords of these ids as SPIP sorts them: by group, rank and title. Others are left out."""
        found = {id: self.keywords[id] for id in ids if id in self.keywords}.values()
        return sorted(
            found, key=lambda keyword: (keyword.group, keyword.rank is None, keyword.rank or 0, keyword.title)
        )

    def group_of(self, keyword: SpipKeyword) -> SpipGroup:
        """Give the group of a keyword; one whose group is gone has a group without rules."""
        return self.groups.get(keyword.group) or SpipGroup(keyword.group, "", single=False, for_articles=True)

    def candidates(self, keyword: Keyword | None, name: str) -> list[SpipKeyword]:
        """Give the site's keywords that stand for a keyword of the vocabulary, named `name`.

        The name is looked for first, then the keyword's former names, then its synonyms; case, accents and marks
        do not matter. Several are given where the site has the title more than once.
        """
        stages = [(name,), *((keyword.former_names, keyword.synonyms) if keyword else ())]
        for labels in stages:
            found = {k.id: k for label in labels for k in self._by_label.get(_label(label), ())}
            if found:
                exact = [k for k in found.values() if k.title in labels]
                return exact if len(exact) == 1 else list(found.values())
        return []

    def of_vocabulary(self, vocabulary: Vocabulary) -> set[int]:
        """Give the ids of all that stand for some keyword of the vocabulary, retired ones too."""
        return {found.id for keyword in vocabulary for found in self.candidates(keyword, keyword.name)}

    @cached_property
    def _by_label(self) -> dict[str, list[SpipKeyword]]:
        labels: dict[str, list[SpipKeyword]] = {}
        for keyword in self.keywords.values():
            if self.group_of(keyword).for_articles:
                labels.setdefault(_label(keyword.title), []).append(keyword)
        return labels

    def with_keyword(self, keyword: SpipKeyword) -> SpipKeywords:
        """Give the keywords with another one."""
        return SpipKeywords(self.keywords | {keyword.id: keyword}, self.groups)


def find_group(groups: Iterable[SpipGroup], name: str) -> SpipGroup:
    """Find a group by its id or its title.

    Raises:
        SpipError: there is none, or there are several.
    """
    known = list(groups)
    found = [group for group in known if str(group.id) == name or _label(group.title) == _label(name)]
    if len(found) != 1:
        titles = ", ".join(f"{group.id} « {group.title} »" for group in known) or "none"
        raise SpipError(
            f"{'No' if not found else 'More than one'} group of keywords is {name!r}. The site has: {titles}."
        )
    return found[0]


def _label(title: str) -> str:
    return slug(title) or fold(title)


def _keyword(id: int, raw_title: str, group: int) -> SpipKeyword:
    title = read_spip_line(raw_title)
    rank = _RANK.match(title)
    return SpipKeyword(id, without_rank(title), int(rank[1]) if rank else None, group)


def _group(row: Row) -> SpipGroup:
    return SpipGroup(
        row["id_groupe"],
        without_rank(read_spip_line(row["titre"] or "")),
        single=row.get("unseul") == _YES,
        for_articles=_is_for_articles(row),
    )


def _is_for_articles(row: Row) -> bool:
    """Say whether the group's keywords may be linked to articles, as either generation of SPIP tells."""
    if row.get("tables_liees") is not None:
        return "articles" in {name.strip() for name in row["tables_liees"].split(",")}
    return bool(row.get("articles", _YES) == _YES)
