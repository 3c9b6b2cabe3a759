from __future__ import annotations

import pytest

from services.actor import COMMAND_LINE, acting_as
from services.api_key_service import APIKeyService
from services.api_monitoring_service import APIMonitoringService
from services.api_requests.log import request_log


@pytest.fixture
def key(analyst):
    return APIKeyService.generate_key(analyst.user_id, "press line", scopes=["keys:write"])


@pytest.fixture
def rows(web):
    def read():
        with web.app_context():
            request_log().write()
        with acting_as(COMMAND_LINE):
            return APIMonitoringService.get_recent_requests()

    return read


def test_requests_are_noted_with_their_route_key_and_person(web, key, rows, analyst):
    headers = {"X-API-Key": key["key"], "User-Agent": "line 4"}
    made = web.test_client().post("/api/v1/keys", json={"name": ""}, headers=headers)
    (row,) = rows()
    assert (row["endpoint"], row["method"], row["status_code"]) == ("/keys", "POST", 422)
    assert (row["api_key_id"], row["user_id"]) == (key["api_key_id"], analyst.user_id)
    assert (row["user_agent"], row["request_id"]) == ("line 4", made.json["request_id"])
    assert row["error_message"] == "Some fields are missing or wrong."
    assert row["response_size"] == len(made.data)
    assert 0 < row["response_time_ms"] < 60_000


def test_refused_requests_are_noted_too(web, rows):
    web.test_client().get("/api/v1/jobs")
    web.test_client().get("/api/v1/nothing/here")
    assert {(row["endpoint"], row["status_code"]) for row in rows()} == {
        ("/jobs", 401),
        ("(unknown)", 401),
    }


def test_what_tabs_ask_and_pages_are_left_out(client, rows):
    for path in ("/api/v1/pulse", "/", "/healthz"):
        client.get(path)
    assert rows() == []


def test_no_key_is_ever_written(web, key, rows):
    client = web.test_client()
    client.get("/api/v1/keys", headers={"Authorization": f"Bearer {key['key']}"})
    client.get(f"/api/v1/keys?api_key={key['key']}")
    assert len(rows()) == 2
    assert key["key"][16:] not in repr(rows())


def test_bodies_are_sampled_only_when_asked_for_and_without_secrets(web, key, rows):
    headers, url = {"X-API-Key": key["key"]}, "/api/v1/keys"
    body = {"name": "child", "scopes": ["keys:write"]}
    web.test_client().post(url, json=body, headers=headers)
    assert rows()[0]["request_sample"] is None
    web.config["API_SAMPLE_BODIES"] = True
    made = web.test_client().post(url, json=body, headers=headers).json
    newest = rows()[0]
    assert newest["request_sample"] == body
    assert newest["response_sample"]["key"] == "(hidden)"
    assert made["key"] not in repr(newest)


def test_a_body_that_is_too_large_to_take_is_not_sampled(web, key, rows):
    web.config.update(API_SAMPLE_BODIES=True, MAX_CONTENT_LENGTH=100_000)
    given = {"json": {"name": "x" * 100_000}, "headers": {"X-API-Key": key["key"]}}
    assert web.test_client().post("/api/v1/keys", **given).status_code == 413
    assert rows()[0]["request_sample"] is None
