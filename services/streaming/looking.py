"""Read sessions and alerts: from the database, and what Valkey knows beyond it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import StreamAlert, StreamSession
from services.errors import NotFound, Unavailable
from services.paging import paged
from services.runtime import unit_of_work
from services.streaming.blocks import KEPT_POINTS
from services.streaming.pushing import GONE
from services.streaming.transport import blocks_key, session_key, transport
from services.streaming.views import NOTHING_LATELY, AlertView, Lately, alert_view


def find(session: Session, session_id: str) -> StreamSession:
    row = session.get(StreamSession, session_id)
    if row is None:
        raise NotFound(GONE)
    return row


def lately_of(session_ids: Sequence[str]) -> dict[str, Lately]:
    """What Valkey knows beyond the checkpoints; nothing while it is away."""
    names = ("accepted", "judged", "points", "alerts", "statistics")
    try:
        pipeline = transport().client.pipeline(transaction=False)
        for session_id in session_ids:
            pipeline.hmget(session_key(session_id), *names)
        found = pipeline.execute()
    except redis.RedisError:
        return dict.fromkeys(session_ids, NOTHING_LATELY)
    return {one: _read(*values) for one, values in zip(session_ids, found, strict=True)}


def _read(accepted: Any, judged: Any, points: Any, alerts: Any, statistics: Any) -> Lately:
    return {
        "waiting": max(0, int(accepted or 0) - int(judged or 0)),
        "points": None if points is None else int(points),
        "alerts": None if alerts is None else int(alerts),
        "statistics": None if statistics is None else json.loads(statistics),
    }


def alerts_of_session(
    session: Session, row: StreamSession, limit: int, offset: int
) -> list[AlertView]:
    wanted = (
        select(StreamAlert)
        .where(StreamAlert.session_id == row.id)
        .order_by(StreamAlert.sequence.desc())
    )
    rows = session.scalars(paged(wanted, limit, offset))
    return [alert_view(alert, row.algorithm) for alert in rows]


def blocks_of(session_id: str, limit: int) -> list[bytes]:
    """The last blocks of a session, which hold at least so many points if there are so many.

    Raises
    ------
    NotFound
        If there is no such session.
    Unavailable
        If Valkey is away.
    """
    with unit_of_work(writing=False) as session:
        find(session, session_id)
    wanted = max(1, min(limit, KEPT_POINTS))
    try:
        # A block holds at least one point.
        found: Any = transport().client.lrange(blocks_key(session_id), -wanted, -1)
    except redis.RedisError as error:
        raise Unavailable("The last points cannot be shown: Valkey is away.") from error
    return list(found)
