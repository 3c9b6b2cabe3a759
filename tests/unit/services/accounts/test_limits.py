from __future__ import annotations

import pytest

from services.accounts import limits
from services.accounts.limits import Limit
from services.errors import RateLimited

LIMIT = Limit("test", 4, 600)


def fail(times: int, *who: str) -> None:
    for _ in range(times):
        limits.count_failure(LIMIT, *who)


def test_shared_counter_ends_at_its_limit_and_says_for_how_long(real_valkey):
    fail(3, "anna")
    limits.check(LIMIT, "anna")
    fail(1, "anna")
    with pytest.raises(RateLimited, match="10 min"):
        limits.check(LIMIT, "bert", "anna")
    limits.check(LIMIT, "bert")


def test_shared_counter_is_seen_by_other_processes(real_valkey):
    fail(4, "anna")
    limits.forget_local()  # as in a process that has counted nothing
    with pytest.raises(RateLimited):
        limits.check(LIMIT, "anna")


def test_later_failures_do_not_lengthen_the_window(real_valkey):
    fail(1, "anna")
    real_valkey.ask(lambda client: client.expire("limit:test:anna", 5))
    fail(1, "anna")
    assert real_valkey.ask(lambda client: client.ttl("limit:test:anna")) <= 5


def test_success_forgets(real_valkey):
    fail(4, "anna")
    limits.forget(LIMIT, "anna")
    limits.check(LIMIT, "anna")


def test_without_valkey_a_process_counts_by_itself_and_is_stricter(server):
    fail(1, "anna")
    limits.check(LIMIT, "anna")
    fail(1, "anna")
    with pytest.raises(RateLimited):
        limits.check(LIMIT, "anna")


def test_local_counters_end_with_their_window(server, monkeypatch):
    fail(2, "anna")
    clock = limits.time.monotonic()
    monkeypatch.setattr(limits.time, "monotonic", lambda: clock + 601)
    limits.check(LIMIT, "anna")


def test_local_counters_do_not_grow_without_end(server, monkeypatch):
    monkeypatch.setattr(limits, "MOST_LOCAL_KEYS", 3)
    for number in range(10):
        fail(1, f"ip:{number}")
    assert len(limits._local) <= 3


@pytest.mark.parametrize(
    ("given", "stands_for"),
    [
        ("192.0.2.7", "ip:192.0.2.7"),
        ("2001:db8:1:2::9", "ip:2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "ip:192.0.2.7"),
        (None, "ip:None"),
    ],
)
def test_an_address_stands_for_who_has_it(given, stands_for):
    assert limits.address(given) == stands_for


def test_long_names_take_little_room(server):
    limits.count_failure(LIMIT, "x" * 100_000)
    assert max(map(len, limits._local)) < 200
    fail(1, "x" * 100_001)
    with pytest.raises(RateLimited):
        limits.check(LIMIT, "x" * 90_000)


LOCKED = Limit("test", 4, 600, lock_s=900)


def test_tries_are_counted_before_they_are_made(real_valkey):
    assert [limits.take(LOCKED, "anna") for _ in range(4)] == [3, 2, 1, 0]
    with pytest.raises(RateLimited, match="15 min"):
        limits.take(LOCKED, "bert", "anna")


def test_lock_begins_with_the_last_try_and_is_not_prolonged(real_valkey):
    for _ in range(3):
        limits.take(LOCKED, "anna")
    real_valkey.ask(lambda client: client.expire("limit:test:anna", 5))
    limits.take(LOCKED, "anna")
    assert real_valkey.ask(lambda client: client.ttl("limit:test:anna")) > 890
    real_valkey.ask(lambda client: client.expire("limit:test:anna", 5))
    with pytest.raises(RateLimited, match="1 min"):
        limits.take(LOCKED, "anna")
    assert real_valkey.ask(lambda client: client.ttl("limit:test:anna")) <= 5


def test_try_that_was_right_is_given_back_and_others_stay(real_valkey):
    for _ in range(3):
        limits.take(LOCKED, "ip:192.0.2.1")
    limits.give_back(LOCKED, "ip:192.0.2.1")
    assert limits.take(LOCKED, "ip:192.0.2.1") == 1
    limits.give_back(LOCKED, "nobody")  # whose count has ended in the meantime
    assert real_valkey.ask(lambda client: client.ttl("limit:test:nobody")) > 0


def test_without_valkey_tries_are_fewer_and_lock_as_long(server, monkeypatch):
    assert [limits.take(LOCKED, "anna") for _ in range(2)] == [1, 0]
    with pytest.raises(RateLimited, match="15 min"):
        limits.take(LOCKED, "anna")
    clock = limits.time.monotonic()
    monkeypatch.setattr(limits.time, "monotonic", lambda: clock + 901)
    assert limits.take(LOCKED, "anna") == 1
    limits.give_back(LOCKED, "anna")
    assert limits.take(LOCKED, "anna") == 1


def test_who_is_counted_together_with_a_locked_one_is_not_locked_by_that(real_valkey):
    for _ in range(4):
        limits.take(LOCKED, "anna")
    for _ in range(20):
        with pytest.raises(RateLimited):
            limits.take(LOCKED, "anna", "ip:192.0.2.1")
    assert limits.take(LOCKED, "bert", "ip:192.0.2.1") == 3
