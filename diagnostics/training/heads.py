"""What a classifier may estimate beside the class: quantities, each by a head of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass

from diagnostics.synthesis.faults import NO_SEVERITY, SEVERITIES


@dataclass(frozen=True)
class Head:
    """A quantity of a recording that a network estimates.

    Parameters
    ----------
    name : str
        Of the quantity, such as ``speed_rpm``.
    title : str
    unit : str
        Empty for a share.
    weight : str
        Name of the parameter that says how much the error of this head counts in the loss.
    low, high : float
        Where the quantity can lie; estimates are held there.
    """

    name: str
    title: str
    unit: str
    weight: str
    low: float
    high: float


SEVERITY = Head("severity", "Severity", "", "severity_weight", 0.0, 1.0)
SPEED = Head("speed_rpm", "Speed", "rpm", "speed_weight", 0.0, math.inf)
HEADS: dict[str, Head] = {head.name: head for head in (SEVERITY, SPEED)}


def severity_of(value: object) -> float | None:
    """The severity that an attribute of a recording says, 0 (healthy) to 1; None for anything else.

    A number stands for itself. The name of a level stands for the middle of its range.

    Examples
    --------
    >>> severity_of(0.4), severity_of("Moderate"), severity_of("none"), severity_of("0.25")
    (0.4, 0.8, 0.0, 0.25)
    >>> severity_of(21), severity_of("a little"), severity_of(None)
    (None, None, None)
    """
    if isinstance(value, str):
        level = value.strip().lower()
        if level in SEVERITIES:
            low, high = SEVERITIES[level]
            return (low + high) / 2
        if level == NO_SEVERITY:
            return 0.0
    number = _number(value)
    return number if number is not None and SEVERITY.low <= number <= SEVERITY.high else None


def speed_of(value: object) -> float | None:
    """A speed in rpm; None where nothing turns or nothing is known.

    Examples
    --------
    >>> speed_of(1797), speed_of(0), speed_of(None)
    (1797.0, None, None)
    """
    number = _number(value)
    return number if number is not None and number > 0 else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
