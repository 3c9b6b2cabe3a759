"""Lines that stand above the floor of a spectrum, one by one and as families."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.spectrum import Spectrum

NEIGHBOURHOOD = 0.3
"""Half the width of the floor's interval around a harmonic, as a share of the fundamental."""
FEWEST_LINES = 8
"""Lines from which a floor is told."""
PARABOLA = 0.23
"""The power of the amplitudes of a Hann window's main lobe that is nearest to a parabola."""


@dataclass(frozen=True)
class Peak:
    """A line of a spectrum, read between the bins."""

    frequency_hz: float
    value: float
    above_floor_db: float


@dataclass(frozen=True)
class HarmonicSnr:
    """How far a family of harmonics stands above its floor.

    ``snr_db`` is the mean of ``lines_db``, which are those of each harmonic;
    ``fundamental_hz`` is where the family was found.
    """

    snr_db: float
    fundamental_hz: float
    lines_db: tuple[float, ...]


def find_peaks(spectrum: Spectrum, most: int = 20, above_db: float = 12.0) -> list[Peak]:
    """The highest lines of an amplitude spectrum.

    A peak is higher than the three lines on either side and stands above the floor, which
    is the running median. Frequency and value are read from the parabola through three
    lines, whose heights are raised to a power at which the main lobe of a Hann window is
    nearly one: a tone is found to a hundredth of the resolution and its amplitude to
    0.03 dB. With other windows both are less exact, but better than the line itself.

    It misleads where lines are near each other: two tones closer than about twice the
    resolution make one peak. And noise has peaks too. Amplitudes of noise follow the
    Rayleigh distribution, of whose lines one in ``2 ** (10 ** (above_db / 10))`` passes:
    one in 59 000 at 12 dB, one in 60 at 7.7 dB; fewer in a spectrum that was averaged.

    Parameters
    ----------
    spectrum : Spectrum
        Amplitudes of one channel, not in decibels, values of shape (lines,).
    most : int
        At least 1; the highest are kept.
    above_db : float
        Height above the floor, 20 log10 of the ratio, from 0.

    Returns
    -------
    list of Peak
        From the highest to the lowest value.

    Raises
    ------
    SignalError
        If there are several channels, or ``most`` or ``above_db`` is out of its range.

    Examples
    --------
    >>> from diagnostics.signals.spectrum import amplitude_spectrum
    >>> time_s = np.arange(10_000) / 10_000
    >>> noise = np.random.default_rng(0).normal(size=10_000)
    >>> tone = 9 * np.sin(2 * np.pi * 50.3 * time_s)
    >>> peak = find_peaks(amplitude_spectrum(tone + noise, 10_000))[0]
    >>> round(peak.frequency_hz, 1), round(peak.value, 1)
    (50.3, 9.0)
    """
    from scipy import signal

    _check_spectrum(spectrum)
    if most < 1 or above_db < 0:
        raise SignalError(
            "At least 1 peak is asked for, at least 0 dB above the floor; got "
            f"{most} and {above_db:g} dB."
        )
    floor = noise_floor(spectrum.values)
    height = np.maximum(floor * 10 ** (above_db / 20), np.finfo(float).tiny)
    found, _ = signal.find_peaks(spectrum.values, height=height, distance=3)
    found = found[np.argsort(spectrum.values[found])[::-1][:most]]
    offsets, values = line_tops(spectrum.values, found)
    frequencies_hz = spectrum.frequencies_hz[found] + offsets * spectrum.resolution_hz
    above = _decibels(values, floor[found], float(spectrum.values.max(initial=0.0)))
    rows = zip(frequencies_hz, values, above, strict=True)
    peaks = [Peak(float(hz), float(value), float(db)) for hz, value, db in rows]
    return sorted(peaks, key=lambda peak: -peak.value)


def noise_floor(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What lies between the lines of a spectrum: medians of blocks, joined by straight lines.

    Parameters
    ----------
    values : array of shape (lines,)

    Returns
    -------
    array of shape (lines,)
        Half of the lines around lie below. Harmonics, of which there are few among
        hundreds of lines, do not lift it.

    Examples
    --------
    >>> comb = np.where(np.arange(1000) % 50 == 0, 30.0, 1.0)
    >>> float(noise_floor(comb).max())
    1.0
    """
    width = int(np.clip(values.size // 16, 16, 256))
    blocks = values.size // width
    if blocks < 2:
        return np.full(values.size, np.median(values))
    medians = np.median(values[: blocks * width].reshape(blocks, width), axis=1)
    middles = np.arange(blocks) * width + (width - 1) / 2
    return np.interp(np.arange(values.size), middles, medians)


def harmonic_snr(
    spectrum: Spectrum, fundamental_hz: float, harmonics: int = 3, tolerance: float = 0.02
) -> HarmonicSnr:
    """Look for a fundamental and its multiples near an expected frequency.

    All multiples are taken of one fundamental, which is searched within the tolerance, as
    a defect that slips shifts all its lines alike; that is stricter than the highest line
    near each multiple. Each harmonic counts with its decibels above the median of the lines
    around it (within 0.3 of the fundamental, without the interval itself), at least 0, and
    the mean over the harmonics is taken. So one loud line that belongs to something else
    counts for one harmonic only, and a family of which all members stand up wins.

    It misleads where the intervals hold lines of another family: multiples of the shaft
    or of another defect within the tolerance. Even noise reaches 5 to 10 dB, since the
    best of many candidates is taken; the more lines the intervals hold, the more.

    Parameters
    ----------
    spectrum : Spectrum
        Amplitudes of one channel, not in decibels, values of shape (lines,).
    fundamental_hz : float
        Expected, above 0 Hz.
    harmonics : int
        At least 1. Those beyond the end of the spectrum are left out.
    tolerance : float
        Share of the frequency, from 0 to below 0.1.

    Returns
    -------
    HarmonicSnr

    Raises
    ------
    SignalError
        If there are several channels, a number is out of its range, the spectrum ends below
        the fundamental or has fewer than 8 lines around it to tell a floor.

    Examples
    --------
    >>> values = np.ones(1000)
    >>> values[[201, 402, 603]] = 10.0
    >>> found = harmonic_snr(Spectrum(np.arange(1000) * 0.5, values), 100.0)
    >>> found.snr_db, round(found.fundamental_hz, 2), found.lines_db
    (20.0, 100.5, (20.0, 20.0, 20.0))
    """
    _check_spectrum(spectrum)
    _check_family(fundamental_hz, harmonics, tolerance)
    step_hz = spectrum.resolution_hz
    reach_hz = float(spectrum.frequencies_hz[-1]) - step_hz
    harmonics = min(harmonics, int(reach_hz / (fundamental_hz * (1 + tolerance))))
    if harmonics < 1:
        raise SignalError(
            f"The spectrum ends at {spectrum.frequencies_hz[-1]:.5g} Hz and shows no line at "
            f"{fundamental_hz:.5g} Hz. Choose a wider band."
        )
    half = int(np.ceil(fundamental_hz * tolerance * 2 * harmonics / step_hz))
    candidates = fundamental_hz * (1 + tolerance * np.linspace(-1, 1, 2 * half + 1))
    highest = np.max([spectrum.values[:-2], spectrum.values[1:-1], spectrum.values[2:]], axis=0)
    scale = float(spectrum.values.max())
    lines_db = np.zeros((harmonics, candidates.size))
    for row in range(harmonics):
        multiple = row + 1
        floor = _floor_around(spectrum, fundamental_hz, multiple, tolerance)
        # ``highest`` begins one line later than the spectrum.
        at = np.rint(multiple * candidates / step_hz).astype(int) - 1
        lines_db[row] = np.maximum(_decibels(highest[at], floor, scale), 0.0)
    best = _middle_of_best(lines_db.mean(axis=0))
    return HarmonicSnr(
        float(lines_db[:, best].mean()),
        float(candidates[best]),
        tuple(float(line) for line in lines_db[:, best]),
    )


def _floor_around(
    spectrum: Spectrum, fundamental_hz: float, multiple: int, tolerance: float
) -> float:
    away_hz = np.abs(spectrum.frequencies_hz - multiple * fundamental_hz)
    inside_hz = max(multiple * fundamental_hz * tolerance, 2 * spectrum.resolution_hz)
    around = (away_hz > inside_hz) & (away_hz < max(NEIGHBOURHOOD * fundamental_hz, 2 * inside_hz))
    if np.count_nonzero(around) < FEWEST_LINES:
        raise SignalError(
            f"The spectrum has a line each {spectrum.resolution_hz:.3g} Hz, too few to tell a "
            f"floor around {multiple * fundamental_hz:.5g} Hz. Choose a longer time."
        )
    return float(np.median(spectrum.values[around]))


def _middle_of_best(scores: NDArray[np.float64]) -> int:
    """The candidates of one line share its score: take the middle of the first such run."""
    first = int(scores.argmax())
    others = np.flatnonzero(scores[first:] < scores[first])
    stop = first + int(others[0]) if others.size else scores.size
    return (first + stop - 1) // 2


def line_tops(
    values: NDArray[np.float64], lines: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Offsets in lines and heights of the parabolas around lines."""
    left, middle, right = (values[lines + n] ** PARABOLA for n in (-1, 0, 1))
    curvature = left - 2 * middle + right
    offsets = np.zeros(lines.size)
    np.divide(0.5 * (left - right), curvature, out=offsets, where=curvature < 0)
    return offsets, (middle - 0.25 * (left - right) * offsets) ** (1 / PARABOLA)


def _decibels(
    values: NDArray[np.float64], floor: NDArray[np.float64] | float, scale: float
) -> NDArray[np.float64]:
    """Above the floor; where that is nothing, above the rounding of the highest value."""
    least = max(scale * np.finfo(float).eps, np.finfo(float).tiny)
    ratio = np.maximum(values, least) / np.maximum(floor, least)
    result: NDArray[np.float64] = 20 * np.log10(ratio)
    return result


def _check_spectrum(spectrum: Spectrum) -> None:
    if spectrum.values.ndim != 1 or spectrum.values.size < FEWEST_LINES:
        raise SignalError(
            f"Peaks are read from one channel of {FEWEST_LINES} lines or more, got the shape "
            f"{spectrum.values.shape}."
        )


def _check_family(fundamental_hz: float, harmonics: int, tolerance: float) -> None:
    if not 0 < fundamental_hz < np.inf:
        raise SignalError(f"The fundamental lies above 0 Hz, got {fundamental_hz:g} Hz.")
    if harmonics < 1:
        raise SignalError(f"At least 1 harmonic is looked for, got {harmonics}.")
    if not 0 <= tolerance < 0.1:
        raise SignalError(
            f"The tolerance lies between 0 and below 10 %, got {100 * tolerance:.0f} %."
        )
