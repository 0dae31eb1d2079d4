"""Re-tagging an archive from Parquet to Parquet: rate, memory, cost of the journal, and ten kills at random moments.

    python benchmarks/retag.py [--records 80000] [--keywords-records 80000] [--kills 10] [--json OUT.json]

The archive is resampled from the shipped briefs: each article is put together of briefs of one keyword until it has a
length drawn from a log-normal distribution (median 300 words), the last brief whole, so that lengths look like those
of a press archive. Rates are given by the clock and in processor time; on a machine that has other work to do, only
the latter can be compared. Set OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import re
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
from pyarrow import parquet

from tagger.article import Article
from tagger.batch.engine import Engine
from tagger.batch.journal import Journal
from tagger.batch.processes import ProcessCrew
from tagger.batch.retagging import Progress, retag
from tagger.batch.sinks import SinkFormat
from tagger.batch.sources import SourceOptions, open_source
from tagger.batch.work import RetagOptions, Work
from tagger.keywords.model import KeywordModel
from tagger.resources import models_dir, training_data_dir
from tagger.settings import load_settings
from tagger.text.typography import normalise
from tagger.training.corpus import CORPUS_FOLDER, load_corpus

_MEDIAN_WORDS, _SPREAD = 300, 0.67
_FEWEST_WORDS, _MOST_WORDS = 60, 3000
_WRITTEN_AT_ONCE = 2000
_SECONDS_BETWEEN_SAMPLES = 5.0
_MEBI = 1 << 20


def main() -> None:
    """Run the benchmark and print what it found."""
    options = _options()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        if options.keywords_records:
            keywords = run(folder, options.keywords_records, RetagOptions(keywords_only=True), options.kills)
            keywords["classifier_alone"] = alone = classifier_alone(folder / "archive.parquet")
            share = alone / keywords["1 workers"]["worker_seconds"]
            _print(
                f"the classifier alone: {1000 * alone:.2f} ms/article of processor time, {share:.0%} of the worker's"
            )
            found["keywords only"] = keywords
        if options.records:
            found["whole annotation"] = run(folder, options.records, RetagOptions(), options.kills)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def run(folder: Path, records: int, options: RetagOptions, kills: int) -> dict[str, Any]:
    """Re-tag an archive with one worker, with two, and with two while it is killed again and again."""
    archive = folder / "archive.parquet"
    found: dict[str, Any] = {"records": records, "mean_words": make_archive(archive, records)}
    _print(f"\n{'keywords only' if options.keywords_only else 'whole annotation'}: {records} articles,")
    _print(f"{found['mean_words']:.0f} words each, load {os.getloadavg()[0]:.1f}")
    sinks = {workers: folder / f"{workers}-{options.keywords_only}.parquet" for workers in (1, 2)}
    for workers, sink in sinks.items():
        found[f"{workers} workers"] = measure(archive, sink, options, workers)
        _print_measured(f"{workers} workers", found[f"{workers} workers"])
    one, two = found["1 workers"], found["2 workers"]
    found["speed_up_by_the_clock"] = two["rate"] / one["rate"]
    found["speed_up_by_processor_time"] = speed_up(one, two)
    _print(f"2 workers are {found['speed_up_by_the_clock']:.2f} times 1 by the clock,")
    _print(f"and by processor time would be {found['speed_up_by_processor_time']:.2f} times on two free cores")
    _print(f"1 and 2 workers give the same bytes: {_hash(sinks[1]) == _hash(sinks[2])}")
    found["bytes_an_article"] = sinks[2].stat().st_size / records
    _print(f"an article takes {found['bytes_an_article']:.0f} bytes of the Parquet file")
    killed = folder / f"killed-{options.keywords_only}.parquet"
    longest = 0.8 * records / two["rate"] / max(kills, 1)  # so that all kills come before the end
    found["kills"] = kill_and_resume(archive, killed, options, kills, longest, _hash(sinks[2]))
    _print(f"after {found['kills']['kills']} kills the bytes are the same: {found['kills']['is_same']}")
    return found


def make_archive(path: Path, size: int) -> float:
    """Write an archive of `size` articles; give their mean length in words."""
    chance = random.Random(0)  # noqa: S311 - nothing secret
    by_keyword = defaultdict(list)
    for brief in load_corpus(training_data_dir() / CORPUS_FOLDER):
        by_keyword[brief.primary].append(brief)
    briefs = [brief for group in by_keyword.values() for brief in group]
    schema = pa.schema([(name, pa.string()) for name in ("id", "title", "text", "date")])
    schema = schema.append(pa.field("keywords", pa.list_(pa.string())))
    words = 0

    def article(number: int) -> dict[str, object]:
        nonlocal words
        first = chance.choice(briefs)
        wanted = min(max(chance.lognormvariate(0, _SPREAD) * _MEDIAN_WORDS, _FEWEST_WORDS), _MOST_WORDS)
        text = first.text
        while len(text.split()) < wanted:
            text += "\n\n" + chance.choice(by_keyword[first.primary]).text
        words += len(text.split())
        date = f"{chance.randint(1999, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        return {"id": str(number), "title": first.title, "text": text, "date": date, "keywords": [first.primary]}

    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, size, _WRITTEN_AT_ONCE):
            rows = [article(number) for number in range(start, min(start + _WRITTEN_AT_ONCE, size))]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
    return words / size


def measure(archive: Path, sink: Path, options: RetagOptions, workers: int) -> dict[str, float]:
    """Re-tag the archive in this process; give rate, processor time an article, memory, the journal's share."""
    crew = ProcessCrew(Work(load_settings(), options, SinkFormat.PARQUET), workers)
    memory = _Memory()
    with _timed(Journal, "append") as append, _timed(Journal, "publish") as publish, Engine(crew) as engine:
        engine.models()
        own, clock = time.process_time(), time.perf_counter()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        outcome = retag(
            open_source(str(archive), SourceOptions()), sink, SinkFormat.PARQUET, options, engine, memory.sample
        )
        seconds, own = time.perf_counter() - clock, time.process_time() - own
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    theirs = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "rate": outcome.read / seconds,
        "worker_seconds": theirs / outcome.read,
        "main_seconds": (own - memory.spent) / outcome.read,
        "main_megabytes": memory.main / _MEBI,
        "main_megabytes_early": memory.early / _MEBI,
        "worker_megabytes": memory.worker / _MEBI,
        "all_megabytes": memory.all / _MEBI,
        "journal_share": append.seconds / seconds,
        "journal_processor_share": append.processor_seconds / (own - memory.spent + theirs),
        "publish_processor_share": publish.processor_seconds / (own - memory.spent + theirs),
    }


def speed_up(one: dict[str, float], two: dict[str, float]) -> float:
    """Give how much faster two workers are on two free cores, of which the main process takes its part."""
    alone = max(one["worker_seconds"], one["main_seconds"])
    return alone / max((two["worker_seconds"] + two["main_seconds"]) / 2, two["main_seconds"])


def kill_and_resume(
    archive: Path, sink: Path, options: RetagOptions, kills: int, longest: float, expected: str
) -> dict[str, Any]:
    """Run in a process of its own, kill it `kills` times at random, let it finish, and compare the sink's hash.

    Each time, it works for at most `longest` seconds.
    """
    chance = random.Random(1)  # noqa: S311 - nothing secret
    fork = multiprocessing.get_context("fork")  # the models are loaded here, and need not be loaded again
    marks: list[int] = []
    while len(marks) < kills:
        process = fork.Process(target=_run, args=(archive, sink, options, 2))
        process.start()
        _wait_for_work(sink, process)
        time.sleep(chance.uniform(0, longest))
        process.kill()
        process.join()
        state = json.loads((sink.with_name(f"{sink.name}.journal") / "state.json").read_text(encoding="utf-8"))
        if state["stage"] == "finished":
            break
        marks.append(state["mark"]["read"])
    last = fork.Process(target=_run, args=(archive, sink, options, 2))
    last.start()
    last.join()
    return {"kills": len(marks), "marks": marks, "is_same": last.exitcode == 0 and _hash(sink) == expected}


def _run(archive: Path, sink: Path, options: RetagOptions, workers: int) -> None:
    crew = ProcessCrew(Work(load_settings(), options, SinkFormat.PARQUET), workers)
    with Engine(crew) as engine:
        source = open_source(str(archive), SourceOptions())
        retag(source, sink, SinkFormat.PARQUET, options, engine, lambda _: None)


def classifier_alone(archive: Path) -> float:
    """Give the processor time an article (seconds) of the keyword model: typography, reading, scores."""
    model = KeywordModel.load(models_dir(), "fast")
    table = parquet.read_table(archive, columns=["title", "text"]).to_pylist()
    articles = [Article(title=row["title"], text=row["text"]) for row in table]

    def classify(article: Article) -> None:
        read = model.read(normalise(article.title), normalise(article.text))
        model.manifest.decision.probabilities(model.combine(read)[None])

    start = time.process_time()
    for article in articles:
        classify(article)
    return (time.process_time() - start) / len(articles)


class _Memory:
    """Peaks of the proportional set size, which counts shared pages once: main process, worker, and all together.

    `spent` is the processor time (seconds) that looking took.
    """

    def __init__(self) -> None:
        self.main = self.worker = self.all = self.early = 0
        self.spent = 0.0
        self._sampled = 0.0

    def sample(self, progress: Progress) -> None:
        """Look at the processes, at most once in a while; `early` is the main process at a tenth of the way."""
        if time.monotonic() - self._sampled < _SECONDS_BETWEEN_SAMPLES:
            return
        self._sampled, start = time.monotonic(), time.process_time()
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        own, theirs = _set_size(str(os.getpid())), [_set_size(child) for child in children]
        self.main = max(self.main, own)
        self.worker = max([self.worker, *theirs])
        self.all = max(self.all, own + sum(theirs))
        if progress.share is not None and progress.share <= 0.1:  # noqa: PLR2004 - a tenth
            self.early = self.main
        self.spent += time.process_time() - start


def _set_size(process: str) -> int:
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found.group(1)) * 1024 if found else 0


class _timed:  # noqa: N801 - used like a function
    """Adds up the time that a method of a class takes while this is open, by the clock and of the processor."""

    def __init__(self, target: type, name: str) -> None:
        self._target, self._name = target, name
        self._real: Callable[..., object] = getattr(target, name)
        self.seconds = self.processor_seconds = 0.0

    def __enter__(self) -> Self:
        def act(*arguments: object, **named: object) -> object:
            clock, processor = time.perf_counter(), time.process_time()
            try:
                return self._real(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - clock
                self.processor_seconds += time.process_time() - processor

        setattr(self._target, self._name, act)
        return self

    def __exit__(self, *_: object) -> None:
        setattr(self._target, self._name, self._real)


def _wait_for_work(sink: Path, run: BaseProcess) -> None:
    """Wait until the run has begun to annotate."""
    lines = sink.with_name(f"{sink.name}.journal") / "lines"
    before = lines.stat().st_size if lines.exists() else 0
    while run.is_alive() and (not lines.exists() or lines.stat().st_size <= before):
        time.sleep(0.02)


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _print(text: str) -> None:
    print(text, flush=True)


def _print_measured(name: str, measured: dict[str, float]) -> None:
    facts = [
        f"{measured['rate']:.1f} articles/s by the clock",
        f"{1000 * measured['worker_seconds']:.2f} ms an article of a worker's core",
        f"{1000 * measured['main_seconds']:.2f} ms of the main process's",
        f"at most {measured['main_megabytes']:.0f} MB main ({measured['main_megabytes_early']:.0f} after a tenth)",
        f"{measured['worker_megabytes']:.0f} MB a worker, {measured['all_megabytes']:.0f} MB in all",
        f"journal {measured['journal_processor_share']:.2%} of processor time",
        f"{measured['journal_share']:.2%} by the clock, while workers went on",
        f"writing the Parquet file {measured['publish_processor_share']:.2%} of processor time",
    ]
    _print(f"{name}: {'; '.join(facts)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=80_000, help="for the whole annotation; 0 for none")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--keywords-records", type=int, default=80_000, help="for keywords alone; 0 for none")
    parser.add_argument("--folder", type=Path, help="where to put the archives; by default the temporary folder")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
