"""Results worth keeping for a while, shared by all processes through Valkey.

Every key carries a version, so that a release which changes what is kept never reads
what an older one wrote; every value has a time to live and a largest size. While
Valkey is away nothing is kept and everything is computed.
"""

from __future__ import annotations

import fnmatch
import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

import redis

from services import actor
from services.errors import Invalid
from services.valkey import Valkey, valkey

CACHE_TTL_SHORT = 300
CACHE_TTL_MEDIUM = 600
CACHE_TTL_LONG = 3600
CACHE_TTL_DAY = 86_400

VERSION = 1
PREFIX = f"cache:{VERSION}:"
LARGEST_VALUE_BYTES = 1 << 20
# Valkey here evicts nothing, since it also carries jobs: the cache keeps itself small.
MOST_MEMORY_BYTES = 256 << 20
MEMORY_CHECK_EVERY_S = 5.0
# Who finds nothing and sees somebody compute it waits this long for the result.
PATIENCE_S = 20.0
WAIT_STEP_S = 0.05

_lock = threading.Lock()
_memory_checked = {"at": float("-inf"), "full": 0.0}


class CacheService:
    """Keep JSON values for a limited time."""

    @staticmethod
    def get(key: str) -> Any | None:
        """The value, or None if it is not there or Valkey is away."""
        actor.reader()
        raw = valkey().ask(lambda client: client.get(PREFIX + key))
        return None if raw is None else json.loads(str(raw))

    @staticmethod
    def set(key: str, value: Any, ttl: int = CACHE_TTL_MEDIUM) -> bool:
        """Keep a value for ``ttl`` seconds; whether it was kept.

        Raises
        ------
        Invalid
            If the time is shorter than a second or longer than a day, or JSON has no word for the
            value.
        """
        actor.reader()
        _check_time(ttl)
        try:
            raw = json.dumps(value, separators=(",", ":"))
        except (TypeError, ValueError) as error:
            raise Invalid(f"JSON has no word for this value: {error}.") from error
        if len(raw.encode()) > LARGEST_VALUE_BYTES or _is_full(valkey()):
            return False
        return bool(valkey().ask(lambda client: client.set(PREFIX + key, raw, ex=ttl)))

    @staticmethod
    def get_or_compute(key: str, compute: Callable[[], Any], ttl: int = CACHE_TTL_MEDIUM) -> Any:
        """The kept value, or a computed one; of many who ask at once only one computes.

        Raises
        ------
        Invalid
            If the time to live is shorter than a second or longer than a day.
        """
        actor.reader()
        _check_time(ttl)
        kept = CacheService.get(key)
        if kept is not None:
            return kept
        claim, token = f"claim:{PREFIX}{key}", secrets.token_hex(8)
        claimed = valkey().ask(
            lambda client: bool(client.set(claim, token, nx=True, ex=int(PATIENCE_S)))
        )
        if claimed is False:
            kept = _wait_for(key, claim)
            if kept is not None:
                return kept
        try:
            value = compute()
            CacheService.set(key, value, ttl)
        finally:
            if claimed:
                valkey().ask(lambda client: _release(client, claim, token))
        return value

    @staticmethod
    def delete(key: str) -> bool:
        """Forget a value; whether there was one."""
        actor.reader()
        return bool(valkey().ask(lambda client: client.delete(PREFIX + key)))

    @staticmethod
    def invalidate_pattern(pattern: str) -> int:
        """Forget all values whose key matches a glob pattern; how many there were."""
        actor.reader()

        def forget(client: redis.Redis) -> int:
            # Keys are scanned in steps: KEYS would hold up everybody else.
            names = [str(name) for name in client.scan_iter(match=PREFIX + pattern, count=500)]
            matching = [n for n in names if fnmatch.fnmatchcase(n, PREFIX + pattern)]
            return int(client.delete(*matching)) if matching else 0

        return valkey().ask(forget) or 0

    @staticmethod
    def get_stats() -> dict[str, Any]:
        """``status``, ``used_memory`` (bytes), ``connected_clients``, ``hit_rate`` (0–1).

        All but ``status`` are None while Valkey is away.
        """
        actor.reader()
        info: dict[str, Any] | None = valkey().ask(lambda client: dict(client.info()))
        if info is None:
            names = ("used_memory", "connected_clients", "hits", "misses", "hit_rate")
            return {"status": "unavailable", **dict.fromkeys(names)}
        hits, misses = int(info["keyspace_hits"]), int(info["keyspace_misses"])
        return {
            "status": "connected",
            "used_memory": int(info["used_memory"]),
            "connected_clients": int(info["connected_clients"]),
            "hits": hits,
            "misses": misses,
            "hit_rate": hits / (hits + misses) if hits + misses else None,
        }


def _check_time(ttl: int) -> None:
    if not 1 <= ttl <= CACHE_TTL_DAY:
        raise Invalid(f"The time to live must be 1 to {CACHE_TTL_DAY} s, got {ttl}.")


def _release(client: redis.Redis, claim: str, token: str) -> None:
    """Give a claim back; one that has expired may be somebody else's by now."""
    if client.get(claim) == token:
        client.delete(claim)


def _wait_for(key: str, claim: str) -> Any | None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        time.sleep(WAIT_STEP_S)
        kept = CacheService.get(key)
        if kept is not None:
            return kept
        if not valkey().ask(lambda client: client.exists(claim)):
            return None  # who computed it failed, or the result is too large to keep
    return None


def _is_full(connection: Valkey) -> bool:
    with _lock:
        if time.monotonic() - _memory_checked["at"] > MEMORY_CHECK_EVERY_S:
            used = connection.ask(lambda client: client.info("memory")["used_memory"])
            _memory_checked.update(at=time.monotonic(), full=float(used or 0))
        return _memory_checked["full"] > MOST_MEMORY_BYTES
