"""Gradient-boosted regression trees out of arrays: what scikit-learn trained, without scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tagger.leads.tokens import Floats

Nodes = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Trees:
    """T trees of at most N nodes each.

    At a node a row goes `left` (T, N) where its `feature` (T, N) is at most `threshold` (T, N), else `right` (T, N).
    A leaf leads to itself on both sides; `value` (T, N) is what it adds. `depth` is the longest way to a leaf.
    """

    feature: Nodes
    threshold: Floats
    left: Nodes
    right: Nodes
    value: Floats
    depth: int

    def apply(self, rows: Floats) -> Floats:
        """Add up the trees' values for rows of features (n, F); the result is (n,)."""
        trees, size = self.feature.shape
        offsets = np.arange(trees, dtype=np.intp) * size
        feature, threshold = self.feature.ravel(), self.threshold.ravel()
        children = np.stack([self.left.ravel(), self.right.ravel()])
        numbers = np.arange(len(rows))[:, None]
        place = np.broadcast_to(offsets, (len(rows), trees))
        for _ in range(self.depth):
            goes_right = rows[numbers, feature[place]] > threshold[place]
            place = children[goes_right.astype(np.intp), place] + offsets
        return np.asarray(self.value.ravel()[place].sum(axis=1), dtype=np.float32)
