"""What comes and goes over a socket: JSON objects with a ``type``."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass
from typing import Any

from services.errors import Invalid
from services.streaming.points import MOST_POINTS, Points, read_point, read_points

# More text in one message is refused.
LARGEST_MESSAGE = 4 * 2**20
FIELDS = {
    "auth": {"type", "key"},
    "data": {"type", "data", "timestamp", "id", "idempotency_key"},
    "batch": {"type", "data_points", "id", "idempotency_key"},
    "ping": {"type", "id"},
}
# Why a socket is closed.
NOT_ALLOWED, UNKNOWN_SESSION, TOO_SLOW = 4003, 4004, 4008


@dataclass
class Sent:
    """Points of one message, which waits for its acknowledgement."""

    points: Points
    id: Any = None
    sent_as: str = ""


def read(text: str) -> dict[str, Any]:
    """A message.

    Raises
    ------
    Invalid
        If it is none.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("This message is not JSON.") from error
    kind = found.get("type") if isinstance(found, dict) else None
    if not isinstance(kind, str) or kind not in FIELDS:
        raise Invalid(f"A message is an object with a type: {', '.join(FIELDS)}.")
    unknown = found.keys() - FIELDS[kind]
    if unknown:
        raise Invalid(f"{min(unknown)}: is unknown in a message of type {kind}.")
    return found  # type: ignore[no-any-return]


def sent(message: dict[str, Any]) -> Sent:
    """The points of a message.

    Raises
    ------
    Invalid
        If one of them cannot be taken.
    """
    name = message.get("idempotency_key", "")
    if not isinstance(name, str) or len(name) > 255:
        raise Invalid("idempotency_key: must be text of at most 255 characters.")
    if message["type"] == "batch":
        return Sent(read_points(message.get("data_points")), message.get("id"), name)
    point = {"data": message.get("data"), "timestamp": message.get("timestamp")}
    return Sent(read_point(point), message.get("id"), name)


def joined(waiting: list[Sent]) -> tuple[list[Sent], Points]:
    """As many of these messages, from the first on, as make one entry of the stream."""
    names, count = waiting[0].points.names, 0
    taken: list[Sent] = []
    for one in waiting:
        count += len(one.points)
        if one.points.names != names or count > MOST_POINTS or (one.sent_as and taken):
            break
        taken.append(one)
        if one.sent_as:
            break
    if len(taken) == 1:
        return taken, taken[0].points
    values = array("d")
    for one in taken:
        values.extend(one.points.values)
    times = [time for one in taken for time in one.points.times_ms]
    return taken, Points(names, times, values)


def ack(one: Sent, *, has_alert: bool) -> str:
    return json.dumps({"type": "ack", "id": one.id, "has_alert": has_alert})


def alert(found: dict[str, Any]) -> str:
    shown = {name: value for name, value in found.items() if name != "sequence"}
    return json.dumps({"type": "alert", "alert": shown})


def pong(id: Any) -> str:
    return json.dumps({"type": "pong"} if id is None else {"type": "pong", "id": id})


def error(code: str, message: str, id: Any = None, **more: Any) -> str:
    about = {} if id is None else {"id": id}
    return json.dumps({"type": "error", "code": code, "message": message, **about, **more})
