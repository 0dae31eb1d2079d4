"""A small feed-forward network out of arrays: what scikit-learn trained, without scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tagger.leads.tokens import Floats


@dataclass(frozen=True)
class Network:
    """Layers of a network with rectified linear units: `weights` (in, out) and `biases` (out,) of each."""

    weights: list[Floats]
    biases: list[Floats]

    def apply(self, rows: Floats) -> Floats:
        """Give the output (n,) for rows of features (n, in)."""
        last = len(self.weights) - 1
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            rows = rows @ weight + bias
            if number < last:
                rows = np.maximum(rows, 0)
        return rows[:, 0]
