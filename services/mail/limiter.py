"""How many mails may leave in a minute, over all processes."""

from __future__ import annotations

import secrets
import time
from collections import deque

import redis

WINDOW_S = 60
KEY = "mails:sent"
# Look, count and note in one step: no two senders take the last place both.
TAKE = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, now - ARGV[2] * 1000000)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""


class EmailRateLimiter:
    """A sliding minute in Valkey; while that is away, half as many, counted in this process."""

    def __init__(self, redis_client: redis.Redis, max_emails_per_minute: int = 100) -> None:
        self._client = redis_client
        self._most = max_emails_per_minute
        self._sent_here: deque[float] = deque()

    def can_send(self) -> bool:
        """Whether one more mail may leave now; if so, it counts as sent."""
        member = secrets.token_hex(8)
        try:
            return bool(self._client.eval(TAKE, 1, KEY, self._most, WINDOW_S, member))
        except redis.RedisError:
            return self._can_send_here()

    def reset(self) -> None:
        """Forget what was sent."""
        self._sent_here.clear()
        try:
            self._client.delete(KEY)
        except redis.RedisError:
            return  # what it kept lasts a minute at most

    def _can_send_here(self) -> bool:
        second = time.monotonic()
        while self._sent_here and self._sent_here[0] <= second - WINDOW_S:
            self._sent_here.popleft()
        if len(self._sent_here) >= max(1, self._most // 2):
            return False
        self._sent_here.append(second)
        return True
