"""A batch of points from the door to its verdict."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, TypedDict

import redis
from sqlalchemy import select

from models import StreamAlert, StreamSession
from services import actor
from services.errors import Conflict, Invalid, NotFound, RateLimited, Unavailable
from services.runtime import unit_of_work
from services.streaming.points import Points
from services.streaming.replies import Waiting, replies
from services.streaming.transport import (
    CAPACITY,
    Batch,
    accept_arguments,
    session_key,
    transport,
)
from services.streaming.views import AlertView, alert_view

# Nobody waits longer to be judged; the points stay accepted.
JUDGED_WITHIN_S = 10.0
LOOK_EVERY_S = 0.5
AGAIN_AFTER_S = 1
AWAY = (redis.ConnectionError, redis.TimeoutError, redis.ResponseError)
GONE = "There is no such session."


class Pushed(TypedDict):
    """``alerts`` is None while the points are accepted and not judged."""

    count: int
    first: int
    alerts: list[Any] | None


class Full(RateLimited):
    """No room for the points, or none in this hour; when to try again."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s

    @property
    def details(self) -> dict[str, Any]:
        return {"retry_after_s": self.retry_after_s}


@dataclass(frozen=True)
class Accepted:
    """Where the points stand in their session; ``is_again`` when they were sent before."""

    first: int
    count: int
    is_again: bool


def sender() -> str:
    """Whose quota the points count to."""
    acting = actor.reader()
    return f"user:{acting.user_id}" if acting.key_id is None else f"key:{acting.key_id}"


def push(session_id: str, points: Points, *, wait: bool, sent_as: str) -> Pushed:
    """Accept points and, if ``wait``, stay until they are judged."""
    waiting = replies().expect() if wait else None
    try:
        accepted = _accept(session_id, points, waiting, sent_as)
        pushed: Pushed = {"count": accepted.count, "first": accepted.first, "alerts": None}
        if waiting is not None:
            pushed["alerts"] = _judged(session_id, accepted, waiting)
        return pushed
    finally:
        if waiting is not None:
            replies().forget(waiting)


def _accept(session_id: str, points: Points, waiting: Waiting | None, sent_as: str) -> Accepted:
    batch = Batch(
        session_id=session_id,
        count=len(points),
        numbers=len(points.values),
        payload=points.packed(),
        sender=sender(),
        reply=waiting.token if waiting else "",
        sent_as=sent_as,
    )
    try:
        answer = transport().accept(batch)
        if answer[0] == "unknown":
            open_again(session_id)
            answer = transport().accept(batch)
    except AWAY as error:
        raise Unavailable(
            "The points may not have been accepted: Valkey is away. Send them again, with the "
            "same Idempotency-Key if they must count once."
        ) from error
    return understood(answer, batch)


def understood(answer: list[Any], batch: Batch) -> Accepted:
    """What the script has answered.

    Raises
    ------
    NotFound
        If there is no such session.
    Conflict
        If it does not run.
    Full
        If there is no room, or the quota is used up.
    Invalid
        If other points were sent under the same name.
    """
    word, *more = answer
    if word == "ok":
        return Accepted(int(more[0]), batch.count, is_again=False)
    if word == "again":
        return _again(more[0].decode(), batch)
    if word == "state":
        raise Conflict(f"This session is {more[0].decode()}; points are taken while it runs.")
    if word == "full":
        raise Full(
            f"{int(more[0]):,} points wait to be judged; a session holds {CAPACITY:,}. "
            "None of these was accepted. Try again in a second.",
            AGAIN_AFTER_S,
        )
    if word == "quota":
        raise Full(
            f"{batch.quota:,} points may be sent in an hour. Try again in {int(more[0])} s.",
            int(more[0]),
        )
    raise NotFound(GONE)


def _again(sent: str, batch: Batch) -> Accepted:
    first, count, fingerprint = sent.split(":")
    if fingerprint != accept_arguments(batch)[1][-2]:
        raise Invalid("This Idempotency-Key was used for other points. Use a new one.")
    return Accepted(int(first), int(count), is_again=True)


def open_again(session_id: str) -> None:
    """Let Valkey know a session again that it has lost."""
    with unit_of_work(writing=False) as session:
        row = session.get(StreamSession, session_id)
        if row is None:
            raise NotFound(GONE)
        transport().open(session_id, row.status.value, row.total_points)


def _judged(session_id: str, accepted: Accepted, waiting: Waiting) -> list[Any] | None:
    end = time.monotonic() + JUDGED_WITHIN_S
    patience = 0.0 if accepted.is_again else LOOK_EVERY_S
    while time.monotonic() < end:
        if waiting.come.wait(patience):
            if waiting.error is not None:
                raise Conflict(waiting.error)
            return waiting.alerts
        if _is_judged(session_id, accepted):
            return alerts_of(session_id, accepted)
        patience = LOOK_EVERY_S if not accepted.is_again else 0.05
    return None


def _is_judged(session_id: str, accepted: Accepted) -> bool:
    try:
        judged = transport().client.hget(session_key(session_id), "judged")
    except AWAY:
        return False
    return int(judged or 0) >= accepted.first + accepted.count


def alerts_of(session_id: str, accepted: Accepted) -> list[AlertView]:
    """The alerts among points that are judged."""
    wanted = (
        select(StreamAlert, StreamSession.algorithm)
        .join(StreamSession, StreamSession.id == StreamAlert.session_id)
        .where(
            StreamAlert.session_id == session_id,
            StreamAlert.sequence >= accepted.first,
            StreamAlert.sequence < accepted.first + accepted.count,
        )
        .order_by(StreamAlert.sequence)
    )
    with unit_of_work(writing=False) as session:
        return [alert_view(*row) for row in session.execute(wanted)]
