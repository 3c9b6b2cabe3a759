from __future__ import annotations

import pytest

from services.actor import acting_as
from services.runtime import unit_of_work
from services.webhook_service import WebhookService
from tests import factories
from tests.receiving import receiving

GIVEN = {
    "provider_type": "webhook",
    "webhook_url": "https://8.8.8.8/geheim",
    "name": "plant",
    "enabled_events": ["training.failed"],
}


@pytest.fixture
def made(client):
    answer = client.post("/api/v1/webhooks", json=GIVEN)
    assert answer.status_code == 201
    return answer.json


def test_the_secret_is_in_one_answer_and_the_address_in_none(client, made):
    assert made["secret"].startswith("whsec_")
    url = f"/api/v1/webhooks/{made['id']}"
    for answer in (client.get(url), client.get("/api/v1/webhooks")):
        assert made["secret"] not in answer.text
        assert "geheim" not in answer.text
    again = client.post(f"{url}/secret").json
    assert again["secret"] not in (None, made["secret"])
    assert again["old_secret_until"] is not None


def test_it_is_changed_and_deleted(client, made):
    url = f"/api/v1/webhooks/{made['id']}"
    changed = client.patch(url, json={"name": "other", "is_active": False}).json
    assert (changed["name"], changed["is_active"], changed["url"]) == (
        "other",
        False,
        "https://8.8.8.8/***",
    )
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert client.delete(url).status_code == 404
    assert client.get("/api/v1/webhooks").json["total"] == 0


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"webhook_url": "http://8.8.8.8/"}, 422),
        ({"webhook_url": "https://169.254.169.254/"}, 422),
        ({"provider_type": "pager"}, 422),
        ({"enabled_events": ["nothing.known"]}, 422),
        ({"owner_id": 1}, 422),
    ],
)
def test_what_is_wrong_is_refused(client, given, status):
    answer = client.post("/api/v1/webhooks", json={**GIVEN, **given})
    assert answer.status_code == status


def test_a_test_and_the_log(web, client):
    web.config["OUTGOING_ALLOWED"] = ("127.0.0.1/32",)
    with receiving() as receiver:
        given = {**GIVEN, "webhook_url": receiver.url()}
        url = f"/api/v1/webhooks/{client.post('/api/v1/webhooks', json=given).json['id']}"
        assert client.post(f"{url}/test").json["status"] == 200
    listed = client.get(f"{url}/deliveries?limit=1").json
    assert (listed["total"], listed["items"][0]["event_type"]) == (1, "webhook.test")
    delivery = f"/api/v1/webhooks/deliveries/{listed['items'][0]['id']}"
    assert [one["status"] for one in client.get(f"{delivery}/attempts").json["items"]] == [200]
    assert client.post(f"{delivery}/replay").json == {"replayed": True}
    assert client.get(f"{url}/stats").json["waiting"] == 1


def test_a_foreign_webhook_is_not_there(client, admin):
    with unit_of_work() as session:
        number = factories.webhook(session, owner_id=admin.user_id, name="theirs").id
        delivery = factories.delivery(session, webhook_id=number).id
    url = f"/api/v1/webhooks/{number}"
    answers = [client.get(url), client.patch(url, json={"name": "x"}), client.delete(url)]
    answers += [client.post(f"{url}/test"), client.post(f"{url}/secret")]
    answers += [client.get(f"{url}/stats"), client.get(f"{url}/deliveries")]
    assert {answer.status_code for answer in answers} == {404}
    other = f"/api/v1/webhooks/deliveries/{delivery}"
    assert client.get(f"{other}/attempts").status_code == 404
    assert client.post(f"{other}/replay").status_code == 404
    with acting_as(admin):
        assert WebhookService.get_webhook(number, admin.user_id)["name"] == "theirs"


def test_event_types_are_listed(client):
    items = client.get("/api/v1/webhooks/event-types").json["items"]
    names = {one["name"] for one in items}
    assert "training.failed" in names
    assert "system.alarm" in names
    assert "system.backup_made" not in names
