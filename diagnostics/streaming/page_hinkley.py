"""Page–Hinkley test: small deviations to one side add up until they are no chance any more.

Source: E. S. Page, “Continuous Inspection Schemes”, Biometrika 41, 1954; D. V. Hinkley,
“Inference about the change-point from cumulative sum tests”, Biometrika 58, 1971.
"""

from __future__ import annotations

import numpy as np

from diagnostics.streaming.base import LEAST_SPREAD, Floats, Judged, Settings, cleaned
from diagnostics.streaming.packing import pack, unpack

# In standard deviations: one far outlier is no drift.
MOST_OF_ONE = 5.0
_ROWS = ("count", "mean", "squares", "above", "below")


class PageHinkley:
    """Sums deviations from the mean since the last change, in standard deviations.

    Says that the mean of a column has moved, also by less than its noise. Misleads on a signal
    that swings slowly: half of a swing is a drift. After a change it learns anew, for
    ``window_size`` points.
    """

    def __init__(self, settings: Settings) -> None:
        self._warm = settings.window_size
        self._allowed = settings.config["delta"]
        self._limit = settings.threshold * settings.config["threshold_multiplier"]
        self._known = np.zeros((len(_ROWS), settings.column_count))

    def judge(self, points: Floats) -> Judged:
        values = cleaned(points)
        scores, expected, spread = (np.zeros(values.shape) for _ in range(3))
        for row, value in enumerate(values):
            scores[row], expected[row], spread[row] = self._add(value)
        return Judged(scores.max(axis=1), self._limit, expected, spread, scores)

    def state(self) -> bytes:
        return pack({}, {"known": self._known})

    def load(self, data: bytes) -> None:
        _, arrays = unpack(data)
        self._known = arrays["known"]

    def _add(self, value: Floats) -> tuple[Floats, Floats, Floats]:
        count, mean, squares, above, below = self._known
        spread = np.sqrt(squares / np.maximum(count - 1.0, 1.0))
        is_there = ~np.isnan(value)
        away = np.where(is_there, value - mean, 0.0)
        least = LEAST_SPREAD * np.maximum(np.abs(mean), 1e-3)
        steps = np.clip(away / np.maximum(spread, least), -MOST_OF_ONE, MOST_OF_ONE)
        is_warm = is_there & (count >= self._warm)
        above = np.where(is_warm, np.maximum(above + steps - self._allowed, 0.0), above)
        below = np.where(is_warm, np.maximum(below - steps - self._allowed, 0.0), below)
        found = np.where(is_warm, np.maximum(above, below), 0.0)
        count = count + is_there
        told = mean
        mean = mean + away / np.maximum(count, 1.0)
        squares = squares + away * np.where(is_there, value - mean, 0.0)
        self._known = np.stack([count, mean, squares, above, below])
        self._known[:, found > self._limit] = 0.0
        return found, told, spread
