"""The way of points through Valkey: one stream for each shard, an entry for each batch.

A point is accepted when its entry is in the stream, which Valkey writes to the disk before it
answers. One script decides and writes: that the session runs, that there is room, that the
quota is not used up, that the batch was not sent before; and it numbers the points.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import Any

import redis
from flask import Flask, current_app

SHARDS = 8
# Points of a session that wait to be judged; more are refused until there is room again.
CAPACITY = 100_000
# Numbers of a shard that wait: 80 MB.
SHARD_CAPACITY = 10_000_000
# Points in an hour for one key, or for one person.
QUOTA = 10_000_000
SENT_LASTS_S = 3600
# The last points of a session that was stopped.
KEPT_AFTER_S = 7 * 24 * 3600
# Longer than the 0.5 s of other questions: here somebody waits for the disk.
TIMEOUT_S = 5.0
_ACCEPT = """
local state = redis.call('HMGET', KEYS[1], 'status', 'accepted', 'judged')
if not state[1] then return {'unknown'} end
if KEYS[5] ~= '' then
  local sent = redis.call('GET', KEYS[5])
  if sent then return {'again', sent} end
end
if state[1] ~= 'running' then return {'state', state[1]} end
local n, numbers = tonumber(ARGV[1]), tonumber(ARGV[2])
local accepted = tonumber(state[2] or 0)
local waiting = accepted - tonumber(state[3] or 0)
if waiting + n > tonumber(ARGV[3]) then return {'full', waiting} end
local load = redis.call('HMGET', KEYS[3], 'accepted', 'judged')
local on_shard = tonumber(load[1] or 0) - tonumber(load[2] or 0)
if on_shard + numbers > tonumber(ARGV[4]) then return {'full', waiting} end
local now = tonumber(redis.call('TIME')[1])
local minute = math.floor(now / 60)
local used, first, counts = 0, minute, redis.call('HGETALL', KEYS[4])
for i = 1, #counts, 2 do
  local at = tonumber(counts[i])
  if at < minute - 60 then
    redis.call('HDEL', KEYS[4], counts[i])
  else
    used = used + tonumber(counts[i + 1])
    if at < first then first = at end
  end
end
if used + n > tonumber(ARGV[5]) then return {'quota', (first + 61) * 60 - now} end
redis.call('HINCRBY', KEYS[4], minute, n)
redis.call('EXPIRE', KEYS[4], 3720)
redis.call('HSET', KEYS[1], 'accepted', accepted + n)
local total = redis.call('HINCRBY', KEYS[3], 'accepted', numbers)
redis.call('XADD', KEYS[2], '*', 's', ARGV[6], 'f', accepted, 'n', n, 'a', total,
           'r', ARGV[7], 'p', ARGV[8])
if KEYS[5] ~= '' then
  redis.call('SET', KEYS[5], accepted .. ':' .. n .. ':' .. ARGV[9], 'EX', ARGV[10])
end
return {'ok', accepted}
"""


@dataclass(frozen=True)
class Batch:
    """Points on their way into a session. ``sender`` is whose quota they count to."""

    session_id: str
    count: int
    numbers: int
    payload: bytes
    sender: str
    reply: str = ""
    sent_as: str = ""  # the name that the program gave its request
    quota: int = QUOTA


def shard_of(session_id: str) -> int:
    return zlib.crc32(session_id.encode()) % SHARDS


def shard_key(shard: int) -> str:
    return f"stream:shard:{shard}"


def load_key(shard: int) -> str:
    return f"stream:load:{shard}"


def session_key(session_id: str) -> str:
    return f"stream:session:{session_id}"


def blocks_key(session_id: str) -> str:
    return f"stream:blocks:{session_id}"


def alerts_channel(session_id: str) -> str:
    return f"stream:alerts:{session_id}"


def replies_channel(process: str) -> str:
    return f"stream:replies:{process}"


def accept_arguments(batch: Batch) -> tuple[list[str], list[Any]]:
    """Keys and arguments of the script; who answers many sockets calls it by itself."""
    shard = shard_of(batch.session_id)
    sent, fingerprint = "", ""
    if batch.sent_as:
        named = hashlib.sha256(f"{batch.sender}\n{batch.sent_as}".encode()).hexdigest()[:32]
        sent = f"stream:sent:{batch.session_id}:{named}"
        fingerprint = hashlib.sha256(batch.payload).hexdigest()[:32]
    keys = [
        session_key(batch.session_id),
        shard_key(shard),
        load_key(shard),
        f"stream:quota:{batch.sender}",
        sent,
    ]
    limits = [batch.count, batch.numbers, CAPACITY, SHARD_CAPACITY, batch.quota]
    what = [batch.session_id, batch.reply, batch.payload, fingerprint, SENT_LASTS_S]
    return keys, [*limits, *what]


def script() -> str:
    return _ACCEPT


class Transport:
    """The connection of one process, with answers as bytes."""

    def __init__(self, url: str) -> None:
        self.client = redis.Redis.from_url(
            url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=None
        )
        self._accept = self.client.register_script(_ACCEPT)

    def accept(self, batch: Batch) -> list[Any]:
        """What the script answers: its word, and what belongs to it."""
        keys, arguments = accept_arguments(batch)
        answer: list[Any] = self._accept(keys=keys, args=arguments)
        return [answer[0].decode(), *answer[1:]]

    def open(self, session_id: str, status: str, accepted: int) -> None:
        """Let Valkey know a session; what it has counted already stays."""
        pipeline = self.client.pipeline(transaction=True)
        pipeline.hset(session_key(session_id), "status", status)
        pipeline.hsetnx(session_key(session_id), "accepted", accepted)
        pipeline.hsetnx(session_key(session_id), "judged", accepted)
        if status == "stopped":
            for key in (session_key(session_id), blocks_key(session_id)):
                pipeline.expire(key, KEPT_AFTER_S)
        pipeline.execute()

    def forget(self, session_id: str) -> None:
        self.client.delete(session_key(session_id), blocks_key(session_id))


def init_app(server: Flask, url: str) -> None:
    server.extensions["streams"] = Transport(url)


def transport() -> Transport:
    found: Transport = current_app.extensions["streams"]
    return found
