"""How the shaft turns during a recording: the speed, and the angle as its integral."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Fine = NDArray[np.float32]

STEPS_PER_PERIOD = 20
STRETCH = 512
LOW_ORDERS = (1, 2, 3)


class SpeedProfile(enum.StrEnum):
    """How the speed changes within a recording."""

    CONSTANT = "constant"
    RAMP = "ramp"
    SINUSOIDAL = "sinusoidal"
    RANDOM_WALK = "random walk"


@dataclass(frozen=True, eq=False)
class Motion:
    """Speed and angle of the shaft at each sample.

    The angle is the integral of the speed, so that everything which is tied to the shaft
    changes its frequency when the speed changes, and not only its strength.

    Parameters
    ----------
    sample_rate_hz : float
    speed_hz : array of shape (samples,) or (1,)
        Turns in a second, above 0; one number when it is constant.
    count : int
        Samples.
    """

    sample_rate_hz: float
    speed_hz: Array
    count: int

    @cached_property
    def turns(self) -> Array:
        """Turns of the shaft since the first sample, shape (samples,)."""
        if self.speed_hz.size == 1:
            steady: Array = np.arange(self.count) * (self.speed_hz[0] / self.sample_rate_hz)
            return steady
        result = np.empty(self.count)
        result[0] = 0.0
        # Trapezoids: exact for a ramp.
        np.cumsum((self.speed_hz[1:] + self.speed_hz[:-1]) / 2, out=result[1:])
        result[1:] /= self.sample_rate_hz
        return result

    @property
    def mean_hz(self) -> float:
        return float(self.speed_hz.mean())

    @property
    def duration_s(self) -> float:
        return self.count / self.sample_rate_hz

    def tone(self, order: float, phase: float) -> Fine:
        """A sine of amplitude 1 at a multiple of the speed; ``phase`` in turns."""
        if self.speed_hz.size == 1:
            rate = float(order * self.speed_hz[0] / self.sample_rate_hz)
            return steady_sine(rate, phase, self.count)
        if order in LOW_ORDERS:
            angle = np.float32(order) * self._angle
        else:
            angle = _angle(self.turns * order)
        angle += np.float32(2 * np.pi * phase)
        result: Fine = np.sin(angle, out=angle)
        return result

    def times_of(self, turns: Array) -> Array:
        """When the shaft has turned so far, in seconds; between two samples, too."""
        if self.speed_hz.size == 1:
            return turns / float(self.speed_hz[0])
        return np.interp(turns, self.turns, np.arange(self.count) / self.sample_rate_hz)

    def squared(self, reference_hz: float) -> Fine:
        """The square of the speed against a reference, as forces of rotation grow."""
        result: Fine = np.square(self.speed_hz / reference_hz).astype(np.float32)
        return result

    @cached_property
    def _angle(self) -> Fine:
        return _angle(self.turns)


def steady_sine(rate: float, phase: float, count: int) -> Fine:
    """A sine of amplitude 1 and constant frequency.

    The sine of a sum is a sum of products: of the begins of stretches and of the places in
    one. So few sines are computed, in double precision, and the rest is one product of two
    thin matrices.

    Parameters
    ----------
    rate : float
        Turns from one sample to the next.
    phase : float
        Of the first sample, in turns.
    count : int
        Samples.

    Returns
    -------
    array of shape (count,), float32

    Examples
    --------
    >>> steady_sine(0.25, 0.0, 5).round(6).tolist()
    [0.0, 1.0, 0.0, -1.0, 0.0]
    """
    begins = 2 * np.pi * np.mod(np.arange(-(-count // STRETCH)) * (rate * STRETCH) + phase, 1)
    within = 2 * np.pi * np.mod(np.arange(STRETCH) * rate, 1)
    left = np.stack([np.sin(begins), np.cos(begins)], axis=1).astype(np.float32)
    right = np.stack([np.cos(within), np.sin(within)]).astype(np.float32)
    result: Fine = (left @ right).reshape(-1)[:count]
    return result


def move(
    profile: SpeedProfile,
    mean_hz: float,
    change: float,
    period_s: float,
    count: int,
    sample_rate_hz: float,
    rng: np.random.Generator,
) -> Motion:
    """The motion of a shaft whose speed follows a profile.

    A ramp begins or ends at ``mean_hz * (1 - change)`` and ends or begins as much above, up
    or down by chance. A sine swings between both with the period and a phase of chance. A
    random walk stays between them: its steps would spread it by ``change`` within a period,
    and it is thrown back at its bounds.

    Parameters
    ----------
    profile : SpeedProfile
    mean_hz : float
        Middle of the speeds.
    change : float
        Largest deviation as a share of the middle, from 0 to below 1.
    period_s : float
        Above 0; a constant speed and a ramp have none.
    count : int
        Samples.
    sample_rate_hz : float
    rng : numpy Generator

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> motion = move(SpeedProfile.RAMP, 50.0, 0.1, 1.0, 1_001, 1_000.0, rng)
    >>> sorted(float(motion.speed_hz[end].round(3)) for end in (0, -1))
    [45.0, 55.0]
    >>> float(motion.turns[-1].round(6))
    50.0
    """
    if profile is SpeedProfile.CONSTANT or change == 0:
        return Motion(sample_rate_hz, np.array([mean_hz]), count)
    if profile is SpeedProfile.RAMP:
        swing = rng.choice([-1.0, 1.0]) * np.linspace(-1, 1, count)
    elif profile is SpeedProfile.SINUSOIDAL:
        time_s = np.arange(count) / sample_rate_hz
        swing = np.sin(2 * np.pi * (time_s / period_s + rng.random()))
    else:
        swing = _walk(period_s, count, sample_rate_hz, rng)
    return Motion(sample_rate_hz, mean_hz * (1 + change * swing), count)


def _walk(period_s: float, count: int, sample_rate_hz: float, rng: np.random.Generator) -> Array:
    step_s = period_s / STEPS_PER_PERIOD
    knots = int(np.ceil(count / sample_rate_hz / step_s)) + 2
    steps = rng.standard_normal(knots) / np.sqrt(STEPS_PER_PERIOD)
    steps[0] = rng.uniform(-1, 1)
    places = np.abs((np.cumsum(steps) + 1) % 4 - 2) - 1  # a wave between -1 and 1 folds it
    time_s = np.arange(count) / sample_rate_hz
    walk: Array = np.interp(time_s, np.arange(knots) * step_s, places)
    return walk


def _angle(turns: Array) -> Fine:
    """In radians within one turn: single precision would lose the fraction of many turns."""
    fraction = turns - np.floor(turns)
    angle: Fine = fraction.astype(np.float32) * np.float32(2 * np.pi)
    return angle
