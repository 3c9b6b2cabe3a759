from __future__ import annotations

import pytest

from tests.conftest import sign_in

pytestmark = pytest.mark.database

URL = "/api/v1/saved-searches"


def test_searches_are_kept_for_their_owner_alone(client, admin):
    made = client.post(URL, json={"name": "best", "query": "tag:best", "is_pinned": True})
    assert (made.status_code, made.json["usage_count"]) == (201, 0)
    assert client.get(URL).json["total"] == 1
    sign_in(client, admin)
    assert client.get(URL).json == {"items": [], "total": 0}
    assert client.delete(f"{URL}/{made.json['id']}").status_code == 404


def test_a_search_is_forgotten(client):
    made = client.post(URL, json={"name": "best", "query": "tag:best"}).json
    assert client.delete(f"{URL}/{made['id']}").status_code == 204
    assert client.get(URL).json["items"] == []


def test_a_query_that_cannot_be_read_is_refused(client):
    assert client.post(URL, json={"name": "best", "query": 'tag:"'}).status_code == 422
