"""What the process that judges writes into the database: alerts at once, checkpoints by and by."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import (
    Lease,
    Severity,
    StreamAlert,
    StreamCheckpoint,
    StreamSession,
    StreamShard,
    StreamStatus,
)
from models.base import now
from services import actor, events
from services.alarms import WEIGHT, clear_alarm, open_severity, raise_alarm
from services.runtime import unit_of_work
from services.streaming.judging import Plan

ALARM = "stream"
# People are told of the first alert at once, of those that follow in one go.
TELL_EVERY = timedelta(seconds=10)
# The alarm of a stream that gave no alert for so long is over.
QUIET_AFTER = timedelta(minutes=5)
MOST_IDS_TOLD = 20


class LeaseLost(Exception):
    """Another process has the shard; what this one still knows of it counts nothing."""


@dataclass(frozen=True)
class Progress:
    """A session as of a checkpoint."""

    session_id: str
    state: bytes | None
    columns: list[str] | None
    total_points: int
    total_alerts: int
    statistics: dict[str, Any]


def load(session_id: str) -> tuple[Plan, bytes | None] | None:
    """How a session judges and what it knew at its checkpoint; None if it was deleted."""
    actor.worker()
    with unit_of_work(writing=False) as session:
        row = session.get(StreamSession, session_id)
        if row is None:
            return None
        kept = session.get(StreamCheckpoint, session_id)
        plan = Plan(
            session_id=row.id,
            owner_id=row.owner_id,
            algorithm=row.algorithm,
            window_size=row.window_size,
            threshold=row.threshold,
            config=row.config,
            columns=None if row.columns is None else tuple(row.columns),
        )
        return plan, None if kept is None else base64.b64decode(kept.state)


def position(shard: int) -> str:
    """The last entry of a shard that is in checkpoints."""
    actor.worker()
    with unit_of_work(writing=False) as session:
        row = session.get(StreamShard, shard)
        return "0-0" if row is None else row.last_id


def record_alerts(found: Mapping[int, Sequence[dict[str, Any]]]) -> None:
    """Keep alerts, each once, and tell people; by the owner of the sessions."""
    actor.worker()
    drafts = [alert for alerts in found.values() for alert in alerts]
    with unit_of_work() as session:
        new = _insert(session, [_row(alert) for alert in drafts])
        by_session: dict[str, list[dict[str, Any]]] = {}
        for alert in drafts:
            if alert["id"] in new:
                by_session.setdefault(alert["session_id"], []).append(alert)
        for session_id, alerts in by_session.items():
            _tell(session, session_id, alerts)


def checkpoint(
    shard: int, holder: str, fence: int, last_id: str, changed: Sequence[Progress]
) -> None:
    """Keep all that changed in a shard together with how far it is done.

    Raises
    ------
    LeaseLost
        If another process has had the shard since.
    """
    actor.worker()
    with unit_of_work() as session:
        lease = select(Lease).where(
            Lease.name == lease_name(shard), Lease.holder == holder, Lease.fence == fence
        )
        if session.scalar(lease.with_for_update()) is None:
            raise LeaseLost
        row = session.get(StreamShard, shard)
        if row is None:
            session.add(StreamShard(shard=shard, last_id=last_id, fence=fence))
        else:
            row.last_id, row.fence = last_id, fence
        for one in changed:
            _keep(session, one)


def keep_columns(session_id: str, columns: Sequence[str]) -> None:
    """Say which columns the first point had."""
    actor.worker()
    with unit_of_work() as session:
        learnt = update(StreamSession).where(StreamSession.id == session_id)
        session.execute(learnt.values(columns=list(columns)))


def fail(session_id: str, message: str) -> None:
    """End a session whose points cannot be judged."""
    actor.worker()
    failed = update(StreamSession).where(StreamSession.id == session_id)
    with unit_of_work() as session:
        session.execute(failed.values(status=StreamStatus.ERROR, error_message=message))


def tell_rest(shards: Sequence[int]) -> None:
    """Tell of alerts that waited for company, and end the alarms of streams that are quiet."""
    actor.worker()
    mine = select(StreamSession).where(StreamSession.shard.in_(shards))
    late = mine.where(StreamSession.untold_alerts > 0, StreamSession.told_at < now() - TELL_EVERY)
    quiet = mine.where(StreamSession.has_alarm, StreamSession.told_at < now() - QUIET_AFTER)
    with unit_of_work(writing=False) as session:
        due = [row.id for row in session.scalars(late)]
        over = [row.id for row in session.scalars(quiet.where(StreamSession.untold_alerts == 0))]
    for session_id in due:
        with unit_of_work() as session:
            _tell(session, session_id, [])
    for session_id in over:
        with unit_of_work() as session:
            end_alarm(session, session_id)


def end_alarm(session: Session, session_id: str) -> None:
    """Say that nothing is wrong with a stream any more."""
    row = session.get(StreamSession, session_id)
    if row is not None and row.has_alarm:
        row.has_alarm = False
        clear_alarm(session, ALARM, f"stream:{session_id}")


def lease_name(shard: int) -> str:
    return f"stream-shard:{shard}"


def _keep(session: Session, one: Progress) -> None:
    row = session.get(StreamSession, one.session_id)
    if row is None:  # deleted meanwhile
        return
    row.total_points, row.total_alerts = one.total_points, one.total_alerts
    row.statistics = one.statistics
    if one.state is None:
        return
    text = base64.b64encode(one.state).decode()
    kept = session.get(StreamCheckpoint, one.session_id)
    if kept is None:
        session.add(StreamCheckpoint(session_id=one.session_id, state=text))
    else:
        kept.state = text


def _row(alert: Mapping[str, Any]) -> dict[str, Any]:
    taken = ("id", "session_id", "sequence", "data_point", "anomaly_score", "details")
    return {
        **{name: alert[name] for name in taken},
        "timestamp": datetime.fromisoformat(alert["timestamp"]),
        "severity": Severity(alert["severity"]),
        "created_at": now(),
    }


def _insert(session: Session, rows: list[dict[str, Any]]) -> set[str]:
    """The ids of those that were not there. Alerts of a deleted session are left out."""
    ids = {row["session_id"] for row in rows}
    there = set(session.scalars(select(StreamSession.id).where(StreamSession.id.in_(ids))))
    known = [row for row in rows if row["session_id"] in there]
    if not known:
        return set()
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[session.get_bind().dialect.name]
    added = dialect.insert(StreamAlert).on_conflict_do_nothing().returning(StreamAlert.id)
    return set(session.scalars(added, known))


def _tell(session: Session, session_id: str, alerts: Sequence[Mapping[str, Any]]) -> None:
    row = session.get_one(StreamSession, session_id, with_for_update=True)
    row.untold_alerts += len(alerts)
    if row.told_at is not None and row.told_at > now() - TELL_EVERY:
        return
    # Also those that waited for company, among which the worst may be.
    untold = _untold(session, row)
    worst = session.scalar(untold.order_by(StreamAlert.anomaly_score.desc()).limit(1))
    newest = session.scalars(untold.order_by(StreamAlert.sequence.desc()).limit(MOST_IDS_TOLD))
    sentence = _sentence(row.untold_alerts, worst)
    events.record(
        session,
        "stream.alert",
        f"stream:{session_id}",
        session_id=session_id,
        name=row.name or row.algorithm,
        owner_id=row.owner_id,
        count=row.untold_alerts,
        alert_ids=sorted(alert.id for alert in newest),
        sentence=sentence,
    )
    about = f"stream:{session_id}"
    severity = Severity.WARNING if worst is None else worst.severity
    # As grave as its worst alert for as long as it is open: alerts come and go around the line,
    # and who has acknowledged the alarm is not to be told again of each that is above.
    before = open_severity(session, ALARM, about)
    if before is not None:
        severity = max(severity, before, key=WEIGHT.__getitem__)
    name = row.name or row.algorithm
    raise_alarm(
        session,
        ALARM,
        about,
        severity,
        f"Stream “{name}”: {sentence}",
        owner_id=row.owner_id,
        name=name,
    )
    row.untold_alerts, row.told_at, row.has_alarm = 0, now(), True


def _untold(session: Session, row: StreamSession) -> Select[StreamAlert]:
    """The alerts that nobody was told of yet: the newest of the session."""
    session.flush()
    newest = (
        select(StreamAlert.id)
        .where(StreamAlert.session_id == row.id)
        .order_by(StreamAlert.sequence.desc())
        .limit(row.untold_alerts)
        .subquery()
    )
    return select(StreamAlert).join(newest, newest.c.id == StreamAlert.id)


def _sentence(count: int, worst: StreamAlert | None) -> str:
    if worst is None:  # deleted since
        return f"{count} further alerts."
    where = ", ".join(worst.details["anomaly_columns"][:3]) or "all columns together"
    score, limit = worst.anomaly_score, worst.details["threshold"]
    one = f"score {score:.3g} in {where}, limit {limit:.3g}."
    return one if count == 1 else f"{count} alerts, the worst with {one}"
