"""The semantic part of a keyword's score: a linear model over the encoder's vectors.

The vector of an article is the mean of its token vectors, centred and scaled to norm one; so a keyword's score
is a sum over tokens, and each sentence's part of it is known exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tagger.keywords.encoder import Encoding
from tagger.keywords.linear import Scores


@dataclass(frozen=True)
class SemanticModel:
    """Weights of K keywords over vectors of H numbers: `centre` (H,), `coef` (K, H), `intercept` (K,)."""

    centre: Scores
    coef: Scores
    intercept: Scores

    def score(self, vectors: Scores) -> Scores:
        """Score the vectors of articles (n, H) for every keyword (n, K)."""
        return np.asarray(unit(vectors - self.centre) @ self.coef.T + self.intercept, dtype=np.float32)

    def token_parts(self, encoding: Encoding, keyword: int) -> Scores:
        """Give each token's part (T,) of what a keyword's score has more than the keywords have on average.

        A sentence that speaks for every keyword alike says nothing for one of them. Intercepts are left out.
        """
        length = float(np.linalg.norm(encoding.mean - self.centre)) * len(encoding.vectors)
        own = self.coef[keyword] - self.coef.mean(axis=0)
        return np.asarray((encoding.vectors - self.centre) @ own / length)


def unit(vectors: Scores) -> Scores:
    """Scale vectors (n, H) to norm one."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))
