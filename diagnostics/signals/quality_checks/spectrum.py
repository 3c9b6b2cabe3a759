"""What the spectrum of a channel gives away: hum of the mains, a stretched or a wrong rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.quality_checks.findings import product
from diagnostics.signals.signal import Samples

MAINS_HZ = (50.0, 60.0)
HUM_SHARE = 0.2
"""Hum counts from this share of the RMS on: below, it changes the RMS by less than 2 %."""
LINE_DB = 15.0
"""A line stands so far above the median of its neighbourhood."""
CLIFF_DB = 40.0
"""The spectrum ends where it falls by so much at once, and stays down."""
ENDS_EARLY = 0.65
"""A spectrum that ends below this share of half the rate was stretched or filtered."""
_SEGMENT, _SEGMENTS, _BLOCK = 2048, 48, 16
_LOWEST_BLOCK = 4
_EVEN = 0.3
_HARMONICS = 9
_ODD_LINES = 2
_MAINS_TOLERANCE_HZ = 0.12
_SHORTEST_S = 2.0
_SPEED_TOLERANCE = 0.005
_FLOOR_HZ = 5.0
_FEWEST_TURNS = 30
# True over given rate: the orders where its lines then seem to be, and where none may be.
_FAMILIES = {
    4.0: ((0.25, 0.5, 0.75, 1.0, 1.25, 1.5), (0.125, 0.375)),
    0.5: ((2, 4, 6, 8, 10, 12), (1, 3, 5, 7)),
    0.25: ((4, 8, 12, 16, 20, 24), (1, 2, 3, 5, 6, 7)),
}
_FAMILY_LINES = 5

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Hum:
    """``share`` is the RMS of the lines over that of the channel."""

    mains_hz: float
    share: float
    lines_hz: tuple[float, ...]


@dataclass(frozen=True)
class Lines:
    """Power over frequency, one line each ``step_hz``; together they make ``total``."""

    power: Array
    step_hz: float
    total: float

    @classmethod
    def of(cls, samples: Samples, sample_rate_hz: float) -> Lines:
        """The lines of a channel, with a Hann window and without its mean."""
        size = samples.size
        weights = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
        centred = samples - samples.mean(dtype=np.float64)
        power = np.abs(np.fft.rfft(centred * weights)) ** 2
        power *= 2 / (size * product(weights, weights))
        return cls(power, sample_rate_hz / size, product(centred, centred) / size)

    def near(self, frequency_hz: float, reach_hz: float) -> tuple[float, float, float] | None:
        """Frequency, decibels above the floor, and power of the highest line around a place."""
        low = int(np.ceil((frequency_hz - reach_hz) / self.step_hz))
        high = int(np.floor((frequency_hz + reach_hz) / self.step_hz)) + 1
        low = min(low, round(frequency_hz / self.step_hz))
        high = max(high, low + 1)
        width = max(int(_FLOOR_HZ / self.step_hz), 8)
        if low - width < 2 or high + width > self.power.size:
            return None
        at = low + int(np.argmax(self.power[low:high]))
        beside = np.r_[self.power[low - width : low - 2], self.power[high + 2 : high + width]]
        floor = float(np.median(beside))
        peak = self.power[at - 1 : at + 2]
        if floor <= 0 or peak[1] <= 0:
            return None
        above = 10 * float(np.log10(peak[1] / floor))
        return self._between(at), above, float(peak.sum())

    def _between(self, at: int) -> float:
        """Where the line lies between the bins, by the parabola through three logarithms."""
        left, middle, right = np.log(np.maximum(self.power[at - 1 : at + 2], 1e-300))
        bend = left - 2 * middle + right
        shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
        return float((at + np.clip(shift, -0.5, 0.5)) * self.step_hz)


def mains_hum(lines: Lines, shaft_hz: float | None = None) -> Hum | None:
    """Lines of the electrical mains in a channel, when they make a fifth of its RMS or more.

    Pick-up by cables and earth loops shows at the mains frequency and its odd multiples. So
    the first and another odd one must stand 15 dB above their surroundings and fit one mains
    frequency to 0.12 Hz. The even ones (100, 120 Hz) do not count: magnetic forces really
    shake motors at twice the mains frequency.

    Lines that a shaft can make are not taken: with a known speed, those within 0.5 % of a
    multiple of it; without one, the family when lines at its halves to sixths say so. A
    motor at exactly 3000 or 3600 rpm cannot be told from hum by its spectrum, nor can hum be
    told in recordings shorter than 2 s.

    Parameters
    ----------
    lines : Lines
    shaft_hz : float, optional
        Turns per second when the speed is known.

    Returns
    -------
    Hum or None

    Examples
    --------
    >>> time = np.arange(50_000) / 10_000
    >>> noise = np.random.default_rng(0).normal(size=time.size)
    >>> hum = np.sin(2 * np.pi * 50 * time) + np.sin(2 * np.pi * 150 * time) / 2
    >>> mains_hum(Lines.of(noise + hum, 10_000.0)).mains_hz
    50.0
    >>> mains_hum(Lines.of(noise, 10_000.0))
    """
    if lines.step_hz > 1 / _SHORTEST_S or lines.total <= 0:
        return None
    found = [_hum_at(lines, mains_hz, shaft_hz) for mains_hz in MAINS_HZ]
    told = [one for one in found if one is not None and one.share >= HUM_SHARE]
    return max(told, key=lambda one: one.share, default=None)


def spectrum_end(samples: Samples) -> float | None:
    """Where the spectrum ends, as a share of half the sampling rate; None if it does not.

    A measured channel has noise up to the filter of its device, at 78 % of half the rate or
    higher. Where the power falls by 40 dB at once and stays down, the samples were computed:
    stretched from a lower rate, or filtered.

    A channel that just has little at high frequencies falls slowly and gives None. So do
    computed tones without noise, which end as suddenly, but are no even spectrum below that.

    Parameters
    ----------
    samples : array of shape (samples,)
        In any unit and at any rate.

    Returns
    -------
    float or None
        Between 0 and 1.

    Examples
    --------
    >>> slow = np.fft.rfft(np.random.default_rng(0).normal(size=20_000))
    >>> stretched = np.fft.irfft(slow, 80_000)
    >>> round(spectrum_end(stretched), 2), spectrum_end(np.fft.irfft(slow))
    (0.25, None)
    """
    if samples.size < _SEGMENT:
        return None
    starts = np.linspace(0, samples.size - _SEGMENT, min(_SEGMENTS, samples.size // 1024))
    picked = np.stack([samples[int(start) : int(start) + _SEGMENT] for start in starts])
    picked = picked - picked.mean(axis=1, keepdims=True)
    power = (np.abs(np.fft.rfft(picked * _WINDOW)[:, :-1]) ** 2).mean(axis=0)
    blocks = power.reshape(-1, _BLOCK)
    levels = np.median(blocks, axis=1)
    above = np.maximum.accumulate(levels[::-1])[::-1]
    floor = max(float(levels.max()) * 1e-30, 1e-300)
    before = np.minimum(levels[_LOWEST_BLOCK - 3 : -5], levels[_LOWEST_BLOCK - 2 : -4])
    drops = 10 * np.log10((before + floor) / (above[_LOWEST_BLOCK + 2 :] + floor))
    cliffs = np.flatnonzero(drops >= CLIFF_DB)
    if not cliffs.size:
        return None
    edge = _LOWEST_BLOCK + int(cliffs[-1])
    while edge > 2 and levels[edge - 1] < levels[edge - 2] / 2:  # up the slope of the filter
        edge -= 1
    even = np.median(levels[:edge] / np.maximum(blocks[:edge].mean(axis=1), floor))
    share = edge / levels.size
    return share if share <= ENDS_EARLY and even > _EVEN else None


def repeats(row: Samples) -> int | None:
    """How often each value is repeated in a channel that was stretched into stairs.

    Parameters
    ----------
    row : array of shape (samples,)

    Returns
    -------
    int or None
        2 or more; None for a channel in which most values differ from the one before.

    Examples
    --------
    >>> row = np.random.default_rng(0).normal(size=1000)
    >>> repeats(np.repeat(row, 4)), repeats(row)
    (4, None)
    """
    look = row[: 1 << 16]
    changes = np.flatnonzero(look[1:] != look[:-1])
    if changes.size < _BLOCK or changes.size > 0.55 * look.size:
        return None
    lengths = np.diff(changes)
    usual = int(np.median(lengths))
    regular = np.count_nonzero(lengths % usual == 0) / lengths.size
    return usual if usual > 1 and regular > 0.95 else None


def rate_factor(lines: Lines, shaft_hz: float) -> float | None:
    """The factor between the true and the given rate, by the lines that a shaft must make.

    Unbalance and misalignment make lines at each multiple of the speed. When a recording was
    taken four times as fast as it says, there are lines at each quarter order in their place;
    when it was taken at half or a quarter of the rate, only each second or fourth order has
    one. Five of six such lines must stand 15 dB above their surroundings and none between.

    Twice the rate is not told, since looseness makes lines at half orders as well. It misleads
    when the speed is that of another shaft, four times as fast. A very smooth machine has no
    lines, and nothing is told.

    Parameters
    ----------
    lines : Lines
        At the rate that was given.
    shaft_hz : float
        Turns per second.

    Returns
    -------
    float or None
        True rate over given rate.

    Examples
    --------
    >>> turns = 2 * np.pi * 25 * np.arange(40_000) / 4_000
    >>> shaft = sum(np.sin(order * turns) / order for order in range(1, 7))
    >>> shaft = shaft + np.random.default_rng(0).normal(size=turns.size)
    >>> [rate_factor(Lines.of(shaft, rate_hz), 25.0) for rate_hz in (1_000.0, 4_000.0)]
    [4.0, None]
    """
    if shaft_hz < _FEWEST_TURNS * lines.step_hz:
        return None
    for factor, (family, others) in _FAMILIES.items():
        if any(_stands(lines, order * shaft_hz) for order in others):
            continue
        standing = sum(_stands(lines, order * shaft_hz) for order in family)
        if standing >= _FAMILY_LINES:
            return factor
    return None


def _hum_at(lines: Lines, mains_hz: float, shaft_hz: float | None) -> Hum | None:
    """The odd lines of one mains frequency."""
    found: dict[int, tuple[float, float]] = {}
    reach = _MAINS_TOLERANCE_HZ
    for order in range(1, _HARMONICS + 1, 2):
        expected = order * mains_hz
        if shaft_hz and _of_shaft(expected, shaft_hz, lines.step_hz):
            continue
        line = lines.near(expected, max(order * reach, lines.step_hz))
        if line is None or line[1] < LINE_DB:
            continue
        if abs(line[0] / order - mains_hz) <= reach + 0.3 * lines.step_hz / order:
            found[order] = line[0], line[2]
    if 1 not in found or len(found) < _ODD_LINES:
        return None
    if not shaft_hz and _is_of_family(lines, mains_hz):
        return None
    share = (sum(power for _, power in found.values()) / lines.total) ** 0.5
    return Hum(mains_hz, share, tuple(order * mains_hz for order in found))


def _of_shaft(frequency_hz: float, shaft_hz: float, step_hz: float) -> bool:
    order = max(round(frequency_hz / shaft_hz), 1)
    return abs(order * shaft_hz - frequency_hz) <= _SPEED_TOLERANCE * frequency_hz + 2 * step_hz


def _is_of_family(lines: Lines, mains_hz: float) -> bool:
    """Whether lines at halves to sixths of the frequency say that it is one of a shaft."""
    for parts in range(2, 7):
        beside = [order / parts for order in range(1, 3 * parts) if order % parts][:5]
        if sum(_stands(lines, order * mains_hz, 0.002) for order in beside) >= 2:
            return True
    return False


def _stands(lines: Lines, frequency_hz: float, tolerance: float = _SPEED_TOLERANCE) -> bool:
    reach = max(tolerance * frequency_hz, lines.step_hz)
    line = lines.near(frequency_hz, reach)
    return line is not None and line[1] >= LINE_DB


_WINDOW = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_SEGMENT) / _SEGMENT)
