"""Two recognisers on the same articles, by what the networks of their cross-validations marked unseen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from tagger.training.comparison import HIGH, LOW, Comparison, Difference
from tagger.training.corpus import Corpus
from tagger.training.entity_samples import marked_text
from tagger.training.entity_unseen import UNSEEN_FILE, read_unseen

_SCORE = "F1 of names"


def compare_entities(first: Path, second: Path, corpus: Corpus, samples: int, seed: int) -> Comparison:
    """Compare the recognisers in two folders by F1 of the networks alone, with a paired bootstrap interval.

    Measured are the briefs of the corpus that the networks of both have marked unseen.
    """
    marks = [{spans.id: spans for spans in read_unseen(folder / UNSEEN_FILE)} for folder in (first, second)]
    briefs = [brief for brief in corpus if all(brief.id in found for found in marks)]
    wanted = [set(marked_text(brief.text, brief.entities).names) for brief in briefs]
    counts = np.array(
        [
            [
                (len(names & set(found[brief.id].text)), len(set(found[brief.id].text)) + len(names))
                for brief, names in zip(briefs, wanted, strict=True)
            ]
            for found in marks
        ]
    )
    random = np.random.default_rng(seed)
    draws = random.integers(len(briefs), size=(samples, len(briefs)))
    gaps = [_f1(counts[1, rows]) - _f1(counts[0, rows]) for rows in draws]
    whole = [_f1(found) for found in counts]
    low, high = np.percentile(gaps, [LOW, HIGH])
    difference = Difference(
        score=_SCORE,
        first=round(whole[0], 4),
        second=round(whole[1], 4),
        difference=round(whole[1] - whole[0], 4),
        low=round(float(low), 4),
        high=round(float(high), 4),
    )
    return Comparison(first=str(first), second=str(second), articles=len(briefs), differences=[difference])


def _f1(counts: npt.NDArray[np.int64]) -> float:
    """Give F1 of articles, (m, 2): names that are right, and names found and wanted together."""
    right, both = counts.sum(axis=0)
    return float(2 * right / max(both, 1))
