from __future__ import annotations

from flask import Flask

from api import health
from services.files.room import measure_with
from services.monitoring import levels


def client(server: Flask):
    health.install(server)
    return server.test_client()


def test_process_lives_even_without_database_and_broker():
    answer = client(Flask("bare")).get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "alive"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_not_ready_without_broker_and_workers(server):
    answer = client(server).get("/readyz")
    assert answer.status_code == 503
    assert answer.json["status"] == "unhealthy"
    assert {c["name"]: c["ok"] for c in answer.json["checks"]} == {
        "database": True,
        "broker": False,
        "workers": False,
        "disk": True,
        "queues": True,
        "collector": True,
    }


def test_ready(server, monkeypatch):
    well = [levels.checked("database", "The database answers.")]
    monkeypatch.setattr(health.health, "readiness", lambda: well)
    answer = client(server).get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "checks": well})


def test_a_disk_that_is_nearly_full_degrades_and_a_full_one_ends_the_readiness(server, monkeypatch):
    def told(used):
        measure_with(server, lambda _: (1000, used, 1000 - used))
        monkeypatch.setattr(health.health, "readiness", lambda: [health.health.check_disk()])
        answer = page.get("/readyz")
        return answer.status_code, answer.json["status"]

    page = client(server)
    assert told(850) == (200, "ready")
    assert told(860) == (200, "degraded")
    assert told(960) == (503, "unhealthy")
