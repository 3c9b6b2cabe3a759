from __future__ import annotations

import threading
import time

import pytest

from models import Role
from services import cache_service
from services.actor import Actor, acting_as
from services.cache_service import CACHE_TTL_DAY, PREFIX, CacheService
from services.errors import Invalid

ANNA = Actor(1, Role.VIEWER, frozenset(), "page")


@pytest.fixture(autouse=True)
def anna():
    with acting_as(ANNA):
        yield


@pytest.fixture(autouse=True)
def memory_is_checked_anew(monkeypatch):
    monkeypatch.setattr(cache_service, "_memory_checked", {"at": float("-inf"), "full": 0.0})


def test_values_come_back_until_they_are_forgotten(real_valkey):
    assert CacheService.get("statistics:3") is None
    assert CacheService.set("statistics:3", {"rms": [1.5, None]})
    assert CacheService.get("statistics:3") == {"rms": [1.5, None]}
    assert CacheService.delete("statistics:3")
    assert not CacheService.delete("statistics:3")


def test_every_key_has_a_version_and_a_time_to_live(real_valkey):
    CacheService.set("a", 1, ttl=60)
    assert 0 < real_valkey.ask(lambda client: client.ttl(PREFIX + "a")) <= 60
    for wrong in (0, -1, CACHE_TTL_DAY + 1):
        with pytest.raises(Invalid, match="time to live"):
            CacheService.set("a", 1, ttl=wrong)
        with pytest.raises(Invalid, match="time to live"):
            CacheService.get_or_compute("a", lambda: pytest.fail("computed"), ttl=wrong)


def test_what_is_too_large_or_too_much_is_not_kept(real_valkey, monkeypatch):
    assert not CacheService.set("large", "x" * cache_service.LARGEST_VALUE_BYTES)
    monkeypatch.setattr(cache_service, "MOST_MEMORY_BYTES", 1)
    assert not CacheService.set("small", 1)


def test_pattern_forgets_what_it_matches_and_nothing_else(real_valkey):
    for key in ("data:1:a", "data:1:b", "data:2:a"):
        CacheService.set(key, 1)
    assert CacheService.invalidate_pattern("data:1:*") == 2
    assert CacheService.get("data:2:a") == 1


def test_of_many_who_ask_at_once_one_computes(real_valkey, server):
    computed = []

    def compute():
        computed.append(1)
        time.sleep(0.3)
        return {"n": 7}

    answers = []

    def ask():
        with server.app_context(), acting_as(ANNA):
            answers.append(CacheService.get_or_compute("hot", compute))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(computed), answers) == (1, [{"n": 7}] * 8)


def test_failed_computation_leaves_no_claim(real_valkey):
    with pytest.raises(ZeroDivisionError):
        CacheService.get_or_compute("bad", lambda: 1 / 0)
    assert real_valkey.ask(lambda client: client.exists(f"claim:{PREFIX}bad")) == 0
    assert CacheService.get_or_compute("bad", lambda: 5) == 5


def test_a_claim_that_took_too_long_is_left_to_who_has_it_now(real_valkey):
    claim = f"claim:{PREFIX}slow"

    def compute():
        real_valkey.ask(lambda client: client.set(claim, "somebody else's"))
        return 5

    assert CacheService.get_or_compute("slow", compute) == 5
    assert real_valkey.ask(lambda client: client.get(claim)) == "somebody else's"


def test_stats_tell_the_share_of_hits(real_valkey):
    real_valkey.ask(lambda client: client.config_resetstat())
    CacheService.get("none")
    CacheService.set("a", 1)
    CacheService.get("a")
    stats = CacheService.get_stats()
    assert (stats["status"], stats["hit_rate"]) == ("connected", 0.5)


def test_without_valkey_all_is_computed_and_nothing_fails(server):
    assert CacheService.get_or_compute("a", lambda: 3) == 3
    assert not CacheService.set("a", 3)
    assert CacheService.get("a") is None
    assert CacheService.invalidate_pattern("*") == 0
    stats = CacheService.get_stats()
    assert stats.pop("status") == "unavailable"
    assert stats.keys() >= {"used_memory", "connected_clients", "hit_rate"}
    assert set(stats.values()) == {None}


def test_what_json_has_no_word_for_is_refused(server):
    with pytest.raises(Invalid, match="no word for this value"):
        CacheService.set("a", object())
