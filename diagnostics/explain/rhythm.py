"""How often relevance comes back, and whether that is how often a damaged bearing strikes.

A rolling-element fault does not stand in the raw spectrum as a line at BPFI: each strike rings
at resonances of the structure, and only the *repetition* has the fault frequency. The same goes
for relevance. So what is looked at is the spectrum of its size over time, as an envelope
spectrum is for the signal; the plain spectrum of relevance says which carrier was used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diagnostics.explain.attribution import Floats, Windows

Interval = tuple[float, float]
RANDOM_COMBS = 500
_FEWEST_LINES = 2.0
"""Below so many lines of resolution the trend of the window itself is seen."""
_BEYOND = 2.0
"""The rhythm is looked at up to so many times the last line: combs need room to lie elsewhere."""
_NOTHING = 1e-30


@dataclass(frozen=True)
class BandShare:
    """How much of the rhythm lies in some intervals, against chance.

    Parameters
    ----------
    share : float
        0 to 1, of the rhythm between ``low_hz`` and ``high_hz``.
    chance, chance_95 : float
        Mean and 95 % point of combs of the same widths at random frequencies.
    above : float
        Share of those combs that hold at least as much.
    """

    share: float
    chance: float
    chance_95: float
    above: float
    low_hz: float
    high_hz: float


def rhythm_spectrum(values: Windows | Floats) -> Floats:
    """Power of the size of relevance by frequency, its mean taken away; averaged over windows.

    Parameters
    ----------
    values : array of shape (windows, channels, samples)

    Returns
    -------
    array of shape (samples // 2 + 1,)
        Lines are ``sample_rate_hz / samples`` apart.
    """
    size = np.abs(values).astype(np.float64).sum(axis=1)
    size -= size.mean(axis=1, keepdims=True)
    lines = np.fft.rfft(size * np.hanning(size.shape[1]), axis=1)
    power = np.abs(lines) ** 2
    total = power.sum(axis=1, keepdims=True)
    shares: Floats = (power / np.maximum(total, _NOTHING)).mean(axis=0)
    return shares


def band_share(
    power: Floats, step_hz: float, intervals: Sequence[Interval], seed: int = 0
) -> BandShare | None:
    """What part of a rhythm lies in the intervals of one defect, and what chance would give.

    Parameters
    ----------
    power : array of shape (lines,)
        Of :func:`rhythm_spectrum`.
    step_hz : float
        From line to line.
    intervals : sequence of pairs
        Low and high end of each line of the defect, Hz. They are widened to a line and a half
        of resolution on each side of their middle, since a Hann window smears that far.
    seed : int

    Returns
    -------
    BandShare or None
        None where the first interval is below what the window resolves, or beyond the end, or
        there is no room for other combs.
    """
    combs = _widened(intervals, step_hz)
    top_hz = (len(power) - 1) * step_hz
    combs = [(middle, half) for middle, half in combs if middle + half <= top_hz]
    low = _FEWEST_LINES * step_hz
    if not combs or combs[0][0] - combs[0][1] < low:
        return None
    high = min(top_hz, combs[-1][0] * _BEYOND + combs[-1][1])
    inside = power[int(np.ceil(low / step_hz)) : int(high / step_hz) + 1].sum()
    total = max(float(inside), _NOTHING)
    share = _in_comb(power, step_hz, combs, 1.0) / total
    random = _random_shares(power, step_hz, combs, (low, high), seed) / total
    if not random.size:
        return None
    return BandShare(
        share=min(1.0, float(share)),
        chance=float(random.mean()),
        chance_95=float(np.quantile(random, 0.95)),
        above=float((random >= share).mean()),
        low_hz=low,
        high_hz=high,
    )


def _widened(intervals: Sequence[Interval], step_hz: float) -> list[tuple[float, float]]:
    return [((a + b) / 2, max((b - a) / 2, 1.5 * step_hz)) for a, b in sorted(intervals)]


def _in_comb(
    power: Floats, step_hz: float, combs: Sequence[tuple[float, float]], factor: float
) -> float:
    """The power in a comb whose middles are moved by a factor; no line counts twice."""
    taken = np.zeros(len(power), dtype=bool)
    for middle, half in combs:
        first = int(np.ceil((middle * factor - half) / step_hz))
        taken[max(0, first) : int((middle * factor + half) / step_hz) + 1] = True
    return float(power[taken].sum())


def _random_shares(
    power: Floats,
    step_hz: float,
    combs: Sequence[tuple[float, float]],
    span: Interval,
    seed: int,
) -> Floats:
    """Combs of the same shape whose teeth stay in the span."""
    rng = np.random.default_rng(seed)
    lowest = (span[0] + combs[0][1]) / combs[0][0]
    highest = (span[1] - combs[-1][1]) / combs[-1][0]
    # Towards higher factors there is little room, so half of the combs lie on either side.
    factors = np.concatenate(
        [
            np.exp(rng.uniform(np.log(max(lowest, 1e-3)), 0.0, RANDOM_COMBS // 2)),
            rng.uniform(1.0, max(highest, 1.0), RANDOM_COMBS - RANDOM_COMBS // 2),
        ]
    )
    middle, half = combs[0]
    apart = factors[np.abs(factors - 1) * middle > 2 * half]  # else it is the same comb
    return np.array([_in_comb(power, step_hz, combs, factor) for factor in apart])
