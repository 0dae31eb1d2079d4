"""Time and peak memory of training on large corpora, resampled from the briefs.

    python benchmarks/training.py [--sizes 5000 20000 80000] [--parameters FILE] [--json OUT.json]

For each size a corpus of so many records is drawn, with replacement, from the shipped briefs, a few words of each
left out at random, so that the records differ. `tagger train --profile fast` learns from it in a process of its own,
whose time and peak memory are measured. Linear in the corpus means that the time per article stays about the same;
from 20,000 tested articles on, one held-out tenth stands in for five folds, so that two models are trained, not six.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tagger.resources import training_data_dir
from tagger.training.corpus import CORPUS_FOLDER, Brief, load_corpus

_LEFT_OUT = 0.1


def main() -> None:
    """Run the benchmark and print a table."""
    options = _options()
    briefs = list(load_corpus(training_data_dir() / CORPUS_FOLDER))
    results = []
    print(f"{'records':>9}{'MB':>8}{'seconds':>10}{'ms/record':>11}{'peak MB':>9}")
    for size in options.sizes:
        result = measure(briefs, size, options.parameters)
        results.append(result)
        print(
            f"{size:9}{result['megabytes']:8.0f}{result['seconds']:10.0f}"
            f"{1000 * result['seconds'] / size:11.2f}{result['peak_megabytes']:9.0f}",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def measure(briefs: list[Brief], size: int, parameters: Path | None) -> dict[str, float]:
    """Train on a corpus of `size` records; give its size in megabytes, the seconds taken and the peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.jsonl"
        _resample(briefs, size, corpus)
        command = [sys.executable, "-m", "tagger", "train", "--profile", "fast", "--corpus", str(corpus)]
        command += ["--output", str(Path(folder) / "models")]
        command += ["--parameters", str(parameters)] if parameters else []
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        seconds = time.perf_counter() - start
        megabytes = corpus.stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # the largest of all children so far
    return {"records": size, "megabytes": megabytes, "seconds": seconds, "peak_megabytes": peak}


def _resample(briefs: list[Brief], size: int, path: Path) -> None:
    """Write a corpus in the contract's form, each record a brief with some words left out."""
    chance = random.Random(0)  # noqa: S311 - nothing secret
    with path.open("w", encoding="utf-8") as lines:
        for number in range(size):
            brief = chance.choice(briefs)
            words = [word for word in brief.text.split(" ") if chance.random() > _LEFT_OUT]
            record = {
                "id": str(number),
                "title": brief.title,
                "text": " ".join(words),
                "keywords": [brief.primary, *brief.secondary],
            }
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 20_000, 80_000])
    parser.add_argument("--parameters", type=Path, help="JSON file with parameters of the classifier")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
