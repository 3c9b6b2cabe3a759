"""Kolmogorov–Smirnov windowing: are the newest values distributed like those before them?

Source: C. Raab, M. Heusinger, F.-M. Schleif, “Reactive Soft Prototype Computing for Concept
Drift Streams”, Neurocomputing 416, 2020. All older values of the window are compared, and not a
sample of them, so that nothing is left to chance.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from diagnostics.streaming.base import Floats, Judged, Settings, cleaned
from diagnostics.streaming.packing import pack, unpack
from diagnostics.streaming.sigmas import deviations_of, log_chance_of_distance
from diagnostics.streaming.windows import AT_ONCE, moments


class WindowedDistributions:
    """Compares the newest values of each column with the older ones of the window.

    Says that a distribution has changed, also where its mean stays. Misleads on cycles that are
    longer than the newest values. After a change only these are kept, so that it is told a few
    times at most.
    """

    def __init__(self, settings: Settings) -> None:
        size = settings.window_size
        self._newest = min(int(settings.config["stat_size"]), size // 2)
        self._limit = settings.threshold
        self._past = np.full((settings.column_count, size), np.nan)

    def judge(self, points: Floats) -> Judged:
        values = cleaned(points)
        columns, size = self._past.shape
        step = max(1, AT_ONCE // (columns * size))
        found = np.zeros((3, *values.shape))
        begin = 0
        while begin < len(values):
            part = values[begin : begin + step]
            told = self._compared(part)
            changed = np.flatnonzero((told[0] > self._limit).any(axis=1))
            end = int(changed[0]) + 1 if len(changed) else len(part)
            found[:, begin : begin + end] = told[:, :end]
            joined = np.concatenate([self._past, part[:end].T], axis=1)
            self._past = np.ascontiguousarray(joined[:, end:])
            if len(changed):
                self._past[told[0, end - 1] > self._limit, : -self._newest] = np.nan
            begin += end
        scores, expected, spread = found
        return Judged(scores.max(axis=1), self._limit, expected, spread, scores)

    def state(self) -> bytes:
        return pack({}, {"past": self._past})

    def load(self, data: bytes) -> None:
        _, arrays = unpack(data)
        self._past = arrays["past"]

    def _compared(self, points: Floats) -> Floats:
        """Scores, means and spreads of the older values: shape (3, points, columns)."""
        joined = np.concatenate([self._past[:, 1:], points.T], axis=1)
        windows = np.ascontiguousarray(sliding_window_view(joined, self._past.shape[1], axis=1))
        older = windows[..., : -self._newest]
        count, mean, spread = moments(older)
        distance, newest = _distance(windows, self._newest)
        chance = log_chance_of_distance(distance, count, newest)
        is_warm = (count >= self._newest) & (newest >= (self._newest + 1) // 2)
        scores = np.where(is_warm, deviations_of(chance), 0.0)
        return np.stack([scores, mean, spread]).transpose(0, 2, 1)


def _distance(windows: Floats, newest: int) -> tuple[Floats, Floats]:
    """The largest difference of the two distribution functions, and how many are the newest."""
    order = np.argsort(windows, axis=-1, kind="stable")
    values = np.take_along_axis(windows, order, axis=-1)
    known = ~np.isnan(values)  # those that are missing come last
    is_new = (order >= windows.shape[-1] - newest) & known
    new, old = is_new.cumsum(axis=-1), (known & ~is_new).cumsum(axis=-1)
    news, olds = new[..., -1:], old[..., -1:]
    apart = np.abs(new / np.maximum(news, 1) - old / np.maximum(olds, 1))
    # Between equal values no function has a step.
    last = np.ones(values.shape, dtype=bool)
    last[..., :-1] = values[..., 1:] != values[..., :-1]
    return np.where(last & known, apart, 0.0).max(axis=-1), news[..., 0].astype(float)
