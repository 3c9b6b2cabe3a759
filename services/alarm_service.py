"""What people do with alarms: look, acknowledge, shelve, clear, and say what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, case, func, or_, select, update
from sqlalchemy.orm import Session

from models import Alarm, AlarmState, Severity, User
from models.base import now
from services import actor, alarms, events
from services.errors import Conflict, Invalid, NotFound
from services.paging import paged
from services.runtime import unit_of_work
from services.text_search import contains

OPEN = (AlarmState.RAISED, AlarmState.ACKNOWLEDGED, AlarmState.SHELVED)
LONGEST_NOTE = 2_000
LONGEST_FAULT = 200
LONGEST_SHELF = timedelta(days=90)
SORTED_BY = ("severity", "state", "kind", "object", "count", "first_seen_at", "last_seen_at")


class AlarmView(TypedDict):
    id: int
    kind: str
    object: str
    severity: Severity
    state: AlarmState
    message: str
    details: dict[str, Any]
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    cleared_at: datetime | None
    shelved_until: datetime | None
    changed_by: int | None
    changed_by_name: str | None
    changed_at: datetime | None
    note: str
    confirmed_fault: str | None


@dataclass(frozen=True)
class AlarmFilter:
    """Which alarms; what is empty asks for all. ``text`` is part of a message or an object."""

    states: Sequence[str] = ()
    severities: Sequence[str] = ()
    kind: str = ""
    object: str = ""
    text: str = ""
    since: datetime | None = None


ALL = AlarmFilter()


class AlarmService:
    """Look at alarms and change their state; they are raised by :mod:`services.alarms`."""

    @staticmethod
    def list_alarms(
        limit: int = 50,
        offset: int = 0,
        wanted: AlarmFilter = ALL,
        sort: str = "-last_seen_at",
    ) -> list[AlarmView]:
        """Alarms in an order: a name of ``SORTED_BY``, with a minus the largest first.

        Raises
        ------
        Invalid
            If there is no such state, severity or order.
        """
        actor.reader()
        found = _with_names().where(*_conditions(wanted)).order_by(_order(sort), Alarm.id.desc())
        with unit_of_work(writing=False) as session:
            rows = session.execute(paged(found, limit, offset))
            return [_view(alarm, name) for alarm, name in rows]

    @staticmethod
    def count_alarms(wanted: AlarmFilter = ALL) -> int:
        actor.reader()
        counted = select(func.count()).select_from(Alarm).where(*_conditions(wanted))
        with unit_of_work(writing=False) as session:
            return session.scalar(counted) or 0

    @staticmethod
    def list_kinds() -> list[str]:
        """The sources that have ever raised an alarm."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            return list(session.scalars(select(Alarm.kind).distinct().order_by(Alarm.kind)))

    @staticmethod
    def get_alarm(alarm_id: int) -> AlarmView:
        """One alarm.

        Raises
        ------
        NotFound
            If there is no such alarm.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return _find(session, alarm_id)

    @staticmethod
    def acknowledge(alarm_id: int, note: str = "") -> AlarmView:
        """Say that somebody takes care of it. One that is shelved comes off the shelf.

        Raises
        ------
        NotFound
            If there is no such alarm.
        Conflict
            If it is acknowledged or cleared already.
        Invalid
            If the note is too long.
        """
        actor.writer()
        states = (AlarmState.RAISED, AlarmState.SHELVED)
        changed = {"state": AlarmState.ACKNOWLEDGED, "shelved_until": None}
        return _change(alarm_id, states, changed, "acknowledged", note)

    @staticmethod
    def shelve(alarm_id: int, until: datetime, note: str = "") -> AlarmView:
        """Put it out of sight until a moment; one that becomes graver comes back before.

        Raises
        ------
        NotFound
            If there is no such alarm.
        Conflict
            If it is cleared already.
        Invalid
            If the moment is past or more than 90 days away, or the note is too long.
        """
        actor.writer()
        if until.tzinfo is None:
            raise Invalid("The time to shelve it until needs a time zone.")
        if not now() < until <= now() + LONGEST_SHELF:
            raise Invalid(
                f"An alarm is shelved until a time within {LONGEST_SHELF.days} days from now."
            )
        changed = {"state": AlarmState.SHELVED, "shelved_until": until}
        return _change(alarm_id, OPEN, changed, "shelved", note)

    @staticmethod
    def clear(alarm_id: int, note: str = "") -> AlarmView:
        """End it. When the same is seen again, that is a new alarm.

        Raises
        ------
        NotFound
            If there is no such alarm.
        Conflict
            If it is cleared already.
        Invalid
            If the note is too long.
        """
        acting = actor.writer()
        noted = _checked(note, LONGEST_NOTE, "note")
        with unit_of_work() as session:
            _find(session, alarm_id)
            if not alarms.end(session, alarm_id, now(), changed_by=acting.user_id):
                raise Conflict(f"Alarm {alarm_id} cannot be cleared: it is cleared.")
            if noted:
                session.execute(update(Alarm).where(Alarm.id == alarm_id).values(note=noted))
            return _find(session, alarm_id)

    @staticmethod
    def confirm_fault(alarm_id: int, fault: str, note: str = "") -> AlarmView:
        """Say what was found when somebody looked; ``none`` for a false alarm, "" takes it back.

        Raises
        ------
        NotFound
            If there is no such alarm.
        Invalid
            If the fault or the note is too long.
        """
        actor.writer()
        changed = {"confirmed_fault": _checked(fault, LONGEST_FAULT, "fault") or None}
        return _change(alarm_id, tuple(AlarmState), changed, "confirmed", note)


def _change(
    alarm_id: int,
    states: Sequence[AlarmState],
    values: dict[str, Any],
    told: str,
    note: str,
) -> AlarmView:
    noted = _checked(note, LONGEST_NOTE, "note")
    if noted:
        values = {**values, "note": noted}
    done = {"changed_by": actor.reader().user_id, "changed_at": now()}
    changed = (
        update(Alarm)
        .where(Alarm.id == alarm_id, Alarm.state.in_(states))
        .values(**values, **done)
        .returning(Alarm.id)
    )
    with unit_of_work() as session:
        before = _find(session, alarm_id)
        if session.scalar(changed) is None:
            raise Conflict(f"Alarm {alarm_id} cannot be {told}: it is {before['state']}.")
        events.record(session, f"alarm.{told}", f"alarm:{alarm_id}", note=noted)
        return _find(session, alarm_id)


def _checked(text: str, longest: int, what: str) -> str:
    plain = text.strip()
    if len(plain) > longest:
        raise Invalid(f"The {what} has at most {longest} characters, got {len(plain)}.")
    if not "".join(plain.split()).isprintable():
        raise Invalid(f"The {what} has characters that cannot be shown. Type it anew.")
    return plain


def _with_names() -> Select[Alarm, str]:
    return select(Alarm, User.name).outerjoin(User, User.id == Alarm.changed_by)


def _find(session: Session, alarm_id: int) -> AlarmView:
    wanted = _with_names().where(Alarm.id == alarm_id)
    row = session.execute(wanted.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound(f"There is no alarm {alarm_id}.")
    alarm, name = row
    return _view(alarm, name)


def _conditions(wanted: AlarmFilter) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if wanted.states:
        chosen.append(Alarm.state.in_([_one_of(AlarmState, s, "state") for s in wanted.states]))
    if wanted.severities:
        severities = [_one_of(Severity, s, "severity") for s in wanted.severities]
        chosen.append(Alarm.severity.in_(severities))
    if wanted.kind:
        chosen.append(Alarm.kind == wanted.kind)
    if wanted.object:
        chosen.append(Alarm.object == wanted.object)
    if wanted.text.strip():
        part = wanted.text.strip()
        chosen.append(or_(contains(Alarm.message, part), contains(Alarm.object, part)))
    if wanted.since is not None:
        chosen.append(Alarm.last_seen_at >= wanted.since)
    return chosen


def _one_of(kinds: Any, name: str, what: str) -> Any:
    if name not in list(kinds):
        raise Invalid(f"The {what} is one of {', '.join(kinds)}, got “{name}”.")
    return kinds(name)


def _order(sort: str) -> ColumnElement[Any]:
    name = sort.removeprefix("-")
    if name not in SORTED_BY:
        raise Invalid(f"Alarms are sorted by one of {', '.join(SORTED_BY)}, got “{name}”.")
    column: ColumnElement[Any] = getattr(Alarm, name)
    if name == "severity":  # as text, the gravest would come first of all
        column = case(dict(alarms.WEIGHT), value=Alarm.severity)
    return column.desc() if sort.startswith("-") else column.asc()


def _view(alarm: Alarm, changed_by_name: str | None) -> AlarmView:
    return {
        "id": alarm.id,
        "kind": alarm.kind,
        "object": alarm.object,
        "severity": alarm.severity,
        "state": alarm.state,
        "message": alarm.message,
        "details": alarm.details,
        "count": alarm.count,
        "first_seen_at": alarm.first_seen_at,
        "last_seen_at": alarm.last_seen_at,
        "cleared_at": alarm.cleared_at,
        "shelved_until": alarm.shelved_until,
        "changed_by": alarm.changed_by,
        "changed_by_name": changed_by_name,
        "changed_at": alarm.changed_at,
        "note": alarm.note,
        "confirmed_fault": alarm.confirmed_fault,
    }
