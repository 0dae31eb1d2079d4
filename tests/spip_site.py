"""A site on SPIP's schema, built out of our own briefs: both generations, old encodings and markup included."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import column as sql_column
from sqlalchemy import create_engine, func, insert, inspect, make_url, select, text
from sqlalchemy import table as sql_table

from tagger.reading.mojibake import garble
from tagger.resources import training_data_dir

ARTICLES = 300
RANKED = "41. Législation/Réglementation"
LACKING = "Genre"  # the site has no such keyword
THEMES, TECHNICAL, FORMATS = 1, 2, 3
_ARTICLE = """
    id_article {id}, surtitre {text}, titre {text}, soustitre {text}, id_rubrique {number}, descriptif {text},
    chapo {longtext}, texte {longtext}, ps {longtext}, date {datetime}, statut {short}, lang {short},
    nom_site {text}, url_site {text}, date_modif {datetime}, maj {moment}
"""
_KEYWORD = """
    id_mot {id}, titre {text}, descriptif {text}, texte {longtext}, id_groupe {number}, type {text}, maj {moment}
"""
_GROUP = "id_groupe {id}, titre {text}, unseul {short}, {for_articles} {text}, maj {moment}"
_META = "nom {key}, valeur {text}"
_NEW_LINKS = "id_mot {number}, id_objet {number}, objet {short}, PRIMARY KEY (id_mot, id_objet, objet)"
_OLD_LINKS = "id_mot {number}, id_article {number}"
_SQLITE = {
    "id": "INTEGER PRIMARY KEY",
    "number": "BIGINT NOT NULL DEFAULT 0",
    "text": "TEXT NOT NULL DEFAULT ''",
    "longtext": "LONGTEXT NOT NULL DEFAULT ''",
    "short": "VARCHAR(25) NOT NULL DEFAULT ''",
    "key": "VARCHAR(255) NOT NULL PRIMARY KEY",
    "datetime": "DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00'",
    "moment": "TIMESTAMP DEFAULT '2020-01-01 00:00:00'",
}
_MARIADB = _SQLITE | {
    "id": "BIGINT(21) NOT NULL AUTO_INCREMENT PRIMARY KEY",
    "text": "TEXT NOT NULL",
    "longtext": "LONGTEXT NOT NULL",
    "moment": "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP",
}


@dataclass(frozen=True)
class Kind:
    """What a site is built on; `old` is the generation before SPIP 3."""

    name: str
    mariadb: bool = False
    old: bool = False
    prefix: str = "spip_"
    engine: str = "InnoDB"
    charset: str = "utf8mb4"
    single: bool = False


KINDS = [
    Kind("sqlite"),
    Kind("sqlite-before-spip-3", old=True, prefix="osiris_"),
    Kind("mariadb", mariadb=True),
    Kind("mariadb-utf8-myisam", mariadb=True, charset="utf8", engine="MyISAM"),
    Kind("mariadb-latin1-before-spip-3", mariadb=True, old=True, prefix="osiris_", engine="MyISAM", charset="latin1"),
]


@cache
def briefs() -> list[dict[str, Any]]:
    path = training_data_dir() / "corpus" / "osiris-briefs.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()][:ARTICLES]


@dataclass(frozen=True)
class Site:
    """A built site: article number n is the n-th brief. All ids that divide by ten are not published."""

    kind: Kind
    url: str

    @property
    def address(self) -> str:
        return f"{self.url}?prefix={self.kind.prefix}"

    @property
    def links(self) -> str:
        return self.kind.prefix + ("mots_articles" if self.kind.old else "mots_liens")

    def query(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """Run a statement, in which # is the prefix; commit it."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            result = connection.execute(text(statement.replace("#", self.kind.prefix)), values)
            rows = [tuple(row) for row in result] if result.returns_rows else []
        engine.dispose()
        return rows

    def linked(self) -> set[tuple[int, int]]:
        """Give all links of articles: the article's id and the keyword's."""
        new = "SELECT id_objet, id_mot FROM #mots_liens WHERE objet = 'article'"
        rows = self.query("SELECT id_article, id_mot FROM #mots_articles" if self.kind.old else new)
        return {(article, keyword) for article, keyword in rows}

    def keyword_id(self, name: str) -> int:
        return next(id for id, title in keyword_titles().items() if title == name)

    def dump(self) -> dict[str, list[str]]:
        """Give every table's columns and rows, byte for byte."""
        engine = create_engine(self.url)
        function = "HEX" if self.kind.mariadb else "quote"
        dumped = {}
        with engine.connect() as connection:
            for name in inspect(engine).get_table_names():
                columns = [c["name"] for c in inspect(engine).get_columns(name)]
                exact = select(*(getattr(func, function)(sql_column(c)) for c in columns)).select_from(
                    sql_table(name)
                )
                dumped[name] = [f"{columns}", *sorted(map(repr, connection.execute(exact)))]
        engine.dispose()
        return dumped


@cache
def keyword_titles() -> dict[int, str]:
    """The names of the site's keywords for articles by id: those of the vocabulary, but for one."""
    path = training_data_dir() / "keywords.jsonl"
    names = [json.loads(line)["name"] for line in path.read_text(encoding="utf-8").splitlines()]
    return {number: name for number, name in enumerate(names, 1) if name != LACKING}


def build(kind: Kind, url: str) -> Site:
    """Fill an empty database."""
    site = Site(kind, url)
    types = (_MARIADB if kind.mariadb else _SQLITE) | {"for_articles": "articles" if kind.old else "tables_liees"}
    options = f" ENGINE={kind.engine} DEFAULT CHARSET={kind.charset}" if kind.mariadb else ""
    tables = {"articles": _ARTICLE, "mots": _KEYWORD, "groupes_mots": _GROUP, "meta": _META}
    tables |= {"mots_articles": _OLD_LINKS} if kind.old else {"mots_liens": _NEW_LINKS}
    engine = create_engine(url)
    with engine.begin() as connection:
        for name, columns in tables.items():
            connection.execute(text(f"CREATE TABLE {kind.prefix}{name} ({columns.format(**types)}){options}"))
        for name, rows in _rows(kind, _encoder(kind)).items():
            full = sql_table(kind.prefix + name, *map(sql_column, rows[0]))
            connection.execute(insert(full), rows)
    engine.dispose()
    return site


def _encoder(kind: Kind) -> Callable[[int, str], str]:
    """Give how the text of an article is held: in latin1 tables always garbled, else in every fifth article."""
    return lambda number, value: garble(value) if kind.charset == "latin1" or number % 5 == 0 else value


def _rows(kind: Kind, encode: Callable[[int, str], str]) -> dict[str, list[dict[str, Any]]]:
    linked = [
        {"id_mot": id, "id_article" if kind.old else "id_objet": number} | ({} if kind.old else {"objet": "article"})
        for number, brief in enumerate(briefs(), 1)
        for id, title in keyword_titles().items()
        if title == brief["primary"]
    ]
    elsewhere = [] if kind.old else [{"id_mot": 1, "id_objet": number, "objet": "rubrique"} for number in (1, 2, 3)]
    return {
        "articles": [_article(number, brief, encode) for number, brief in enumerate(briefs(), 1)],
        "mots": [*_keywords(lambda title: encode(1, title))],
        "groupes_mots": _groups(kind),
        "meta": [{"nom": "adresse_site", "valeur": "http://site.exemple/"}],
        ("mots_articles" if kind.old else "mots_liens"): [*linked, *elsewhere],
    }


def _article(number: int, brief: dict[str, Any], encode: Callable[[int, str], str]) -> dict[str, Any]:
    fields = {
        "surtitre": "Dossier" if number == 7 else "",
        "titre": f"12. {brief['title']}" if number == 8 else brief["title"],
        "soustitre": "",
        "descriptif": "",
        "chapo": f"{{{{{brief['lead']}}}}}" if number % 3 == 0 else "",
        "texte": marked_up(brief["text"]),
        "ps": "",
        "nom_site": "APAnews",
    }
    return {name: encode(number, value) for name, value in fields.items()} | {
        "id_article": number,
        "id_rubrique": 1,
        "date": "2004-00-00 00:00:00" if number == 9 else f"{brief['date']} 10:00:00",
        "statut": "prepa" if number % 10 == 0 else "publie",
        "lang": "fr",
        "url_site": "http://source.exemple/",
        "date_modif": "2005-05-05 05:05:05",
        "maj": "2005-05-05 05:05:05",
    }


def marked_up(plain: str) -> str:
    """Put SPIP's markup into a brief in such a way that it is read back as it was."""
    first, *others = plain.split("\n\n")
    word, space, rest = first.partition(" ")
    return "\r\n\r\n".join((f"<doc12|left>{{{{{word}}}}}{space}{rest}", *(f"<p>{other}</p>" for other in others)))


def _keywords(encode: Callable[[str], str]) -> list[dict[str, Any]]:
    def row(id: int, title: str, group: int) -> dict[str, Any]:
        return {"id_mot": id, "titre": encode(title), "descriptif": "", "texte": "", "id_groupe": group, "type": ""}

    titles = {id: RANKED if title in RANKED else title for id, title in keyword_titles().items()}
    titles = {id: f"<multi>[en]X[fr]{title}</multi>" if title == "Fintech" else title for id, title in titles.items()}
    return [*(row(id, title, THEMES) for id, title in titles.items()), row(200, "Fintech", TECHNICAL)]


def _groups(kind: Kind) -> list[dict[str, Any]]:
    field = "articles" if kind.old else "tables_liees"
    yes, no = ("oui", "non") if kind.old else ("articles,rubriques", "rubriques")
    return [
        {"id_groupe": THEMES, "titre": "1. Mots-clés", "unseul": "oui" if kind.single else "", field: yes},
        {"id_groupe": TECHNICAL, "titre": "Technique", "unseul": "", field: no},
        {"id_groupe": FORMATS, "titre": "Formats", "unseul": "oui", field: yes},
    ]


def write_annotations(path: Path, *, keywords: Callable[[dict[str, Any]], list[str]] | None = None) -> Path:
    """Write annotations of all articles, as `tagger retag` does: each suggests the brief's keywords and its lead."""
    chosen = keywords or (lambda brief: [brief["primary"], *brief["secondary"]])
    lines = [
        {
            "id": str(number),
            "keywords": [
                {"keyword": name, "probability": 0.9 - place / 10, "suggested": True}
                for place, name in enumerate(chosen(brief))
            ]
            + [{"keyword": "Portrait/Entretien", "probability": 0.1, "suggested": False}],
            "lead": {"text": brief["lead"], "source": [], "method": "extractive"},
        }
        for number, brief in enumerate(briefs(), 1)
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def server_database(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)
