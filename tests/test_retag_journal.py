"""The journal and the engine without models: a crash at every single step, and workers that die at any moment."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tagger.article import Annotation, Article, ModelVersions
from tagger.batch import journal as journal_module
from tagger.batch.engine import Done, Engine, Event, Lost, Ready, WorkerId
from tagger.batch.items import Item
from tagger.batch.journal import Journal, Plan
from tagger.batch.retagging import Outcome, retag
from tagger.batch.sinks import SinkFormat, sink_of
from tagger.batch.work import Models, Result, RetagOptions
from tagger.errors import EngineError, Failure, InternalError, JournalError
from tagger.reading import BadRecord, Record

MODELS = Models(versions=ModelVersions(keywords="k", entities=None, lead=None), data="d")
RECORDS = 40
POISON = "poison"


class Records:
    """A source; records whose text is empty are rejected."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts

    def records(self) -> Iterator[Record | BadRecord]:
        return (Record(id=str(number), text=text) for number, text in enumerate(self._texts))

    def share_read(self) -> None:
        return None


class Crew:
    """A crew without processes; its workers die as `chance` has it, and always of poison."""

    def __init__(self, sink: SinkFormat, size: int = 3, chance: random.Random | None = None) -> None:
        self.size = size
        self._sink = sink_of(sink)
        self._chance = chance
        self._hired = 0
        self._work: dict[WorkerId, deque[list[bytes]]] = {}
        self._starting: set[WorkerId] = set()

    def hire(self) -> WorkerId:
        self._hired += 1
        self._work[self._hired] = deque()
        self._starting.add(self._hired)
        return self._hired

    def give(self, worker: WorkerId, lines: list[bytes]) -> None:
        assert len(self._work[worker]) < 2, "more than one chunk waits"
        self._work[worker].append(lines)

    def wait(self) -> list[Event]:
        busy = [worker for worker, work in self._work.items() if work or worker in self._starting]
        assert busy, "nobody has anything to do"
        worker = self._chance.choice(busy) if self._chance else busy[0]
        dies = self._chance is not None and self._chance.random() < 0.2
        if worker in self._starting:
            self._starting.discard(worker)
            return [Ready(worker, MODELS)]
        if dies or any(POISON.encode() in line for line in self._work[worker][0]):
            del self._work[worker]
            return [Lost(worker, "it died")]
        return [Done(worker, self._do(self._work[worker].popleft()))]

    def dismiss(self) -> None:
        self._work.clear()

    def _do(self, lines: list[bytes]) -> Result:
        found = [Record.model_validate_json(line) for line in lines]
        failure = Failure(id=None, error=InternalError("empty").problem())
        return Result(
            b"".join(self._sink.render(_annotation(record)) for record in found if record.text),
            [(index, failure) for index, record in enumerate(found) if not record.text],
        )


def _annotation(record: Record) -> Annotation:
    return Annotation(
        id=record.id,
        language="fr",
        article=Article(text=record.text),
        keywords=[],
        entities=[],
        countries=[],
        lead=None,
        model=MODELS.versions,
    )


def run(sink: Path, format: SinkFormat, texts: list[str], *, only_rejects: bool = False, **crew: object) -> Outcome:
    with Engine(Crew(format, **crew)) as engine:  # type: ignore[arg-type]
        return retag(Records(texts), sink, format, RetagOptions(), engine, lambda _: None, only_rejects=only_rejects)


def texts() -> list[str]:
    return ["" if number % 7 == 3 else f"texte {number}" for number in range(RECORDS)]


class Crash(BaseException):
    """The power went off."""


@contextmanager
def crashing_at(step: int, patch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """Crash at a step that touches the disk; of what is written then, half arrives."""
    taken = 0

    def counted(name: str, target: object) -> None:
        real = getattr(target, name)

        def act(*arguments: object, **named: object) -> object:
            nonlocal taken
            taken += 1
            if taken == step:
                if name == "write":
                    real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])  # type: ignore[arg-type, call-overload]
                raise Crash
            return real(*arguments, **named)

        patch.setattr(target, name, act)

    with patch.context():
        for name in ("write", "fsync", "ftruncate"):
            counted(name, journal_module.os)
        for name in ("replace", "unlink"):
            counted(name, Path)
        yield lambda: taken
    patch.undo()


@pytest.mark.parametrize("format", [SinkFormat.JSONL, SinkFormat.PARQUET])
def test_a_crash_at_any_step_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: SinkFormat
) -> None:
    monkeypatch.setattr(journal_module, "_SECONDS_BETWEEN_MARKS", 0.0)
    repaired = [text or f"réparé {number}" if number < 20 else text for number, text in enumerate(texts())]
    expected = {}
    for name, content in (("first", texts()), ("second", repaired)):
        run(tmp_path / f"{name}.{format}", format, content)
        expected[name] = (tmp_path / f"{name}.{format}").read_bytes()
        expected[f"{name} rejects"] = (tmp_path / f"{name}.{format}.rejects.jsonl").read_bytes()
    passes = (("first", texts(), False), ("second", repaired, True))
    for step in range(1, 500):
        sink = tmp_path / f"crashed{step}" / f"out.{format}"
        sink.parent.mkdir()
        crashed = False
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(journal_module, "_SECONDS_BETWEEN_MARKS", 0.0)
            for _, content, only_rejects in passes:
                if crashed:
                    break
                try:
                    with crashing_at(step, patch):
                        run(sink, format, content, only_rejects=only_rejects)
                except Crash:
                    crashed = True
        if not crashed:
            break
        for name, content, only_rejects in passes:
            if only_rejects or not _is_past_first(sink):
                run(sink, format, content, only_rejects=only_rejects)
                assert sink.read_bytes() == expected[name], (step, name)
                rejects = sink.with_name(f"{sink.name}.rejects.jsonl").read_bytes()
                assert rejects == expected[f"{name} rejects"], (step, name)
        assert not list(sink.parent.glob(".*"))
    else:
        raise AssertionError("there was always one more step")
    assert step > 20


def _is_past_first(sink: Path) -> bool:
    """Whether the pass over the rejects had begun."""
    path = sink.with_name(f"{sink.name}.journal") / "state.json"
    return path.exists() and json.loads(path.read_text())["stage"] in ("retrying", "finished", "publishing")


def test_workers_that_die_at_random_change_nothing(tmp_path: Path) -> None:
    run(tmp_path / "whole.jsonl", SinkFormat.JSONL, texts() * 20)
    for seed in range(8):
        sink = tmp_path / f"{seed}.jsonl"
        run(sink, SinkFormat.JSONL, texts() * 20, chance=random.Random(seed), size=1 + seed % 4)
        rejected = {json.loads(line)["id"] for line in sink.with_name(f"{seed}.jsonl.rejects.jsonl").open()}
        lines = [line for line in (tmp_path / "whole.jsonl").read_bytes().splitlines() if _id(line) not in rejected]
        assert sink.read_bytes().splitlines() == lines


def _id(line: bytes) -> str:
    return str(json.loads(line)["id"])


def test_a_record_that_kills_workers_is_rejected_and_no_other(tmp_path: Path) -> None:
    content = texts()
    content[20] = POISON
    run(tmp_path / "out.jsonl", SinkFormat.JSONL, content)
    found = [_id(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert found == [str(number) for number in range(RECORDS) if content[number] and number != 20]
    rejects = map(json.loads, (tmp_path / "out.jsonl.rejects.jsonl").open())
    assert "died on this record" in {reject["id"]: reject["error"]["detail"] for reject in rejects}["20"]


def test_workers_that_do_not_start_are_told() -> None:
    class NeverStarts(Crew):
        def wait(self) -> list[Event]:
            return [Lost(self._starting.pop(), "no memory")]

    with pytest.raises(EngineError, match="no memory"), Engine(NeverStarts(SinkFormat.JSONL)) as engine:
        engine.models()


def test_workers_with_other_models_are_refused(tmp_path: Path) -> None:
    class Mixed(Crew):
        def wait(self) -> list[Event]:
            return [
                Ready(event.worker, MODELS.model_copy(update={"data": "other"}))
                if isinstance(event, Ready) and event.worker > 1
                else event
                for event in super().wait()
            ]

    with (
        pytest.raises(EngineError, match="different models"),
        Engine(Mixed(SinkFormat.JSONL, chance=random.Random(0))) as engine,
    ):
        source = Records(texts())
        retag(source, tmp_path / "out.jsonl", SinkFormat.JSONL, RetagOptions(), engine, lambda _: None)


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    class Many:
        def __init__(self, count: int) -> None:
            self._count = count

        def records(self) -> Iterator[Record | BadRecord]:
            return (Record(id=str(number), text="mot " * 200 * (number % 5 > 0)) for number in range(self._count))

        def share_read(self) -> None:
            return None

    peaks = []
    for count in (200, 1000, 4000):  # the first one warms up
        tracemalloc.start()
        with Engine(Crew(SinkFormat.JSONL)) as engine:
            sink = tmp_path / f"{count}.jsonl"
            retag(Many(count), sink, SinkFormat.JSONL, RetagOptions(), engine, lambda _: None)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(sink.read_bytes().splitlines()) == count * 4 // 5
    assert peaks[2] < 1.2 * peaks[1], peaks


def test_two_runs_into_one_sink_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "_LOCK_SECONDS", 0.0)
    plan = Plan(sink=SinkFormat.JSONL, options=RetagOptions(), limit=None, models=MODELS)
    with Journal(tmp_path / "out.jsonl", plan), pytest.raises(JournalError, match="Another run"):
        Journal(tmp_path / "out.jsonl", plan)
    Journal(tmp_path / "out.jsonl", plan).__exit__()


def test_a_damaged_journal_is_told(tmp_path: Path) -> None:
    plan = Plan(sink=SinkFormat.JSONL, options=RetagOptions(), limit=None, models=MODELS)
    with Journal(tmp_path / "out.jsonl", plan) as journal:
        journal.append([Item(0, "a", b"{}")], b"line\n", {})
        journal.commit()
    (tmp_path / "out.jsonl.journal" / "lines").write_bytes(b"")
    with pytest.raises(JournalError, match="shorter"):
        Journal(tmp_path / "out.jsonl", plan)
    (tmp_path / "out.jsonl.journal" / "state.json").write_text("{")
    with pytest.raises(JournalError, match="damaged"):
        Journal(tmp_path / "out.jsonl", plan)


def test_rejects_of_an_unfinished_run_wait(tmp_path: Path) -> None:
    plan = Plan(sink=SinkFormat.JSONL, options=RetagOptions(), limit=None, models=MODELS)
    Journal(tmp_path / "out.jsonl", plan).__exit__()
    with pytest.raises(JournalError, match="not finished"):
        Journal(tmp_path / "out.jsonl", plan, only_rejects=True)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_sink_may_be_a_link_and_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    real = tmp_path / "disk" / "real.jsonl"
    real.write_text("old\n")
    real.chmod(0o640)
    (tmp_path / "out.jsonl").symlink_to(real)
    with Engine(Crew(SinkFormat.JSONL)) as engine:
        outcome = retag(
            Records(["un", "deux"]),
            tmp_path / "out.jsonl",
            SinkFormat.JSONL,
            RetagOptions(),
            engine,
            lambda _: None,
            restart=True,
        )
    assert (outcome.read, outcome.rejected) == (2, 0)
    assert (tmp_path / "out.jsonl").is_symlink()
    assert len(real.read_bytes().splitlines()) == 2
    assert real.stat().st_mode & 0o777 == 0o640
