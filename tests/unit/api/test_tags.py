from __future__ import annotations

import pytest

from services.runtime import unit_of_work
from tests import factories

pytestmark = pytest.mark.database


@pytest.fixture
def url(analyst):
    with unit_of_work() as session:
        made = factories.experiment(session, owner_id=analyst.user_id)
        return f"/api/v1/experiments/{made.id}/tags"


def test_tags_are_put_on_listed_and_taken_off(client, url):
    assert client.post(url, json={"name": "Best", "color": "#112233"}).json["total"] == 1
    found = client.post(url, json={"name": "again"}).json["items"]
    assert [one["slug"] for one in found] == ["again", "best"]
    page = client.get("/api/v1/tags?limit=1").json
    assert (len(page["items"]), page["total"]) == (1, 2)
    assert client.delete(f"{url}/{found[1]['id']}").status_code == 204
    assert client.delete(f"{url}/{found[1]['id']}").status_code == 404
    assert client.get(url).json["total"] == 1


def test_what_is_wrong_is_refused(client, url):
    assert client.post(url, json={"name": "a", "color": "red"}).status_code == 422
    assert client.post(url, json={"name": "!"}).status_code == 422
    assert client.get("/api/v1/experiments/999/tags").status_code == 404
    assert client.post("/api/v1/experiments/999/tags", json={"name": "a"}).status_code == 404
