"""How alike two attributions are: by the order of their stretches, not by their size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STRETCHES = 64


def likeness(
    one: NDArray[np.floating], other: NDArray[np.floating], count: int = STRETCHES
) -> float:
    """Rank correlation of two attributions over stretches, averaged over windows.

    Methods have other units and resolutions, and single samples change their sign within a
    period of the carrier. So the size of relevance in each of ``count`` stretches of each
    channel is compared, by its rank (Spearman).

    Parameters
    ----------
    one, other : array of shape (windows, channels, samples)
    count : int

    Returns
    -------
    float
        -1 to 1. 0 where one of the two is the same everywhere.

    Examples
    --------
    >>> ramp = np.arange(128.0).reshape(1, 1, 128)
    >>> round(likeness(ramp, ramp**2), 3), round(likeness(ramp, 200 - ramp), 3)
    (1.0, -1.0)
    """
    pairs = zip(_stretches(one, count), _stretches(other, count), strict=True)
    return float(np.mean([_correlation(_ranks(a), _ranks(b)) for a, b in pairs]))


def _stretches(values: NDArray[np.floating], count: int) -> NDArray[np.float64]:
    samples = values.shape[-1]
    cuts = np.linspace(0, samples, min(count, samples) + 1).astype(np.int64)
    summed = np.add.reduceat(np.abs(values).astype(np.float64), cuts[:-1], axis=-1)
    found: NDArray[np.float64] = (summed / np.diff(cuts)).reshape(len(values), -1)
    # Rounding must not put an order into what is equal.
    top = np.maximum(found.max(axis=1, keepdims=True), 1e-30)
    rounded: NDArray[np.float64] = np.round(found / top, 9)
    return rounded


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum() / size) if size else 0.0


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places in order; those that are equal share the mean of theirs."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    found: NDArray[np.float64] = (last - (counts - 1) / 2)[group]
    return found
