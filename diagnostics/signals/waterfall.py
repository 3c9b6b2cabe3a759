"""Spectra of many recordings one above the other, on one axis of frequency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.spectrum import Spectrum

Array = NDArray[np.float64]


class Stacked(NamedTuple):
    """``frequencies_hz`` (columns,), the middles of equal bands, and ``values`` (rows, columns).

    NaN where a spectrum does not reach.
    """

    frequencies_hz: Array
    values: Array


def stack_spectra(
    spectra: Sequence[Spectrum], low_hz: float, high_hz: float, columns: int
) -> Stacked:
    """The highest line of each spectrum in each of equal bands, a row for each spectrum.

    Recordings of one channel may differ in rate and length, and so in their lines; in bands
    they can be looked at side by side. A tone keeps its height, since the highest line of a
    band stands for it. The floor of noise does not: the more lines a spectrum has in a band,
    the higher it comes out, so compare floors of recordings of the same length only.

    Parameters
    ----------
    spectra : sequence of Spectrum
        Of one channel each: values of shape (lines,).
    low_hz, high_hz : float
        The part to show, at least 0 Hz.
    columns : int
        At least 1. A band that holds no line of a spectrum gets the nearest one.

    Returns
    -------
    Stacked

    Raises
    ------
    SignalError
        If there is no spectrum, or the part does not end above its beginning.

    Examples
    --------
    >>> fine = Spectrum(np.arange(0, 101.0), np.arange(0, 101.0))
    >>> coarse = Spectrum(np.arange(0, 60.0, 10), np.full(6, 7.0))
    >>> stacked = stack_spectra([fine, coarse], 0, 80, 4)
    >>> stacked.frequencies_hz.tolist()
    [10.0, 30.0, 50.0, 70.0]
    >>> stacked.values.tolist()
    [[19.0, 39.0, 59.0, 80.0], [7.0, 7.0, 7.0, nan]]
    """
    if not spectra:
        raise SignalError("There is no spectrum to show.")
    if not 0 <= low_hz < high_hz < np.inf:
        raise SignalError(
            "The frequencies must begin at 0 Hz or above and end above their beginning, "
            f"got {low_hz:g} to {high_hz:g} Hz."
        )
    edges = np.linspace(low_hz, high_hz, columns + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    return Stacked(middles, np.stack([_row(one, edges, middles) for one in spectra]))


def _row(spectrum: Spectrum, edges: Array, middles: Array) -> Array:
    lines, values = spectrum.frequencies_hz, spectrum.values
    first = np.searchsorted(lines, edges[:-1])
    stop = np.searchsorted(lines, edges[1:])
    stop[-1] = np.searchsorted(lines, edges[-1], side="right")
    row = np.empty(middles.size)
    filled = stop > first
    # Between the pairs lie no lines: every second result is of the wanted ones.
    padded = np.append(values, -np.inf)
    pairs = np.stack([first[filled], stop[filled]], axis=-1).ravel()
    row[filled] = np.maximum.reduceat(padded, pairs)[::2] if pairs.size else []
    nearest = np.rint(middles[~filled] / spectrum.resolution_hz).astype(np.intp)
    row[~filled] = values[np.minimum(nearest, values.size - 1)]
    row[edges[:-1] > lines[-1] + spectrum.resolution_hz / 2] = np.nan
    return row
