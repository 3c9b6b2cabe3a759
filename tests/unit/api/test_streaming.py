from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from services.streaming import replies, transport
from services.streaming.worker import StreamWorker

ROOT = "/api/v1/anomaly/streaming"
LATER = {"Prefer": "respond-async"}
SESSION = {
    *("id", "source_id", "algorithm", "window_size", "threshold", "columns", "status", "config"),
    *("statistics", "total_points", "total_alerts", "created_at", "started_at", "stopped_at"),
}
ALERT = {
    *("id", "session_id", "timestamp", "data_point", "anomaly_score", "is_anomaly"),
    *("algorithm", "details"),
}


@pytest.fixture
def judged(web, server, real_valkey, valkey_settings) -> Iterator[None]:
    """A worker that judges while the test runs."""
    for application in (web, server):
        transport.init_app(application, valkey_settings.valkey_url)
        replies.init_app(application)
    stop = threading.Event()
    worker = StreamWorker(server, valkey_settings.valkey_url, "test:worker")
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture
def address(judged, client) -> str:
    made = client.post(f"{ROOT}/start", json={})
    assert made.status_code == 201
    return f"{ROOT}/{made.json['id']}"


def waves(count: int) -> list[dict]:
    return [{"data": {"g": 1.0 + 0.1 * (n % 7)}} for n in range(count)]


def test_a_session_from_its_start_to_its_end(client, address):
    assert client.post(f"{address}/batch", json={"data_points": waves(30)}).json == []
    assert client.post(f"{address}/data", json={"data": {"g": 1.2}}).json is None
    alert = client.post(f"{address}/data", json={"data": {"g": 50}}).json
    assert alert.keys() >= ALERT
    assert alert["details"]["column_details"]["g"].keys() == {
        *("value", "expected", "spread", "score"),
    }
    status = client.get(f"{address}/status").json
    assert (status["total_points"], status["total_alerts"]) == (32, 1)
    assert status["statistics"]["g"]["count"] == 32
    data = client.get(f"{address}/data?limit=2").json
    assert (data["total"], [p["sequence"] for p in data["data_points"]]) == (32, [30, 31])
    alerts = client.get(f"{address}/alerts").json
    assert (alerts["total"], alerts["offset"], alerts["limit"]) == (1, 0, 50)
    seen = client.post(f"{address}/alerts/{alert['id']}/acknowledge", json={})
    assert seen.json["acknowledged_at"] is not None
    for verb, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        answer = client.post(f"{address}/{verb}").json
        assert answer["status"] == state
        assert answer.keys() >= SESSION
    assert client.post(f"{address}/data", json={"data": {"g": 1}}).status_code == 409
    listed = client.get(f"{ROOT}/sessions?status=stopped").json
    assert [one["id"] for one in listed["data"]] == [alert["session_id"]]
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_points_are_taken_before_they_are_judged(client, address):
    answer = client.post(f"{address}/batch", json={"data_points": waves(5)}, headers=LATER)
    assert (answer.status_code, answer.json) == (202, {"accepted": 5, "first": 0})


def test_a_batch_that_is_sent_twice_counts_once(client, address):
    named = {"Idempotency-Key": "batch-1"}
    body = {"data_points": [*waves(30), {"data": {"g": 70}}]}
    first = client.post(f"{address}/batch", json=body, headers=named).json
    again = client.post(f"{address}/batch", json=body, headers=named).json
    assert again == first
    assert client.get(f"{address}/status").json["total_points"] == 31


WRONG_POINTS = [
    ("data", {"data": {"g": "1"}}, "data.g"),
    ("data", {"data": {}}, "data"),
    ("data", {"data": {"g": None}}, "data"),
    ("data", {"data": {"g": 1}, "time": 1}, "time"),
    ("data", {"data": {"g": 1}, "timestamp": "x"}, "timestamp"),
    ("data", [1], "body"),
    ("batch", {"data_points": []}, "data_points"),
    ("batch", {"points": []}, "points"),
    ("batch", [], "body"),
    ("batch", {"data_points": [{"data": {"g": 1}, "timestamp": "x"}]}, "data_points.0.timestamp"),
]
WRONG_STARTS = [
    ({"window_size": "100"}, "window_size"),
    ({"window_size": 100.5}, "window_size"),
    ({"threshold": 0.5}, "threshold"),
    ({"threshold": True}, "threshold"),
    ({"windows": 1}, "windows"),
    ({"algorithm": "guess"}, "algorithm"),
    ({"columns": []}, "columns"),
    ({"columns": ["g", "g"]}, "columns"),
    ({"config": {"alpha": 1}}, "config.alpha"),
    ({"algorithm": "ema", "config": {"alpha": 2}}, "config.alpha"),
    ({"source_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, "source_id"),
]


def test_what_cannot_be_taken_is_named(client, address):
    for path, body, field in WRONG_POINTS:
        answer = client.post(f"{address}/{path}", json=body)
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_a_wrong_start_is_refused(client):
    for body, field in WRONG_STARTS:
        answer = client.post(f"{ROOT}/start", json=body)
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_a_full_stream_says_when_to_come_back(client, address, monkeypatch):
    monkeypatch.setattr(transport, "CAPACITY", 3)
    answer = client.post(f"{address}/batch", json={"data_points": waves(4)})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")


def test_algorithms_say_what_they_take(client):
    told = client.get(f"{ROOT}/algorithms").json
    assert told["total"] == len(told["algorithms"]) >= 5
    ema = next(one for one in told["algorithms"] if one["name"] == "ema")
    (alpha, _) = ema["parameters"]
    assert (alpha["default"], alpha["min_value"], alpha["max_value"]) == (0.1, 0.001, 1.0)
    whole = [p for one in told["algorithms"] for p in one["parameters"] if p["type"] == "integer"]
    assert all(isinstance(parameter["default"], int) for parameter in whole)


def test_a_socket_that_nobody_takes_over_is_refused(client):
    answer = client.get(f"{ROOT}/some/ws", headers={"Upgrade": "websocket"})
    assert (answer.status_code, answer.json["code"]) == (426, "upgrade_required")


def test_unknown_sessions_are_not_found(client, judged):
    for verb, path in (
        *(("post", one) for one in ("pause", "resume", "stop")),
        *(("get", one) for one in ("status", "data", "alerts")),
    ):
        assert getattr(client, verb)(f"{ROOT}/none/{path}").status_code == 404
    assert client.post(f"{ROOT}/none/data", json={"data": {"g": 1}}).status_code == 404
    assert client.get(f"{ROOT}/sessions?limit=101").status_code == 422
