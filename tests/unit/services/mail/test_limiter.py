from __future__ import annotations

import threading

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from services.email_provider import EmailRateLimiter
from services.mail.limiter import KEY


def test_no_more_leave_in_a_minute_however_many_ask(real_valkey):
    limiters = [EmailRateLimiter(real_valkey.client, 20) for _ in range(4)]
    granted, together = [], threading.Barrier(4)

    def ask(limiter):
        together.wait()
        granted.extend(limiter.can_send() for _ in range(20))

    threads = [threading.Thread(target=ask, args=(one,)) for one in limiters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(granted), sum(granted)) == (80, 20)
    assert 0 < real_valkey.client.ttl(KEY) <= 60


def test_after_a_reset_they_leave_again(real_valkey):
    limiter = EmailRateLimiter(real_valkey.client, 1)
    assert [limiter.can_send(), limiter.can_send()] == [True, False]
    limiter.reset()
    assert limiter.can_send()


def test_without_valkey_half_as_many_leave():
    away = redis.Redis(port=1, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))
    limiter = EmailRateLimiter(away, 6)
    assert [limiter.can_send() for _ in range(5)] == [True, True, True, False, False]
    limiter.reset()
    assert limiter.can_send()
