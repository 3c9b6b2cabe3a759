"""What single samples of a channel give away: cut, held and lost ones, and spikes.

Each looks at the numbers as they were recorded. A hundred thousand samples take about a
millisecond, so that all of them run while files are imported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.quality_checks.findings import MOST_PLACES, Places, product
from diagnostics.signals.signal import Samples

FEWEST_CUT = 5
"""So many samples lie exactly at an extreme when it is cut."""
PILED_UP = 4.0
"""The extreme of a cut signal is so many times as frequent as the levels next to it."""
SHORTEST_HOLD, SHORTEST_GAP = 16, 6
"""Equal samples in a row that are no chance: of any value, and of exactly zero."""
SPIKE_DEVIATION, SPIKE_OVER_NEIGHBOURS = 8.0, 6.0
"""A spike is so many standard deviations high, and so many times the samples around it."""
FEWEST_LEVELS = 8
_NEXT_LEVELS = 8
_NATURAL = 10
_DECIMAL = ("1.000", "2.000", "5.000")
_STEPS, _BESIDE = 4.0, 64
_OFTEN_EQUAL = 0.3
_LOOK = 4096
_STEPS_SEEN, _FEWEST_STEPS, _OFF_GRID = 400, 2047, 0.2
_MOST_CANDIDATES = 20_000
_REACH, _SPIKE_WIDTH = 8, 3

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Hold:
    """Equal samples in a row: from ``start`` to before ``stop``."""

    start: int
    stop: int
    value: float


def few_levels(row: Samples) -> int | None:
    """How many different values a channel takes, when these are fewer than eight.

    A vibration takes thousands. Two or three are a pulse signal (tacho, encoder), or the last
    digit of a converter without a sensor.

    Parameters
    ----------
    row : array of shape (samples,)

    Returns
    -------
    int or None

    Examples
    --------
    >>> few_levels(np.tile([0.0, 0.0, 5.0], 100)), few_levels(np.sin(np.arange(300.0)))
    (2, None)
    """
    look = np.unique(row[:: max(row.size // _LOOK, 1)][:_LOOK])
    if look.size >= FEWEST_LEVELS or row.size < 2 * FEWEST_LEVELS:
        return None
    levels = np.unique(row).size
    return levels if levels < FEWEST_LEVELS else None


def cut_samples(row: Samples, low: float, high: float) -> Positions:
    """Positions of the samples that lie at a limit of the device, in order.

    A signal that is cut takes its extreme again and again, but hardly any of the values next
    to it. The peaks of a clean tone in coarse steps also share their highest value, though
    with the steps below it, so these are compared.

    It misleads when noise was added after the cut, as in an amplifier that saturates before
    the converter: no two samples are equal then. A square wave is cut by nature.

    Parameters
    ----------
    row : array of shape (samples,)
    low, high : float
        Its extremes.

    Returns
    -------
    array of int
        Empty when the extremes can be chance.

    Examples
    --------
    >>> tone = 2 * np.sin(np.arange(100) / 7)
    >>> cut_samples(np.clip(tone, -1.9, 1.9), -1.9, 1.9)[:4]
    array([ 9, 10, 11, 12])
    >>> cut_samples(tone, tone.min(), tone.max()).size
    0
    """
    found = []
    for extreme, other in ((low, high), (high, low)):
        at = np.flatnonzero(row == extreme)
        if at.size >= FEWEST_CUT and _piled_up(row, at.size, extreme, other):
            found.append(at)
    return np.sort(np.concatenate(found)) if found else np.empty(0, np.intp)


def converter_step(row: Samples) -> float | None:
    """The step of the converter that a channel was taken with, when its samples tell.

    Samples are whole multiples of it. It is lost once a mean was taken off, or the channel was
    filtered or rounded.

    Parameters
    ----------
    row : array of shape (samples,)

    Returns
    -------
    float or None
        In the unit of the channel.

    Examples
    --------
    >>> row = np.random.default_rng(0).normal(size=5000)
    >>> converter_step(np.round(row / 0.002) * 0.002), converter_step(row)
    (0.002, None)
    """
    sizes = np.unique(np.abs(row[: 8 * _LOOK]).astype(np.float64))
    gaps = np.diff(np.r_[0.0, sizes[sizes > 0][:_STEPS_SEEN]])
    gaps = gaps[gaps > 1e-6 * sizes[-1]]  # or rounding of single precision would count
    if gaps.size < _NEXT_LEVELS:
        return None
    step = float(gaps.min())
    for reach in (50, 1_000, 20_000, np.inf):  # better and better known, so that it holds farther
        some = sizes[sizes <= reach * step]
        steps = np.rint(some / step)
        if not some.any() or np.abs(some / step - steps).max() > _OFF_GRID:
            return None
        step = product(some, steps) / product(steps, steps)
    return float(f"{step:.9g}")


def at_limit(row: Samples, low: float, high: float) -> Positions:
    """Positions of the samples at the end of the converter's range, in order.

    A single peak that was cut shows in no other way: it is a power of two of the converter's
    steps, or one step less. That is chance once in some thousand recordings.

    Steps such as 0.001 or 0.005 are those of a text and not of a converter; they tell nothing.
    It misleads for files that were scaled to fill the range, as sound files are.

    Parameters
    ----------
    row : array of shape (samples,)
    low, high : float
        Its extremes.

    Returns
    -------
    array of int
        Empty when the step cannot be told.

    Examples
    --------
    >>> row = np.round(1000 * np.random.default_rng(0).normal(size=5000)) / 3276.8
    >>> at_limit(np.minimum(row, 2047 / 3276.8), row.min(), 2047 / 3276.8).size > 50
    True
    >>> at_limit(row, row.min(), row.max()).size
    0
    """
    step = converter_step(row)
    if step is None or f"{step:.3e}"[:5] in _DECIMAL:
        return np.empty(0, np.intp)
    limits = [extreme for extreme in (low, high) if _is_limit(extreme / step)]
    return np.flatnonzero(np.isin(row, np.array(limits, row.dtype)))


def holds(row: Samples, low: float, high: float, cut: bool) -> list[Hold]:
    """Stretches in which a channel stands still though it moves before and after.

    A device repeats the last value or writes zeros when it loses samples. Sixteen equal
    samples in a row count, or six that are exactly zero, when they begin or end in a jump, or
    last ten times as long as any others. The flat tops of a slow tone in coarse steps do not:
    they end in one step. Nor does a cut signal at its limits.

    It misleads where a signal is zero by nature, as a computed one between its impacts.

    Parameters
    ----------
    row : array of shape (samples,)
    low, high : float
        Its extremes.
    cut : bool
        Whether it is cut at these.

    Returns
    -------
    list of Hold
        In order.

    Examples
    --------
    >>> row = np.random.default_rng(0).normal(size=1000)
    >>> row[500:520] = row[499]
    >>> [(one.start, one.stop) for one in holds(row, row.min(), row.max(), cut=False)]
    [(499, 520)]
    """
    same = row[1:] == row[:-1]
    equal = np.flatnonzero(same)
    if equal.size < SHORTEST_GAP - 1:
        return []
    breaks = np.flatnonzero(np.diff(equal) > 1)
    starts = equal[np.r_[0, breaks + 1]]
    stops = equal[np.r_[breaks, equal.size - 1]] + 2
    lengths = stops - starts
    moving = int(lengths[lengths < SHORTEST_HOLD].sum())
    often = moving > _OFTEN_EQUAL * row.size
    long = lengths >= SHORTEST_HOLD
    if not often:
        long |= (lengths >= SHORTEST_GAP) & (row[starts] == 0)
    if cut:
        long &= (row[starts] != low) & (row[starts] != high)
    chosen = np.flatnonzero(long)
    if not chosen.size:
        return []
    # Only the longest can be told by its length alone, against the one that comes next.
    longest = np.sort(lengths)[-2:]
    natural = int(longest[0]) if longest.size > 1 else 1
    return [
        Hold(int(starts[n]), int(stops[n]), float(row[starts[n]]))
        for n in chosen
        if _is_hold(row, int(starts[n]), int(stops[n]), natural)
    ]


def spikes(centred: Samples, deviation: float) -> Positions:
    """Samples that leap far out and back at once.

    A real impact rings on at the resonances of the machine and of the sensor, so its
    neighbours are large as well; that holds for any signal that was filtered against
    aliasing. A spike stands alone, up to three samples wide.

    It misleads in recordings without such a filter, or where the resonance lies above half
    the rate: sharp impacts then look like spikes.

    Parameters
    ----------
    centred : array of shape (samples,)
        Without its mean.
    deviation : float
        Its standard deviation.

    Returns
    -------
    array of int
        Positions, in order; one for each spike.

    Examples
    --------
    >>> row = np.random.default_rng(0).normal(size=1000)
    >>> row[[200, 700]] = 40, -30
    >>> spikes(row, row.std())
    array([200, 700])
    """
    size = np.abs(centred)
    candidates = np.flatnonzero(size > SPIKE_DEVIATION * deviation)[:_MOST_CANDIDATES]
    if not candidates.size:
        return np.empty(0, np.intp)
    padded = np.pad(size, _REACH + _SPIKE_WIDTH - 1)
    around = candidates[:, None] + np.arange(2 * (_REACH + _SPIKE_WIDTH) - 1)
    window = padded[around]
    middle = _REACH + _SPIKE_WIDTH - 1
    beside = np.full(candidates.size, np.inf)
    for first in range(middle - _SPIKE_WIDTH + 1, middle + 1):
        others = np.delete(window, np.arange(first, first + _SPIKE_WIDTH), axis=1)
        np.minimum(beside, others.max(axis=1), out=beside)
    found = candidates[window[:, middle] > SPIKE_OVER_NEIGHBOURS * beside]
    first_of = np.r_[True, np.diff(found) > _SPIKE_WIDTH] if found.size else np.empty(0, bool)
    chosen: Positions = found[first_of]
    return chosen


def places_of(positions: Positions, apart: int) -> Places:
    """Positions as stretches; those nearer to each other than ``apart`` belong together.

    Examples
    --------
    >>> places_of(np.array([3, 4, 9, 200]), apart=10)
    ((3, 10), (200, 201))
    """
    if not positions.size:
        return ()
    breaks = np.flatnonzero(np.diff(positions) > apart)[: MOST_PLACES - 1]
    starts = positions[np.r_[0, breaks + 1]]
    ends = positions[np.r_[breaks, positions.size - 1]]
    return tuple((int(a), int(b) + 1) for a, b in zip(starts, ends, strict=True))


def _piled_up(row: Samples, count: int, extreme: float, other: float) -> bool:
    """Whether the extreme is far more frequent than the levels next to it."""
    span = abs(other - extreme)
    counts = np.empty(0, np.intp)
    for share in (0.01, 0.1, 1.0):
        near = row[np.abs(row - extreme) <= share * span]
        counts = np.unique(np.abs(near - extreme), return_counts=True)[1]
        if counts.size > _NEXT_LEVELS:
            break
    following = counts[1 : _NEXT_LEVELS + 1]
    return bool(following.size) and count >= PILED_UP * int(following.max())


def _is_limit(steps: float) -> bool:
    """A power of two below zero, one less above it; some devices have one less on both sides."""
    count = abs(round(steps))
    if count < _FEWEST_STEPS or abs(abs(steps) - count) > _OFF_GRID:
        return False
    return (count + 1).bit_count() == 1 or (steps < 0 and count.bit_count() == 1)


def _is_hold(row: Samples, start: int, stop: int, natural: int) -> bool:
    """Whether it ends in a jump, or lasts far longer than any equal samples elsewhere."""
    first = max(start - _BESIDE, 0)
    steps = np.abs(np.r_[np.diff(row[first : start + 1]), np.diff(row[stop - 1 : stop + _BESIDE])])
    steps = steps[steps > 0]
    before = abs(float(row[start]) - float(row[start - 1])) if start else 0.0
    after = abs(float(row[stop]) - float(row[start])) if stop < row.size else 0.0
    if steps.size and max(before, after) >= _STEPS * float(steps.min()):
        return True
    return stop - start >= max(SHORTEST_HOLD, _NATURAL * natural)
