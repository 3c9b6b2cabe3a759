"""Ages and dates in a query, and the stretch of time that each means.

``7d`` is the moment seven days ago, so ``created:>7d`` is after it: within the last seven days,
as ``created:>2026-11-22`` is after that day. A day is one of UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

AGE = re.compile(r"(\d{1,5})([hdwy])", re.ASCII)
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(days=7)}
UNITS["y"] = timedelta(days=365)
# The earliest that can be meant; older ages reach back to it.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
DAY_NAMES = {"today": 0, "yesterday": 1}
DATE = re.compile(r"\d{4}-\d{2}-\d{2}(t\d{2}:\d{2})?", re.ASCII)


def is_moment(text: str) -> bool:
    """Whether a text is an age or a date.

    Examples
    --------
    >>> [is_moment(text) for text in ("7d", "today", "2026-02-30", "2026-02-03", "soon")]
    [True, True, False, True, False]
    """
    if text in DAY_NAMES or AGE.fullmatch(text):
        return True
    return DATE.fullmatch(text) is not None and _date(text) is not None


def stretch(text: str, now: datetime) -> tuple[datetime, datetime]:
    """From when until when a moment lasts: a day its whole length, an age no time at all."""
    age = AGE.fullmatch(text)
    if age is not None:
        since = now - EARLIEST
        at = now - min(int(age[1]) * UNITS[age[2]], since)
        return at, at
    if text in DAY_NAMES:
        begin = _midnight(now) - timedelta(days=DAY_NAMES[text])
        return begin, begin + timedelta(days=1)
    at = _date(text) or now
    return at, at + (timedelta(minutes=1) if "t" in text else timedelta(days=1))


def is_age(text: str) -> bool:
    return AGE.fullmatch(text) is not None


def _date(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.upper()).replace(tzinfo=UTC)
    except ValueError:
        return None
    return found if found >= EARLIEST and found.year < 9999 else None


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.date(), time(), UTC)
