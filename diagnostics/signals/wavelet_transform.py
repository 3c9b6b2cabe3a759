"""Amplitude over time and frequency, sharper in time the higher the frequency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.spectrum import check

Array = NDArray[np.float64]

FEWEST_CYCLES, MOST_CYCLES = 3.0, 50.0
VALUES_PER_COLUMN = 8
"""At least so many values of a row decide about a column."""
MOST_ROWS, MOST_COLUMNS = 512, 4_096
_DEVIATIONS = 3.5
"""Half width of a wavelet in frequency, beyond which its weight is below 0.3 %."""


@dataclass(frozen=True)
class Scalogram:
    """``values`` (frequencies, times): the highest amplitude within each column.

    ``frequencies_hz`` rise by a constant factor; ``times_s`` are the middles of the columns.
    What lies nearer to an end than ``edges_s`` (one for each frequency) is too low, since
    part of the wavelet hangs over.
    """

    frequencies_hz: Array
    times_s: Array
    values: Array
    edges_s: Array


def scalogram(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    low_hz: float,
    high_hz: float,
    rows: int = 96,
    columns: int = 400,
    cycles: float = 6.0,
) -> Scalogram:
    """Continuous wavelet transform with Morlet's wavelet, reduced to a picture [1]_.

    Impacts show as thin wedges that open downwards, with the resonance that they ring at as
    the brightest spot; a tone is a horizontal line. Against a spectrogram it is better where
    short impacts at kilohertz and slow tones are to be seen in one picture, and worse at
    telling high tones apart: a frequency is known to about ``1 / cycles`` of itself only.

    A sine of amplitude A has the value A at its frequency (not a unit of energy, as other
    programs have it); white noise grows with the square root of frequency. For each column
    the highest value within is given (an impact may lack a tenth of its height), so none is
    lost between two of them.

    Parameters
    ----------
    samples : array of shape (samples,)
        In any unit. The mean is taken off.
    sample_rate_hz : float
        Above 0.
    low_hz, high_hz : float
        Above 0 up to half the sampling rate; the signal must last for ``cycles`` periods of
        the lower one.
    rows : int
        Frequencies, 2 to 512; more than ``6 × cycles`` for each decade show nothing new.
    columns : int
        Times, 2 to 4096, at most as many as samples.
    cycles : float
        3 to 50: ``2π`` times the standard deviation of the wavelet in time, in periods. 6
        is usual; more separates tones better and impacts worse.

    Returns
    -------
    Scalogram
        Values of shape (rows, columns), at least 0, in the unit of the signal.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples, a value is not finite, or the rate, a frequency
        or a size is out of range.

    References
    ----------
    .. [1] C. Torrence and G. P. Compo, "A practical guide to wavelet analysis", Bulletin of
       the American Meteorological Society 79(1), 61-78, 1998.

    Examples
    --------
    >>> time_s = np.arange(10_000) / 10_000
    >>> tones = np.where(time_s < 0.5, np.sin(2 * np.pi * 100 * time_s), 0)
    >>> tones += np.where(time_s > 0.5, 3 * np.sin(2 * np.pi * 1_000 * time_s), 0)
    >>> picture = scalogram(tones, 10_000, 10, 1_000, 81, 40)
    >>> loudest = picture.values.argmax(axis=0)
    >>> picture.frequencies_hz[loudest[[10, 30]]].round(0).tolist()
    [100.0, 1000.0]
    >>> picture.values.max(axis=0)[[10, 30]].round(2).tolist()
    [1.0, 3.0]
    """
    from scipy import fft

    check(samples, sample_rate_hz)
    _check_picture(samples.shape[-1] / sample_rate_hz, sample_rate_hz, low_hz, high_hz, cycles)
    columns = min(columns, samples.shape[-1])
    if not (2 <= rows <= MOST_ROWS and 2 <= columns <= MOST_COLUMNS):
        raise SignalError(
            f"A picture has 2 to {MOST_ROWS} rows and 2 to {MOST_COLUMNS} columns, "
            f"got {rows} and {columns}."
        )
    count = samples.shape[-1]
    frequencies_hz = np.geomspace(low_hz, high_hz, rows)
    # Zeros after the signal keep its end from reaching round to its beginning.
    hanging_over = int(_DEVIATIONS * cycles / (2 * np.pi * low_hz) * sample_rate_hz)
    length = fft.next_fast_len(count + hanging_over, real=True)
    centred = samples - np.mean(samples, dtype=np.float64)
    lines = fft.rfft(centred, length)
    lines[1:] *= 2.0
    values = np.empty((rows, columns))
    fewest = VALUES_PER_COLUMN * columns
    for row, centre_hz in enumerate(frequencies_hz):
        centre = centre_hz * length / sample_rate_hz
        amplitudes = wavelet_amplitudes(lines, centre, cycles, length, fewest)
        values[row] = _highest(amplitudes, count / length, columns)
    times_s = (np.arange(columns) + 0.5) * (count / sample_rate_hz / columns)
    edges_s = np.sqrt(2.0) * cycles / (2 * np.pi * frequencies_hz)
    return Scalogram(frequencies_hz, times_s, values, edges_s)


def wavelet_amplitudes(
    lines: NDArray[np.complex128], centre: float, cycles: float, length: int, fewest: int
) -> Array:
    """Amplitude over time of what Morlet's wavelet lets through: one row of a scalogram.

    Only the lines that the wavelet weighs are transformed back, so that a row of a low
    frequency costs little.

    Parameters
    ----------
    lines : array of shape (length // 2 + 1,)
        Of the real transform of the signal, all but 0 Hz doubled.
    centre : float
        Of the wavelet in lines, above 0.
    cycles : float
        As for :func:`scalogram`.
    length : int
        Samples that were transformed.
    fewest : int
        Values that are wanted at least.

    Returns
    -------
    array of shape (at least fewest,)
        Evenly over the length, at least 0, in the unit of the signal.
    """
    from scipy import fft

    reach = _DEVIATIONS * centre / cycles
    first, stop = max(int(centre - reach), 0), min(int(centre + reach) + 2, lines.size)
    weights = np.exp(-0.5 * np.square((np.arange(first, stop) - centre) * (cycles / centre)))
    size = fft.next_fast_len(max(stop - first, fewest))
    part = np.zeros(size, dtype=np.complex128)
    part[: stop - first] = lines[first:stop] * weights
    result: Array = np.abs(fft.ifft(part, overwrite_x=True))
    result *= size / length
    return result


def _highest(amplitudes: Array, share: float, columns: int) -> Array:
    """The highest value within each of the columns that the first ``share`` is cut into."""
    edges = np.linspace(0.0, share * amplitudes.size, columns + 1)
    # The value at or just before its beginning counts with a column, so none is without any.
    starts = np.floor(edges[:-1]).astype(np.intp)
    highest: Array = np.maximum.reduceat(amplitudes, starts)
    last = int(np.ceil(edges[-1]))
    highest[-1] = amplitudes[starts[-1] : last].max()
    return highest


def _check_picture(
    duration_s: float, sample_rate_hz: float, low_hz: float, high_hz: float, cycles: float
) -> None:
    if not FEWEST_CYCLES <= cycles <= MOST_CYCLES:
        raise SignalError(
            f"A wavelet has {FEWEST_CYCLES:g} to {MOST_CYCLES:g} cycles, got {cycles:g}."
        )
    if not 0 < low_hz < high_hz <= sample_rate_hz / 2:
        raise SignalError(
            f"The frequencies must rise from above 0 to at most {sample_rate_hz / 2:g} Hz, "
            f"got {low_hz:g} to {high_hz:g} Hz."
        )
    if low_hz * duration_s < cycles:
        raise SignalError(
            f"{cycles:g} periods of {low_hz:g} Hz last {cycles / low_hz:.3g} s, but the signal "
            f"{duration_s:.3g} s. Choose more than {cycles / duration_s:.3g} Hz or a longer time."
        )
