"""Jobs over a real port, on both databases: taken in, followed, fetched, cancelled; and what befalls them."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, make_url, text, update

from tagger.errors import ModelError
from tagger.options import AnnotateOptions
from tagger.service import job_files, job_runner
from tagger.service.examples import TEXT, TITLE
from tagger.service.job_files import JobFolder
from tagger.settings import Settings
from tagger.store import jobs as job_store
from tagger.store.database import Database
from tagger.store.jobs import JobRow, Jobs, LeaseLostError, Progress
from tagger.store.keys import ApiKeys
from tagger.store.tables import now
from tests.serving import ServerProcess, bound, client_of, echo, job_service, serving, wait_for, wait_until

NDJSON = {"content-type": "application/x-ndjson"}


def lines(count: int, first: int = 0) -> str:
    return "".join(json.dumps({"id": str(n), "text": f"texte {n}"}) + "\n" for n in range(first, first + count))


def ids(result: httpx.Response) -> list[str]:
    assert result.status_code == 200, result.text
    return [json.loads(line)["id"] for line in result.text.splitlines()]


def start(http: httpx.Client, body: str | bytes, **query: str) -> str:
    answer = http.post("/v1/jobs", content=body, headers=NDJSON, params=query)
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["id"]
    return job_id


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url, data_dir=tmp_path, job_lease_seconds=2, max_body_bytes=5000, max_batch_bytes=20_000
    )


@pytest.fixture
def http(settings: Settings) -> Iterator[httpx.Client]:
    with serving(job_service(settings)) as client:
        yield client


def test_a_job_from_beginning_to_end(http: httpx.Client, tmp_path: Path) -> None:
    body = lines(3) + "{broken\n\n" + '{"id": "vide", "text": ""}\r\n' + '{"id": "last", "text": "sans fin de ligne"}'
    answer = http.post("/v1/jobs", content=body, headers=NDJSON, params={"top": "3"})
    assert answer.status_code == 202
    begun = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{begun['id']}"
    assert (begun["state"], begun["total"], begun["options"]["top"]) == ("queued", 6, 3)
    assert begun["options"]["profile"] == "fast"
    job = wait_for(http, begun["id"], "done")
    assert (job["answered"], job["errors"]) == (6, 2)
    assert job["result"] == f"/v1/jobs/{begun['id']}/result"
    result = http.get(str(job["result"]))
    assert result.headers["content-type"].startswith("application/x-ndjson")
    answers = [json.loads(line) for line in result.text.splitlines()]
    assert [answer["id"] for answer in answers] == ["0", "1", "2", None, "vide", "last"]
    assert ["error" in answer for answer in answers] == [False, False, False, True, True, False]
    assert http.get("/v1/jobs").json() == [job]
    assert not (tmp_path / "jobs" / begun["id"] / "input.ndjson").exists()


def test_a_json_array_is_a_job_too(http: httpx.Client) -> None:
    records = [{"id": "a", "text": "é"}, "no record", {"id": "c", "text": "c"}]
    job_id = http.post("/v1/jobs", json=records).json()["id"]
    assert wait_for(http, job_id, "done")["errors"] == 1
    assert ids(http.get(f"/v1/jobs/{job_id}/result")) == ["a", None, "c"]


def test_what_is_no_job_leaves_nothing(http: httpx.Client, tmp_path: Path) -> None:
    for body, content_type, status, kind in [
        ("", "application/x-ndjson", 422, "invalid-record"),
        ("\n \n", "application/x-ndjson", 422, "invalid-record"),
        ("[]", "application/json", 422, "invalid-record"),
        ("{}", "application/json", 422, "invalid-record"),
        ("[1", "application/json", 400, "broken-json"),
        ("a", "text/plain", 415, "unsupported-format"),
        (lines(1), "application/x-ndjson; charset=latin-1", 415, "unsupported-format"),
        ("[" + " " * 20_000 + "]", "application/json", 413, "body-too-large"),
    ]:
        answer = http.post("/v1/jobs", content=body, headers={"content-type": content_type})
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, kind)
    assert http.get("/v1/jobs").json() == []
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == ["place"]


def test_a_job_over_the_limit_leaves_nothing(settings: Settings, tmp_path: Path) -> None:
    with serving(job_service(settings.model_copy(update={"max_job_bytes": 1000}))) as http:
        chunks = (line.encode() for line in lines(100).splitlines(keepends=True))
        answer = http.post("/v1/jobs", content=chunks, headers=NDJSON)
        assert answer.json()["type"].endswith("body-too-large")
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == ["place"]


def test_a_record_that_is_too_long_is_answered_in_its_place(http: httpx.Client) -> None:
    job_id = start(http, lines(1) + json.dumps({"id": "long", "text": "a" * 6000}) + "\n" + lines(1, first=2))
    assert wait_for(http, job_id, "done")["errors"] == 1
    answers = [json.loads(line) for line in http.get(f"/v1/jobs/{job_id}/result").text.splitlines()]
    assert [answer["id"] for answer in answers] == ["0", None, "2"]
    assert answers[1]["error"]["type"].endswith("body-too-large")


def test_jobs_are_cancelled(http: httpx.Client) -> None:
    running = [start(http, lines(20_000)) for _ in range(2)]
    queued = start(http, lines(10))
    wait_for(http, running[0], "running")
    assert http.get(f"/v1/jobs/{running[0]}/result").json()["type"].endswith("job-not-done")
    assert http.post(f"/v1/jobs/{queued}/cancel").json()["state"] == "cancelled"
    assert http.post(f"/v1/jobs/{running[0]}/cancel").status_code == 202
    job = wait_for(http, running[0], "cancelled")
    assert int(str(job["answered"])) < 20_000
    assert http.get(f"/v1/jobs/{running[0]}/result").status_code == 409
    assert http.post(f"/v1/jobs/{running[0]}/cancel").json() == job
    http.post(f"/v1/jobs/{running[1]}/cancel")
    wait_for(http, running[1], "cancelled")


def test_jobs_are_listed_page_by_page(http: httpx.Client) -> None:
    begun = [start(http, lines(1)) for _ in range(5)]
    first = http.get("/v1/jobs", params={"limit": "2"}).json()
    second = http.get("/v1/jobs", params={"limit": "10", "before": first[-1]["id"]}).json()
    assert [job["id"] for job in first + second] == begun[::-1]
    assert http.get("/v1/jobs/nowhere").json()["type"].endswith("unknown-job")
    assert http.get("/v1/jobs", params={"before": "nowhere"}).status_code == 404


def test_jobs_are_their_client_s_own(settings: Settings, database: Database) -> None:
    keys = ApiKeys(database)
    mine, renewed = (keys.create("mine", ["annotate"])[0] for _ in range(2))
    other, admin = keys.create("other", ["annotate"])[0], keys.create("boss", ["annotate", "admin"])[0]
    with serving(job_service(settings)) as http:

        def get(path: str, key: str) -> httpx.Response:
            return http.get(path, headers={"X-API-Key": key})

        job = http.post("/v1/jobs", content=lines(1), headers={**NDJSON, "X-API-Key": mine}).json()["id"]
        for key in (mine, renewed, admin):
            wait_until(lambda key=key: get(f"/v1/jobs/{job}", key).json()["state"] == "done")
            assert [found["id"] for found in get("/v1/jobs", key).json()] == [job]
            assert ids(get(f"/v1/jobs/{job}/result", key)) == ["0"]
        for path in (f"/v1/jobs/{job}", f"/v1/jobs/{job}/result"):
            assert get(path, other).json()["type"].endswith("unknown-job")
        assert http.post(f"/v1/jobs/{job}/cancel", headers={"X-API-Key": other}).status_code == 404
        assert get("/v1/jobs", other).json() == []


@pytest.fixture
def told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job tells how far it is long before it is done, so that there is time to do something in its middle."""
    monkeypatch.setattr(job_runner, "_FLUSH_SECONDS", 0.1)


def test_a_killed_server_loses_nothing(settings: Settings, told_often: None) -> None:
    """Killed in the middle of two jobs, then stopped, then killed: each record is answered once, in order."""
    server = ServerProcess(settings)
    jobs = [start(server.client, lines(2500)) for _ in range(2)]
    answered = 0

    def moved_on() -> bool:
        nonlocal answered
        before, answered = answered, server.client.get(f"/v1/jobs/{jobs[0]}").json()["answered"]
        return before < answered < 2500

    for ends in ("kill", "stop", "kill"):
        wait_until(moved_on)
        getattr(server, ends)()
        server = ServerProcess(settings)
    for job_id in jobs:
        job = wait_for(server.client, job_id, "done")
        assert job["answered"] == 2500
        assert ids(server.client.get(f"/v1/jobs/{job_id}/result")) == [str(n) for n in range(2500)]
    server.stop()


def test_the_command_killed_in_the_middle_of_a_job(tmp_path: Path) -> None:
    with bound() as free:
        port = free.getsockname()[1]
    given = {"TAGGER_DATA_DIR": str(tmp_path), "TAGGER_PORT": str(port), "TAGGER_JOB_LEASE_SECONDS": "1"}
    given["TAGGER_WORKERS"] = "1"  # however many cores there are, the job is not done at once
    count, record = 150, {"title": TITLE, "text": TEXT}
    with client_of(port) as http:
        with command(http, given):
            job_id = start(http, "".join(json.dumps({"id": str(n), **record}) + "\n" for n in range(count)))
            wait_until(lambda: http.get(f"/v1/jobs/{job_id}").json()["answered"])
            assert http.get(f"/v1/jobs/{job_id}").json()["state"] == "running"
        with command(http, given):
            assert wait_for(http, job_id, "done")["errors"] == 0
            result = http.get(f"/v1/jobs/{job_id}/result")
    assert ids(result) == [str(n) for n in range(count)]
    answers = {json.dumps(json.loads(line) | {"id": None}) for line in result.text.splitlines()}
    assert len(answers) == 1


@contextmanager
def command(http: httpx.Client, given: dict[str, str]) -> Iterator[None]:
    """Run `tagger serve`, and kill it."""
    process = subprocess.Popen([sys.executable, "-m", "tagger", "serve"], env=os.environ | given)

    def is_ready() -> bool:
        assert process.poll() is None, "the server ended"
        try:
            return http.get("/ready").status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_until(is_ready)
        yield
    finally:
        process.kill()
        process.wait()


def test_two_servers_share_the_work_and_do_none_twice(settings: Settings) -> None:
    patient = settings.model_copy(update={"job_lease_seconds": 60})
    servers = [ServerProcess(patient) for _ in range(2)]
    jobs = [start(servers[0].client, lines(200)) for _ in range(8)]
    for job_id in jobs:
        wait_for(servers[1].client, job_id, "done")
        assert ids(servers[1].client.get(f"/v1/jobs/{job_id}/result")) == [str(n) for n in range(200)]
    for server in servers:
        server.stop()
    database = Database.open(settings)
    with database.reading() as session:
        assert [session.get_one(JobRow, job_id).epoch for job_id in jobs] == [1] * len(jobs)
    database.close()


def test_the_database_goes_away_and_comes_back(settings: Settings) -> None:
    assert settings.database_url
    url = make_url(settings.database_url.get_secret_value())
    if url.get_backend_name() == "sqlite":
        pytest.skip("SQLite is a file: it does not go away")
    admin = create_engine(os.environ["TAGGER_TEST_POSTGRESQL"], isolation_level="AUTOCOMMIT")

    def allow(whether: str) -> None:
        with admin.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS {whether}"))
            end_all = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = :name"
            connection.execute(text(end_all), {"name": url.database})

    with serving(job_service(settings)) as http:
        job_id = start(http, lines(1500))
        wait_for(http, job_id, "running")
        allow("false")
        wait_until(lambda: http.get(f"/v1/jobs/{job_id}").status_code == 503)
        away = http.get(f"/v1/jobs/{job_id}")
        assert away.json()["type"].endswith("store-unavailable")
        assert away.headers["retry-after"]
        assert http.post("/v1/jobs", content=lines(1), headers=NDJSON).status_code == 503
        time.sleep(3)
        allow("true")
        job = wait_for(http, job_id, "done")
        assert job["answered"] == 1500
        assert ids(http.get(f"/v1/jobs/{job_id}/result")) == [str(n) for n in range(1500)]
        assert len(http.get("/v1/jobs").json()) == 1
    admin.dispose()


def test_a_full_disk_while_a_job_comes_in(
    http: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_files.os, "fsync", _no_room)
    answer = http.post("/v1/jobs", content=lines(5), headers=NDJSON)
    monkeypatch.undo()
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (507, "disk-full")
    assert http.get("/v1/jobs").json() == []
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == ["place"]


def test_a_full_disk_while_a_job_runs(
    told_often: None, http: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answers that are cut off on the way to the disk are in no result; the job waits, goes on and is whole."""
    monkeypatch.setattr(job_store, "_FIRST_PAUSE", 0.5)
    job_id = start(http, lines(1500))
    wait_until(lambda: http.get(f"/v1/jobs/{job_id}").json()["answered"])
    append = job_files.Segment.append

    def append_in_part(segment: job_files.Segment, answers: list[bytes]) -> None:
        if answers:
            append(segment, [answers[0][:10]])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(job_files.Segment, "append", append_in_part)
    wait_until(lambda: "No space left" in str(http.get(f"/v1/jobs/{job_id}").json()["reason"]))
    assert http.get(f"/v1/jobs/{job_id}/result").status_code == 409
    monkeypatch.setattr(job_files.Segment, "append", append)
    job = wait_for(http, job_id, "done")
    assert (job["answered"], job["reason"]) == (1500, None)
    assert ids(http.get(f"/v1/jobs/{job_id}/result")) == [str(n) for n in range(1500)]
    assert len(list((tmp_path / "jobs" / job_id).iterdir())) > 1


def _no_room(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_job_that_never_moves_on_fails_with_the_reason(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_store, "_FIRST_PAUSE", 0.0)

    def append(_: job_files.Segment, answers: list[bytes]) -> None:
        if answers:
            _no_room(0)

    monkeypatch.setattr(job_files.Segment, "append", append)
    job_id = start(http, lines(3))
    job = wait_for(http, job_id, "failed")
    assert "No space left on device" in str(job["reason"])
    assert http.get(f"/v1/jobs/{job_id}/result").json()["type"].endswith("job-not-done")


def test_a_job_waits_until_records_can_be_answered(settings: Settings) -> None:
    """As while the models are being loaded; a fault over one record stands in its place."""
    tried: Counter[str] = Counter()

    async def answer(line: bytes, options: AnnotateOptions) -> bytes:
        number = json.loads(line)["id"]
        tried[number] += 1
        if number == "1":
            raise ZeroDivisionError
        if tried[number] <= 2:
            raise ModelError("The models are being loaded.")
        return await echo(line, options)

    with serving(job_service(settings, answer)) as http:
        job_id = start(http, lines(3))
        assert wait_for(http, job_id, "done")["errors"] == 1
        answers = [json.loads(line) for line in http.get(f"/v1/jobs/{job_id}/result").text.splitlines()]
    assert [answer["id"] for answer in answers] == ["0", "1", "2"]
    assert answers[1]["error"]["type"].endswith("internal-error")
    assert tried == {"0": 3, "1": 1, "2": 3}


def test_a_result_that_is_gone_is_not_half_served(http: httpx.Client, tmp_path: Path) -> None:
    job_id = start(http, lines(5))
    wait_for(http, job_id, "done")
    segment = tmp_path / "jobs" / job_id / "1.ndjson"
    segment.write_bytes(segment.read_bytes()[:-5])
    answer = http.get(f"/v1/jobs/{job_id}/result")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (410, "result-gone")


def test_a_job_whose_records_are_gone_fails(http: httpx.Client, settings: Settings, tmp_path: Path) -> None:
    database = Database.open(settings)
    place = (tmp_path / "jobs" / "place").read_text()
    Jobs(database, place, 2).add(JobRow(id="lost", owner=None, place=place, options={}, total=3))
    database.close()
    assert "cannot be read" in str(wait_for(http, "lost", "failed")["reason"])


def test_old_jobs_and_strays_are_removed(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "_SWEEP_SECONDS", 0.1)
    strays = [tmp_path / "jobs" / name for name in ("old", "new")]
    for stray in strays:
        stray.mkdir(parents=True)
    os.utime(strays[0], (0, 0))
    with serving(job_service(settings.model_copy(update={"job_retention_days": 2}))) as http:
        old, recent = (start(http, lines(1)) for _ in range(2))
        for job_id in (old, recent):
            wait_for(http, job_id, "done")
        wait_until(lambda: not strays[0].exists())
        assert (tmp_path / "jobs" / old).exists()
        with database.session() as session:
            session.execute(update(JobRow).where(JobRow.id == old).values(finished=now() - dt.timedelta(days=3)))
        wait_until(lambda: {path.name for path in (tmp_path / "jobs").iterdir()} == {"place", "new", recent})
        assert http.get(f"/v1/jobs/{old}").status_code == 404
        assert http.get(f"/v1/jobs/{recent}").status_code == 200


def test_a_holder_that_lost_its_lease_changes_nothing(database: Database) -> None:
    first, second = Jobs(database, "here", lease_seconds=0.05), Jobs(database, "here", lease_seconds=60)
    first.add(JobRow(id="a", owner=None, place="here", options={}, total=9))
    assert Jobs(database, "elsewhere", 60).claim() is None
    lost = first.claim()
    assert lost is not None
    time.sleep(0.1)
    held = second.claim()
    assert held is not None
    assert second.claim() is None
    assert first.claim(held=["a"]) is None
    for change in (first.keep, first.release):
        with pytest.raises(LeaseLostError):
            change(lost, Progress(5, 0, 50, 500))
    with pytest.raises(LeaseLostError):
        first.end(lost, "done", Progress(5, 0, 50, 500))
    second.keep(held, Progress(2, 1, 20, 200))
    job = second.get("a")
    assert (job.state, job.answered, job.errors, job.position, job.segments) == ("running", 2, 1, 20, [[2, 200]])


def test_a_job_that_ends_the_service_each_time_fails(database: Database) -> None:
    jobs = Jobs(database, "here", lease_seconds=0.01)
    jobs.add(JobRow(id="a", owner=None, place="here", options={}, total=9))
    for _ in range(job_store.MOST_ATTEMPTS):
        assert jobs.claim() is not None
        time.sleep(0.02)
    assert jobs.claim() is None
    job = jobs.get("a")
    assert job.state == "failed"
    assert "without moving on" in (job.reason or "")


@given(
    records=st.lists(st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b" ")), max_size=8),
    ending=st.booleans(),
    cut=st.integers(1, 40),
    most=st.integers(1, 5),
)
def test_records_are_counted_and_found_however_they_come(
    records: list[bytes], ending: bool, cut: int, most: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the chunks: as many records are taken as were counted, each from where the last ended."""
    body = b"\n".join(records) + b"\n" * ending
    folder = JobFolder(tmp_path_factory.mktemp("jobs"))
    received = folder.receive("a")
    for start_ in range(0, len(body), cut):
        received.write(body[start_ : start_ + cut])
    received.close()
    longest = 20
    wanted = [record for record in records if record.strip() or len(record) > longest]
    assert received.total == sum(bool(record.strip()) for record in records)
    job = JobRow(id="a", position=0)
    taken = []
    while batch := _take(folder, job, longest, most):
        taken += [line for line, _ in batch]
        job.position = batch[-1][1]
    assert [line and line.strip(b"\n") for line in taken] == [
        record if len(record) <= longest else None for record in wanted
    ]


def _take(folder: JobFolder, job: JobRow, longest: int, most: int) -> list[tuple[bytes | None, int]]:
    source = folder.source(job, longest)
    try:
        return source.take(most)
    finally:
        source.close()
