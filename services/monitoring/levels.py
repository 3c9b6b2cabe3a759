"""How well something is, and the limits that decide it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import TypedDict

from models import Severity
from services.monitoring.hysteresis import Limits, severity_of

# In percent of all cores, of the memory, and of what can be had of the fullest disk.
CPU = Limits(75.0, 90.0, margin=5.0)
MEMORY = Limits(75.0, 90.0, margin=5.0)
DISK = Limits(85.0, 95.0, margin=2.0)
# Seconds since a worker of the queue was heard, and since the oldest of its jobs waits.
SILENCE = Limits(60.0, 300.0)
WAITING = Limits(300.0, 1_800.0, margin=60.0)


class Level(enum.StrEnum):
    """From the best to the worst."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class Check(TypedDict):
    """One thing that has to work, whether it does, and a sentence about it.

    What is ``ok`` may be degraded: it works, and will not for long, or works slowly.
    """

    name: str
    ok: bool
    level: Level
    message: str


def checked(
    name: str, message: str, level: Level = Level.HEALTHY, *, ok: bool | None = None
) -> Check:
    """``ok`` is the healthy, unless said otherwise."""
    is_ok = level is Level.HEALTHY if ok is None else ok
    return {"name": name, "ok": is_ok, "level": level, "message": message}


def level_of(checks: Sequence[Check]) -> Level:
    """The worst of the levels."""
    return max((check["level"] for check in checks), key=list(Level).index, default=Level.HEALTHY)


def level_at(value: float, limits: Limits) -> Level:
    """The level of a value.

    Examples
    --------
    >>> [level_at(value, CPU).value for value in (75.0, 75.1, 90.1)]
    ['healthy', 'degraded', 'unhealthy']
    """
    return level_for(severity_of(value, limits))


def level_for(severity: Severity | None) -> Level:
    """The level that goes with an alarm."""
    if severity is None:
        return Level.HEALTHY
    return Level.UNHEALTHY if severity is Severity.CRITICAL else Level.DEGRADED
