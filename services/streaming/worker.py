"""The process that judges points: it holds shards by lease and works through their streams.

Everything it has in memory can be made again from the checkpoints and the entries after them,
so whatever goes wrong, it forgets the shard and begins there again.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import psutil
import redis
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from models import Lease
from services import leases
from services.actor import WORKER, acting_as
from services.runtime import unit_of_work
from services.streaming import keeping, transport
from services.streaming.judging import Entry, Found
from services.streaming.keeping import LeaseLost, lease_name
from services.streaming.shard import Shard

LEASE = timedelta(seconds=3)
HOLD_EVERY_S = 0.7
TELL_EVERY_S = 2.0
# Checkpoints take at most a tenth of the time, and come at most this often.
CHECKPOINT_EVERY_S = 1.0
CHECKPOINT_SHARE = 10.0
LONGEST_CHECKPOINT_S = 10.0
ENTRIES_AT_ONCE = 512
BLOCK_MS = 200
AGAIN_AFTER_S = 0.2
WORKERS = "stream:workers"
AWAY = (redis.ConnectionError, redis.TimeoutError, redis.ResponseError)

log = logging.getLogger(__name__)


class StreamWorker:
    """Judges until it is asked to stop. Several of them share the shards."""

    def __init__(self, server: Flask, url: str, holder: str | None = None) -> None:
        self._server, self._holder = server, holder or leases.this_process()
        self._client = redis.Redis.from_url(url, socket_timeout=5.0, retry=None)
        self._shards: dict[int, Shard] = {}
        self._hold_at = self._tell_at = self._checkpoint_at = 0.0
        self._untold: list[Found] = []

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; then keep everything and give the shards back."""
        with self._server.app_context(), acting_as(WORKER):
            while not stop.is_set():
                try:
                    self.go_round()
                except AWAY as error:
                    log.warning("Valkey is away: %s", error)
                    stop.wait(AGAIN_AFTER_S)
                except Exception:
                    # The database may be away. What is in memory may be half done.
                    log.exception("The shards begin again from their checkpoints")
                    self._forget(list(self._shards))
                    stop.wait(AGAIN_AFTER_S)
            self._leave()

    def go_round(self) -> int:
        """Hold the leases, judge what has come, keep what is due; how many points it was."""
        moment = time.monotonic()
        if moment >= self._hold_at:
            self._hold_at = moment + HOLD_EVERY_S
            self._hold()
        if not self._shards:
            time.sleep(BLOCK_MS / 1000)
            return 0
        if self._untold:
            self._tell(self._untold)
        count = self._judge(self._read())
        if time.monotonic() >= self._checkpoint_at:
            self._checkpoint()
        if time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + TELL_EVERY_S
            keeping.tell_rest(list(self._shards))
        return count

    def _read(self) -> Any:
        at: Any = {transport.shard_key(n): shard.last_id for n, shard in self._shards.items()}
        return self._client.xread(at, count=ENTRIES_AT_ONCE, block=BLOCK_MS)

    def _judge(self, read: Any) -> int:
        count = 0
        for key, entries in read or ():
            shard = self._shards[int(key.rpartition(b":")[2])]
            found = shard.judge([Entry.read(*one) for one in entries])
            self._untold += found
            count += sum(one.point_count for one in found)
            self._tell(self._untold)
        return count

    def _tell(self, found: Sequence[Found]) -> None:
        """Say what is judged: counts for the next points, points for the pages, answers."""
        pipeline = self._client.pipeline(transaction=False)
        for one in found:
            self._tell_session(pipeline, one)
        for process, answers in _answers(found).items():
            pipeline.publish(transport.replies_channel(process), json.dumps(answers))
        pipeline.execute()
        self._untold = []

    def _tell_session(self, pipeline: Any, one: Found) -> None:
        last, _ = one.of_entries[-1]
        shard = transport.shard_of(last.session_id)
        key = transport.session_key(last.session_id)
        pipeline.hset(transport.load_key(shard), "judged", last.on_shard)
        live = self._shards[shard].sessions.get(last.session_id)
        if one.error is not None or live is None:
            pipeline.hset(key, "status", "error")
            return
        points, alerts = live.totals
        lately = {
            "judged": last.first + len(last.times_ms),
            "points": points,
            "alerts": alerts,
            "statistics": json.dumps(live.statistics()),
        }
        pipeline.hset(key, mapping=lately)
        blocks_key = transport.blocks_key(last.session_id)
        pipeline.rpush(blocks_key, one.block)
        pipeline.ltrim(blocks_key, -live.kept_blocks, -1)
        if one.alerts:
            channel = transport.alerts_channel(last.session_id)
            pipeline.publish(channel, json.dumps(one.alerts))

    def _checkpoint(self) -> None:
        begun = time.monotonic()
        for number, shard in list(self._shards.items()):
            if not shard.is_dirty:
                continue
            try:
                shard.checkpoint(self._holder)
            except LeaseLost:
                log.warning("Shard %d belongs to another process now", number)
                self._forget([number])
                continue
            self._trim(number, shard.kept_id)
        took = time.monotonic() - begun
        wait = min(max(CHECKPOINT_EVERY_S, took * CHECKPOINT_SHARE), LONGEST_CHECKPOINT_S)
        self._checkpoint_at = time.monotonic() + wait

    def _trim(self, number: int, kept_id: str) -> None:
        moment, _, count = kept_id.partition("-")
        after = f"{moment}-{int(count) + 1}"
        self._client.xtrim(transport.shard_key(number), minid=after, approximate=False)

    def _hold(self) -> None:
        """Prolong leases, take what is free, and give away what is more than a fair share."""
        share = self._share()
        with unit_of_work():
            for number in range(transport.SHARDS):
                mine = number in self._shards
                if mine and len(self._shards) > share:
                    self._give_away(number)
                elif mine or len(self._shards) < share:
                    self._take(number)

    def _take(self, number: int) -> None:
        fence = leases.take(lease_name(number), LEASE, self._holder)
        if fence is None and self._is_left(number):
            fence = leases.take(lease_name(number), LEASE, self._holder)
        known = self._shards.get(number)
        if fence is None:
            self._forget([number])
        elif known is None or known.fence != fence:
            self._shards[number] = Shard(number, fence)

    def _is_left(self, number: int) -> bool:
        """Whether the holder was a process of this machine that is no more; then nobody holds it.

        Otherwise all would wait until the lease has run out.
        """
        with unit_of_work(writing=False) as session:
            held_by = select(Lease.holder).where(Lease.name == lease_name(number))
            holder = session.scalar(held_by) or ""
        host, _, pid = holder.rpartition(":")
        if host != leases.this_process().rpartition(":")[0] or not pid.isdigit():
            return False
        if psutil.pid_exists(int(pid)):
            return False
        leases.give_back(lease_name(number), holder)
        return True

    def _share(self) -> int:
        """How many shards one of those who are alive has."""
        now = time.time()
        pipeline = self._client.pipeline(transaction=True)
        pipeline.zadd(WORKERS, {self._holder: now})
        pipeline.zremrangebyscore(WORKERS, 0, now - LEASE.total_seconds())
        pipeline.zcard(WORKERS)
        alive = max(1, int(pipeline.execute()[-1]))
        return -(-transport.SHARDS // alive)

    def _give_away(self, number: int) -> None:
        shard = self._shards.pop(number)
        if shard.is_dirty:
            shard.checkpoint(self._holder)
        leases.give_back(lease_name(number), self._holder)

    def _forget(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._shards.pop(number, None)
        self._untold = []

    def _leave(self) -> None:
        try:
            for number in list(self._shards):
                self._give_away(number)
            self._client.zrem(WORKERS, self._holder)
        except (*AWAY, SQLAlchemyError, LeaseLost):
            # Whoever comes next begins at the last checkpoint.
            log.warning("Not everything could be kept; it is judged again")


def _answers(found: Sequence[Found]) -> dict[str, list[list[Any]]]:
    """By process: the number of who waits, the alerts, what went wrong."""
    answers: dict[str, list[list[Any]]] = {}
    for one in found:
        for entry, alerts in one.of_entries:
            process, _, number = entry.reply.rpartition("/")
            if process:
                answers.setdefault(process, []).append([number, alerts, one.error])
    return answers
