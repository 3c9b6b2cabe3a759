"""Detectors that look at each column by itself: rolling z-score, EMA, rolling MAD.

The score of a point is that of its most unusual column.
"""

from __future__ import annotations

import numpy as np

from diagnostics.streaming.base import WARM_UP, Floats, Judged, Settings, cleaned, deviations
from diagnostics.streaming.packing import pack, unpack
from diagnostics.streaming.windows import Summary, Window, medians, moments, weighted

FASTEST_SPREAD = 0.3


class ColumnDetector:
    """Compares each value with the centre of its column, in units of the column's spread."""

    def __init__(self, settings: Settings, summary: Summary, limit: float) -> None:
        self._summary, self._limit = summary, limit
        self._window = Window(settings.column_count, settings.window_size)

    def judge(self, points: Floats) -> Judged:
        values = cleaned(points)
        count, expected, spread = self._window.slide(values, self._summary)
        is_warm = count >= min(WARM_UP, self._window.size)
        scores = np.where(is_warm, deviations(values - expected, expected, spread), 0.0)
        return Judged(scores.max(axis=1), self._limit, expected, spread, scores)

    def state(self) -> bytes:
        return pack({}, {"past": self._window.past})

    def load(self, data: bytes) -> None:
        _, arrays = unpack(data)
        self._window.past = arrays["past"]


def zscore_rolling(settings: Settings) -> ColumnDetector:
    """Distance from the mean of the last points in standard deviations.

    Says that a value is far from what it was lately. Misleads when the window holds outliers
    itself, which widen the spread, and on slow drift, which the window follows.
    """
    return ColumnDetector(settings, moments, settings.threshold)


def ema(settings: Settings) -> ColumnDetector:
    """The same with weights that halve every ``-ln 2 / ln(1 - alpha)`` points, over the window.

    Follows the newest points; what is older than the window counts nothing, however small
    ``alpha`` is. The limit is threshold times multiplier. Of one or two points there is no
    spread, so the weights of the spread fall no faster than those of ``alpha`` 0.3.
    """
    alpha = settings.config["alpha"]
    back = np.arange(settings.window_size)[::-1]
    centre, spread = (1.0 - alpha) ** back, (1.0 - min(alpha, FASTEST_SPREAD)) ** back
    limit = settings.threshold * settings.config["threshold_multiplier"]
    return ColumnDetector(settings, weighted(centre, spread), limit)


def mad_rolling(settings: Settings) -> ColumnDetector:
    """Distance from the median in robust standard deviations; outliers do not widen it."""
    return ColumnDetector(settings, medians, settings.threshold)
