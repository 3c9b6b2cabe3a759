"""Attribution in columns, for drawing it behind a waveform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Windows further apart than this part of a window leave a gap.
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Columns:
    """Values between edges in time: one more edge than values, NaN between windows."""

    edges_s: Floats
    values: Floats


def columns_of(
    attribution: NDArray[np.floating], starts_s: Floats, window_s: float, count: int
) -> Columns:
    """The greatest attribution in each of about ``count`` columns, by its size.

    The greatest and not the mean: a short stretch that decided must not fade when a whole
    recording is drawn over a few hundred pixels.

    Parameters
    ----------
    attribution : array of shape (windows, samples)
    starts_s : array of shape (windows,)
        Rising; windows do not overlap.
    window_s : float
        Length of a window, in s.
    count : int
        Columns that the picture can show; each window gets at least one.

    Returns
    -------
    Columns

    Examples
    --------
    >>> found = columns_of(np.array([[0.0, 1.0, 3.0, 2.0]]), np.array([0.5]), 1.0, 2)
    >>> found.edges_s.tolist(), found.values.tolist()
    ([0.5, 1.0, 1.5], [1.0, 3.0])
    """
    windows, samples = attribution.shape
    each = max(1, min(samples, count // windows))
    cuts = np.linspace(0, samples, each + 1).astype(np.int64)
    highest = np.maximum.reduceat(attribution, cuts[:-1], axis=1).astype(np.float64)
    lowest = np.minimum.reduceat(attribution, cuts[:-1], axis=1).astype(np.float64)
    heights = np.where(-lowest > highest, lowest, highest)
    inside = cuts / samples * window_s
    edges, values = [starts_s[0] + inside], [heights[0]]
    for start, row in zip(starts_s[1:], heights[1:], strict=True):
        apart = start - edges[-1][-1] > _TOLERANCE * window_s
        if apart:
            values.append(np.array([np.nan]))
        edges.append(start + (inside if apart else inside[1:]))
        values.append(row)
    return Columns(np.concatenate(edges), np.concatenate(values))
