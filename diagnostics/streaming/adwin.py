"""Adaptive windowing: drop the older part of the window when its mean is not that of the newer.

Source: A. Bifet, R. Gavaldà, “Learning from Time-Changing Data with Adaptive Windowing”, SDM
2007, section 3 with the bound of section 3.2. A window of a session is short enough to try every
cut; the buckets of the paper save memory only.
"""

from __future__ import annotations

import math

import numpy as np

from diagnostics.streaming.base import LEAST_SPREAD, Floats, Judged, Settings, cleaned
from diagnostics.streaming.packing import pack, unpack
from diagnostics.streaming.sigmas import deviations_of

# A part of the window has at least so many values.
SHORTEST = 5


class AdaptiveWindow:
    """For every cut of the window: how rare so large a difference of the means is.

    Says that the mean of a column has changed, and keeps the values since then: the window is
    long while nothing happens. Misleads on a signal that swings slowly. It looks every ``clock``
    points; those between have the score 0.
    """

    def __init__(self, settings: Settings) -> None:
        self._clock = int(settings.config["clock"])
        self._limit = settings.threshold
        self._past = np.full((settings.column_count, settings.window_size), np.nan)
        self._seen = 0

    def judge(self, points: Floats) -> Judged:
        values = cleaned(points)
        found = np.zeros((3, *values.shape))
        begin = 0
        while begin < len(values):
            end = min(len(values), begin + self._clock - self._seen % self._clock)
            self._add(values[begin:end])
            if self._seen % self._clock == 0:
                for column in range(values.shape[1]):
                    found[:, end - 1, column] = self._look(column)
            begin = end
        scores, expected, spread = found
        return Judged(scores.max(axis=1), self._limit, expected, spread, scores)

    def state(self) -> bytes:
        return pack({"seen": self._seen}, {"past": self._past})

    def load(self, data: bytes) -> None:
        values, arrays = unpack(data)
        self._seen, self._past = values["seen"], arrays["past"]

    def _add(self, points: Floats) -> None:
        joined = np.concatenate([self._past, points.T], axis=1)
        self._past = np.ascontiguousarray(joined[:, len(points) :])
        self._seen += len(points)

    def _look(self, column: int) -> tuple[float, float, float]:
        """The score, and mean and spread of the older part at the cut that tells most."""
        past = self._past[column]
        places = np.flatnonzero(~np.isnan(past))
        values = past[places]
        if len(values) < 2 * SHORTEST:
            return 0.0, 0.0, 0.0
        scores = cuts(values)
        cut = int(scores.argmax())
        older = values[: cut + SHORTEST]
        if scores[cut] > self._limit:
            past[: places[cut + SHORTEST]] = np.nan
        return float(scores[cut]), float(older.mean()), float(older.std(ddof=1))


def cuts(values: Floats) -> Floats:
    """The deviation that each cut amounts to; the first leaves ``SHORTEST`` values before it.

    The bound of the paper is solved for the chance: the difference of the means is
    sqrt(2 σ² L / m) + 2 L / (3 m) for a chance of 2 e^-L, m the harmonic size of the parts; the
    number of cuts counts with its logarithm. Values are taken in units of their deviation.
    """
    count = len(values)
    middle = values.mean()
    spread = max(float(values.std()), LEAST_SPREAD * max(abs(float(middle)), 1e-3))
    sums = np.cumsum((values - middle) / spread)
    before = np.arange(SHORTEST, count - SHORTEST + 1)
    after = count - before
    older = sums[before - 1]
    apart = np.abs(older / before - (sums[-1] - older) / after)
    size = 1.0 / (1.0 / before + 1.0 / after)
    linear, square = np.sqrt(2.0 / size), 2.0 / (3.0 * size)
    root = (np.sqrt(linear**2 + 4.0 * square * apart) - linear) / (2.0 * square)
    return deviations_of(math.log(2.0) - root**2 + math.log(math.log(count)))
