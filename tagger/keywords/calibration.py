"""From scores to probabilities that mean what they say.

Platt's method (J. Platt, « Probabilistic outputs for support vector machines », 1999), fitted on the scores
of articles that the classifier had not seen, over all keywords together: most keywords have too few
examples for a curve of their own.
"""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]


class Calibration(BaseModel):
    """A logistic curve, ``p = 1 / (1 + exp(-(slope * score + intercept)))``."""

    slope: float
    intercept: float

    @classmethod
    def fit(cls, scores: Floats, labels: npt.NDArray[np.int8]) -> Self:
        """Fit the curve to scores and 0/1 labels of the same shape."""
        from sklearn.linear_model import LogisticRegression

        curve = LogisticRegression(C=1e6).fit(scores.reshape(-1, 1), labels.reshape(-1))
        return cls(slope=round(float(curve.coef_[0, 0]), 6), intercept=round(float(curve.intercept_[0]), 6))

    def probabilities(self, scores: Floats) -> npt.NDArray[np.float64]:
        """Give the probabilities, of the shape of `scores`."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * scores.astype(np.float64) + self.intercept))))
