"""The speed of the shaft, read from the vibration itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.peaks import line_tops, noise_floor
from diagnostics.signals.spectrum import Spectrum, amplitude_spectrum

HARMONICS = 6
NOISE_DB = 6.0
"""What a line of noise easily reaches; only what is above counts."""
ENOUGH_DB = 30.0
"""A line counts up to here, so that one loud line is no comb."""
AS_GOOD = 0.75
LEAST_DB = 10.0
LEAST_CONFIDENCE = 0.15
FEWEST_TURNS = 20


@dataclass(frozen=True)
class SpeedEstimate:
    """``rpm`` is None where the signal does not tell; ``how`` says why or from what.

    ``confidence`` (0 to 1) is how far the next best speed falls behind.
    """

    rpm: float | None
    confidence: float
    how: str


def estimate_speed(
    samples: NDArray[np.floating], sample_rate_hz: float, low_rpm: float, high_rpm: float
) -> SpeedEstimate:
    """Find the speed whose first six multiples stand up most in the spectrum.

    Imbalance, misalignment and looseness put lines at the multiples of the shaft speed.
    For each speed in the range the decibels of those lines above the floor are averaged,
    the n-th with the weight 1/n, and the best is taken if it stands clear of all others.
    Where it does not, none is given: a wrong speed is worse than none, as it shifts every
    defect frequency.

    It misleads where something else has a comb in the range: the mains at 3000 or 3600
    rpm (and half of it), a second shaft, a gear, a bearing that strikes as often as a
    shaft could turn; half or twice the true speed can win if every other line is missing.
    So give the range as narrow as it is known, and compare with the name plate. A speed
    that changes within the signal smears the lines; take a shorter time.

    Parameters
    ----------
    samples : array of shape (samples,)
        In any unit; 20 turns or more.
    sample_rate_hz : float
        Above 0.
    low_rpm, high_rpm : float
        The range to look in, above 0; its upper end below a sixth of what the sampling
        rate shows.

    Returns
    -------
    SpeedEstimate

    Raises
    ------
    SignalError
        If there are several channels, fewer than 8 samples, a value is not finite or a
        number is out of its range.

    Examples
    --------
    >>> turns = 29.93 * np.arange(60_000) / 12_000
    >>> comb = sum(np.cos(2 * np.pi * order * turns) for order in range(1, 6))
    >>> noise = np.random.default_rng(0).normal(size=60_000)
    >>> estimate = estimate_speed(0.3 * comb + noise, 12_000, 900, 3_600)
    >>> round(estimate.rpm), estimate.confidence > 0.3
    (1796, True)
    >>> estimate_speed(noise, 12_000, 900, 3_600).rpm
    """
    _check(samples, sample_rate_hz, low_rpm, high_rpm)
    needed_s = FEWEST_TURNS * 60 / low_rpm
    if samples.size / sample_rate_hz < needed_s:
        return SpeedEstimate(
            None, 0.0, f"Too short: {low_rpm:g} rpm needs {needed_s:.3g} s to be told."
        )
    whole = amplitude_spectrum(samples, sample_rate_hz)
    stop = math.ceil((HARMONICS + 1) * high_rpm / 60 / whole.resolution_hz) + 2
    spectrum = Spectrum(whole.frequencies_hz[:stop], whole.values[:stop])
    candidates_hz, lines_db = _combs(spectrum, low_rpm / 60, high_rpm / 60)
    # Low multiples are the shaft's own; high ones fall together with other machine parts.
    weights = 1 / np.arange(1, HARMONICS + 1)
    scores = np.where(lines_db[0] > 0, weights @ lines_db / weights.sum(), 0.0)
    best = _slower_if_as_good(candidates_hz, scores, int(scores.argmax()))
    score = float(scores[best])
    confidence = _confidence(candidates_hz, scores, best, 2 * spectrum.resolution_hz)
    if score < LEAST_DB:
        said = f"No comb of shaft lines: the clearest stands {score:.0f} dB above the noise."
        return SpeedEstimate(None, confidence, said)
    if confidence < LEAST_CONFIDENCE:
        return SpeedEstimate(None, confidence, "Several speeds fit about equally well.")
    rpm = 60 * _refined(spectrum, float(candidates_hz[best]), lines_db[:, best])
    return SpeedEstimate(
        rpm,
        confidence,
        f"From {np.count_nonzero(lines_db[:, best])} of the first {HARMONICS} multiples of the "
        f"shaft speed, {score:.0f} dB above the noise on average.",
    )


def _combs(
    spectrum: Spectrum, low_hz: float, high_hz: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Candidates, and for each the decibels of its multiples (harmonics, candidates)."""
    step_hz = spectrum.resolution_hz
    least = np.finfo(float).tiny + spectrum.values.max() * np.finfo(float).eps
    floor = np.maximum(noise_floor(spectrum.values), least)
    above_db = 20 * np.log10(np.maximum(spectrum.values, least) / floor) - NOISE_DB
    above_db = np.clip(above_db, 0, ENOUGH_DB)
    highest = above_db.copy()
    highest[1:-1] = np.max([above_db[:-2], above_db[1:-1], above_db[2:]], axis=0)
    count = math.ceil((high_hz - low_hz) * 2 * HARMONICS / step_hz) + 1
    candidates_hz = np.linspace(low_hz, high_hz, count)
    orders = np.arange(1, HARMONICS + 1)[:, np.newaxis]
    return candidates_hz, highest[np.rint(orders * candidates_hz / step_hz).astype(int)]


def _slower_if_as_good(
    candidates_hz: NDArray[np.float64], scores: NDArray[np.float64], best: int
) -> int:
    """Half the speed, if its comb is nearly as good: the faster one is every other line of it.

    Half of a true speed has noise for every other line, and less than half of the score.
    """
    step_hz = float(candidates_hz[1] - candidates_hz[0])
    near = np.abs(candidates_hz - candidates_hz[best] / 2) < HARMONICS * step_hz
    slower = int(np.where(near, scores, 0.0).argmax())
    return slower if scores[slower] >= AS_GOOD * scores[best] else best


def _confidence(
    candidates_hz: NDArray[np.float64],
    scores: NDArray[np.float64],
    best: int,
    apart_hz: float,
) -> float:
    """Share by which the next speed falls behind.

    Twice and half the speed have half of the lines in common and are no rivals.
    """
    if scores[best] <= 0:
        return 0.0
    rival = np.ones(scores.size, dtype=bool)
    for ratio in (0.5, 1.0, 2.0):
        rival &= np.abs(candidates_hz - ratio * candidates_hz[best]) > max(1.0, ratio) * apart_hz
    next_best = float(scores[rival].max(initial=0.0))
    return max(0.0, 1.0 - next_best / float(scores[best]))


def _refined(spectrum: Spectrum, speed_hz: float, lines_db: NDArray[np.float64]) -> float:
    """Mean of what the lines say, each read between the bins; a high multiple says more."""
    total = weights = 0.0
    for order in np.flatnonzero(lines_db) + 1:
        line = round(order * speed_hz / spectrum.resolution_hz)
        top = line - 1 + int(spectrum.values[line - 1 : line + 2].argmax())
        offsets, _ = line_tops(spectrum.values, np.array([top]))
        found_hz = (top + float(np.clip(offsets[0], -0.5, 0.5))) * spectrum.resolution_hz
        weight = float(order * lines_db[order - 1] ** 2)
        total += weight * found_hz / order
        weights += weight
    return float(total / weights)


def _check(
    samples: NDArray[np.floating], sample_rate_hz: float, low_rpm: float, high_rpm: float
) -> None:
    if samples.ndim != 1:
        raise SignalError(f"A speed is read from one channel, got the shape {samples.shape}.")
    if not 0 < low_rpm < high_rpm < math.inf:
        raise SignalError(
            "The range of speeds begins above 0 rpm and ends above its beginning, got "
            f"{low_rpm:g} to {high_rpm:g} rpm."
        )
    most_rpm = 60 * sample_rate_hz / 2 / (HARMONICS + 1.5)
    if high_rpm > most_rpm:
        raise SignalError(
            f"With {sample_rate_hz:g} Hz speeds up to {most_rpm:.0f} rpm can be told, got "
            f"{high_rpm:g} rpm."
        )
