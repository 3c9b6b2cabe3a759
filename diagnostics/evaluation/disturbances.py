"""What goes wrong between a machine and its recording, done to windows on purpose."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.training.windows import Windows, WindowSet


class Kind(enum.StrEnum):
    NOISE = "noise"
    GAIN = "gain"
    OFFSET = "offset"
    DROPOUT = "dropout"
    RATE = "rate"


@dataclass(frozen=True)
class Disturbance:
    """What a level of a kind means, which levels are tried, and which are allowed."""

    kind: Kind
    title: str
    level_title: str
    meaning: str
    levels: tuple[float, ...]
    least: float
    most: float
    # The level that changes nothing.
    neutral: float = 0.0


DISTURBANCES: tuple[Disturbance, ...] = (
    Disturbance(
        Kind.NOISE,
        "White noise",
        "Noise / signal (SNR)",
        "Standard deviation of the noise as a fraction of the signal's: another sensor, cable or "
        "amplifier with a higher noise floor.",
        (0.01, 0.05, 0.1, 0.2),
        0.0,
        100.0,
    ),
    Disturbance(
        Kind.GAIN,
        "Gain",
        "Factor",
        "Factor on all samples: a wrong sensitivity, or a sensor that sits further away.",
        (0.5, 0.8, 1.25, 2.0),
        0.001,
        1000.0,
        1.0,
    ),
    Disturbance(
        Kind.OFFSET,
        "DC offset",
        "Offset / signal",
        "A constant, in standard deviations σ of the signal: a bias that drifts, or a converter "
        "without zero balance.",
        (0.5, 1.0, 2.0),
        -1000.0,
        1000.0,
    ),
    Disturbance(
        Kind.DROPOUT,
        "Dropouts",
        "Share lost",
        "Share of each window that reads zero, in one gap: a loose plug, or lost packets of a "
        "radio link.",
        (0.01, 0.05, 0.1, 0.2),
        0.0,
        1.0,
    ),
    Disturbance(
        Kind.RATE,
        "Wrong sampling rate",
        "Factor",
        "Factor on every frequency: a recording whose stated sampling rate is not the one it was "
        "taken with, or a machine at another speed.",
        (0.9, 0.95, 0.99, 1.01, 1.05, 1.1),
        0.5,
        2.0,
        1.0,
    ),
)


def disturbance(kind: Kind) -> Disturbance:
    """What is known about a kind."""
    return next(one for one in DISTURBANCES if one.kind is kind)


def snr_db(level: float) -> float | None:
    """Signal-to-noise ratio in dB of a noise level; None without noise.

    Examples
    --------
    >>> snr_db(0.1), round(snr_db(0.2), 2), snr_db(0.0)
    (20.0, 13.98, None)
    """
    return -20 * math.log10(level) + 0.0 if level > 0 else None


def disturbed(
    windows: Windows, kind: Kind, level: float, generator: np.random.Generator
) -> Windows:
    """Windows as they would have been measured under a disturbance.

    Parameters
    ----------
    windows : array of shape (windows, channels, samples)
        As measured, not normalised. They stay as they are.
    kind : Kind
        Any but :attr:`Kind.RATE`, which needs the samples around a window:
        :func:`with_wrong_rate`.
    level : float
        In what :data:`DISTURBANCES` says. The standard deviation of the signal is that of each
        window and channel, so the ratio of signal to noise is the same in all of them; a real
        sensor's noise stays the same while the machine gets quieter.
    generator : numpy.random.Generator

    Returns
    -------
    array of shape (windows, channels, samples), float32

    Raises
    ------
    EvaluationError
        If the level is out of the range of its kind.

    Examples
    --------
    >>> ones = np.ones((1, 1, 4), dtype=np.float32)
    >>> disturbed(ones, Kind.GAIN, 2.0, np.random.default_rng(0))
    array([[[2., 2., 2., 2.]]], dtype=float32)
    """
    _check(kind, level)
    works: dict[Kind, Callable[[Windows, float, np.random.Generator], NDArray[np.floating]]] = {
        Kind.NOISE: _noise,
        Kind.GAIN: lambda given, factor, _: given * factor,
        Kind.OFFSET: lambda given, share, _: given + share * _deviation(given),
        Kind.DROPOUT: _dropout,
    }
    return works[kind](windows, level, generator).astype(np.float32)


def with_wrong_rate(windows: WindowSet, factor: float) -> WindowSet:
    """The same recordings, taken for faster or slower ones than they were.

    Parameters
    ----------
    windows : WindowSet
    factor : float
        Every frequency is read as so many times what it was: above 1 when the stated rate is
        too high. The windows begin at about the same moments; those that no longer fit in
        their recording are moved to its end.

    Returns
    -------
    WindowSet
        Recordings that have become shorter than a window are not in it.

    Raises
    ------
    EvaluationError
        If the factor is out of its range, or no window is left.
    """
    _check(Kind.RATE, factor)
    claimed = tuple(
        replace(one, sample_rate_hz=one.sample_rate_hz * factor) for one in windows.recordings
    )
    # At the classifier's rate, the recording has so many samples now.
    lengths = np.array(
        [int(one.sample_count * windows.sample_rate_hz / one.sample_rate_hz) for one in claimed]
    )
    latest = lengths[windows.owner] - windows.window
    fits = latest >= 0
    if not fits.any():
        raise EvaluationError("No recording is long enough for one window at this rate.")
    start = np.minimum((windows.start / factor).round().astype(np.int64), latest)[fits]
    return replace(
        windows,
        recordings=claimed,
        owner=windows.owner[fits],
        start=start,
        targets=windows.targets[fits],
    )


def _check(kind: Kind, level: float) -> None:
    about = disturbance(kind)
    if not (math.isfinite(level) and about.least <= level <= about.most):
        raise EvaluationError(
            f"{about.title}: expected a level of {about.least:g} to {about.most:g}, got {level:g}."
        )


def _deviation(windows: Windows) -> NDArray[np.floating]:
    return np.asarray(windows.std(axis=2, keepdims=True))


def _noise(windows: Windows, level: float, generator: np.random.Generator) -> NDArray[np.floating]:
    drawn = generator.standard_normal(windows.shape, dtype=np.float32)
    return np.asarray(windows + level * _deviation(windows) * drawn)


def _dropout(
    windows: Windows, share: float, generator: np.random.Generator
) -> NDArray[np.floating]:
    """All channels at once: they share the cable or the link."""
    samples = windows.shape[2]
    gap = min(samples, math.ceil(share * samples))
    first = generator.integers(0, samples - gap + 1, size=len(windows))
    place = np.arange(samples)
    lost = (place >= first[:, None]) & (place < first[:, None] + gap)
    return np.where(lost[:, None, :], 0.0, windows)
