"""`tagger retag --engine ray` on a cluster of two nodes, one of which is lost in the middle."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.test_retag import records, write

pytest.importorskip("ray", reason="the extra `ray` is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")
        opened = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": 80_000_000})
        opened.second = opened.add_node(num_cpus=1, object_store_memory=80_000_000)
        yield opened
        opened.shutdown()


def test_a_lost_actor_and_a_lost_node_change_nothing(cluster: Any, tmp_path: Path) -> None:  # noqa: ANN401
    write(tmp_path / "in.jsonl", records(1000))
    tagger = [sys.executable, "-m", "tagger", "retag", "in.jsonl"]
    run = [*tagger, "ray.parquet", "--keywords-only", "--engine", "ray", "--address", cluster.address]
    lines = tmp_path / "ray.parquet.journal" / "lines"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}

    # Killed in the middle, with all that it had given to the cluster, …
    first = subprocess.Popen(run, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    _wait_until_it_grows(lines, first)
    first.send_signal(signal.SIGKILL)
    first.wait()

    # … it goes on, loses an actor, and then a node.
    second = subprocess.Popen(run, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    _wait_until_it_grows(lines, second)
    for actor in _actors()[:1]:
        with contextlib.suppress(ProcessLookupError):  # the first run's, which Ray ended
            os.kill(actor, signal.SIGKILL)
    _wait_until_it_grows(lines, second)
    cluster.remove_node(cluster.second, allow_graceful=False)
    _, told = second.communicate(timeout=900)
    assert second.returncode == 1, told
    assert "100 could not be annotated" in told

    local = [*tagger, "local.parquet", "--keywords-only", "--workers", "2"]
    assert subprocess.run(local, cwd=tmp_path, env=environment, check=False).returncode == 1
    for name in ("{}.parquet", "{}.parquet.rejects.jsonl"):
        assert (tmp_path / name.format("ray")).read_bytes() == (tmp_path / name.format("local")).read_bytes()


def _wait_until_it_grows(path: Path, run: subprocess.Popen[str]) -> None:
    before = path.stat().st_size if path.exists() else 0
    for _ in range(60_000):
        assert run.poll() is None, run.stderr and run.stderr.read()
        if path.exists() and path.stat().st_size > before:
            return
        time.sleep(0.01)
    raise AssertionError("nothing was annotated in ten minutes")


def _actors() -> list[int]:
    """Find the actors' processes, which Ray names after them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (folder / "cmdline").read_bytes().startswith(b"ray::RetagWorker"):
                found.append(int(folder.name))
    return found
