"""What the checks of a signal say: the problem, the measured value, the limit, and the place."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

MOST_PLACES = 20
"""Places that a finding names; what it measured counts all of them."""

Places = tuple[tuple[int, int], ...]
"""Stretches of a channel: the first sample of each, and the one after its last."""


class Problem(enum.StrEnum):
    MISSING_VALUES = "missing_values"
    CONSTANT = "constant"
    FEW_LEVELS = "few_levels"
    CLIPPED = "clipped"
    FROZEN = "frozen"
    DROPOUT = "dropout"
    SPIKES = "spikes"
    OFFSET = "offset"
    HUM = "mains_hum"
    IDENTICAL = "identical_channels"
    NO_SPEED = "no_speed"
    RATE = "implausible_rate"
    UPSAMPLED = "upsampled"
    UNIT = "implausible_unit"
    SHORT = "short"
    NOTE = "note"


ADVICE: dict[Problem, str] = {
    Problem.MISSING_VALUES: "Export the recording again, or cut the part out.",
    Problem.CONSTANT: (
        "The sensor or its cable is dead, or the channel was not connected. Measure again, and "
        "leave this channel out."
    ),
    Problem.FEW_LEVELS: (
        "This is a pulse signal such as a tacho, or a dead sensor of which only the last digit "
        "of the converter moves. Do not look for faults in it."
    ),
    Problem.CLIPPED: (
        "The input range was too small: peaks are too low, and flat tops make harmonics that "
        "the machine does not have. Measure again with a larger range; until then distrust "
        "peak, crest factor, kurtosis and high harmonics."
    ),
    Problem.FROZEN: (
        "The device repeated its last value: samples were lost. Analyse the time before or "
        "after, since the edges look like impacts."
    ),
    Problem.DROPOUT: (
        "Samples were lost or the cable opened for a moment. Analyse the time before or after, "
        "since the edges look like impacts."
    ),
    Problem.SPIKES: (
        "A sample cannot leap so far and back: an impact rings on. These come from a loose "
        "contact, switching, or the transmission. They raise peak, crest factor and kurtosis; "
        "check cable and connector."
    ),
    Problem.OFFSET: (
        "Vibration has no mean: this is the bias of the sensor or its supply, or gravity (1 g) "
        "of a sensor that measures it. Take the mean off before you read RMS or peak, and never "
        "integrate it to velocity without a high-pass."
    ),
    Problem.HUM: (
        "These lines are electrical, not mechanical: an earth loop, a bad shield, or a supply. "
        "Do not read them as lines of shaft or bearing; check the earthing of sensor and device. "
        "A shaft at exactly 3000 or 3600 rpm makes the same lines: type the speed to tell."
    ),
    Problem.IDENTICAL: (
        "One sensor was recorded twice, or the file was put together wrongly. The second channel "
        "is no second view of the machine: leave one out."
    ),
    Problem.NO_SPEED: "Type the speed if you know it.",
    Problem.RATE: (
        "When the rate is wrong, each frequency is wrong by the same factor. Check the settings "
        "of the device and the speed, and correct what is wrong."
    ),
    Problem.UPSAMPLED: (
        "The recording was stretched to a higher rate, or filtered: nothing above is measured. "
        "Choose bands below that, and do not compare it with recordings of a true higher rate, "
        "which a classifier would tell apart by this alone."
    ),
    Problem.UNIT: (
        "Check unit and sensitivity: numbers of the converter, mV or m/s² may have been taken "
        "for another unit. All limits and severities depend on it."
    ),
    Problem.SHORT: (
        "Spectra of so short a time cannot tell neighbouring lines apart. Measure longer."
    ),
}
"""What a problem means for the machine, and what to do."""


@dataclass(frozen=True)
class QualityWarning:
    """``value`` is the number that was measured: a count, a share, a factor, a rate.

    ``channel`` is the name of the channel when the warning is about one only. ``threshold`` is
    the value from which on it counts as a problem. ``places`` are samples of the channel; empty
    when all of it is meant.
    """

    problem: Problem
    message: str
    value: float | None = None
    channel: str | None = None
    # Not stored with a recording: one that was read back is the same without them.
    threshold: float | None = field(default=None, compare=False)
    places: Places = field(default=(), compare=False)

    @property
    def advice(self) -> str:
        """What it means and what to do; empty for a note."""
        return ADVICE.get(self.problem, "")


def product(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """The sum of the products of two rows, on one core: ``@`` keeps the others busy for nothing.

    Examples
    --------
    >>> product(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    return float(np.einsum("i,i->", one, other))
