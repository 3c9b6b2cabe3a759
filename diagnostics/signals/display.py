"""Reduce long curves and large images to what a plot can show, without losing a peak."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.signal import Unit

LEVEL_SPAN_DB = 120.0


@dataclass(frozen=True)
class Reference:
    """What 0 dB is: a value in the unit of the signal, and in words."""

    value: float
    words: str


_REFERENCES = {
    Unit.ACCELERATION_G: Reference(1e-6 / 9.80665, "1 µm/s²"),
    Unit.ACCELERATION: Reference(1e-6, "1 µm/s²"),
    Unit.VELOCITY: Reference(1e-6, "1 nm/s"),
    Unit.DISPLACEMENT: Reference(1e-6, "1 pm"),
    Unit.PRESSURE: Reference(2e-5, "20 µPa"),
}


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


def level_reference(unit: Unit) -> Reference:
    """The value that levels of the unit are given in relation to.

    1 µm/s², 1 nm/s and 1 pm for vibration, 20 µPa for sound in air, as ISO 1683:2015 has it
    [1]_; 1 of the unit for others. Level differences hold whatever the reference, levels
    themselves only beside it.

    References
    ----------
    .. [1] Values as coded in python-acoustics, ``acoustics/standards/iso_1683_2015.py``.

    Examples
    --------
    >>> level_reference(Unit.VELOCITY)
    Reference(value=1e-06, words='1 nm/s')
    >>> level_reference(Unit.VOLTAGE).words
    '1 V'
    """
    return _REFERENCES.get(unit, Reference(1.0, f"1 {unit.value}"))


def amplitude_levels(
    values: NDArray[np.floating], unit: Unit, span_db: float = LEVEL_SPAN_DB
) -> NDArray[np.float64]:
    """Amplitudes as levels in dB: 20 times the decimal logarithm of the ratio.

    A level in the sense of the standard is that of an RMS value; of peak amplitudes all
    are 3 dB higher.

    Parameters
    ----------
    values : array
        At least 0, in ``unit``.
    unit : Unit
    span_db : float
        What is further below the highest value is shown as that far below.

    Returns
    -------
    array
        dB re :func:`level_reference`. All 0 where there is nothing but zeros.

    Examples
    --------
    >>> amplitude_levels(np.array([1.0, 0.1, 0.0]), Unit.VELOCITY).tolist()
    [120.0, 100.0, 0.0]
    """
    return density_levels(np.square(values, dtype=np.float64), unit, span_db)


def density_levels(
    values: NDArray[np.floating], unit: Unit, span_db: float = LEVEL_SPAN_DB
) -> NDArray[np.float64]:
    """Powers or power densities as levels in dB: 10 times the decimal logarithm of the ratio.

    Parameters
    ----------
    values : array
        At least 0, in ``unit``² or ``unit``²/Hz.
    unit : Unit
    span_db : float
        What is further below the highest value is shown as that far below.

    Returns
    -------
    array
        dB re the square of :func:`level_reference`, per Hz for a density. All 0 where there
        is nothing but zeros.

    Examples
    --------
    >>> density_levels(np.array([1e-10]), Unit.ACCELERATION).round(6).tolist()
    [20.0]
    """
    reference = level_reference(unit).value
    return decibels(np.asarray(values, dtype=np.float64) / reference**2, span_db)


def _middles(places: NDArray[np.floating], width: int) -> NDArray[np.float64]:
    starts = np.arange(0, places.size, width)
    ends = np.minimum(starts + width, places.size) - 1
    middles: NDArray[np.float64] = (places[starts] + places[ends]) / 2
    return middles
