from __future__ import annotations

import pytest

from services.api_keys import windows
from services.api_keys.windows import Stale

KEY = (7, "sk_live_abcdefgh")


def take(limit: int, epoch: str = "0"):
    return windows.take(*KEY, limit, epoch)


def age(valkey, minutes: int) -> None:
    """Move what was counted into the past."""

    def move(client):
        for at, count in client.hgetall("api-key:used:7").items():
            client.hdel("api-key:used:7", at)
            client.hset("api-key:used:7", str(int(at) - minutes), count)

    valkey.ask(move)


def test_no_more_than_the_limit_passes(real_valkey):
    taken = [take(3) for _ in range(5)]
    assert [one.granted for one in taken] == [True, True, True, False, False]
    assert [one.remaining for one in taken] == [2, 1, 0, 0, 0]
    assert all(3600 < one.reset_s <= 3660 for one in taken)


def test_what_was_used_an_hour_ago_is_given_back(real_valkey):
    assert [take(2).granted for _ in range(3)] == [True, True, False]
    age(real_valkey, 60)
    assert not take(2).granted  # within the hour, as far as minutes can tell
    age(real_valkey, 1)
    assert take(2).granted
    assert len(real_valkey.ask(lambda client: client.hgetall("api-key:used:7"))) == 1


def test_the_window_slides(real_valkey):
    take(2)
    age(real_valkey, 59)
    take(2)
    first = take(2)
    assert (first.granted, first.reset_s <= 120) == (False, True)
    age(real_valkey, 2)
    assert [take(2).granted for _ in range(2)] == [True, False]


def test_another_epoch_makes_it_stale_and_counts_nothing(real_valkey):
    take(5)
    assert windows.epoch(KEY[1]) == "0"
    windows.bump([KEY[1]])
    assert take(5) == Stale()
    assert windows.epoch(KEY[1]) == "1"
    assert take(5, "1").remaining == 3


def test_counters_of_keys_are_apart_and_end_by_themselves(real_valkey):
    take(1)
    assert windows.take(8, "sk_live_ijklmnop", 1, "0").granted
    left = real_valkey.ask(lambda client: client.ttl("api-key:used:7"))
    assert 3600 < left <= 3720


def test_without_valkey_there_is_no_answer(server):
    assert take(5) is None
    assert windows.epoch(KEY[1]) is None
    windows.bump([KEY[1]])


def test_a_process_alone_grants_a_quarter(server):
    taken = [windows.take_local(7, 8) for _ in range(3)]
    assert [(one.granted, one.limit, one.remaining) for one in taken] == [
        (True, 2, 1),
        (True, 2, 0),
        (False, 2, 0),
    ]
    assert windows.take_local(9, 1).granted


def test_a_process_alone_forgets_after_an_hour(server, monkeypatch):
    clock = windows.time.time()
    assert windows.take_local(7, 4).granted
    assert not windows.take_local(7, 4).granted
    monkeypatch.setattr(windows.time, "time", lambda: clock + 3661)
    assert windows.take_local(7, 4).granted


@pytest.mark.parametrize("prefixes", [[], ["a", "b"]])
def test_many_are_bumped_at_once(real_valkey, prefixes):
    windows.bump(prefixes)
    assert [windows.epoch(one) for one in prefixes] == ["1"] * len(prefixes)
