"""Levels that the unit of a channel makes impossible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnostics.signals.quality_checks.findings import Problem, QualityWarning
from diagnostics.signals.signal import Samples, Unit

FEWEST_COUNTS = 256
"""Whole numbers up to here are numbers of a converter, not of a calibrated channel."""
_LOOK = 4096


@dataclass(frozen=True)
class Plausible:
    """RMS without the mean, between which a channel can be a measurement of a machine."""

    low: float
    high: float


PLAUSIBLE: dict[Unit, Plausible] = {
    Unit.ACCELERATION_G: Plausible(1e-6, 200.0),
    Unit.ACCELERATION: Plausible(1e-5, 2000.0),
    Unit.VELOCITY: Plausible(1e-5, 2000.0),
    Unit.DISPLACEMENT: Plausible(1e-5, 20_000.0),
    Unit.PRESSURE: Plausible(1e-6, 1e7),
}
"""Wide limits of this project: below is the noise of good sensors over a second divided by ten
or more, above is what breaks machine and sensor. A unit that is wrong by 9.81 stays inside."""


def check_unit(row: Samples, name: str, unit: Unit | None) -> list[QualityWarning]:
    """Levels that a channel cannot have in its unit, and whole numbers of a converter.

    Parameters
    ----------
    row : array of shape (samples,)
        In ``unit``.
    name : str
        Of the channel.
    unit : Unit or None
        Volts and amperes may have any level.

    Returns
    -------
    list of QualityWarning
        One at most; ``value`` is the RMS without the mean, or the largest whole number.

    Examples
    --------
    >>> row = np.random.default_rng(0).normal(size=1000)
    >>> check_unit(row, "a", Unit.ACCELERATION_G)
    []
    >>> check_unit(np.round(4000 * row), "a", Unit.VOLTAGE)[0].message
    'a holds whole numbers only, up to 15,598: these are numbers of a converter, not V.'
    """
    if unit is None:
        return []
    largest = float(np.abs(row).max())
    look = row[:_LOOK]
    if largest >= FEWEST_COUNTS and np.all(look == np.rint(look)) and np.all(row == np.rint(row)):
        message = (
            f"{name} holds whole numbers only, up to {largest:,.0f}: these are numbers of a "
            f"converter, not {unit.value}."
        )
        return [QualityWarning(Problem.UNIT, message, largest, name, FEWEST_COUNTS)]
    limits = PLAUSIBLE.get(unit)
    scale = largest or 1.0
    rms = float((row / scale).std(dtype=np.float64)) * scale  # no square overflows
    if limits is None or limits.low <= rms <= limits.high:
        return []
    high = rms > limits.high
    says = "which no machine survives" if high else "below the noise of any sensor"
    message = f"{name} has an RMS of {rms:.4g} {unit.value}, {says}."
    return [QualityWarning(Problem.UNIT, message, rms, name, limits.high if high else limits.low)]
