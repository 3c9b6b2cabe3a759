"""Streams: start, push points, look, pause, resume, stop, acknowledge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select, update

from diagnostics.streaming import descriptions
from diagnostics.streaming.description import Description
from models import StreamAlert, StreamSession, StreamStatus
from models.base import now
from services import actor, events
from services.alarms import clear_alarm
from services.errors import Conflict, NotFound
from services.paging import paged
from services.runtime import unit_of_work
from services.streaming import blocks, pushing
from services.streaming.blocks import JudgedPoint, Live
from services.streaming.changing import ask_valkey, change, forget_owner, owner_of, tell_valkey
from services.streaming.checking import (
    between,
    checked_columns,
    checked_config,
    checked_name,
    status_of,
)
from services.streaming.ids import new_id
from services.streaming.looking import alerts_of_session, blocks_of, find, lately_of
from services.streaming.points import Points, read_point, read_points
from services.streaming.pushing import Pushed
from services.streaming.source_check import check_source
from services.streaming.transport import (
    CAPACITY,
    shard_of,
    transport,
)
from services.streaming.views import (
    AlertView,
    SessionView,
    StatusView,
    alert_view,
    session_view,
)

RECENT_ALERTS = 10
OPEN = (StreamStatus.CREATED, StreamStatus.RUNNING, StreamStatus.PAUSED)


class StreamingService:
    """Sessions judge points as they come. Everyone looks; owner and admins change and push."""

    @staticmethod
    def list_algorithms() -> list[Description]:
        """What can judge a stream."""
        actor.reader()
        return list(descriptions.ALGORITHMS.values())

    @staticmethod
    def start_session(
        source_id: str | None = None,
        algorithm: str = descriptions.DEFAULT,
        window_size: int = 100,
        threshold: float = 3.0,
        columns: Sequence[str] | None = None,
        config: Mapping[str, Any] | None = None,
        name: str = "",
    ) -> SessionView:
        """Begin a session, which runs at once.

        Raises
        ------
        Invalid
            If source, algorithm, numbers, columns, configuration or name are not possible.
        Unavailable
            If Valkey is away.
        """
        owner_id = actor.user_id()
        made = new_id()
        row = StreamSession(
            id=made,
            owner_id=owner_id,
            name=checked_name(name),
            source_id=source_id,
            algorithm=algorithm,
            window_size=between(window_size, 10, 10_000, "window_size"),
            threshold=between(threshold, 1, 10, "threshold"),
            columns=checked_columns(columns),
            config=checked_config(algorithm, config or {}),
            status=StreamStatus.RUNNING,
            shard=shard_of(made),
            started_at=now(),
        )
        with unit_of_work() as session:
            check_source(session, source_id)
            session.add(row)
            session.flush()
            events.record(session, "stream.started", f"stream:{made}", algorithm=algorithm)
            tell_valkey(row)
            return session_view(row)

    @staticmethod
    def list_sessions(
        limit: int = 50, offset: int = 0, status: str | None = None
    ) -> list[SessionView]:
        """Sessions, newest first; of one status, if asked for.

        Raises
        ------
        Invalid
            If there is no such status.
        """
        actor.reader()
        wanted = select(StreamSession).order_by(
            StreamSession.created_at.desc(), StreamSession.id.desc()
        )
        if status:
            wanted = wanted.where(StreamSession.status == status_of(status))
        with unit_of_work(writing=False) as session:
            rows = list(session.scalars(paged(wanted, limit, offset)))
            lately = lately_of([row.id for row in rows])
            return [session_view(row, lately[row.id]) for row in rows]

    @staticmethod
    def count_sessions(status: str | None = None) -> int:
        actor.reader()
        counted = select(func.count()).select_from(StreamSession)
        if status:
            counted = counted.where(StreamSession.status == status_of(status))
        with unit_of_work(writing=False) as session:
            return session.scalar(counted) or 0

    @staticmethod
    def get_session(session_id: str) -> SessionView:
        """One session.

        Raises
        ------
        NotFound
            If there is no such session.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return session_view(find(session, session_id), lately_of([session_id])[session_id])

    @staticmethod
    def get_status(session_id: str) -> StatusView:
        """What a session has seen, how full it is, and its last alerts.

        Raises
        ------
        NotFound
            If there is no such session.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            row = find(session, session_id)
            lately = lately_of([session_id])[session_id]
            shown = session_view(row, lately)
            return {
                "session_id": session_id,
                "status": row.status,
                "total_points": shown["total_points"],
                "total_alerts": shown["total_alerts"],
                "buffer_utilization": min(1.0, lately["waiting"] / CAPACITY),
                "statistics": shown["statistics"],
                "recent_alerts": alerts_of_session(session, row, RECENT_ALERTS, 0),
            }

    @staticmethod
    def get_data(session_id: str, limit: int = 100) -> list[JudgedPoint]:
        """The last judged points, oldest first; at most 1000 are kept.

        Raises
        ------
        NotFound
            If there is no such session.
        Unavailable
            If Valkey, which keeps them, is away.
        """
        actor.reader()
        return blocks.unpacked(blocks_of(session_id, limit), limit)

    @staticmethod
    def get_live(session_id: str, limit: int = 400) -> Live:
        """The last judged points, and how long they took.

        Raises
        ------
        NotFound
            If there is no such session.
        Unavailable
            If Valkey, which keeps them, is away.
        """
        actor.reader()
        return blocks.live(blocks_of(session_id, limit), limit)

    @staticmethod
    def list_alerts(session_id: str, limit: int = 50, offset: int = 0) -> list[AlertView]:
        """Alerts of a session, newest first.

        Raises
        ------
        NotFound
            If there is no such session.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return alerts_of_session(session, find(session, session_id), limit, offset)

    @staticmethod
    def count_alerts(session_id: str) -> int:
        actor.reader()
        actor.reader()
        counted = select(func.count()).where(StreamAlert.session_id == session_id)
        with unit_of_work(writing=False) as session:
            find(session, session_id)
            return session.scalar(counted) or 0

    @staticmethod
    def push(
        session_id: str,
        points: Points | list[Any] | Mapping[str, Any],
        wait: bool = True,
        sent_as: str = "",
    ) -> Pushed:
        """Give points, or a single one, to a session; alerts come back when they are judged.

        With ``wait=False`` it returns once they are on the disk. What is pushed again under the
        same ``sent_as`` within an hour counts once, and is answered as the first time.

        Raises
        ------
        NotFound
            If there is no such session.
        Forbidden
            If it is somebody else's.
        Conflict
            If it does not run.
        Invalid
            If a point cannot be taken; nothing of the batch is, then.
        RateLimited
            If the session is full, or the quota of the hour is used up; nothing was accepted.
        Unavailable
            If Valkey is away; whether the points were accepted is not known then.
        """
        actor.owner_or_admin(owner_of(session_id))
        if isinstance(points, Mapping):
            given = read_point(points)
        else:
            given = points if isinstance(points, Points) else read_points(points)
        return pushing.push(session_id, given, wait=wait, sent_as=sent_as)

    @staticmethod
    def pause_session(session_id: str) -> SessionView:
        """Take no points for a while; what was accepted is judged.

        Raises
        ------
        NotFound
            If there is no such session.
        Conflict
            If it does not run.
        """
        return change(session_id, (StreamStatus.RUNNING,), StreamStatus.PAUSED)

    @staticmethod
    def resume_session(session_id: str) -> SessionView:
        """Take points again.

        Raises
        ------
        NotFound
            If there is no such session.
        Conflict
            If it is not paused.
        """
        return change(session_id, (StreamStatus.PAUSED,), StreamStatus.RUNNING)

    @staticmethod
    def stop_session(session_id: str) -> SessionView:
        """End a session. It can be looked at, and never runs again.

        Raises
        ------
        NotFound
            If there is no such session.
        Conflict
            If it has ended.
        """
        return change(session_id, (*OPEN, StreamStatus.ERROR), StreamStatus.STOPPED)

    @staticmethod
    def delete_session(session_id: str) -> None:
        """Take a session and its alerts away.

        Raises
        ------
        NotFound
            If there is no such session.
        """
        actor.reader()
        with unit_of_work() as session:
            row = find(session, session_id)
            actor.owner_or_admin(row.owner_id)
            if row.has_alarm:
                clear_alarm(session, "stream", f"stream:{session_id}")
            session.execute(delete(StreamSession).where(StreamSession.id == session_id))
            events.record(session, "stream.deleted", f"stream:{session_id}")
            ask_valkey(lambda: transport().forget(session_id))
        forget_owner(session_id)

    @staticmethod
    def acknowledge_alert(session_id: str, alert_id: str) -> AlertView:
        """Say that somebody has seen an alert.

        Raises
        ------
        NotFound
            If the session has no such alert.
        Conflict
            If it is acknowledged already.
        """
        acting = actor.writer()
        done = {"acknowledged_at": now(), "acknowledged_by": acting.user_id}
        seen = (
            update(StreamAlert)
            .where(
                StreamAlert.id == alert_id,
                StreamAlert.session_id == session_id,
                StreamAlert.acknowledged_at.is_(None),
            )
            .values(**done)
            .returning(StreamAlert.id)
        )
        with unit_of_work() as session:
            row = find(session, session_id)
            alert = session.get(StreamAlert, alert_id)
            if alert is None or alert.session_id != session_id:
                raise NotFound("This session has no such alert.")
            if session.scalar(seen) is None:
                raise Conflict("This alert is acknowledged already.")
            session.refresh(alert)
            return alert_view(alert, row.algorithm)
