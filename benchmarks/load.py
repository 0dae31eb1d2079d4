"""The service under load: throughput beside the same work in processes without HTTP, latency, refusals, memory.

    python benchmarks/load.py [--workers 2] [--profile fast] [--seconds 10] [--rounds 3] [--soak 20000] [--json OUT]

`tagger serve` runs in a process of its own; as many clients as a step says send it one article after another (closed
loop), one mix of short articles (a brief) and long ones (eight briefs joined). « In processes » is the same articles
read, annotated and written as JSON by as many forked processes as the service has workers, in turns with the
service, so that a noisy machine disturbs both alike; the processor time of an article (of all processes of the
service) is what to compare where other work takes the cores. At twice saturation there are twice as many clients as
the workers and the queue have places; one that is refused waits as Retry-After says. `--soak` then sends so many
articles and watches the memory (PSS) of all processes of the service. The exit code is 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from tagger import Annotator
from tagger.reading.records import parse_record
from tagger.resources import training_data_dir
from tagger.training.corpus import CORPUS_FOLDER, load_corpus

GOAL = 0.85
STEPS = (1, 2, 4, 8, 16, 32, 64)
QUEUE = 64
BODIES = 256
NEW_WORDS = 20  # in each article of a soak
JOINED = 8
SOAK_CLIENTS = 16
SAMPLES = 20
WARMING = 4
GROWTH = 0.05  # of memory after the first tenth of a soak, at most
OK, REFUSED = 200, 503


@dataclass
class Tally:
    """What clients saw: seconds by status, while a step lasted."""

    seconds: dict[int, list[float]] = field(default_factory=dict)
    lasted: float = 0.0

    def rate(self) -> float:
        """Give the articles annotated in a second."""
        return len(self.seconds.get(OK, [])) / self.lasted

    def quantile(self, share: float, status: int = OK) -> float:
        """Give a quantile of the latency, in seconds."""
        ordered = sorted(self.seconds.get(status, [0.0]))
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def statuses(self) -> dict[int, int]:
        """Count the answers by status."""
        return {status: len(seconds) for status, seconds in sorted(self.seconds.items())}


def main() -> None:
    """Run the benchmark, print the figures, and say by the exit code whether the goals are met."""
    options = _options()
    bodies = make_bodies()
    print(
        f"{len(bodies)} bodies, median {statistics.median(map(len, bodies)):.0f} bytes; {options.workers} workers\n"
    )
    annotator = Annotator.load()
    annotator.answer(parse_record(bodies[0]), profile=options.profile)  # loads all that is only loaded when needed
    gc.collect()
    gc.freeze()  # as the service does before it forks
    with service(options) as (pid, port):
        load = Load(port, options.profile, bodies)
        asyncio.run(load.run(SOAK_CLIENTS, seconds=3))  # warms up
        figures = {
            "rounds": rounds(annotator, load, pid, options),
            "steps": [step(load, clients, options.seconds) for clients in STEPS],
            "twice saturation": step(load, 2 * (QUEUE + options.workers), options.seconds),
            "soak": soak(port, pid, options.profile, options.soak) if options.soak else None,
        }
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    missed = missed_goals(figures)
    print("\n" + ("\n".join(f"missed: {goal}" for goal in missed) or "all goals met"))
    sys.exit(bool(missed))


def make_bodies(count: int = BODIES, series: int = 0) -> list[bytes]:
    """Make articles, half of them one brief, half of them eight joined, as bodies of requests.

    All but the first series have words that were never met before, as all press has.
    """
    briefs = list(load_corpus(training_data_dir() / CORPUS_FOLDER))
    draw = random.Random(1 + series)  # noqa: S311 - which briefs is no secret
    bodies = []
    for number in range(count):
        parts = draw.sample(briefs, JOINED if number % 2 else 1)
        text = "\n\n".join(part.text for part in parts)
        if series:
            text += "\n\n" + " ".join("".join(draw.choices(ascii_lowercase, k=9)) for _ in range(NEW_WORDS)) + "."
        record = {"id": str(number), "title": parts[0].title, "text": text}
        bodies.append(json.dumps(record, ensure_ascii=False).encode())
    return bodies


@contextmanager
def service(options: argparse.Namespace) -> Iterator[tuple[int, int]]:
    """Run the service; give its process id and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "tagger", "serve", "--port", str(port), "--workers", str(options.workers)]
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as data:
        environment = os.environ | {
            "TAGGER_QUEUE_LENGTH": str(QUEUE),
            "TAGGER_LOG_LEVEL": options.log_level,
            "TAGGER_DATA_DIR": data,
        }
        process = subprocess.Popen(command, stderr=log, env=environment)  # noqa: S603 - our own command
        try:
            asyncio.run(wait_until_ready(port))
            yield process.pid, port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


async def wait_until_ready(port: int) -> None:
    """Wait until the service can annotate."""
    while True:
        try:
            async with asyncio.timeout(600):
                if (await Client(port).ask(b"GET /ready HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))[0] == OK:
                    return
        except OSError:
            pass
        await asyncio.sleep(0.2)


class Client:
    """One connection, as little as HTTP needs, so that the clients take little from the cores that they share."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[int, float]:
        """Send a request; give the answer's status and how many seconds it asks to wait."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        await reader.readexactly(int(headers["content-length"]))
        return int(head[0].split()[1]), float(headers.get("retry-after", 0))

    def close(self) -> None:
        """Close the connection."""
        if self._streams:
            self._streams[1].close()


class Load:
    """Clients that send one article after another."""

    def __init__(self, port: int, profile: str, bodies: list[bytes]) -> None:
        self._port = port
        self._requests = [
            f"POST /v1/annotate?profile={profile} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
            for body in bodies
        ]
        self._sent = 0

    async def run(self, clients: int, seconds: float = 1e9, requests: int = 1 << 60) -> Tally:
        """Send for so many seconds, or so many requests."""
        tally, start, end = Tally(), time.monotonic(), time.monotonic() + seconds
        last = self._sent + requests

        async def send() -> None:
            client = Client(self._port)
            while time.monotonic() < end and self._sent < last:
                request = self._requests[self._sent % len(self._requests)]
                self._sent += 1
                sent = time.monotonic()
                status, wait = await client.ask(request)
                tally.seconds.setdefault(status, []).append(time.monotonic() - sent)
                await asyncio.sleep(wait)
            client.close()

        await asyncio.gather(*(send() for _ in range(clients)))
        tally.lasted = time.monotonic() - start
        return tally


def rounds(annotator: Annotator, load: Load, pid: int, options: argparse.Namespace) -> list[dict[str, float]]:
    """Measure throughput and processor time with and without HTTP, in turns."""
    found = []
    bodies = make_bodies()
    for number in range(options.rounds):
        bare, bare_seconds = in_processes(annotator, bodies, options)
        before = sum(map(processor_seconds, family(pid)))
        tally = asyncio.run(load.run(SOAK_CLIENTS, seconds=options.seconds))
        served = tally.rate()
        served_seconds = (sum(map(processor_seconds, family(pid))) - before) / len(tally.seconds[OK])
        found.append(
            {
                "in processes": bare,
                "service": served,
                "ratio": served / bare,
                "seconds in processes": bare_seconds,
                "seconds in service": served_seconds,
                "ratio of seconds": bare_seconds / served_seconds,
            }
        )
        print(
            f"round {number + 1}: in processes {bare:.1f}/s, service {served:.1f}/s, ratio {served / bare:.3f}; "
            f"processor time {1000 * bare_seconds:.1f} ms and {1000 * served_seconds:.1f} ms an article, "
            f"ratio {bare_seconds / served_seconds:.3f}"
        )
    return found


def in_processes(annotator: Annotator, bodies: list[bytes], options: argparse.Namespace) -> tuple[float, float]:
    """Have forked processes annotate, reading and writing JSON: articles a second, and processor seconds of one."""
    pipes = []
    for number in range(options.workers):
        ours, theirs = os.pipe()
        if os.fork() == 0:
            for body in bodies[:WARMING]:
                annotator.answer(parse_record(body), profile=options.profile)
            done, start, processor = 0, time.monotonic(), time.process_time()
            while time.monotonic() < start + options.seconds:
                record = parse_record(bodies[(number * 97 + done) % len(bodies)])
                annotator.answer(record, profile=options.profile).model_dump_json().encode()
                done += 1
            figures = (done, time.monotonic() - start, time.process_time() - processor)
            os.write(theirs, json.dumps(figures).encode())
            os._exit(0)
        os.close(theirs)
        pipes.append(ours)
    results = []
    for pipe in pipes:
        with os.fdopen(pipe) as result:
            results.append(json.loads(result.read()))
        os.wait()
    articles = sum(done for done, _, _ in results)
    return sum(done / lasted for done, lasted, _ in results), sum(spent for _, _, spent in results) / articles


def processor_seconds(pid: int) -> float:
    """Give the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def step(load: Load, clients: int, seconds: float) -> dict[str, object]:
    """Measure with so many clients."""
    tally = asyncio.run(load.run(clients, seconds=seconds))
    figures = {
        "clients": clients,
        "rate": tally.rate(),
        "p50": tally.quantile(0.5),
        "p99": tally.quantile(0.99),
        "refused p99": tally.quantile(0.99, REFUSED),
        "statuses": tally.statuses(),
    }
    print(
        f"{clients:4} clients: {tally.rate():6.1f}/s, p50 {1000 * tally.quantile(0.5):6.0f} ms, "
        f"p99 {1000 * tally.quantile(0.99):6.0f} ms, {tally.statuses()}"
    )
    return figures


def soak(port: int, pid: int, profile: str, requests: int) -> dict[str, object]:
    """Send many articles, no two alike, and watch the memory."""
    memory, statuses = [], Counter[int]()
    for series in range(1, SAMPLES + 1):
        load = Load(port, profile, make_bodies(requests // SAMPLES, series))
        statuses.update(asyncio.run(load.run(SOAK_CLIENTS, requests=requests // SAMPLES)).statuses())
        memory.append(sum(map(pss, family(pid))))
    beginning = memory[SAMPLES // 10]
    growth = memory[-1] / beginning - 1
    print(f"soak of {requests}: {dict(statuses)}, memory {beginning / 1e6:.0f} MB to {memory[-1] / 1e6:.0f} MB")
    return {"requests": requests, "statuses": dict(statuses), "memory": memory, "growth": growth}


def family(pid: int) -> list[int]:
    """Give a process and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(member for child in children for member in family(int(child)))]


def pss(pid: int) -> int:
    """Give the memory of a process in bytes, what is shared divided by those who share it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("Pss:")).split()[1])


def missed_goals(figures: dict[str, Any]) -> list[str]:
    """Name the goals that the figures miss."""
    missed = []
    ratio = statistics.median(found["ratio"] for found in figures["rounds"])
    of_seconds = statistics.median(found["ratio of seconds"] for found in figures["rounds"])
    print(
        f"\nbeside the same work without HTTP: throughput {ratio:.3f}, by processor time {of_seconds:.3f} (medians)"
    )
    if ratio < GOAL:
        missed.append(f"throughput at least {GOAL} of the same work without HTTP")
    if any(set(found["statuses"]) != {OK} for found in figures["steps"]):
        missed.append("no error below saturation")
    over = figures["twice saturation"]
    if set(over["statuses"]) != {OK, REFUSED}:
        missed.append("nothing but answers and refusals at twice saturation")
    if over["p99"] > 2 * figures["steps"][-1]["p99"]:
        missed.append("p99 at twice saturation at most twice that of 64 clients")
    soaked = figures["soak"]
    if soaked and (soaked["growth"] > GROWTH or set(soaked["statuses"]) != {OK}):
        missed.append("flat memory and no error over the soak")
    return missed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Load the service.")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--profile", default="fast", choices=("fast", "best"))
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--soak", type=int, default=0)
    parser.add_argument("--log-level", default="INFO")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
