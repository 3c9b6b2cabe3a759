"""When a day or a week of somebody ends, wherever that person is.

By the clock on the wall: 09:00 stays 09:00 when the clocks are put forward or back.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models import DigestPeriod

NINE = time(9)
MONDAY = 0


def zone_of(name: str) -> tzinfo:
    """The time zone; UTC for a name that the database of zones does not have any more."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def last_due(period: DigestPeriod, at: datetime, zone: tzinfo) -> datetime:
    """The last time before ``at`` when a digest was due.

    Examples
    --------
    >>> at = datetime(2026, 3, 29, 12, tzinfo=UTC)  # a Sunday; the clocks went forward that night
    >>> last_due(DigestPeriod.DAILY, at, ZoneInfo("Europe/Berlin")).astimezone(UTC).isoformat()
    '2026-03-29T07:00:00+00:00'
    >>> last_due(DigestPeriod.WEEKLY, at, ZoneInfo("Europe/Berlin")).astimezone(UTC).isoformat()
    '2026-03-23T08:00:00+00:00'
    """
    local = at.astimezone(zone)
    day = local.date() if local.time() >= NINE else local.date() - timedelta(days=1)
    if period is DigestPeriod.WEEKLY:
        day -= timedelta(days=(day.weekday() - MONDAY) % 7)
    return datetime.combine(day, NINE, zone)


def next_due(period: DigestPeriod, at: datetime, zone: tzinfo) -> datetime:
    """The next time after ``at`` when a digest will be due."""
    days = 7 if period is DigestPeriod.WEEKLY else 1
    # Days of the calendar, of which some have 23 or 25 hours.
    day = last_due(period, at, zone).date() + timedelta(days=days)
    return datetime.combine(day, NINE, zone)
