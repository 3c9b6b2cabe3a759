from __future__ import annotations

import re

import pytest

from services.api_key_service import APIKeyService

pytestmark = pytest.mark.database


def test_a_key_is_shown_once(client):
    made = client.post("/api/v1/keys", json={"name": "press line"})
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    key = made.json["key"]
    listed = client.get("/api/v1/keys")
    assert (listed.json["total"], listed.json["items"][0]["name"]) == (1, "press line")
    assert key.startswith(listed.json["items"][0]["prefix"])
    one = client.get(f"/api/v1/keys/{made.json['api_key_id']}")
    assert key not in listed.text + one.text


def test_rotate_and_revoke(client):
    made = client.post("/api/v1/keys", json={"name": "line", "scopes": ["jobs:read"]}).json
    url = f"/api/v1/keys/{made['api_key_id']}"
    rotated = client.post(f"{url}/rotate", json={"overlap_hours": 1})
    assert rotated.status_code == 201
    assert client.get(f"/api/v1/keys/{rotated.json['api_key_id']}").json["scopes"] == ["jobs:read"]
    assert client.delete(url).status_code == 204
    assert client.delete(url).status_code == 204
    assert client.get(url).json["revoked_at"] is not None
    assert client.get("/api/v1/keys").json["total"] == 1
    assert client.get("/api/v1/keys?include_inactive=true").json["total"] == 2
    assert client.post(f"{url}/rotate", json={}).status_code == 409


def test_usage(client):
    made = client.post("/api/v1/keys", json={"name": "line"}).json
    found = client.get(f"/api/v1/keys/{made['api_key_id']}/usage?hours=3").json
    assert found == {"total_requests": 0, "error_rate": 0.0, "avg_response_time_ms": None}


@pytest.mark.parametrize("verb", ["get", "delete"])
def test_keys_of_others_are_not_there(client, admin, verb):
    other = APIKeyService.generate_key(admin.user_id, "other")["api_key_id"]
    assert getattr(client, verb)(f"/api/v1/keys/{other}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "a", "scopes": ["all"]},
        {"name": "a", "rate_limit": 0},
        {"mane": "a"},
        {"name": "a\0"},
    ],
)
def test_wrong_wishes_are_problems(client, body):
    answer = client.post("/api/v1/keys", json=body)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert re.fullmatch(r"[0-9a-f]{32}", answer.json["request_id"])
