"""How the numbers of one feature are spread within each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 40


@dataclass(frozen=True, eq=False)
class Distribution:
    """``edges`` (bins + 1,) in the unit of the feature; ``shares`` by class (bins,), the part of
    its known windows in each bin; ``known`` and ``unknown`` count its windows."""

    edges: NDArray[np.float64]
    shares: dict[str, NDArray[np.float64]]
    known: dict[str, int]
    unknown: dict[str, int]


def class_histograms(
    values: NDArray[np.float64],
    codes: NDArray[np.integer],
    classes: Sequence[str],
    bins: int = BINS,
) -> Distribution:
    """Histograms of the classes over the same bins, which reach from the least to the largest.

    Bins that few windows fall into say little, and one extreme window makes all others narrow.
    Classes that lie apart here may still be told apart by the load or the sensor alone.

    Parameters
    ----------
    values : array of shape (windows,)
        NaN where unknown.
    codes : array of shape (windows,)
        Class of each window as a place in ``classes``.
    classes : sequence of str
    bins : int

    Returns
    -------
    Distribution
        Without any known number the edges are 0 and 1.

    Examples
    --------
    >>> found = class_histograms(np.array([0.0, 1.0, 4.0]), np.array([0, 0, 1]), ["a", "b"], 2)
    >>> found.edges.tolist(), {name: one.tolist() for name, one in found.shares.items()}
    ([0.0, 2.0, 4.0], {'a': [1.0, 0.0], 'b': [0.0, 1.0]})
    """
    known = np.isfinite(values)
    finite = values[known]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if not high > low:
        room = abs(low) * 0.01 or 0.5
        low, high = low - room, high + room
    edges = np.linspace(low, high, bins + 1)
    shares, counted, missing = {}, {}, {}
    for code, name in enumerate(classes):
        mine = codes == code
        counts = np.histogram(values[mine & known], edges)[0]
        counted[name] = int(counts.sum())
        missing[name] = int((mine & ~known).sum())
        shares[name] = counts / max(1, counted[name])
    return Distribution(edges, shares, counted, missing)
