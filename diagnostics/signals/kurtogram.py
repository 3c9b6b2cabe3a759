"""Which band of the signal holds impacts: the kurtosis of every band of a tree of bands."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.envelope import Band
from diagnostics.signals.spectrum import check

DEEPEST = 7
FEWEST_LINES = 64
"""Lines of the spectrum in the narrowest band; fewer make a kurtosis of chance."""
FADED = 0.02
"""Share of the signal that is faded in at its beginning, and out at its end."""
ROUNDING = 1e-26
"""Share of the mean square below which a band holds nothing but the rounding of others."""


@dataclass(frozen=True)
class Cell:
    """One band of a kurtogram."""

    level: float
    band: Band
    kurtosis: float

    @property
    def centre_hz(self) -> float:
        return (self.band.low_hz + self.band.high_hz) / 2

    @property
    def bandwidth_hz(self) -> float:
        return self.band.width_hz


@dataclass(frozen=True)
class Kurtogram:
    """Kurtosis of the envelope over bands that get narrower from row to row.

    ``levels`` (rows,) are 0, 1, 1.6, 2, 2.6, …: a band of level L is ``sample_rate_hz /
    2 ** (L + 1)`` wide, and 1.6 stands for log2(3). ``kurtosis`` has one array for each
    row, a value for each of its bands (1, 2, 3, 4, 6, 8, …) from 0 Hz up to half the
    sampling rate. It is 0 for noise, -1 for a steady tone and the higher the rarer and
    sharper the impacts.
    """

    sample_rate_hz: float
    levels: NDArray[np.float64]
    kurtosis: tuple[NDArray[np.float64], ...]

    @property
    def bandwidth_hz(self) -> NDArray[np.float64]:
        """Width of the bands of each row, (rows,)."""
        return self.sample_rate_hz / 2 / np.array([row.size for row in self.kurtosis])

    @property
    def best(self) -> Cell:
        """The cell of the highest kurtosis."""
        return self.best_of()

    def best_of(self, narrowest_hz: float = 0.0) -> Cell:
        """The cell of the highest kurtosis among those that are wide enough.

        An envelope spectrum ends at the width of its band, so a band for defects that
        strike 160 times a second and their third harmonic is 480 Hz wide or wider.

        Raises
        ------
        SignalError
            If even the whole spectrum is narrower.
        """
        wide = [row for row, width in enumerate(self.bandwidth_hz) if width >= narrowest_hz]
        if not wide:
            raise SignalError(
                f"No band is {narrowest_hz:g} Hz wide: the spectrum ends at "
                f"{self.sample_rate_hz / 2:g} Hz."
            )
        row = max(wide, key=lambda row: float(self.kurtosis[row].max()))
        return self.cell(row, int(self.kurtosis[row].argmax()))

    def cell(self, row: int, number: int) -> Cell:
        """The band with this number, from 0, in a row."""
        width = float(self.bandwidth_hz[row])
        # Counted from both ends: the last band ends at half the sampling rate exactly.
        high = self.sample_rate_hz / 2 * ((number + 1) / self.kurtosis[row].size)
        return Cell(
            float(self.levels[row]),
            Band(number * width, high),
            float(self.kurtosis[row][number]),
        )

    def cell_at(self, frequency_hz: float, level: float) -> Cell:
        """The cell that somebody points at: of the row nearest to the level.

        Raises
        ------
        SignalError
            If the frequency is below 0 Hz or above half the sampling rate.
        """
        top = self.sample_rate_hz / 2
        if not 0 <= frequency_hz <= top:
            raise SignalError(f"The frequency lies between 0 and {top:g} Hz, got {frequency_hz:g}.")
        row = int(np.abs(self.levels - level).argmin())
        count = self.kurtosis[row].size
        return self.cell(row, min(int(frequency_hz / top * count), count - 1))

    def picture(self) -> NDArray[np.float64]:
        """All rows on one grid of equal columns, for a heat map: (rows, columns).

        The columns go from 0 Hz to half the sampling rate; their number is the smallest
        that every row divides.
        """
        columns = int(np.lcm.reduce([row.size for row in self.kurtosis]))
        return np.stack([np.repeat(row, columns // row.size) for row in self.kurtosis])


def fast_kurtogram(
    samples: NDArray[np.floating], sample_rate_hz: float, deepest_level: int | None = None
) -> Kurtogram:
    """Find the band in which the signal is most impulsive.

    Damage in a bearing or gear strikes, and each strike makes the structure ring at its
    resonances. In a band around such a resonance the vibration comes in bursts, so its
    envelope has a high kurtosis; that is the band for the envelope spectrum. The bands are
    those of Antoni's tree, which halves the spectrum and cuts halves in three [1]_.

    It misleads where something else strikes: a single knock, electrical spikes, clipping or
    lost samples win against a bearing, because the highest kurtosis belongs to few strong
    impacts; and damage that strikes so often that the ringing never dies out leaves the
    kurtosis low. So check the band by its envelope spectrum. With few samples the narrow
    bands reach high values by chance: the standard deviation for noise is
    ``sqrt(8 / 3 / (bandwidth × duration))``.

    The filters are ideal, cut out of the Fourier transform, where Antoni's are short and
    overlap: so a cell is exactly the band that
    :func:`diagnostics.signals.envelope.envelope` takes. The kurtosis is that of the complex
    envelope, ``mean(a⁴) / mean(a²)² - 2``, with a the amplitude in the band, sampled
    twice as fast as the band is wide. The mean is taken off, and 2 % of the signal at
    either end is faded and left out, since the jump from end to beginning would be an
    impact in every band.

    Parameters
    ----------
    samples : array of shape (samples,)
        In any unit; acceleration for bearings.
    sample_rate_hz : float
        Above 0.
    deepest_level : int, optional
        From 0; the bands of the last row are ``sample_rate_hz / 2 ** (deepest_level + 1)``
        wide. By default 7, or less for short signals.

    Returns
    -------
    Kurtogram
        Rows for the levels 0, 1, 1.6, 2, 2.6, … up to the deepest.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples, a value is not finite, the rate is not above 0,
        there are several channels, or the level is below 0 or so deep that the bands have
        fewer than 64 lines of the spectrum.

    References
    ----------
    .. [1] J. Antoni, "Fast computation of the kurtogram for the detection of transient
       faults", Mechanical Systems and Signal Processing 21(1), 108-124, 2007.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=40_000)
    >>> time_s = np.arange(40_000) / 10_000 % 0.05
    >>> ringing = np.exp(-500 * time_s) * np.sin(2 * np.pi * 3_400 * time_s)
    >>> kurtogram = fast_kurtogram(noise + 5 * ringing, 10_000)
    >>> kurtogram.levels.tolist()[:5]
    [0.0, 1.0, 1.6, 2.0, 2.6]
    >>> kurtogram.best.band
    Band(low_hz=3125.0, high_hz=3750.0)
    """
    from scipy import fft

    check(samples, sample_rate_hz)
    if samples.ndim != 1:
        raise SignalError(f"A kurtogram is made of one channel, got the shape {samples.shape}.")
    deepest = _deepest(samples.size, deepest_level)
    lines = fft.rfft(_faded(samples), overwrite_x=True)[: (samples.size + 1) // 2]
    lines *= 2 / samples.size
    lines[0] = 0
    least = ROUNDING * float(np.mean(np.square(samples, dtype=np.float64)))
    counts = _band_counts(deepest)
    return Kurtogram(
        float(sample_rate_hz),
        np.log2(np.array(counts, dtype=np.float64)).round(1),
        tuple(_row(lines, samples.size, count, least) for count in counts),
    )


def _deepest(sample_count: int, wanted: int | None) -> int:
    possible = max(0, int(np.log2(max(sample_count / 2 / FEWEST_LINES, 1))))
    if wanted is None:
        return min(DEEPEST, possible)
    if not 0 <= wanted <= possible:
        raise SignalError(
            f"The deepest level lies between 0 and {possible} for {sample_count} samples, "
            f"got {wanted}."
        )
    return wanted


def _band_counts(deepest: int) -> list[int]:
    """1, 2, 3, 4, 6, 8, 12, …: halves, and halves cut in three, down to the deepest level."""
    halves = [2**level for level in range(deepest + 1)]
    thirds = [3 * 2**level for level in range(deepest - 1)]
    return sorted(halves + thirds)


def _faded(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """The signal without its mean, rising from 0 at the beginning and falling to 0 at the end."""
    centred = np.asarray(samples, dtype=np.float64) - np.mean(samples, dtype=np.float64)
    length = max(1, int(FADED * samples.size))
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / length)
    centred[:length] *= rise
    centred[-length:] *= rise[::-1]
    return centred


def _row(
    lines: NDArray[np.complex128], sample_count: int, band_count: int, least: float
) -> NDArray[np.float64]:
    """Kurtosis of the complex envelope of each band, 0 where the mean square is below ``least``."""
    from scipy import fft

    ends = np.round(np.arange(band_count + 1) * (sample_count / 2 / band_count)).astype(int)
    ends = np.minimum(ends, lines.size)
    length = fft.next_fast_len(2 * int(np.diff(ends).max()))
    bands = np.zeros((band_count, length), dtype=np.complex128)
    for number, (first, stop) in enumerate(itertools.pairwise(ends)):
        bands[number, : stop - first] = lines[first:stop]
    swell = fft.ifft(bands, axis=-1, norm="forward", overwrite_x=True)
    power = swell.real**2 + swell.imag**2
    edge = int(np.ceil(FADED * length)) + 4
    power = power[:, edge:-edge]
    square = power.mean(axis=-1)
    fourth = np.einsum("ij,ij->i", power, power) / power.shape[-1]
    there = square > least
    kurtosis: NDArray[np.float64] = np.zeros(band_count)
    np.divide(fourth, square**2, out=kurtosis, where=there)
    kurtosis[there] -= 2
    return kurtosis
