"""Mean and spread of the points before each point, computed anew from the window itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from diagnostics.streaming.base import Floats

# Elements of the windows that lie in memory at the same time: 16 MB.
AT_ONCE = 2_000_000

Summary = Callable[[Floats], tuple[Floats, Floats, Floats]]


class Window:
    """The last points, oldest first; what is not there yet is NaN.

    Running sums would be faster for long windows and drift away from the truth by rounding;
    a sum over the window does not, and a window of 100 is summed in a microsecond.
    """

    def __init__(self, column_count: int, size: int) -> None:
        # Columns first: sums run over neighbours, in the same order for one point as for many.
        self.past = np.full((column_count, size), np.nan)

    @property
    def size(self) -> int:
        return int(self.past.shape[1])

    def slide(self, points: Floats, summary: Summary) -> tuple[Floats, Floats, Floats]:
        """Summarise the window before each point, and let the points in.

        Returns
        -------
        count, centre, spread : ndarray, shape (n, c)
            How many values there were, and what the summary made of them.
        """
        columns, size = self.past.shape
        step = max(1, AT_ONCE // (columns * size))
        parts = [self._slide(points[i : i + step], summary) for i in range(0, len(points), step)]
        count, centre, spread = (
            np.concatenate(found, axis=1).T for found in zip(*parts, strict=False)
        )
        return count, centre, spread

    def _slide(self, points: Floats, summary: Summary) -> tuple[Floats, Floats, Floats]:
        joined = np.concatenate([self.past, points.T], axis=1)
        windows = np.ascontiguousarray(sliding_window_view(joined[:, :-1], self.size, axis=1))
        self.past = np.ascontiguousarray(joined[:, len(points) :])
        return summary(windows)


def moments(windows: Floats) -> tuple[Floats, Floats, Floats]:
    """Count, mean and standard deviation (of a sample) over the last axis; NaN is left out."""
    known, values = _known(windows)
    count = _counted(windows, known)
    mean = values.sum(axis=-1) / np.maximum(count, 1)
    away = _away(values, mean, known)
    variance = np.multiply(away, away, out=away).sum(axis=-1) / np.maximum(count - 1, 1)
    return count, mean, np.sqrt(variance)


def weighted(centre: Floats, spread: Floats) -> Summary:
    """The same with weights for each place of the window, the newest last."""

    def summary(windows: Floats) -> tuple[Floats, Floats, Floats]:
        known, values = _known(windows)
        _, mean = _mean(values, centre if known is None else np.where(known, centre, 0.0))
        given = spread if known is None else np.where(known, spread, 0.0)
        total, middle = _mean(values, given)
        away = _away(values, middle, known)
        # Less one “observation”, as for a plain mean: Kish's effective number of them.
        part = 1.0 - ((given / total[..., None]) ** 2).sum(axis=-1)
        variance = (given * away * away).sum(axis=-1) / total / np.maximum(part, 1e-3)
        return _counted(windows, known), mean, np.sqrt(variance)

    return summary


def _known(windows: Floats) -> tuple[NDArray[np.bool_] | None, Floats]:
    """Which values there are, and those with 0 for the others; None when all are there.

    The first values of all windows and the last window are all values that there are.
    """
    if not np.isnan(windows[..., 0]).any() and not np.isnan(windows[:, -1]).any():
        return None, windows
    known = ~np.isnan(windows)
    return known, np.where(known, windows, 0.0)


def _counted(windows: Floats, known: NDArray[np.bool_] | None) -> Floats:
    if known is None:
        return np.full(windows.shape[:-1], float(windows.shape[-1]))
    counted: Floats = known.sum(axis=-1).astype(float)
    return counted


def _away(values: Floats, middle: Floats, known: NDArray[np.bool_] | None) -> Floats:
    away = values - middle[..., None]
    return away if known is None else np.where(known, away, 0.0)


def _mean(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    total = np.maximum(weights.sum(axis=-1, keepdims=weights.ndim == 1), 1e-300)
    return total, (weights * values).sum(axis=-1) / total


def medians(windows: Floats) -> tuple[Floats, Floats, Floats]:
    """Count, median, and 1.4826 times the median absolute deviation."""
    count = (~np.isnan(windows)).sum(axis=-1).astype(float)
    empty = count == 0
    filled = np.where(empty[..., None], 0.0, windows)
    middle = np.nanmedian(filled, axis=-1)
    spread = 1.4826 * np.nanmedian(np.abs(filled - middle[..., None]), axis=-1)
    return count, middle, spread
