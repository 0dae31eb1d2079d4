"""SPIP's database read, written and put back, on SQLite and on a real MariaDB server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner, Result

from tagger.batch.spip import SpipAddress, SpipDatabase, SpipSource
from tagger.batch.spip.changes import LOG_FILE, ChangeLog, ChunkCommitted, ChunkPlanned, LogEntry, Run
from tagger.batch.spip.keywords import without_rank
from tagger.batch.spip.planning import WriteOptions
from tagger.batch.spip.undoing import undo as take_back
from tagger.batch.spip.writer import SpipWriter
from tagger.cli import app
from tagger.errors import SettingsError, SpipError
from tagger.keywords.vocabulary import load_vocabulary
from tagger.reading import Record
from tagger.resources import training_data_dir
from tests.spip_site import (
    ARTICLES,
    KINDS,
    LACKING,
    THEMES,
    Kind,
    Site,
    briefs,
    build,
    keyword_titles,
    server_database,
    write_annotations,
)

Builder = Callable[[Kind], Site]


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Builder]:
    """Builds sites; those on the server are dropped at the end."""
    server, names = os.environ.get("TAGGER_TEST_MARIADB"), []

    def make(kind: Kind) -> Site:
        name = f"spip_{uuid.uuid4().hex}"
        if not kind.mariadb:
            return build(kind, f"sqlite:///{tmp_path / name}.sqlite")
        if not server:
            pytest.skip("TAGGER_TEST_MARIADB is unset: no MariaDB server is at hand (.ci/run starts one)")
        _on_server(server, f"CREATE DATABASE {name} CHARACTER SET {kind.charset}")
        names.append(name)
        return build(kind, server_database(server, name))

    yield make
    for name in names:
        _on_server(server or "", f"DROP DATABASE {name}")


def _on_server(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def site(request: pytest.FixtureRequest, built: Builder) -> Site:
    return built(request.param)


@pytest.fixture(params=[KINDS[1], KINDS[2], KINDS[4]], ids=lambda kind: kind.name)
def killed_site(request: pytest.FixtureRequest, built: Builder) -> Site:
    return built(request.param)


@pytest.fixture(params=[KINDS[0], KINDS[2]], ids=lambda kind: kind.name)
def plain_site(request: pytest.FixtureRequest, built: Builder) -> Site:
    return built(request.param)


@pytest.fixture
def annotations(tmp_path: Path) -> Path:
    return write_annotations(tmp_path / "annotated.jsonl")


def tagger(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def told(result: Result) -> str:
    """What a command said, without the line breaks of the terminal."""
    return " ".join(result.output.split())


def write(site: Site, annotations: Path, run: Path, *options: object) -> Result:
    return tagger("spip", "write", annotations, "--database", site.address, "--run", run, *options)


def undo(site: Site, run: Path, *options: object) -> Result:
    return tagger("undo", run, "--database", site.address, *options)


def wanted(site: Site) -> set[tuple[int, int]]:
    """The links that the annotations ask for and the site can have."""
    ids = {name: id for id, name in keyword_titles().items()}
    return {
        (number, ids[name])
        for number, brief in enumerate(briefs(), 1)
        for name in (brief["primary"], *brief["secondary"])
        if name in ids
    }


# Reading


def test_articles_are_read_as_they_were_meant(site: Site) -> None:
    source = SpipSource(SpipAddress.parse(f"spip+{site.address}"), chunk=70)
    records = list(source.records())
    assert source.database.engine.pool.checkedin() == 0, "a connection is left open"
    assert source.count() == len(records)
    assert source.share_read() == 1
    published = [number for number in range(1, ARTICLES + 1) if number % 10]
    assert [record.id for record in records] == [str(number) for number in published]
    for record, number in zip(records, published, strict=True):
        assert isinstance(record, Record)
        brief = briefs()[number - 1]
        assert record.text == brief["text"]
        assert record.title == f"Dossier : {brief['title']}" if number == 7 else brief["title"]
        assert str(record.date) == ("None" if number == 9 else brief["date"])
        assert record.keywords == [name for name in [brief["primary"]] if name != LACKING]
        assert record.chapo == (brief["lead"] if number % 3 == 0 else None)
        assert record.source == "APAnews"
        assert record.url == f"http://site.exemple/spip.php?article{number}"


def test_a_source_is_the_same_each_time_whatever_its_chunks(built: Builder) -> None:
    site = built(KINDS[0])
    whole = list(SpipSource(SpipAddress.parse(site.address)).records())
    source = SpipSource(SpipAddress.parse(site.address), chunk=7)
    assert list(source.records()) == list(source.records()) == whole


def test_the_address_chooses_articles_and_groups(plain_site: Site) -> None:
    def read(more: str) -> list[Record]:
        source = SpipSource(SpipAddress.parse(f"{plain_site.address}&{more}"))
        return [record for record in source.records() if isinstance(record, Record)]

    assert len(read("statut=prepa")) == ARTICLES // 10
    assert len(read("statut=publie,prepa")) == len(read("statut=tous")) == ARTICLES
    assert read("lang=en") == []
    assert not any(record.keywords for record in read("groupe=Formats"))
    with pytest.raises(SpipError, match="Mots-clés"):
        read("groupe=Nothing")


def test_a_reading_session_cannot_write(plain_site: Site) -> None:
    with (
        closing(SpipDatabase.open(SpipAddress.parse(plain_site.address))) as database,
        pytest.raises(SpipError, match=r"(?i)read.?only"),
        database.writing() as connection,
    ):
        connection.execute(text("DELETE FROM spip_mots_liens"))
    assert plain_site.linked()


def test_latin1_bytes_in_sqlite_are_read(built: Builder) -> None:
    site = built(KINDS[0])
    site.query("UPDATE #articles SET titre = CAST(X'4465E96A61' AS TEXT) WHERE id_article = 1")
    first = next(SpipSource(SpipAddress.parse(site.address)).records())
    assert isinstance(first, Record)
    assert first.title == "Deéja"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("41. Législation/Réglementation", "Législation/Réglementation"),
        ("7) Fintech", "Fintech"),
        ("3° Noms", "Noms"),
        ("2G et 3G", "2G et 3G"),
        ("3.5 GHz", "3.5 GHz"),
    ],
)
def test_a_rank_is_no_part_of_a_name(title: str, name: str) -> None:
    assert without_rank(title) == name


@pytest.mark.parametrize("address", ["", "nonsense", "spip+oracle://a/b", "sqlite:///x.db?prefix=a-b", "spip:"])
def test_a_bad_address_is_told(address: str) -> None:
    with pytest.raises(SettingsError):
        SpipAddress.parse(address)


def test_a_password_is_never_shown_or_kept() -> None:
    address = SpipAddress.parse("spip:mysql://osiris:secret@localhost/site?prefix=x_&charset=latin1")
    assert address.shown == "mysql+pymysql://osiris@localhost/site?charset=latin1"
    assert SpipAddress.parse(address.shown).url.password is None


def test_a_database_that_is_none_is_told(built: Builder, tmp_path: Path) -> None:
    site = built(KINDS[0])
    with pytest.raises(SpipError, match="begin with: spip_"):
        SpipDatabase.open(SpipAddress.parse(f"{site.url}?prefix=other_"))
    with pytest.raises(SettingsError, match="no SQLite file"):
        SpipDatabase.open(SpipAddress.parse(f"sqlite:///{tmp_path / 'absent.db'}"))
    assert not (tmp_path / "absent.db").exists()
    with pytest.raises(SpipError, match="says"):
        SpipDatabase.open(SpipAddress.parse("mysql://nobody@127.0.0.1:9/none"))


def test_check_lists_what_is_found(site: Site) -> None:
    result = tagger("spip", "check", site.address)
    assert result.exit_code == 0, result.output
    assert f"{ARTICLES // 10} prepa, {ARTICLES - ARTICLES // 10} publie" in result.output
    assert site.links in result.output
    assert f"({1}): {LACKING}" in result.output
    garbled = sum(not f"{b['title']}{b['text']}".isascii() for b in briefs()[4::5])
    if site.kind.charset != "latin1":
        assert f"{garbled} of" in told(result)


# Writing and undoing


def test_keywords_are_added_and_taken_back(site: Site, annotations: Path, tmp_path: Path) -> None:
    before, links = site.dump(), site.linked()
    dry = write(site, annotations, tmp_path / "dry", "--dry-run", "--lead", "descriptif")
    assert site.dump() == before
    assert not (tmp_path / "dry").exists()
    result = write(site, annotations, tmp_path / "run", "--lead", "descriptif", "--chunk", 40)
    assert result.exit_code == 1  # one keyword is missing on the site
    assert LACKING in result.output
    counts = result.stdout.splitlines()[0]
    assert dry.stdout.splitlines()[0] == f"It would be: {counts}"
    assert f"{len(wanted(site) - links)} link-added" in counts
    assert site.linked() == links | wanted(site)
    if not site.kind.old:
        assert site.query("SELECT COUNT(*) FROM #mots_liens WHERE objet = 'rubrique'") == [(3,)]
    assert site.query("SELECT COUNT(*) FROM #articles WHERE maj <> '2005-05-05 05:05:05'") == [(0,)]
    records = SpipSource(SpipAddress.parse(site.address)).records()
    leads = [record.chapo for record in records if isinstance(record, Record)]
    assert leads == [" ".join(brief["lead"].split()) for number, brief in enumerate(briefs(), 1) if number % 10]

    again = write(site, annotations, tmp_path / "again", "--lead", "descriptif")
    assert "link-added" not in again.stdout
    assert "text-written" not in again.stdout
    foreseen = undo(site, tmp_path / "run", "--dry-run")
    assert foreseen.exit_code == 0
    result = undo(site, tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert foreseen.stdout == f"It would be: {result.stdout}"
    assert site.dump() == before
    result = undo(site, tmp_path / "run")
    assert (result.exit_code, site.dump()) == (0, before)


def test_a_run_has_a_name_and_is_listed(built: Builder, annotations: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = built(KINDS[0])
    monkeypatch.setenv("TAGGER_SPIP_URL", site.address)
    name = f"run-{uuid.uuid4().hex[:8]}"
    before = site.dump()
    assert f"tagger undo {name}" in tagger("spip", "write", annotations, "--run", name).output
    assert name in tagger("spip", "runs").output
    refused = tagger("spip", "write", annotations, "--run", name)
    assert (refused.exit_code, "Give another name" in told(refused)) == (3, True)
    assert tagger("undo", name).exit_code == 0
    assert site.dump() == before
    assert "undone" in tagger("spip", "runs").output


@pytest.mark.parametrize(("kind", "moment"), [(KINDS[1], 1), (KINDS[2], 8), (KINDS[4], 5)], ids=str)
def test_a_killed_run_is_undone(built: Builder, annotations: Path, tmp_path: Path, kind: Kind, moment: int) -> None:
    site, run = built(kind), tmp_path / "run"
    before = site.dump()
    arguments = ["spip", "write", annotations, "--database", site.address, "--run", run]
    command = [sys.executable, "-m", "tagger", *map(str, arguments), "--chunk", "3", "--lead", "descriptif"]
    log = run / LOG_FILE
    for _ in range(5):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not (log.exists() and log.read_bytes().count(b'"chunk"') >= moment):
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        if process.wait() == -signal.SIGKILL:
            break
        assert undo(site, run).exit_code == 0  # the run was over before it could be killed: once more
        shutil.rmtree(run)
    else:
        raise AssertionError("the run was always over before it could be killed")
    if log.read_bytes().count(b'"committed"'):
        assert site.dump() != before
    result = undo(site, run)
    assert result.exit_code == 0, result.output
    assert site.dump() == before


class PowerCut(BaseException):
    """Nothing catches it, and nothing is written after it."""


class CutLog(ChangeLog):
    """A log that is cut off before or after it wrote the n-th entry of a kind."""

    kind: type
    number = 0
    before = False

    def append(self, entry: LogEntry) -> None:
        if isinstance(entry, self.kind) and getattr(entry, "number", 0) == self.number:
            if not self.before:
                super().append(entry)
            raise PowerCut
        super().append(entry)


@pytest.mark.parametrize(
    ("kind", "before"),
    [(ChunkPlanned, True), (ChunkPlanned, False), (ChunkCommitted, True), (ChunkCommitted, False)],
    ids=["before the plan", "after the plan", "committed but not logged", "committed and logged"],
)
def test_a_power_cut_between_log_and_database_is_undone(
    killed_site: Site, annotations: Path, tmp_path: Path, kind: type, before: bool
) -> None:
    site = killed_site
    dump, vocabulary = site.dump(), load_vocabulary(training_data_dir())
    options = WriteOptions(replace=True, create_in=str(THEMES), lead="chapo")
    with closing(SpipDatabase.open(SpipAddress.parse(site.address), writable=True)) as database:
        writer = SpipWriter(database, vocabulary, options, chunk=50)
        with annotations.open("rb") as lines, CutLog.create(tmp_path / "run") as log:
            assert isinstance(log, CutLog)
            log.kind, log.number, log.before = kind, 3, before
            with pytest.raises(PowerCut):
                writer.write(lines, log)
        assert site.dump() != dump
        report = take_back(tmp_path / "run", database)
    assert report.left == []
    assert site.dump() == dump


def test_a_torn_line_of_the_log_is_passed_over(built: Builder, annotations: Path, tmp_path: Path) -> None:
    site = built(KINDS[0])
    before = site.dump()
    write(site, annotations, tmp_path / "run")
    with (tmp_path / "run" / LOG_FILE).open("ab") as stream:
        stream.write(b'{"kind":"chunk","number":99,"chan')
    assert undo(site, tmp_path / "run").exit_code == 0
    assert site.dump() == before
    assert Run.read(tmp_path / "run").undone
    (tmp_path / "run" / LOG_FILE).write_bytes(b"{}\n")
    result = undo(site, tmp_path / "run")
    assert (result.exit_code, "Line 1 of the change log" in told(result)) == (3, True)


def test_a_run_at_work_and_another_database_are_refused(built: Builder, annotations: Path, tmp_path: Path) -> None:
    site, other = built(KINDS[0]), built(KINDS[0])
    write(site, annotations, tmp_path / "run")
    with ChangeLog.reopen(tmp_path / "run"):
        assert "still at work" in told(undo(site, tmp_path / "run"))
    before = other.dump()
    result = undo(other, tmp_path / "run")
    assert (result.exit_code, other.dump()) == (3, before)
    assert "There is no change log" in told(undo(site, tmp_path / "absent"))


def test_what_was_changed_since_stays(plain_site: Site, annotations: Path, tmp_path: Path) -> None:
    site = plain_site
    before = site.linked()
    write(site, annotations, tmp_path / "run", "--lead", "descriptif", "--create-keywords", "Mots-clés")
    ((created,),) = site.query("SELECT id_mot FROM #mots WHERE titre = :title", title=LACKING)
    site.query("UPDATE #articles SET descriptif = 'Relu.' WHERE id_article = 1")
    site.query("DELETE FROM #articles WHERE id_article = 2")
    site.query("INSERT INTO #mots_liens (id_mot, id_objet, objet) VALUES (:id, 5, 'rubrique')", id=created)
    result = undo(site, tmp_path / "run")
    assert result.exit_code == 1
    assert "Article 1, descriptif written: somebody changed it since" in told(result)
    assert "Article 2, descriptif written: somebody changed it since" in told(result)
    assert f"Keyword {created} « {LACKING} » created: it is in use 1 times" in told(result)
    assert site.linked() == before
    assert site.query("SELECT descriptif FROM #articles WHERE id_article < 4") == [("Relu.",), ("",)]


def test_missing_keywords_are_created_only_when_told(killed_site: Site, annotations: Path, tmp_path: Path) -> None:
    site = killed_site
    before = site.dump()
    refused = write(site, annotations, tmp_path / "none", "--create-keywords", "Technique")
    assert (refused.exit_code, "not for articles" in told(refused)) == (3, True)
    assert site.dump() == before
    result = write(site, annotations, tmp_path / "run", "--create-keywords", "mots-cles")
    assert result.exit_code == 0, result.output
    assert "1 keyword-created" in result.output
    new = max(id for (id,) in site.query("SELECT id_mot FROM #mots"))
    assert new > 200
    expected = {number for number, b in enumerate(briefs(), 1) if LACKING in (b["primary"], *b["secondary"])}
    assert {article for article, keyword in site.linked() if keyword == new} == expected
    assert undo(site, tmp_path / "run").exit_code == 0
    assert site.dump() == before


@pytest.mark.parametrize("kind", [Kind("sqlite", single=True), Kind("mariadb", mariadb=True, single=True)], ids=str)
def test_a_group_that_allows_one_keyword_gets_one(built: Builder, kind: Kind, tmp_path: Path) -> None:
    def suggested(brief: dict[str, Any]) -> list[str]:
        return [*brief["secondary"], brief["primary"]]

    site = built(kind)
    site.query("DELETE FROM #mots_liens WHERE id_objet = 1 AND objet = 'article'")
    before, links = site.dump(), site.linked()
    bare = set(range(1, ARTICLES + 1)) - {article for article, _ in links}
    others = write_annotations(tmp_path / "others.jsonl", keywords=suggested)
    write(site, others, tmp_path / "add")
    ids = {name: id for id, name in keyword_titles().items()}
    first = {n: [ids[name] for name in suggested(briefs()[n - 1]) if name in ids][:1] for n in bare}
    assert 1 in first
    assert site.linked() == links | {(article, keyword) for article, found in first.items() for keyword in found}
    assert undo(site, tmp_path / "add").exit_code == 0
    assert site.dump() == before

    result = write(site, others, tmp_path / "replace", "--replace")
    assert "link-removed" in result.output
    articles = [article for article, _ in site.linked()]
    assert len(articles) == len(set(articles))
    asked = {(n, ids[name]) for n, brief in enumerate(briefs(), 1) for name in suggested(brief) if name in ids}
    assert site.linked() <= asked
    assert undo(site, tmp_path / "replace").exit_code == 0
    assert site.dump() == before


def test_replacing_spares_other_groups_and_articles_without_suggestion(plain_site: Site, tmp_path: Path) -> None:
    site = plain_site
    site.query("INSERT INTO #mots_liens (id_mot, id_objet, objet) VALUES (200, 1, 'article')")
    before, links = site.dump(), site.linked()
    chosen = write_annotations(tmp_path / "chosen.jsonl", keywords=lambda b: ["Fintech"] if b is briefs()[0] else [])
    write(site, chosen, tmp_path / "run", "--replace")
    fintech = site.keyword_id("Fintech")
    changed = {link for link in links if link[0] == 1 and link[1] != 200}
    assert site.linked() == links - changed | {(1, fintech)}
    assert undo(site, tmp_path / "run").exit_code == 0
    assert site.dump() == before


def test_a_keyword_that_stands_twice_is_not_guessed(built: Builder, annotations: Path, tmp_path: Path) -> None:
    site = built(KINDS[0])
    name = briefs()[0]["secondary"][0]
    title = f"9. {name}"
    site.query("INSERT INTO #mots (id_mot, titre, id_groupe) VALUES (300, :title, 3)", title=title)
    links = site.linked()
    result = write(site, annotations, tmp_path / "run")
    assert f"{name}, suggested for" in told(result)
    added = site.linked() - links
    assert not {keyword for _, keyword in added} & {300, site.keyword_id(name)}
    write(site, annotations, tmp_path / "chosen", "--group", "Mots-clés")
    assert site.keyword_id(name) in {keyword for _, keyword in site.linked() - links}


def test_lines_that_are_no_annotations_are_told(built: Builder, tmp_path: Path) -> None:
    site = built(KINDS[0])
    lines: list[object] = [
        {"id": "1", "error": {"type": "x", "title": "x", "status": 422, "detail": "x"}},
        {"id": "page.html", "keywords": []},
        {"id": "9" * 30, "keywords": []},
        {"id": 99999, "keywords": [{"keyword": "Fintech", "suggested": True}]},
        ["no annotation"],
        {"id": 2, "keywords": [{"keyword": "Fintech", "suggested": True, "probability": 0.4}]},
        {"id": 2, "keywords": [{"keyword": "fintech", "suggested": True, "probability": 0.9}]},
    ]
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    before = site.linked()
    result = write(site, path, tmp_path / "run", "--min-probability", 0.5, "--top", 1)
    assert result.exit_code == 1
    for expected in (
        "'page.html' is no id",
        "There is no article 99999",
        "Line 5 is no annotation",
        "1 not-annotated",
    ):
        assert expected in told(result)
    assert site.linked() - before <= {(2, site.keyword_id("Fintech"))}


def test_an_account_that_may_only_read_cannot_write(built: Builder, annotations: Path, tmp_path: Path) -> None:
    site = built(KINDS[2])
    server = os.environ["TAGGER_TEST_MARIADB"]
    name = f"r{uuid.uuid4().hex[:12]}"
    _on_server(server, f"CREATE USER '{name}'@'127.0.0.1' IDENTIFIED BY 'x'")
    try:
        try:
            _on_server(server, f"GRANT SELECT ON {site.url.rpartition('/')[2]}.* TO '{name}'@'127.0.0.1'")
        except OperationalError:
            pytest.skip("the account of TAGGER_TEST_MARIADB may not grant rights")
        url = make_url(site.url).set(username=name, password="x")
        reader = Site(site.kind, url.render_as_string(hide_password=False))
        before = site.dump()
        source = SpipSource(SpipAddress.parse(reader.address))
        assert sum(1 for _ in source.records()) == source.count()
        assert write(reader, annotations, tmp_path / "dry", "--dry-run").exit_code == 1  # a keyword is missing
        result = write(reader, annotations, tmp_path / "run")
        assert (result.exit_code, "denied" in told(result)) == (3, True)
        assert site.dump() == before
        assert undo(site, tmp_path / "run").exit_code in (0, 3)
        assert site.dump() == before
    finally:
        _on_server(server, f"DROP USER '{name}'@'127.0.0.1'")
