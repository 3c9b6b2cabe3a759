"""Counting of failures, so that nobody can try passwords for long.

The counters are in Valkey, shared by all processes and kept over a restart. While it
is away each process counts by itself, with a limit that is stricter: never open.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from dataclasses import dataclass
from functools import partial

import redis

from services.errors import RateLimited
from services.valkey import valkey

STRICTER = 2
MOST_LOCAL_KEYS = 10_000
LONGEST_WHO = 80


@dataclass(frozen=True)
class Limit:
    """At most ``failures`` within ``window_s``; then nothing goes until the window ends.

    With ``lock_s`` it goes on that long after the last of them, for tries that are taken.
    """

    name: str
    failures: int
    window_s: int
    lock_s: int | None = None


MAX_2FA_ATTEMPTS = 5
LOCKOUT_DURATION_MINUTES = 15
SIGN_IN = Limit("sign-in", 10, 30 * 60, 30 * 60)
SECOND_STEP = Limit("second-step", MAX_2FA_ATTEMPTS, 15 * 60, lock_s=LOCKOUT_DURATION_MINUTES * 60)
LINK = Limit("link", 20, 30 * 60)

_lock = threading.Lock()
_local: dict[str, tuple[int, float]] = {}


def check(limit: Limit, *who: str) -> None:
    """Refuse when one of them has failed too often.

    Raises
    ------
    RateLimited
        With the minutes until the next try.
    """
    for one in who:
        key = _key(limit, one)
        seconds = valkey().ask(partial(_seconds_left, key=key, failures=limit.failures))
        if seconds is None:
            seconds = _local_seconds_left(key, limit.failures // STRICTER)
        if seconds > 0:
            minutes = -(-seconds // 60)
            raise RateLimited(f"Too many failed tries. Try again in {minutes} min.")


def take(limit: Limit, *who: str) -> int:
    """Count a try before it is made, so that many at the same time cannot outrun the count.

    A right one is taken back by :func:`forget` or :func:`give_back`. Returns how many more
    tries there are.

    Raises
    ------
    RateLimited
        With the minutes until the next try.
    """
    most = limit.failures
    taken: dict[str, tuple[int, int]] = {}
    for one in who:
        key = _key(limit, one)
        here = _local_count(key, limit.window_s, limit.failures // STRICTER, limit.lock_s)
        asked = valkey().ask(partial(_take, key=key, limit=limit))
        if asked is None:
            most, asked = limit.failures // STRICTER, here
        taken[one] = asked
    seconds = max((left for count, left in taken.values() if count > most), default=0)
    if seconds:
        # Nothing was tried: who is counted together with a locked one is not locked by that.
        give_back(limit, *(one for one, (count, _) in taken.items() if count <= most))
        raise RateLimited(f"Too many failed tries. Try again in {-(-seconds // 60)} min.")
    return most - max(count for count, _ in taken.values())


def give_back(limit: Limit, *who: str) -> None:
    """Take back one try, and leave those of others who are counted together."""
    for one in who:
        key = _key(limit, one)
        valkey().ask(partial(_give_back, key=key, window_s=limit.window_s))
        with _lock:
            count, until = _local.get(key, (0, 0.0))
            if count:
                _local[key] = (count - 1, until)


def count_failure(limit: Limit, *who: str) -> None:
    for one in who:
        key = _key(limit, one)
        valkey().ask(partial(_count, key=key, window_s=limit.window_s))
        _local_count(key, limit.window_s)


def forget(limit: Limit, *who: str) -> None:
    for one in who:
        key = _key(limit, one)
        valkey().ask(partial(_forget, key=key))
        with _lock:
            _local.pop(key, None)


def address(ip_address: str | None) -> str:
    """Whom an address stands for: with IPv6, all of the network that one customer gets.

    Examples
    --------
    >>> address("192.0.2.7"), address("2001:db8:1:2:3:4:5:6"), address("::ffff:192.0.2.7")
    ('ip:192.0.2.7', 'ip:2001:db8:1:2::/64', 'ip:192.0.2.7')
    """
    try:
        found = ipaddress.ip_address(ip_address or "")
    except ValueError:
        return f"ip:{ip_address}"
    if isinstance(found, ipaddress.IPv4Address):
        return f"ip:{found}"
    if found.ipv4_mapped is not None:
        return f"ip:{found.ipv4_mapped}"
    network = ipaddress.ip_network((int(found) >> 64 << 64, 64))
    return f"ip:{network}"


def forget_local() -> None:
    """Empty this process's own counters."""
    with _lock:
        _local.clear()


def _key(limit: Limit, who: str) -> str:
    # What somebody typed has any length, and Valkey keeps every key for the whole window.
    return f"limit:{limit.name}:{who[:LONGEST_WHO]}"


def _seconds_left(client: redis.Redis, key: str, failures: int) -> int:
    count = int(client.get(key) or 0)
    return max(int(client.ttl(key)), 1) if count >= failures else 0


def _count(client: redis.Redis, key: str, window_s: int) -> None:
    pipeline = client.pipeline(transaction=True)
    pipeline.incr(key)
    pipeline.expire(key, window_s, nx=True)
    pipeline.execute()


def _take(client: redis.Redis, key: str, limit: Limit) -> tuple[int, int]:
    """The tries with this one, and the seconds until they are forgotten."""
    pipeline = client.pipeline(transaction=True)
    pipeline.incr(key)
    pipeline.expire(key, limit.window_s, nx=True)
    pipeline.ttl(key)
    count, _, seconds = pipeline.execute()
    if count == limit.failures and limit.lock_s is not None:
        client.expire(key, limit.lock_s)
    return int(count), max(int(seconds), 1)


def _give_back(client: redis.Redis, key: str, window_s: int) -> None:
    pipeline = client.pipeline(transaction=True)
    pipeline.decr(key)
    pipeline.expire(key, window_s, nx=True)  # it may have ended in between
    pipeline.execute()


def _forget(client: redis.Redis, key: str) -> None:
    client.delete(key)


def _local_seconds_left(key: str, failures: int) -> int:
    with _lock:
        count, until = _local.get(key, (0, 0.0))
    left = until - time.monotonic()
    return int(left) + 1 if left > 0 and count >= failures else 0


def _local_count(
    key: str, window_s: int, most: int = 0, lock_s: int | None = None
) -> tuple[int, int]:
    """The tries with this one, and the seconds until they are forgotten."""
    now = time.monotonic()
    with _lock:
        count, until = _local.get(key, (0, 0.0))
        if until <= now:
            count, until = 0, now + window_s
        if count + 1 == most and lock_s is not None:
            until = now + lock_s
        if len(_local) >= MOST_LOCAL_KEYS:
            _local.clear()
        _local[key] = (count + 1, until)
    return count + 1, int(until - now) + 1
