from __future__ import annotations

from flask import Flask

from api import health


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
    assert answer.json["status"] == "degraded"
    assert {c["name"]: c["ok"] for c in answer.json["checks"]} == {
        "database": True,
        "broker": False,
        "workers": False,
    }


def test_ready(server, monkeypatch):
    well = [{"name": "database", "ok": True, "message": "The database answers."}]
    monkeypatch.setattr(health.health, "readiness", lambda: well)
    answer = client(server).get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "checks": well})
