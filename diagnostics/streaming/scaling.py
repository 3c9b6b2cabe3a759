"""From the raw score of a forest to deviations from the scores of the last points.

The raw scores of forests have scales of their own; sessions have one threshold.
"""

from __future__ import annotations

import numpy as np

from diagnostics.streaming.base import LARGEST_SCORE, WARM_UP, Floats
from diagnostics.streaming.windows import Window, moments

# Scores that differ by less are the same: a forest tells no more.
LEAST_SPREAD_OF_SCORES = 1e-2


class ScoreScale:
    """How far a raw score lies above the mean of those before it, in standard deviations."""

    def __init__(self, window_size: int) -> None:
        self._window = Window(1, window_size)

    @property
    def past(self) -> Floats:
        return self._window.past

    @past.setter
    def past(self, past: Floats) -> None:
        self._window.past = past

    def scale(self, raw: Floats) -> Floats:
        """Scores of shape (n,), at least 0; 0 while too few came before."""
        count, mean, spread = (found[:, 0] for found in self._window.slide(raw[:, None], moments))
        above = (raw - mean) / np.maximum(spread, LEAST_SPREAD_OF_SCORES)
        is_warm = count >= min(WARM_UP, self._window.size)
        return np.where(is_warm, np.clip(above, 0.0, LARGEST_SCORE), 0.0)
