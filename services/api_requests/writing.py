"""Write a batch of requests, and add them to the sums."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, insert, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import ALL_TIME, APIKey, APIRequest, KeySum, RequestHour, RequestSum
from models.base import now
from services.api_requests.samples import storable

if TYPE_CHECKING:
    from services.api_requests.log import Noted

LOST = ""  # the route of what was lost
ABOVE = "above"
# Upper bounds of the slots of durations, by column.
BOUNDS_US: dict[str, int] = {
    column.name: int(column.name.removeprefix("le_")) * 100
    for column in RequestSum.__table__.columns
    if column.name.startswith("le_")
}
SLOTS: tuple[str, ...] = (*BOUNDS_US, ABOVE)
USED_EVERY = timedelta(minutes=1)
LONGEST_TEXT = 400
LARGEST = 2**31 - 1

_BOUNDS = list(BOUNDS_US.values())


def write(session: Session, batch: Sequence[Noted], lost: int = 0) -> None:
    if batch:
        session.execute(insert(APIRequest), [_row(one) for one in batch])
    by_route = _by_route(batch, lost)
    _add(session, _table(RequestSum), by_route)
    _add(session, _table(RequestHour), _by_hour(by_route))
    _add(session, _table(KeySum), _by_key(batch))
    _tell_use(session, batch)


def slot_of(duration_us: int) -> str:
    """The column that counts a duration.

    Examples
    --------
    >>> slot_of(500), slot_of(501), slot_of(10**9)
    ('le_5', 'le_10', 'above')
    """
    return SLOTS[bisect_left(_BOUNDS, duration_us)]


def _row(one: Noted) -> dict[str, Any]:
    row = asdict(one)
    for text in ("user_agent", "error_message"):
        row[text] = storable(row[text])[:LONGEST_TEXT] if row[text] else None
    for number in ("duration_us", "request_size", "response_size"):
        row[number] = min(row[number], LARGEST)
    return row


def _by_route(batch: Sequence[Noted], lost: int) -> list[dict[str, Any]]:
    sums: dict[tuple[int, str, str], Counter[str]] = defaultdict(Counter)
    for one in batch:
        for minute in (int(one.at.timestamp() // 60), ALL_TIME):
            counts = sums[minute, one.endpoint, one.method]
            _count(counts, one)
            counts[slot_of(one.duration_us)] += 1
    for minute in (int(now().timestamp() // 60), ALL_TIME) if lost else ():
        sums[minute, LOST, LOST]["requests"] = lost
    # In one order, or two processes wait for each other on PostgreSQL.
    return [
        {"minute": minute, "endpoint": endpoint, "method": method, **counts}
        for (minute, endpoint, method), counts in sorted(sums.items())
    ]


def _by_hour(minutes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    sums: dict[tuple[int, str, str], Counter[str]] = defaultdict(Counter)
    for row in minutes:
        counts = dict(row)
        minute, endpoint, method = (counts.pop(name) for name in ("minute", "endpoint", "method"))
        if minute > ALL_TIME:
            sums[minute // 60, endpoint, method].update(counts)
    return [
        {"hour": hour, "endpoint": endpoint, "method": method, **counts}
        for (hour, endpoint, method), counts in sorted(sums.items())
    ]


def _by_key(batch: Sequence[Noted]) -> list[dict[str, Any]]:
    sums: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for one in batch:
        if one.api_key_id is not None:
            _count(sums[int(one.at.timestamp() // 3600), one.api_key_id], one)
    return [
        {"hour": hour, "api_key_id": key_id, **counts}
        for (hour, key_id), counts in sorted(sums.items())
    ]


def _count(counts: Counter[str], one: Noted) -> None:
    counts["requests"] += 1
    counts["refused"] += 400 <= one.status_code < 500
    counts["failed"] += one.status_code >= 500
    counts["duration_us"] += one.duration_us


def _add(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert the rows, or add to those that there are."""
    if not rows:
        return
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    statement = (postgresql.insert if is_postgresql else sqlite.insert)(table)
    counted = [column.name for column in table.columns if not column.primary_key]
    given = statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: table.c[name] + statement.excluded[name] for name in counted},
    )
    zeros = dict.fromkeys(counted, 0)
    session.execute(given, [{**zeros, **row} for row in rows])


def _tell_use(session: Session, batch: Sequence[Noted]) -> None:
    """When each key was last used, at most once a minute."""
    used: dict[int, datetime] = {}
    for one in batch:
        if one.api_key_id is not None:
            used[one.api_key_id] = max(one.at, used.get(one.api_key_id, one.at))
    for key_id, at in sorted(used.items()):
        long_ago = or_(APIKey.last_used_at.is_(None), APIKey.last_used_at < at - USED_EVERY)
        session.execute(update(APIKey).where(APIKey.id == key_id, long_ago).values(last_used_at=at))


def _table(model: type[RequestSum] | type[RequestHour] | type[KeySum]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
