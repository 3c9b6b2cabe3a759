"""What is wrong with samples before anybody analyses them, each with the measured value."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.signal import Samples

LOWEST_RATE_HZ = 100.0
HIGHEST_RATE_HZ = 5e6
_CLIPPED_RUN = 3
_CLIPPED_COUNT = 10
_SAME = 0.99999
_ORDERS = 10


class Problem(enum.StrEnum):
    MISSING_VALUES = "missing_values"
    CONSTANT = "constant"
    CLIPPED = "clipped"
    IDENTICAL = "identical_channels"
    NO_SPEED = "no_speed"
    RATE = "implausible_rate"
    SHORT = "short"
    NOTE = "note"


@dataclass(frozen=True)
class QualityWarning:
    """``value`` is the number that was measured: a count, a share, a factor, a rate.

    ``channel`` is the name of the channel when the warning is about one only.
    """

    problem: Problem
    message: str
    value: float | None = None
    channel: str | None = None


def check_samples(samples: Samples, names: tuple[str, ...]) -> list[QualityWarning]:
    """Values that are not finite, constant and clipped channels, channels that are the same.

    Channels that are copies of each other up to scale mean that one sensor was recorded twice
    or that a file was put together wrongly: a classifier sees no second view of the machine.
    Clipping makes harmonics that the machine does not have.

    Parameters
    ----------
    samples : array of shape (channels, samples)
        In any unit; may hold NaN and infinite values.
    names : tuple of str
        Of the channels.

    Returns
    -------
    list of QualityWarning
        Empty when nothing was found.

    Examples
    --------
    >>> time = np.arange(100.0)
    >>> [w.message for w in check_samples(np.stack([np.sin(time), 2 * np.sin(time)]), ("a", "b"))]
    ['The channels a and b are identical up to the factor 2.']
    """
    warnings = []
    sound = []
    for row, name in zip(samples, names, strict=True):
        found = _check_channel(row, name)
        warnings += found
        if not {w.problem for w in found} & {Problem.MISSING_VALUES, Problem.CONSTANT}:
            sound.append((row, name))
    for (one, one_name), (other, other_name) in combinations(sound, 2):
        factor = _factor(one, other)
        if factor is not None:
            text = "identical" if factor == 1 else f"identical up to the factor {factor:.4g}"
            warnings.append(
                QualityWarning(
                    Problem.IDENTICAL,
                    f"The channels {one_name} and {other_name} are {text}.",
                    factor,
                    other_name,
                )
            )
    return warnings


def check_rate(
    sample_rate_hz: float, sample_count: int, speed_rpm: float | None
) -> list[QualityWarning]:
    """A sampling rate that does not fit vibration, the speed, or the length of the recording.

    Parameters
    ----------
    sample_rate_hz : float
    sample_count : int
        Of one channel.
    speed_rpm : float or None
        Of the shaft.

    Returns
    -------
    list of QualityWarning

    Examples
    --------
    >>> [w.problem.value for w in check_rate(12.0, 120_000, 1797.0)]
    ['implausible_rate', 'implausible_rate']
    """
    warnings = []
    if not LOWEST_RATE_HZ <= sample_rate_hz <= HIGHEST_RATE_HZ:
        message = (
            f"A sampling rate of {sample_rate_hz:g} Hz is unusual for vibration. "
            "Is it given in kHz, or is this a trend?"
        )
        warnings.append(QualityWarning(Problem.RATE, message, sample_rate_hz))
    if speed_rpm and sample_rate_hz < 2 * _ORDERS * speed_rpm / 60:
        message = (
            f"{sample_rate_hz:g} Hz shows fewer than {_ORDERS} orders of a shaft "
            f"at {speed_rpm:g} rpm. Check both."
        )
        warnings.append(QualityWarning(Problem.RATE, message, sample_rate_hz))
    duration_s = sample_count / sample_rate_hz
    if speed_rpm and duration_s * speed_rpm / 60 < _ORDERS:
        message = f"The recording lasts {duration_s:.3g} s, less than {_ORDERS} turns of the shaft."
        warnings.append(QualityWarning(Problem.SHORT, message, duration_s))
    return warnings


def _check_channel(row: Samples, name: str) -> list[QualityWarning]:
    bad = row.size - int(np.count_nonzero(np.isfinite(row)))
    if bad:
        message = f"{bad:,} of {row.size:,} samples of {name} are NaN or infinite."
        return [QualityWarning(Problem.MISSING_VALUES, message, bad, name)]
    low, high = float(row.min()), float(row.max())
    if low == high:
        message = f"{name} is constant at {low:.6g}."
        return [QualityWarning(Problem.CONSTANT, message, low, name)]
    share = _clipped_share(row, low, high)
    if not share:
        return []
    message = (
        f"{name} is clipped: {100 * share:.3g} % of its samples lie flat at "
        f"{low:.4g} or {high:.4g}."
    )
    return [QualityWarning(Problem.CLIPPED, message, share, name)]


def _clipped_share(row: Samples, low: float, high: float) -> float:
    """Share of samples in flat stretches at an extreme; 0 when they can be chance."""
    clipped = 0
    for extreme in (low, high):
        flat = _in_runs(np.flatnonzero(row == extreme))
        if flat >= _CLIPPED_COUNT:
            clipped += flat
    return clipped / row.size


def _in_runs(positions: NDArray[np.intp]) -> int:
    """How many of the positions belong to a run of at least three neighbours."""
    if positions.size < _CLIPPED_COUNT:
        return 0
    breaks = np.flatnonzero(np.diff(positions) > 1)
    lengths = np.diff(np.r_[0, breaks + 1, positions.size])
    return int(lengths[lengths >= _CLIPPED_RUN].sum())


def _factor(one: Samples, other: Samples) -> float | None:
    """``other`` over ``one`` when they differ by a factor and an offset only."""
    # A short look first: channels that differ do so within a few thousand samples.
    for count in (4096, one.size):
        (a, a_scale), (b, b_scale) = _centred(one[:count]), _centred(other[:count])
        power = float(a @ a) * float(b @ b)
        if power and abs(float(a @ b)) / power**0.5 < _SAME:
            return None
    return float(a @ b) / float(a @ a) * (b_scale / a_scale) if power else None


def _centred(row: Samples) -> tuple[NDArray[np.float64], float]:
    """The row between −1 and 1 without its mean, and what it was divided by."""
    scale = float(np.abs(row).max()) or 1.0
    scaled = row.astype(np.float64) / scale
    return scaled - scaled.mean(), scale
