"""How often a key was used in the last hour, and whether it was revoked: one question to Valkey.

The hour is counted in minutes: 61 of them, so that in no hour more than the limit passes. What
was used up comes back minute by minute. While Valkey is away each process counts by itself, with
a quarter of the limit: never open.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import redis

from services.valkey import valkey

WINDOW_S = 3600
STEP_S = 60
STEPS = WINDOW_S // STEP_S
STRICTER = 4
MOST_LOCAL_KEYS = 10_000
# The epochs stay longer than any process remembers a key.
EPOCH_LASTS_S = 24 * 3600

_TAKE = """
local limit = tonumber(ARGV[1])
local now = tonumber(redis.call('TIME')[1])
local step = math.floor(now / 60)
local epoch = redis.call('GET', KEYS[2]) or '0'
if epoch ~= ARGV[2] then return {epoch, -1, 0, 0} end
local counts = redis.call('HGETALL', KEYS[1])
local used, first, old = 0, step, {}
for i = 1, #counts, 2 do
  local at = tonumber(counts[i])
  if at < step - 60 then
    old[#old + 1] = counts[i]
  else
    used = used + tonumber(counts[i + 1])
    if at < first then first = at end
  end
end
local granted = 0
if ARGV[3] == '0' then
  granted = 1
elseif used < limit then
  redis.call('HINCRBY', KEYS[1], step, 1)
  redis.call('EXPIRE', KEYS[1], 3720)
  used = used + 1
  granted = 1
end
if #old > 0 then redis.call('HDEL', KEYS[1], unpack(old)) end
return {epoch, granted, used, (first + 61) * 60 - now}
"""


@dataclass(frozen=True)
class Taken:
    """Whether the request may pass, and the seconds until the oldest use is forgotten."""

    granted: bool
    limit: int
    remaining: int
    reset_s: int


@dataclass(frozen=True)
class Stale:
    """The key was revoked or changed since it was verified: look again."""


def epoch(prefix: str) -> str | None:
    """How often the key was revoked or changed; None while Valkey is away."""
    return valkey().ask(lambda client: str(client.get(_epoch_key(prefix)) or "0"))


def epochs(prefixes: Collection[str]) -> dict[str, str]:
    """Of many keys with one question; none while Valkey is away."""
    asked = sorted(prefixes)

    def ask(client: redis.Redis) -> dict[str, str]:
        found: Any = client.mget([_epoch_key(prefix) for prefix in asked])
        return {prefix: str(one or "0") for prefix, one in zip(asked, found, strict=True)}

    return (valkey().ask(ask) or {}) if asked else {}


def bump(prefixes: list[str]) -> None:
    """Make every process look again at these keys. Call it after the commit, not before."""

    def count(client: redis.Redis) -> None:
        pipeline = client.pipeline(transaction=True)
        for prefix in prefixes:
            pipeline.incr(_epoch_key(prefix))
            pipeline.expire(_epoch_key(prefix), EPOCH_LASTS_S)
        pipeline.execute()

    if prefixes:
        valkey().ask(count)


def take(
    key_id: int, prefix: str, limit: int, known_epoch: str, *, counted: bool = True
) -> Taken | Stale | None:
    """Count one request, unless the epoch is another one; None while Valkey is away.

    One that is not ``counted``, because another quota applies to it, always passes.
    """

    def ask(client: redis.Redis) -> Any:
        keys = [f"api-key:used:{key_id}", _epoch_key(prefix)]
        return _script(client)(keys=keys, args=[limit, known_epoch, int(counted)])

    answer = valkey().ask(ask)
    if answer is None:
        return None
    _, granted, used, reset_s = answer
    if granted < 0:
        return Stale()
    return Taken(granted == 1, limit, max(limit - used, 0), int(reset_s))


def take_local(key_id: int, limit: int, *, counted: bool = True) -> Taken:
    """Count one request in this process alone."""
    allowed = max(limit // STRICTER, 1)
    now = time.time()
    step = int(now // STEP_S)
    with _lock:
        if len(_local) >= MOST_LOCAL_KEYS:
            _local.clear()
        counts = {at: count for at, count in _local.get(key_id, {}).items() if at >= step - STEPS}
        used = sum(counts.values())
        granted = used < allowed or not counted
        if granted and counted:
            counts[step] = counts.get(step, 0) + 1
            used += 1
        _local[key_id] = counts
    first = min(counts, default=step)
    reset_s = (first + STEPS + 1) * STEP_S - int(now)
    return Taken(granted, allowed, max(allowed - used, 0), reset_s)


def forget_local() -> None:
    """Empty this process's own counters."""
    with _lock:
        _local.clear()


def _script(client: redis.Redis) -> Any:
    if client not in _scripts:
        _scripts[client] = client.register_script(_TAKE)
    return _scripts[client]


def _epoch_key(prefix: str) -> str:
    return f"api-key:epoch:{prefix}"


_lock = threading.Lock()
_local: dict[int, dict[int, int]] = {}
_scripts: Any = weakref.WeakKeyDictionary()
