"""`tagger retag` as the archivist runs it: killed, resumed, with bad records, from all kinds of sources."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyarrow import Table, parquet

from tagger.annotator import Annotator
from tagger.article import Annotation, Article
from tagger.reading import Record
from tagger.resources import training_data_dir
from tests.serving import runs, wait_until
from tests.spip_site import KINDS, Kind
from tests.test_retag_web import RSS, Site, site
from tests.test_spip import Builder, built

__all__ = ["built", "site"]  # fixtures

ENDINGS = ("jsonl", "csv", "parquet")


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


class Commands:
    """The command `tagger`, with the models loaded."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.forking"]
        wide = os.environ | {"COLUMNS": "1000"}  # messages stay on one line
        self._server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=wide
        )
        assert self._answer() == "ready"

    def start(self, folder: Path, *arguments: str, largest_file: int | None = None) -> int:
        request = {"arguments": arguments, "folder": str(folder), "largest_file": largest_file}
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        return int(self._answer())

    def end(self, folder: Path) -> Ended:
        return Ended(int(self._answer()), (folder / "stdout").read_text(), (folder / "stderr").read_text())

    def run(self, folder: Path, *arguments: str, largest_file: int | None = None) -> Ended:
        self.start(folder, *arguments, largest_file=largest_file)
        return self.end(folder)

    def close(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait()

    def _answer(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline().strip()


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    opened = Commands()
    yield opened
    opened.close()


def records(count: int) -> list[dict[str, object]]:
    """Records as an archive has them; every tenth cannot be annotated."""
    path = training_data_dir() / "corpus" / "osiris-briefs.jsonl"
    briefs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        {
            "id": f"a{number}",
            "title": brief["title"],
            "text": "" if number % 10 == 7 else brief["text"],
            "date": "2019-03-04",
            "keywords": [brief["primary"]],
        }
        for number in range(count)
        for brief in [briefs[number % len(briefs)]]
    ]


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def state(sink: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((sink.parent / f"{sink.name}.journal" / "state.json").read_text())
    return found


def size_of(sink: Path) -> int:
    """Give how many bytes a run has written into its journal so far: 0 before its first records."""
    lines = sink.parent / f"{sink.name}.journal" / "lines"
    return lines.stat().st_size if lines.exists() else 0


def test_killed_at_random_moments_and_resumed(commands: Commands, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", records(1200))
    options = ["--keywords-only", "--workers", "2"]
    started = time.monotonic()
    assert commands.run(tmp_path, "retag", "in.jsonl", "whole.parquet", *options).code == 1
    took = time.monotonic() - started
    chance, before = random.Random(5), 0
    for kills in range(6):
        process = commands.start(tmp_path, "retag", "in.jsonl", "cut.parquet", *options)
        if kills:
            time.sleep(took * chance.uniform(0.05, 0.5))
        else:
            wait_until(lambda: size_of(tmp_path / "cut.parquet"))
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        ended = commands.end(tmp_path)
        if ended.code != -signal.SIGKILL:  # it was quicker
            assert kills > 0
            break
        if (tmp_path / "cut.parquet.journal" / "state.json").exists():
            done = state(tmp_path / "cut.parquet")["mark"]["read"]  # type: ignore[index]
            assert done >= before or state(tmp_path / "cut.parquet")["stage"] == "finished"
            before = done
    else:
        ended = commands.run(tmp_path, "retag", "in.jsonl", "cut.parquet", *options)
    assert ended.code == 1, ended.err
    if before:  # nothing is done again but what was not marked
        left = 1200 - before
        assert (f"{left:,} records in" if left else "there was nothing left to do") in ended.err
    assert (tmp_path / "cut.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    rejects = [(tmp_path / f"{name}.parquet.rejects.jsonl").read_bytes() for name in ("cut", "whole")]
    assert rejects[0] == rejects[1]


@pytest.mark.parametrize(
    ("ending", "options"), [("parquet", []), ("csv", ["--keywords-only"]), ("jsonl", ["--keywords-only"])]
)
def test_any_number_of_workers_gives_the_same_bytes(
    commands: Commands, tmp_path: Path, ending: str, options: list[str]
) -> None:
    write(tmp_path / "in.jsonl", records(40))
    for workers in ("1", "2"):
        ended = commands.run(tmp_path, "retag", "in.jsonl", f"{workers}.{ending}", "--workers", workers, *options)
        assert ended.code == 1, ended.err
    assert (tmp_path / f"1.{ending}").read_bytes() == (tmp_path / f"2.{ending}").read_bytes()


def test_sinks_hold_what_the_annotator_says(annotator: Annotator, commands: Commands, tmp_path: Path) -> None:
    rows = records(10)
    write(tmp_path / "in.jsonl", rows)
    for ending in ENDINGS:
        commands.run(tmp_path, "retag", "in.jsonl", f"out.{ending}", "--workers", "1", "--limit", "5", "--top", "4")
    annotations = [annotator.answer(Record.model_validate(row), top=4) for row in rows[:5]]
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines == [annotation.model_dump_json() for annotation in annotations]
    stored = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert [Annotation.model_validate(row) for row in stored] == annotations
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert [row["id"] for row in table] == [annotation.id for annotation in annotations]
    first = annotations[0]
    assert isinstance(first, Annotation)
    assert first.lead is not None
    assert table[0]["lead"] == first.lead.text
    assert table[0]["keywords"].split("|") == [item.keyword for item in first.keywords if item.suggested]
    assert [table[0]["filed_under"]] == rows[0]["keywords"]


def test_keywords_alone_are_those_of_the_whole_annotation(
    annotator: Annotator, commands: Commands, tmp_path: Path
) -> None:
    rows = records(5)
    write(tmp_path / "in.jsonl", rows)
    assert commands.run(tmp_path, "retag", "in.jsonl", "out.jsonl", "--keywords-only", "--workers", "1").code == 0
    for row, line in zip(rows, (tmp_path / "out.jsonl").read_bytes().splitlines(), strict=True):
        alone = Annotation.model_validate_json(line)
        whole = annotator.annotate(Article(title=str(row["title"]), text=str(row["text"])), profile="fast")
        assert alone.keywords == [item.model_copy(update={"evidence": []}) for item in whole.keywords]
        assert (alone.entities, alone.lead, alone.model.lead) == ([], None, None)
        assert alone.language == whole.language == "fr"


def test_profile_best_in_two_workers(commands: Commands, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", records(7))
    for workers in ("1", "2"):
        ended = commands.run(
            tmp_path,
            "retag",
            "in.jsonl",
            f"{workers}.jsonl",
            "--profile",
            "best",
            "--workers",
            workers,
            "--keywords-only",
        )
        assert ended.code == 0, ended.err
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()
    assert b'"keywords":"best ' in (tmp_path / "1.jsonl").read_bytes()


@pytest.mark.parametrize("ending", ENDINGS)
def test_rejects_are_tried_again_and_put_in_their_place(commands: Commands, tmp_path: Path, ending: str) -> None:
    rows = records(60)
    write(tmp_path / "in.jsonl", rows)
    with (tmp_path / "in.jsonl").open("a") as stream:
        stream.write("{broken\n")
    run = ("retag", "in.jsonl", f"out.{ending}", "--keywords-only", "--workers", "2")
    ended = commands.run(tmp_path, *run)
    assert ended.code == 1
    assert "7 could not be annotated" in ended.err
    rejects = [json.loads(line) for line in (tmp_path / f"out.{ending}.rejects.jsonl").read_text().splitlines()]
    assert [reject["position"] for reject in rejects] == [7, 17, 27, 37, 47, 57, 60]
    assert [reject["id"] for reject in rejects] == ["a7", "a17", "a27", "a37", "a47", "a57", None]
    assert rejects[0]["error"]["type"].endswith("empty-text")
    assert rejects[-1]["error"]["type"].endswith("broken-json")
    assert "nothing left to do" in commands.run(tmp_path, *run).err

    repaired = [
        row | {"text": "Le Sénégal lance la 5G à Dakar."} if row["id"] in ("a7", "a57") else row for row in rows
    ]
    write(tmp_path / "in.jsonl", [*repaired, {"id": "last", "text": "Orange Mali ouvre une école du numérique."}])
    ended = commands.run(tmp_path, *run, "--only-rejects")
    assert ended.code == 1, ended.err
    assert "4 could not be annotated" in ended.err
    fresh = commands.run(tmp_path, *run[:2], f"fresh.{ending}", *run[3:])
    assert fresh.code == 1
    assert (tmp_path / f"out.{ending}").read_bytes() == (tmp_path / f"fresh.{ending}").read_bytes()
    left = (tmp_path / f"out.{ending}.rejects.jsonl").read_bytes()
    assert left == (tmp_path / f"fresh.{ending}.rejects.jsonl").read_bytes()


def test_full_disk_is_told_and_the_run_goes_on_when_there_is_room(commands: Commands, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", records(200))
    run = ("retag", "in.jsonl", "out.jsonl", "--keywords-only", "--workers", "2")
    full = commands.run(tmp_path, *run, largest_file=120_000)
    assert full.code == 3
    assert "too large" in full.err
    assert "Traceback" not in full.err
    assert not (tmp_path / "out.jsonl").exists()
    assert commands.run(tmp_path, *run).code == 1
    assert commands.run(tmp_path, *run[:2], "whole.jsonl", *run[3:]).code == 1
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_dead_worker_is_replaced(commands: Commands, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", records(1000))
    run = ("retag", "in.jsonl", "out.jsonl", "--keywords-only", "--workers", "2")
    process = commands.start(tmp_path, *run)
    killed = size = 0
    while killed < 3 and runs(process):
        if size_of(tmp_path / "out.jsonl") > size:  # three that die before anything is done would end the run
            size = size_of(tmp_path / "out.jsonl")
            for worker in _children(process)[:1]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
                    killed += 1
        time.sleep(0.01)
    assert commands.end(tmp_path).code == 1
    assert killed > 0
    assert commands.run(tmp_path, *run[:2], "whole.jsonl", *run[3:]).code == 1
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_workers_leave_when_the_run_is_killed(commands: Commands, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", records(2000))
    process = commands.start(tmp_path, "retag", "in.jsonl", "out.jsonl", "--keywords-only", "--workers", "2")
    workers: list[int] = []
    while len(workers) < 2:
        workers = _children(process)
        time.sleep(0.05)
    os.kill(process, signal.SIGKILL)
    commands.end(tmp_path)
    wait_until(lambda: not any(runs(worker) for worker in workers))


def _children(process: int) -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []


def test_interruption_is_answered_with_what_to_do(commands: Commands, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", records(2000))
    process = commands.start(tmp_path, "retag", "in.jsonl", "out.jsonl", "--keywords-only", "--workers", "1")
    wait_until(lambda: size_of(tmp_path / "out.jsonl"))
    os.kill(process, signal.SIGINT)
    ended = commands.end(tmp_path)
    assert ended.code == 130
    assert "same command again" in ended.err
    assert "Traceback" not in ended.err


def test_what_changed_since_a_run_began_is_refused(commands: Commands, tmp_path: Path) -> None:
    rows = records(30)
    write(tmp_path / "in.jsonl", rows)
    run = ("retag", "in.jsonl", "out.jsonl", "--keywords-only", "--workers", "1")
    assert commands.run(tmp_path, *run).code == 1
    before = (tmp_path / "out.jsonl").read_bytes()

    other = commands.run(tmp_path, *run, "--top", "3")
    assert other.code == 3
    assert "top: 10 then, 3 now" in other.err
    assert "--restart" in other.err

    write(tmp_path / "in.jsonl", [rows[0] | {"title": "Autre titre"}, *rows[1:]])
    for changed in (commands.run(tmp_path, *run), commands.run(tmp_path, *run, "--only-rejects")):
        assert changed.code == 3
        assert "source has changed" in changed.err
    write(tmp_path / "in.jsonl", [*rows, rows[0]])
    assert commands.run(tmp_path, *run).code == 3
    assert (tmp_path / "out.jsonl").read_bytes() == before

    assert commands.run(tmp_path, *run, "--restart").code == 1
    assert len((tmp_path / "out.jsonl").read_bytes().splitlines()) == 28
    assert commands.run(tmp_path, *run).code == 1


def test_an_output_of_another_origin_is_not_replaced(commands: Commands, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", records(3))
    (tmp_path / "out.jsonl").write_text("precious\n")
    run = ("retag", "in.jsonl", "out.jsonl", "--keywords-only", "--workers", "1")
    refused = commands.run(tmp_path, *run)
    assert refused.code == 3
    assert "is there already" in refused.err
    assert (tmp_path / "out.jsonl").read_text() == "precious\n"
    itself = commands.run(tmp_path, "retag", "in.jsonl", "in.jsonl", "--restart")
    assert itself.code == 3
    assert "itself" in itself.err
    assert commands.run(tmp_path, *run, "--restart").code == 0
    (tmp_path / "out.jsonl").write_text("changed\n")
    changed = commands.run(tmp_path, *run)
    assert changed.code == 3
    assert "is not what the run wrote" in changed.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nowhere.jsonl", "out.jsonl"], 3, "no file or folder"),
        (["in.jsonl", "out.txt"], 3, "not one of"),
        (["in.jsonl", "nowhere/out.jsonl"], 3, "nowhere"),
        (["gopher://x", "out.jsonl"], 3, "Nothing reads gopher://"),
        (["https://example.org", "out.jsonl"], 3, "--fetch"),
        (["list.urls", "out.jsonl"], 3, "--fetch"),
        (["empty", "out.jsonl"], 3, "no file that can be read"),
        (["in.jsonl"], 2, "--dry-run"),
        (["in.jsonl", "out.jsonl", "--only-rejects"], 3, "No journal"),
    ],
)
def test_errors_say_what_to_do(
    commands: Commands, tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    write(tmp_path / "in.jsonl", records(3))
    (tmp_path / "list.urls").write_text("https://example.org/\n")
    (tmp_path / "empty").mkdir()
    ended = commands.run(tmp_path, "retag", *arguments, "--workers", "1", "--keywords-only")
    assert ended.code == code
    assert message in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("content", ["", "id,title,text\n", "\n\n \n"])
def test_a_source_without_records_is_told(commands: Commands, tmp_path: Path, content: str) -> None:
    (tmp_path / "empty.csv").write_text(content)
    run = ("retag", "empty.csv", "out.jsonl", "--workers", "1", "--keywords-only")
    for arguments in (run, run, ("retag", "empty.csv", "--dry-run", "--workers", "1"), ("annotate", "empty.csv")):
        ended = commands.run(tmp_path, *arguments)
        assert (ended.code, ended.out) == (3, "")
        assert "The source cannot be used. empty.csv has no record." in ended.err
    assert not (tmp_path / "out.jsonl").exists()
    (tmp_path / "empty.csv").write_text("text\nLe Sénégal lance la 5G à Dakar.\n")
    assert commands.run(tmp_path, *run).code == 0
    assert "nothing left to do" in commands.run(tmp_path, *run).err


def test_a_dry_run_writes_nothing(commands: Commands, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", records(20))
    ended = commands.run(
        tmp_path, "retag", "in.jsonl", "--dry-run", "--workers", "1", "--keywords-only", "--json", "change.json"
    )
    assert ended.code == 1, ended.err
    difference = json.loads((tmp_path / "change.json").read_text(encoding="utf-8"))
    assert (difference["articles"], difference["uncompared"]["failed_new"]) == (18, 2)
    assert "The editors' keyword is" in ended.out
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl", "change.json", "stdout", "stderr"}


def test_a_folder_of_pages_texts_and_records(commands: Commands, tmp_path: Path, examples: Path, data: Path) -> None:
    (tmp_path / "pages" / "2019").mkdir(parents=True)
    shutil.copy(examples / "page.html", tmp_path / "pages" / "b.html")
    shutil.copy(data / "osiris_page.html", tmp_path / "pages" / "2019" / "a.htm")
    shutil.copy(examples / "article.txt", tmp_path / "pages" / "c.txt")
    (tmp_path / "pages" / "scan.html").write_bytes(b"%PDF-1.7")
    (tmp_path / "pages" / "logo.png").write_bytes(b"\x89PNG")
    parquet.write_table(Table.from_pylist(records(2)), tmp_path / "pages" / "d.parquet")
    ended = commands.run(tmp_path, "retag", "pages", "out.jsonl", "--keywords-only", "--workers", "2")
    assert ended.code == 1, ended.err
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [record["id"] for record in found] == ["2019/a.htm", "b.html", "c.txt", "a0", "a1"]
    alone = commands.run(tmp_path, "annotate", "pages/b.html", "--jsonl")
    assert found[1]["article"] == json.loads(alone.out)["article"]
    assert json.loads((tmp_path / "out.jsonl.rejects.jsonl").read_text())["id"] == "scan.html"


def test_feeds_and_web_addresses(commands: Commands, tmp_path: Path, site: Site) -> None:
    (tmp_path / "fil.rss").write_bytes(RSS.encode("iso-8859-1"))
    ended = commands.run(tmp_path, "retag", "fil.rss", "feed.jsonl", "--keywords-only", "--workers", "1")
    assert ended.code == 1, ended.err
    (found,) = map(json.loads, (tmp_path / "feed.jsonl").open(encoding="utf-8"))
    assert (found["id"], found["article"]["source"]) == ("fil-1", "Le Fil")

    (tmp_path / "list.urls").write_text(f"{site.url}/page/1\n{site.url}/late\n{site.url}/page/2\n")
    run = ("retag", "list.urls", "web.jsonl", "--fetch", "--pause", "0", "--cache", "pages", "--workers", "1")
    ended = commands.run(tmp_path, *run, "--keywords-only")
    assert ended.code == 1, ended.err
    assert "404" in (tmp_path / "web.jsonl.rejects.jsonl").read_text()
    site.late = True
    assert "nothing left to do" in commands.run(tmp_path, *run, "--keywords-only").err
    ended = commands.run(tmp_path, *run, "--keywords-only", "--only-rejects")
    assert ended.code == 0, ended.err
    found_pages = [json.loads(line) for line in (tmp_path / "web.jsonl").open(encoding="utf-8")]
    assert [page["article"]["url"] for page in found_pages] == [
        f"{site.url}{path}" for path in ("/page/1", "/late", "/page/2")
    ]
    assert found_pages[0]["article"]["title"] == "Le Mali lance la 5G"
    assert [path for path, _, _ in site.asked].count("/page/1") == 1


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[2], KINDS[4]], ids=lambda kind: kind.name)
def test_the_archivist_s_whole_way(commands: Commands, built: Builder, tmp_path: Path, kind: Kind) -> None:
    """A SPIP site: foreseen, annotated in two goes, compared with its filing, written back, and taken back."""
    spip = built(kind)
    before, links = spip.dump(), spip.linked()
    source, options = f"spip+{spip.address}", ("--keywords-only", "--workers", "2")
    foreseen = commands.run(tmp_path, "retag", source, "--dry-run", "--json", "foreseen.json", *options)
    assert foreseen.code == 0, foreseen.err

    process = commands.start(tmp_path, "retag", source, "out.jsonl", *options)
    time.sleep(1.0)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    commands.end(tmp_path)
    ended = commands.run(tmp_path, "retag", source, "out.jsonl", *options)
    assert ended.code == 0, ended.err
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").open(encoding="utf-8")]
    assert [record["id"] for record in found] == [str(number) for number in range(1, 301) if number % 10]
    assert found[0]["article"]["source"] == "APAnews"
    assert spip.dump() == before

    compared = commands.run(tmp_path, "diff", "out.jsonl", "--json", "compared.json")
    assert compared.code == 0, compared.err
    reports = [
        json.loads((tmp_path / name).read_text(encoding="utf-8")) for name in ("foreseen.json", "compared.json")
    ]
    assert reports[0]["keywords"] == reports[1]["keywords"]

    database = ("--database", spip.address, "--run", str(tmp_path / "run"))
    written = commands.run(tmp_path, "spip", "write", "out.jsonl", *database)
    assert written.code in (0, 1), written.err  # 1: the site lacks a keyword that is suggested
    assert links < spip.linked()
    assert commands.run(tmp_path, "undo", str(tmp_path / "run"), "--database", spip.address).code == 0
    assert spip.dump() == before
