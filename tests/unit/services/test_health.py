from __future__ import annotations

import pytest

from services import health, valkey
from services.files.room import measure_with
from tasks.celery_app import QUEUES


class Memory:
    """The three commands that the heartbeat uses, kept in a dict."""

    def __init__(self) -> None:
        self.scores: dict[str, int] = {}
        self.now = 1_000

    def time(self):
        return self.now, 0

    def pipeline(self, transaction):
        return self

    def execute(self):
        return []

    def expire(self, _key, _seconds):
        return True

    def zadd(self, _key, scores):
        self.scores.update(scores)

    def zrem(self, _key, member):
        return self.scores.pop(member, None)

    def zremrangebyscore(self, _key, low, high):
        self.scores = {m: s for m, s in self.scores.items() if not low <= s <= high}

    def zrangebyscore(self, _key, low, _high, withscores):
        assert withscores
        return [(member, score) for member, score in self.scores.items() if score >= low]


class FakeValkey:
    is_reachable = True

    def __init__(self) -> None:
        self.memory = Memory()

    def ask(self, question):
        return question(self.memory)


@pytest.fixture
def memory(server) -> Memory:
    fake = FakeValkey()
    server.extensions["valkey"] = fake
    return fake.memory


def names(checks) -> dict[str, bool]:
    return {check["name"]: check["ok"] for check in checks}


def test_all_well(memory):
    health.hear_worker("all", health.QUEUES)
    assert names(health.readiness()) == {
        "database": True,
        "broker": True,
        "workers": True,
        "disk": True,
        "queues": True,
        "collector": True,
    }


def test_queue_without_a_worker_is_named(memory):
    health.hear_worker("interactive", ("interactive",))
    check = health.check_workers()
    assert not check["ok"]
    assert "default, training, explain, notify" in check["message"]


def test_worker_that_fell_silent_does_not_count(memory):
    health.hear_worker("all", health.QUEUES)
    memory.now += health.HEARD_WITHIN_S + 1
    assert health.workers_heard() == []


def test_worker_that_stopped_is_not_heard_and_known_to_have_stopped(memory):
    health.hear_worker("all", health.QUEUES)
    health.forget_worker("all", health.QUEUES)
    assert health.workers_heard() == []
    assert [worker["has_stopped"] for worker in health.workers_known()] == [True]
    health.hear_worker("all", health.QUEUES)
    assert [worker["has_stopped"] for worker in health.workers_known()] == [False]


def test_workers_that_are_silent_for_long_are_worse(memory):
    assert health.check_workers()["level"] is health.Level.UNHEALTHY  # none was ever heard
    health.hear_worker("all", health.QUEUES)
    levels = []
    for silent_s in (60, 61, 300, 301):
        memory.now = 1_000 + silent_s
        levels.append(health.check_workers()["level"].value)
    assert levels == ["healthy", "degraded", "degraded", "unhealthy"]


def test_without_valkey_the_rest_is_still_told(server):
    health.hear_worker("all", health.QUEUES)
    assert health.workers_heard() is None
    assert names(health.readiness()) == {
        "database": True,
        "broker": False,
        "workers": False,
        "disk": True,
        "queues": True,
        "collector": True,
    }


def test_without_a_database_it_says_so(server, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def fail(**_):
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(health, "unit_of_work", fail)
    assert health.check_database()["message"] == "The database does not answer."
    # What lies in the database is not asked for then.
    assert names(health.readiness()) == {
        "database": False,
        "broker": False,
        "workers": False,
        "disk": True,
    }


def test_trouble_is_told_as_what_it_means(server, monkeypatch):
    broker, workers = health.troubles()
    assert broker.startswith("The queue is away. Pages work")
    assert "none is lost" in workers
    monkeypatch.setattr(health, "readiness", list)
    assert health.troubles() == []


def test_a_disk_that_is_nearly_full_is_told_before_work_is_refused(memory, server):
    health.hear_worker("all", health.QUEUES)
    measure_with(server, lambda _: (100 << 30, 70 << 30, 10 << 30))
    check = health.check_disk()
    assert (check["ok"], check["level"]) == (True, health.Level.DEGRADED)
    assert check["message"] == "10.0 GiB of 80.0 GiB are free."
    assert health.troubles() == [health.FOR_PEOPLE["disk"]]


def test_queues_are_those_that_workers_know():
    assert health.QUEUES == QUEUES


def test_connection_is_the_one_of_the_application(server):
    assert isinstance(valkey.valkey(), valkey.Valkey)
