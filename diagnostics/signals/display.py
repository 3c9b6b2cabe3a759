"""Reduce long curves and large images to what a plot can show, without losing a peak."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def reduce_line(
    x: NDArray[np.floating], y: NDArray[np.floating], points: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """The lowest and the highest point of each of ``points // 2`` stretches of a curve.

    Drawn as a line it covers the same pixels as the whole curve as long as there are at
    least as many stretches as pixels. Every point that is kept is a point of the curve,
    at its own place, and the highest and the lowest of all are among them.

    Parameters
    ----------
    x, y : arrays of shape (samples,)
        ``x`` rising.
    points : int
        At least 4. A curve with no more points than this stays as it is.

    Returns
    -------
    x, y : arrays of shape (at most points,)

    Examples
    --------
    >>> x, y = np.arange(1000.0), np.zeros(1000)
    >>> y[537] = 1.0
    >>> kept_x, kept_y = reduce_line(x, y, 10)
    >>> len(kept_x), float(kept_x[kept_y.argmax()])
    (6, 537.0)
    """
    count = y.shape[-1]
    if count <= points:
        return x, y
    edges = np.linspace(0, count, max(points // 2, 2) + 1).astype(np.intp)
    kept = np.empty((edges.size - 1, 2), dtype=np.intp)
    for row, (start, stop) in enumerate(pairwise(edges)):
        stretch = y[start:stop]
        kept[row] = start + stretch.argmin(), start + stretch.argmax()
    places = np.unique(kept)
    return x[places], y[places]


def reduce_image(
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    values: NDArray[np.floating],
    columns: int,
    rows: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.floating]]:
    """The highest value of each tile of an image, at the middle of the tile.

    Parameters
    ----------
    x : array of shape (n,)
        Places of the columns, evenly spaced.
    y : array of shape (m,)
        Places of the rows, evenly spaced.
    values : array of shape (m, n)
    columns, rows : int
        At most so many are left. What is smaller already stays as it is.

    Returns
    -------
    x, y, values : arrays of shape (at most columns,), (at most rows,) and the image

    Examples
    --------
    >>> image = np.zeros((40, 60))
    >>> image[7, 33] = 5.0
    >>> x, y, small = reduce_image(np.arange(60.0), np.arange(40.0), image, 6, 4)
    >>> small.shape, float(small[0, 3]), float(x[3]), float(y[0])
    ((4, 6), 5.0, 34.5, 4.5)
    """
    wide, tall = -(-x.size // columns), -(-y.size // rows)
    if wide > 1:
        values = np.maximum.reduceat(values, np.arange(0, x.size, wide), axis=1)
    if tall > 1:
        values = np.maximum.reduceat(values, np.arange(0, y.size, tall), axis=0)
    return _middles(x, wide), _middles(y, tall), values


def decibels(values: NDArray[np.floating], span_db: float = 80.0) -> NDArray[np.float64]:
    """Ten times the decimal logarithm of powers, no lower than ``span_db`` below the highest.

    Parameters
    ----------
    values : array
        Powers, at least 0.
    span_db : float
        What is further below the highest value is shown as that far below.

    Returns
    -------
    array
        dB relative to 1 of the unit of ``values``. All 0 where there is no power at all.

    Examples
    --------
    >>> decibels(np.array([100.0, 1.0, 0.0]), span_db=40).tolist()
    [20.0, 0.0, -20.0]
    """
    highest = values.max(initial=0.0)
    if highest <= 0:
        return np.zeros(values.shape)
    lowest = highest * 10 ** (-span_db / 10)
    result: NDArray[np.float64] = 10 * np.log10(np.maximum(values, lowest), dtype=np.float64)
    return result


def _middles(places: NDArray[np.floating], width: int) -> NDArray[np.float64]:
    starts = np.arange(0, places.size, width)
    ends = np.minimum(starts + width, places.size) - 1
    middles: NDArray[np.float64] = (places[starts] + places[ends]) / 2
    return middles
