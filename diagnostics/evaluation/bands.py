"""How a curve over thresholds could have run with other groups on the test side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.items import Draws
from diagnostics.evaluation.predictions import Floats

# Of a band; a curve itself keeps every threshold.
BAND_THRESHOLDS = 200
GRID = np.linspace(0, 1, 101)
_NEAR = 1e-9


@dataclass(frozen=True, eq=False)
class Band:
    """``low`` to ``high`` at each point of :data:`GRID`: pointwise, not for the whole curve."""

    low: Floats
    high: Floats


@dataclass(frozen=True)
class Area:
    """An area under a curve; ``low`` and ``high`` are None when there is no interval."""

    value: float
    low: float | None = None
    high: float | None = None


def thresholds_of(scores: Floats, most: int = BAND_THRESHOLDS) -> Floats:
    """Distinct scores from high to low, or ``most`` of them, evenly by their rank.

    Examples
    --------
    >>> thresholds_of(np.array([0.2, 0.9, 0.2, 0.5]))
    array([0.9, 0.5, 0.2])
    """
    distinct = np.unique(scores)[::-1]
    if len(distinct) <= most:
        return distinct
    return distinct[np.linspace(0, len(distinct) - 1, most).round().astype(np.intp)]


def counts_above(
    scores: Floats,
    flags: NDArray[np.bool_],
    group_of: NDArray[np.intp],
    groups: int,
    thresholds: Floats,
) -> Floats:
    """Flagged items of each group whose score reaches each threshold.

    Parameters
    ----------
    scores, flags, group_of : array of shape (n,)
    groups : int
    thresholds : array of shape (k,)
        From high to low.

    Returns
    -------
    array of shape (groups, k)

    Examples
    --------
    >>> counts_above(np.array([0.9, 0.2]), np.array([True, True]), np.array([0, 1]), 2,
    ...     np.array([0.9, 0.2]))
    array([[1., 1.],
           [0., 1.]])
    """
    reached = np.searchsorted(-thresholds, -scores, side="left")
    counts = np.zeros((groups, len(thresholds) + 1))
    np.add.at(counts, (group_of[flags], reached[flags]), 1.0)
    return counts[:, :-1].cumsum(axis=1)


def heights(x: Floats, y: Floats, *, at_least: bool) -> Floats:
    """Curves of shape (resamples, k), read at each point of :data:`GRID`.

    ``at_least`` takes the first point whose ``x`` reaches the grid, as precision at a recall
    does; otherwise the last one that does not pass it, as the rate of hits at a rate of false
    alarms does.
    """
    out = np.empty((len(x), len(GRID)))
    for row, (across, up) in enumerate(zip(x, y, strict=True)):
        if at_least:
            places = np.searchsorted(across, GRID - _NEAR, side="left")
        else:
            places = np.searchsorted(across, GRID + _NEAR, side="right") - 1
        out[row] = up[places.clip(0, len(up) - 1)]
    return out


def area_interval(exact: float, coarse: float, drawn: Floats, draws: Draws) -> Area:
    """An area with its interval, from areas over fewer thresholds.

    What the missing thresholds take from the area of all groups they take from that of each
    draw too, so the interval is moved by it.
    """
    low, high = draws.interval(drawn)
    # Sums of many steps miss a whole number by their last digits.
    ends = np.clip(np.round([low + exact - coarse, high + exact - coarse], 12), 0, 1)
    return Area(exact, float(ends[0]), float(ends[1]))
