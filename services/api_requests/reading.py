"""What the sums say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from models import ALL_TIME, KeySum, RequestHour, RequestSum
from models.base import now
from services.api_requests.writing import BOUNDS_US, LOST, SLOTS

LONGEST_HOURS = 24 * 366
MINUTES_OF_A_DAY = 24 * 60

COUNTS = ("requests", "refused", "failed", "duration_us")


@dataclass(frozen=True)
class Sums:
    """``slots`` counts durations by the columns of the histogram; empty where not asked for."""

    requests: int = 0
    refused: int = 0
    failed: int = 0
    duration_us: int = 0
    slots: Sequence[int] = ()

    @property
    def error_rate(self) -> float:
        """The share of answers from 400 on."""
        return (self.refused + self.failed) / self.requests if self.requests else 0.0

    @property
    def mean_ms(self) -> float | None:
        return self.duration_us / self.requests / 1000 if self.requests else None


def within_hours(hours: int) -> int:
    """A number of hours that there can be."""
    return max(1, min(hours, LONGEST_HOURS))


def first_minute(hours: int) -> int:
    """The minute since 1970 in which the last ``hours`` begin; minutes are counted as a whole."""
    return int(now().timestamp() // 60) - within_hours(hours) * 60


def first_hour(hours: int) -> int:
    """The hour since 1970 in which the last ``hours`` begin; hours are counted as a whole."""
    return int(now().timestamp() // 3600) - within_hours(hours)


def moment_of(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def of_all_time(session: Session) -> dict[tuple[str, str], Sums]:
    """By route and verb."""
    found = _by_endpoint(session, _Part(RequestSum, RequestSum.minute == ALL_TIME))
    found.pop((LOST, LOST), None)
    return found


def by_endpoint(session: Session, first: int) -> tuple[dict[tuple[str, str], Sums], int]:
    """By route and verb from a minute on, and how many requests were not written down."""
    found: dict[tuple[str, str], list[Sums]] = defaultdict(list)
    for part in _since(first):
        for name, sums in _by_endpoint(session, part).items():
            found[name].append(sums)
    together = {name: of_all(sums) for name, sums in found.items()}
    return together, together.pop((LOST, LOST), Sums()).requests


def of_all(parts: Iterable[Sums]) -> Sums:
    """All of them together."""
    given = list(parts)
    return Sums(
        sum(one.requests for one in given),
        sum(one.refused for one in given),
        sum(one.failed for one in given),
        sum(one.duration_us for one in given),
        tuple(map(sum, zip(*(one.slots for one in given), strict=True))),
    )


def by_time(session: Session, first: int, width: int) -> dict[int, Sums]:
    """By slots of so many minutes, without histograms."""
    found: dict[int, list[Sums]] = defaultdict(list)
    whole_hours = width % 60 == 0
    for part in _since(first) if whole_hours else [_Part(RequestSum, RequestSum.minute >= first)]:
        table = part.model
        minute = table.hour * 60 if table is RequestHour else table.minute
        slot = minute - minute % width
        wanted = select(slot, *part.counts()).where(part.condition, table.endpoint != LOST)
        for begin, *counts in session.execute(wanted.group_by(slot)):
            found[int(begin)].append(_sums(counts))
    return {begin: of_all(sums) for begin, sums in found.items()}


def by_key(session: Session, first: int, limit: int) -> dict[int, Sums]:
    """The keys with most requests, these first."""
    wanted = (
        _key_sums(first).order_by(func.sum(KeySum.requests).desc(), KeySum.api_key_id).limit(limit)
    )
    return {key_id: _sums(counts) for key_id, *counts in session.execute(wanted)}


def key_usage(session: Session, key_ids: Collection[int], hours: int) -> dict[int, Sums]:
    """Of each key in the last hours, and of the hour in which they begin as a whole."""
    wanted = _key_sums(first_hour(hours)).where(KeySum.api_key_id.in_(key_ids))
    found = {key_id: _sums(counts) for key_id, *counts in session.execute(wanted)}
    return {key_id: found.get(key_id, Sums()) for key_id in key_ids}


def percentile(slots: Sequence[int], share: float) -> float | None:
    """Milliseconds below which so large a share of the durations lies, spread evenly in a slot.

    Above the last bound nothing more is known than that bound.

    Examples
    --------
    >>> percentile([0, 4, *[0] * 18, 0], 0.5)  # four between 0.5 and 1 ms
    0.75
    """
    wanted, below, lower_us = share * sum(slots), 0, 0
    if not wanted:
        return None
    for count, upper_us in zip(slots, BOUNDS_US.values(), strict=False):
        if below + count >= wanted:
            return (lower_us + (upper_us - lower_us) * (wanted - below) / count) / 1000
        below, lower_us = below + count, upper_us
    return lower_us / 1000


def _key_sums(first: int) -> Any:
    counts = (KeySum.requests, KeySum.refused, KeySum.failed, KeySum.duration_us)
    return (
        select(KeySum.api_key_id, *map(func.sum, counts))
        .where(KeySum.hour >= first)
        .group_by(KeySum.api_key_id)
    )


@dataclass(frozen=True)
class _Part:
    """Rows of one of the two tables."""

    model: Any
    condition: Any

    def counts(self) -> list[Any]:
        return [func.sum(getattr(self.model, name)) for name in COUNTS]

    def slots(self) -> list[Any]:
        return [func.sum(getattr(self.model, name)) for name in SLOTS]


def _since(first: int) -> list[_Part]:
    """From a minute on: the minutes until the next full hour, and then hours."""
    full = -(-first // 60)
    begin = and_(RequestSum.minute >= first, RequestSum.minute < full * 60)
    return [_Part(RequestSum, begin), _Part(RequestHour, RequestHour.hour >= full)]


def _by_endpoint(session: Session, part: _Part) -> dict[tuple[str, str], Sums]:
    names = (part.model.endpoint, part.model.method)
    wanted = select(*names, *part.counts(), *part.slots()).where(part.condition).group_by(*names)
    return {(route, verb): _sums(counts) for route, verb, *counts in session.execute(wanted)}


def _sums(row: Sequence[Any]) -> Sums:
    requests, refused, failed, duration_us, *slots = (int(number or 0) for number in row)
    return Sums(requests, refused, failed, duration_us, tuple(slots))
