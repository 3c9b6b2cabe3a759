"""Raise and clear alarms, in the transaction of what is told about.

For services and jobs that watch something. What people do with alarms is in
``alarm_service.py``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Alarm, AlarmState, Severity
from models.base import now
from services import actor, events

RAISED, CLEARED = "alarm.raised", "alarm.cleared"
WEIGHT = {severity: weight for weight, severity in enumerate(Severity)}


def raise_alarm(
    session: Session, kind: str, object: str, severity: Severity, message: str, **details: Any
) -> int:
    """Say that something is wrong with an object, as often as it is seen; the alarm's id.

    While an alarm of the kind is open for the object, it counts, and takes the newest message,
    severity and details. People are told (by the event ``alarm.raised``) when it begins, when
    it becomes graver, and when it is seen after the time it was shelved for. ``details`` are
    plain values; ``owner_id`` in them names the person whom it concerns.
    """
    actor.reader()
    alarm = _open_alarm(session, kind, object)
    if alarm is None:
        alarm = Alarm(kind=kind, object=object, severity=severity, message=message, details=details)
        try:
            with session.begin_nested():  # another process may have seen it at the same moment
                session.add(alarm)
                session.flush()
        except IntegrityError:
            alarm = _open_alarm(session, kind, object)
            if alarm is None:
                raise
        else:
            _record(session, RAISED, alarm)
            return alarm.id
    _see_again(session, alarm, severity, message, details)
    return alarm.id


def clear_alarm(session: Session, kind: str, object: str) -> bool:
    """Say that nothing is wrong any more; whether an alarm was open."""
    actor.reader()
    alarm = _open_alarm(session, kind, object)
    if alarm is None:
        return False
    return end(session, alarm.id, now(), changed_by=None)


def open_severity(session: Session, kind: str, object: str) -> Severity | None:
    """How grave the open alarm is, for the hysteresis of the next look; None without one."""
    alarm = _open_alarm(session, kind, object)
    return None if alarm is None else alarm.severity


def end(session: Session, alarm_id: int, moment: datetime, *, changed_by: int | None) -> bool:
    """Clear an alarm by its id, unless that is done."""
    cleared = (
        update(Alarm)
        .where(Alarm.id == alarm_id, Alarm.cleared_at.is_(None))
        .values(
            state=AlarmState.CLEARED,
            cleared_at=moment,
            shelved_until=None,
            changed_by=changed_by,
            changed_at=moment,
        )
        .returning(Alarm.id)
    )
    if session.scalar(cleared) is None:
        return False
    _record(session, CLEARED, session.get_one(Alarm, alarm_id, populate_existing=True))
    return True


def wake_shelved(session: Session) -> list[int]:
    """Put alarms back among the raised whose shelf time is over; their ids."""
    actor.worker()
    moment = now()
    due = (
        update(Alarm)
        .where(Alarm.state == AlarmState.SHELVED, Alarm.shelved_until <= moment)
        .values(state=AlarmState.RAISED, shelved_until=None, changed_by=None, changed_at=moment)
        .returning(Alarm.id)
    )
    woken = sorted(session.scalars(due))
    for alarm_id in woken:
        _record(session, RAISED, session.get_one(Alarm, alarm_id, populate_existing=True))
    return woken


def _open_alarm(session: Session, kind: str, object: str) -> Alarm | None:
    wanted = select(Alarm).where(
        Alarm.kind == kind, Alarm.object == object, Alarm.cleared_at.is_(None)
    )
    # Locked where others may write beside us, so that no sighting is lost.
    return session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def _see_again(
    session: Session, alarm: Alarm, severity: Severity, message: str, details: dict[str, Any]
) -> None:
    moment = now()
    graver = WEIGHT[severity] > WEIGHT[alarm.severity]
    shelf_is_over = (
        alarm.state is AlarmState.SHELVED
        and alarm.shelved_until is not None
        and alarm.shelved_until <= moment
    )
    alarm.severity, alarm.message, alarm.details = severity, message, details
    alarm.last_seen_at, alarm.count = moment, alarm.count + 1
    if graver or shelf_is_over:
        alarm.state, alarm.shelved_until = AlarmState.RAISED, None
        alarm.changed_by, alarm.changed_at = None, moment
        _record(session, RAISED, alarm)
    session.flush()


def _record(session: Session, type: str, alarm: Alarm) -> None:
    events.record(
        session,
        type,
        f"alarm:{alarm.id}",
        kind=alarm.kind,
        about=alarm.object,
        severity=alarm.severity.value,
        message=alarm.message,
        owner_id=alarm.details.get("owner_id"),
    )
