"""Whether this installation can work, and which workers have been heard.

Nobody has to be signed in to ask: the answers name no people, data, paths or addresses.
"""

from __future__ import annotations

import json
from typing import Any, TypedDict

import redis
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from models.base import now
from services.files import room
from services.jobs.queues import QUEUES
from services.monitoring import samples
from services.monitoring.levels import (
    CPU,
    DISK,
    MEMORY,
    SILENCE,
    WAITING,
    Check,
    Level,
    checked,
    level_at,
)
from services.monitoring.queues import measure_queues
from services.runtime import unit_of_work
from services.valkey import valkey

HEARTBEAT_EVERY_S = 10
HEARD_WITHIN_S = 60
# A worker that fell silent is remembered for so long, one that stopped in good order, too.
REMEMBERED_S = 24 * 3_600
# The collector measures each minute; without it nobody would know of the rest.
MEASURED_WITHIN_S = 300.0
FOR_PEOPLE = {
    "database": "The database does not answer. Nothing can be read or stored.",
    "broker": "The queue is away. Pages work; jobs wait and go on when it is back.",
    "workers": "Some workers are not heard. Jobs may wait; none is lost.",
    "disk": "The disk is nearly full. Delete what is not needed, before new work is refused.",
    "queues": "Jobs wait for long. They begin when a worker is free.",
}
_KEY = "workers"


class WorkerView(TypedDict):
    name: str
    queues: list[str]


class HeardWorker(WorkerView):
    """Also one that fell silent or stopped; ``heard_s`` ago."""

    heard_s: int
    has_stopped: bool


def hear_worker(name: str, queues: tuple[str, ...]) -> None:
    """Note that a worker is alive; silently nothing while Valkey is away."""
    valkey().ask(lambda client: _note(client, name, queues, stopped=False))


def forget_worker(name: str, queues: tuple[str, ...]) -> None:
    """Note that a worker has stopped in good order."""
    valkey().ask(lambda client: _note(client, name, queues, stopped=True))


def workers_heard() -> list[WorkerView] | None:
    """Workers that gave a sign of life lately, by name; None while Valkey is away."""
    known = workers_known()
    if known is None:
        return None
    return [
        {"name": worker["name"], "queues": worker["queues"]}
        for worker in known
        if _is_alive(worker)
    ]


def workers_known() -> list[HeardWorker] | None:
    """Workers of the last day, by name; None while Valkey is away."""
    members = valkey().ask(_remembered)
    if members is None:
        return None
    known: list[HeardWorker] = []
    for member, heard_s in members:
        told = json.loads(member)
        known.append(
            {
                "name": told["name"],
                "queues": told["queues"],
                "heard_s": heard_s,
                "has_stopped": bool(told.get("stopped")),
            }
        )
    return sorted(known, key=lambda worker: worker["name"])


def readiness() -> list[Check]:
    """What the site needs to be of use, and how well it does."""
    database = check_database()
    live = [database, check_broker(), check_workers(), check_disk()]
    if database["level"] is not Level.HEALTHY:
        return live  # what is measured lies in it
    return [*live, check_queues(), *check_load()]


def troubles() -> list[str]:
    """What does not work at the moment, as it concerns somebody at work; empty when all is well."""
    ailing = [check["name"] for check in readiness() if check["level"] is not Level.HEALTHY]
    return [FOR_PEOPLE[name] for name in ailing if name in FOR_PEOPLE]


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
    return checked("broker", "Valkey does not answer. Jobs wait, nothing is lost.", Level.UNHEALTHY)


def check_workers() -> Check:
    """Every queue needs a worker that was heard lately."""
    known = workers_known()
    if known is None:
        return checked("workers", "Unknown, because Valkey does not answer.", Level.DEGRADED)
    silence = {queue: silence_of(queue, known) for queue in QUEUES}
    missing = [queue for queue in QUEUES if not _is_served(queue, known)]
    if missing:
        sentence = f"No worker heard within {HEARD_WITHIN_S} s for: {', '.join(missing)}."
        worst = max(silence[queue] for queue in missing)
        level = Level.UNHEALTHY if worst > SILENCE.critical else Level.DEGRADED
        return checked("workers", sentence, level)
    alive = sum(_is_alive(worker) for worker in known)
    return checked("workers", f"{alive} workers heard.")


def silence_of(queue: str, known: list[HeardWorker]) -> float:
    """Seconds since a worker of the queue gave a sign of life; infinite when none did for a day."""
    heard = [worker["heard_s"] for worker in known if queue in worker["queues"]]
    return float(min(heard, default=float("inf")))


def check_disk() -> Check:
    """The fullest of the disks that files are kept on."""
    disk = max(room.disks(), key=lambda one: one.used_share)
    free, total = disk.free / 2**30, (disk.used + disk.free) / 2**30
    sentence = f"{free:.1f} GiB of {total:.1f} GiB are free."
    level = level_at(100 * disk.used_share, DISK)
    return checked("disk", sentence, level, ok=level is not Level.UNHEALTHY)


def check_queues() -> Check:
    """The queue whose oldest job waits longest. It works, however slowly."""
    with unit_of_work(writing=False) as session:
        queues = measure_queues(session, now())
    slowest = max(queues, key=lambda queue: queue["waits_s"])
    waiting = sum(queue["waiting"] for queue in queues)
    level = level_at(slowest["waits_s"], WAITING)
    sentence = f"{waiting} jobs wait."
    if level is not Level.HEALTHY:
        minutes = slowest["waits_s"] / 60
        sentence = f"A job of the queue “{slowest['name']}” waits since {minutes:.0f} min."
    return checked("queues", sentence, level, ok=True)


def check_load() -> list[Check]:
    """Processor and memory in the mean of five minutes, and whether anybody measures them."""
    with unit_of_work(writing=False) as session:
        measured, last = samples.recent(session), samples.newest(session)
        silent_s = None if last is None else (now() - last.at).total_seconds()
    if silent_s is None:
        return [checked("collector", "Nothing is measured yet: “python -m cli beat” does it.")]
    if silent_s > MEASURED_WITHIN_S:
        sentence = f"Nothing was measured for {silent_s / 60:.0f} min. Is “python -m cli beat” up?"
        return [checked("collector", sentence, Level.DEGRADED, ok=True)]
    checks = [checked("collector", "What the site needs is measured.")]
    for name, limits in (("cpu", CPU), ("memory", MEMORY)):
        mean = samples.mean_of(measured, f"{name}_percent")
        if mean is not None:
            sentence = f"{mean:.0f} % in the mean of five minutes."
            checks.append(checked(name, sentence, level_at(mean, limits), ok=True))
    return checks


def _is_alive(worker: HeardWorker) -> bool:
    return not worker["has_stopped"] and worker["heard_s"] <= HEARD_WITHIN_S


def _is_served(queue: str, known: list[HeardWorker]) -> bool:
    return any(queue in worker["queues"] for worker in known if _is_alive(worker))


def _member(name: str, queues: tuple[str, ...], *, stopped: bool) -> str:
    told = {"name": name, "queues": list(queues)}
    return json.dumps({**told, "stopped": True} if stopped else told)


def _note(client: redis.Redis, name: str, queues: tuple[str, ...], *, stopped: bool) -> bool:
    second = _second(client)
    pipeline = client.pipeline(transaction=True)
    pipeline.zrem(_KEY, _member(name, queues, stopped=not stopped))
    pipeline.zadd(_KEY, {_member(name, queues, stopped=stopped): second})
    pipeline.zremrangebyscore(_KEY, 0, second - REMEMBERED_S)
    pipeline.expire(_KEY, REMEMBERED_S)
    pipeline.execute()
    return True


def _remembered(client: redis.Redis) -> list[tuple[str, int]]:
    second = _second(client)
    found: Any = client.zrangebyscore(_KEY, second - REMEMBERED_S, "+inf", withscores=True)
    return [(str(member), max(0, second - int(score))) for member, score in found]


def _second(client: redis.Redis) -> int:
    """The server's clock, which all machines share."""
    second: int = client.time()[0]
    return second
