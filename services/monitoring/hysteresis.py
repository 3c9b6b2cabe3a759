"""When something measured is worth an alarm, and when the alarm is over.

What lies near its limit would else raise and clear at every measurement: an alarm is over only
when the value has come well below the limit that raised it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import Severity


@dataclass(frozen=True)
class Limits:
    """Above which values a warning and a critical alarm begin, in the unit of the value.

    They end when the value is ``margin`` below the same limit.
    """

    warning: float
    critical: float
    margin: float = 0.0


def severity_of(value: float, limits: Limits, present: Severity | None = None) -> Severity | None:
    """How grave a value is, given how grave it was found before; None when all is well.

    Examples
    --------
    >>> cpu = Limits(75.0, 90.0, margin=5.0)
    >>> severity_of(74.0, cpu) is None, severity_of(74.0, cpu, Severity.WARNING).value
    (True, 'warning')
    >>> severity_of(86.0, cpu, Severity.CRITICAL).value, severity_of(70.0, cpu, Severity.CRITICAL)
    ('critical', None)
    """
    critical_from = limits.critical - (limits.margin if present is Severity.CRITICAL else 0.0)
    warning_from = limits.warning - (limits.margin if present is not None else 0.0)
    if value > critical_from:
        return Severity.CRITICAL
    return Severity.WARNING if value > warning_from else None


def settled(states: Sequence[bool], needed: int = 2) -> bool | None:
    """What the last ``needed`` observations agree on; None while they do not, or are too few.

    For what is only there or not, where there is no value to keep a margin from.

    Examples
    --------
    >>> settled([True, False, False]), settled([False, True]), settled([True])
    (False, None, None)
    """
    last = states[-needed:]
    if len(last) < needed or len(set(last)) > 1:
        return None
    return last[0]
