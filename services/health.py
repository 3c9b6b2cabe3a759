"""Whether this installation can work, and which workers have been heard.

Nobody has to be signed in to ask: the answers name no people, data, paths or addresses.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from typing import TypedDict

import redis
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.files import room
from services.runtime import unit_of_work
from services.valkey import valkey

QUEUES = ("interactive", "default", "training", "explain", "notify")
HEARTBEAT_EVERY_S = 10
HEARD_WITHIN_S = 60
NEARLY_FULL, FULL = 0.85, 0.95
FOR_PEOPLE = {
    "database": "The database does not answer. Nothing can be read or stored.",
    "broker": "The queue is away. Pages work; jobs wait and go on when it is back.",
    "workers": "Some workers are not heard. Jobs may wait; none is lost.",
    "disk": "The disk is nearly full. Delete what is not needed, before new work is refused.",
}
_KEY = "workers"


class Level(enum.StrEnum):
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class Check(TypedDict):
    """One thing that has to work, whether it does, and a sentence about it.

    What is ``ok`` may be degraded: it works, and will not for long.
    """

    name: str
    ok: bool
    level: Level
    message: str


class WorkerView(TypedDict):
    name: str
    queues: list[str]


def hear_worker(name: str, queues: tuple[str, ...]) -> None:
    """Note that a worker is alive; silently nothing while Valkey is away."""
    valkey().ask(lambda client: _note(client, _member(name, queues)))


def forget_worker(name: str, queues: tuple[str, ...]) -> None:
    """Note that a worker has stopped in good order."""
    valkey().ask(lambda client: client.zrem(_KEY, _member(name, queues)))


def workers_heard() -> list[WorkerView] | None:
    """Workers that gave a sign of life lately, by name; None while Valkey is away."""
    members = valkey().ask(_recent)
    if members is None:
        return None
    return sorted((json.loads(member) for member in members), key=lambda worker: worker["name"])


def readiness() -> list[Check]:
    """What the site needs to be of use."""
    return [check_database(), check_broker(), check_workers(), check_disk()]


def level_of(checks: Sequence[Check]) -> Level:
    """The worst of the levels."""
    return max((check["level"] for check in checks), key=list(Level).index)


def troubles() -> list[str]:
    """What does not work at the moment, as it concerns somebody at work; empty when all is well."""
    ailing = [check for check in readiness() if check["level"] is not Level.HEALTHY]
    return [FOR_PEOPLE[check["name"]] for check in ailing]


def check_database() -> Check:
    try:
        with unit_of_work(writing=False) as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return checked("database", "The database does not answer.", Level.UNHEALTHY)
    return checked("database", "The database answers.")


def check_broker() -> Check:
    if valkey().is_reachable:
        return checked("broker", "Valkey answers.")
    return checked("broker", "Valkey does not answer. Jobs wait, nothing is lost.", Level.DEGRADED)


def check_workers() -> Check:
    """Every queue needs a worker that was heard lately."""
    heard = workers_heard()
    if heard is None:
        return checked("workers", "Unknown, because Valkey does not answer.", Level.DEGRADED)
    served = {queue for worker in heard for queue in worker["queues"]}
    missing = [queue for queue in QUEUES if queue not in served]
    if missing:
        sentence = f"No worker heard within {HEARD_WITHIN_S} s for: {', '.join(missing)}."
        return checked("workers", sentence, Level.DEGRADED)
    return checked("workers", f"{len(heard)} workers heard.")


def check_disk() -> Check:
    """The fullest of the disks that files are kept on."""
    disk = max(room.disks(), key=lambda one: one.used_share)
    free, total = disk.free / 2**30, (disk.used + disk.free) / 2**30
    sentence = f"{free:.1f} GiB of {total:.1f} GiB are free."
    return checked("disk", sentence, _level_of_disk(disk.used_share), ok=disk.used_share <= FULL)


def checked(
    name: str, message: str, level: Level = Level.HEALTHY, *, ok: bool | None = None
) -> Check:
    """``ok`` is the healthy, unless said otherwise."""
    is_ok = level is Level.HEALTHY if ok is None else ok
    return {"name": name, "ok": is_ok, "level": level, "message": message}


def _level_of_disk(used_share: float) -> Level:
    if used_share > FULL:
        return Level.UNHEALTHY
    return Level.DEGRADED if used_share > NEARLY_FULL else Level.HEALTHY


def _member(name: str, queues: tuple[str, ...]) -> str:
    return json.dumps({"name": name, "queues": list(queues)})


def _note(client: redis.Redis, member: str) -> bool:
    second = _second(client)
    pipeline = client.pipeline(transaction=True)
    pipeline.zadd(_KEY, {member: second})
    pipeline.zremrangebyscore(_KEY, 0, second - HEARD_WITHIN_S)
    pipeline.expire(_KEY, HEARD_WITHIN_S)
    pipeline.execute()
    return True


def _recent(client: redis.Redis) -> list[str]:
    members = client.zrangebyscore(_KEY, _second(client) - HEARD_WITHIN_S, "+inf")
    return [str(member) for member in members]


def _second(client: redis.Redis) -> int:
    """The server's clock, which all machines share."""
    second: int = client.time()[0]
    return second
