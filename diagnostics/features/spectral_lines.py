"""The spectrum that the features of several domains read from: one transform per window."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from diagnostics.features.batch import Batch

Values = NDArray[np.float64]
LOBE = 2
"""Lines to each side of a tone on which a Hann window spreads it."""
BANDS = 512
"""Bands of the density that does not depend on the length of the window."""


@dataclass(frozen=True)
class Lines:
    """Mean square of the vibration at each line, which together make the variance.

    ``power`` has the shape (windows, lines), in the squared unit of the signal; the lines lie
    ``resolution_hz`` apart, from 0 Hz.
    """

    power: Values
    resolution_hz: float

    @property
    def count(self) -> int:
        return int(self.power.shape[1])

    @property
    def highest_hz(self) -> float:
        return (self.count - 1) * self.resolution_hz

    def frequencies_hz(self) -> Values:
        return np.arange(self.count, dtype=np.float64) * self.resolution_hz


def fourier(batch: Batch) -> NDArray[np.complex128]:
    """Fourier transform of each window without weights, of shape (windows, lines)."""
    from scipy import fft

    found: NDArray[np.complex128] = fft.rfft(batch.centred, axis=1)
    return found


@lru_cache(maxsize=8)
def hann(count: int) -> Values:
    """Weights of a Hann window, kept since each block of windows asks for the same ones."""
    from scipy.signal import get_window

    weights: Values = get_window("hann", count)
    weights.flags.writeable = False
    return weights


def lines(batch: Batch) -> Lines:
    """Spectrum under a Hann window, as mean squares.

    The window is applied to the transform, where it takes three lines each, so that the
    envelope can use the same transform without the window. One-sided: all lines but 0 Hz and
    the Nyquist frequency count double. Divided by the sum of the squared weights, so that
    noise and tones alike add up to their mean square.

    Returns
    -------
    Lines
    """
    transform, count = batch.share(fourier), batch.sample_count
    power = np.empty(transform.shape)
    weighted = np.empty(transform.shape[1], dtype=np.complex128)
    # Row by row, since one row stays in the cache through all steps.
    for plain, row in zip(transform, power, strict=True):
        np.add(plain, plain, out=weighted)
        weighted[1:] -= plain[:-1]
        weighted[:-1] -= plain[1:]
        # Beyond the ends lie the mirror images.
        weighted[0] -= plain[1].conj()
        weighted[-1] -= plain[-2 if count % 2 == 0 else -1].conj()
        np.abs(weighted, out=row)
        np.square(row, out=row)
    power *= 2 * (0.25 / count) ** 2 * 8 / 3
    return Lines(_without_images(power, count), 1 / batch.seconds)


def one_sided(transform: NDArray[np.complex128], count: int, scale: float) -> Values:
    """Squared magnitudes times ``scale``, doubled where a mirror image was left out.

    Parameters
    ----------
    transform : array of shape (windows, lines)
    count : int
        Samples that were transformed.
    scale : float
    """
    power: Values = np.abs(transform)
    power *= power
    power *= 2 * scale
    return _without_images(power, count)


def density(batch: Batch) -> Values:
    """Power density in 512 equal bands from above 0 Hz to half the sampling rate.

    Means over the lines of each band, which lie closer in a longer window: the height of
    noise *and* of tones stays the same whatever the length. Of windows below 4096 samples
    there are fewer bands, of 4 lines or more each.

    Returns
    -------
    array of shape (windows, bands)
        In the squared unit of the signal per line; only quotients are used.
    """
    power = batch.share(lines).power[:, 1:]
    bands = min(BANDS, power.shape[1] // 4)
    starts = np.arange(bands + 1) * power.shape[1] // bands
    sums = np.add.reduceat(power, starts[:-1], axis=1)
    found: Values = sums / np.diff(starts)
    return found


def total(batch: Batch) -> Values:
    """Mean square of each window over all frequencies, of shape (windows,)."""
    whole: Values = batch.share(lines).power.sum(axis=1)
    return whole


def near(given: Lines, wanted_hz: Values, tolerance: float) -> tuple[Values, Values]:
    """Amplitude of the highest line near a frequency, and the energy of all lines there.

    Near is ``tolerance`` times the frequency to each side, and at least the two lines over
    which the window spreads a tone. The amplitude is made of the highest line and its two
    neighbours to each side, hence right also for a tone between two lines.

    Parameters
    ----------
    given : Lines
    wanted_hz : array of shape (windows,)
        NaN where unknown.
    tolerance : float

    Returns
    -------
    amplitude, energy : arrays of shape (windows,)
        Zero to peak in the unit of the signal, and mean square; NaN where the frequency is
        unknown, less than four lines high, or not all of its surroundings can be seen.
    """
    step = given.resolution_hz
    around = np.maximum(tolerance * wanted_hz / step, LOBE)
    with np.errstate(invalid="ignore"):
        known = (wanted_hz / step >= 2 * LOBE) & (wanted_hz + around * step <= given.highest_hz)
    at, reach = (np.where(known, each, LOBE) for each in (wanted_hz / step, around))
    first, stop = np.ceil(at - reach).astype(np.intp), np.floor(at + reach).astype(np.intp) + 1
    rows = np.arange(len(wanted_hz))
    columns = first[:, None] + np.arange((stop - first).max(initial=1))
    inside = columns < stop[:, None]
    power = np.where(inside, given.power[rows[:, None], np.where(inside, columns, 0)], 0.0)
    highest = first + power.argmax(axis=1)
    lobe = highest[:, None] + np.arange(-LOBE, LOBE + 1)
    seen = (lobe >= 0) & (lobe < given.count)
    around_it = np.where(seen, given.power[rows[:, None], np.where(seen, lobe, 0)], 0.0)
    amplitude = np.sqrt(2 * around_it.sum(axis=1))
    return np.where(known, amplitude, np.nan), np.where(known, power.sum(axis=1), np.nan)


def _without_images(power: Values, count: int) -> Values:
    """Halve 0 Hz and the Nyquist frequency, which have no mirror images."""
    power[:, 0] /= 2
    if count % 2 == 0:
        power[:, -1] /= 2
    return power
