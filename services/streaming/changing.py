"""Change sessions: in the database, and where those look who take points."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from sqlalchemy import update

from models import StreamSession, StreamStatus
from models.base import now
from services import actor, events
from services.errors import Conflict, Unavailable
from services.runtime import unit_of_work
from services.streaming.looking import find, lately_of
from services.streaming.pushing import AWAY
from services.streaming.transport import transport
from services.streaming.views import SessionView, session_view

MOST_OWNERS = 10_000
_owners: OrderedDict[str, int] = OrderedDict()  # of sessions, which never change them


def change(session_id: str, before: tuple[StreamStatus, ...], status: StreamStatus) -> SessionView:
    actor.reader()
    with unit_of_work() as session:
        row = find(session, session_id)
        actor.owner_or_admin(row.owner_id)
        changed = (
            update(StreamSession)
            .where(StreamSession.id == session_id, StreamSession.status.in_(before))
            .values(status=status, **({"stopped_at": now()} if status == "stopped" else {}))
            .returning(StreamSession.id)
        )
        if session.scalar(changed) is None:
            raise Conflict(f"This session is {row.status}, so it cannot become {status}.")
        session.refresh(row)
        events.record(session, f"stream.{status}", f"stream:{session_id}")
        tell_valkey(row)
        return session_view(row, lately_of([session_id])[session_id])


def tell_valkey(row: StreamSession) -> None:
    """Before the commit: what cannot be told to those who take points did not happen."""
    ask_valkey(lambda: transport().open(row.id, row.status.value, row.total_points))


def ask_valkey(ask: Any) -> None:
    try:
        ask()
    except AWAY as error:
        raise Unavailable("Streams cannot be changed now: Valkey is away.") from error


def owner_of(session_id: str) -> int:
    known = _owners.get(session_id)
    if known is None:
        actor.reader()
        with unit_of_work(writing=False) as session:
            known = _owners[session_id] = find(session, session_id).owner_id
        while len(_owners) > MOST_OWNERS:
            _owners.popitem(last=False)
    return known


def forget_owner(session_id: str) -> None:
    _owners.pop(session_id, None)
