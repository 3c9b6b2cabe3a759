from __future__ import annotations

from services.runtime import unit_of_work
from tests import factories
from tests.conftest import sign_in

BASE = "/api/v1/notifications"


def put(who, **given) -> int:
    with unit_of_work() as session:
        return factories.notice(session, user_id=who.user_id, **given).id


def test_notices_are_listed_and_marked(client, analyst):
    first, second = put(analyst), put(analyst, type="job.failed")
    body = client.get(f"{BASE}?limit=1").json
    assert ([one["id"] for one in body["items"]], body["total"], body["unread"]) == ([second], 2, 2)
    assert client.post(f"{BASE}/{first}/read").json["is_read"] is True
    assert client.get(f"{BASE}/unread").json == {"unread": 1}
    assert [one["id"] for one in client.get(f"{BASE}?unread=true").json["items"]] == [second]
    assert [one["id"] for one in client.get(f"{BASE}?type=job.done").json["items"]] == [first]
    assert client.post(f"{BASE}/{first}/unread").json["is_read"] is False
    assert client.post(f"{BASE}/read-all").json == {"marked": 2}


def test_those_of_others_do_not_exist(client, admin):
    other = put(admin)
    for verb in ("read", "unread", "toast"):
        assert client.post(f"{BASE}/{other}/{verb}").status_code == 404


def test_the_pulse_brings_a_toast_until_a_tab_has_taken_it(client, analyst, web, viewer):
    before = client.get("/api/v1/pulse")
    one = put(analyst, toast=True, text="Fan is done.")
    changed = client.get("/api/v1/pulse", headers={"If-None-Match": before.headers["ETag"]})
    assert changed.status_code == 200
    assert [(toast["id"], toast["text"]) for toast in changed.json["toasts"]] == [
        (one, "Fan is done.")
    ]
    other_tab = web.test_client()
    sign_in(other_tab, analyst)
    taken = [tab.post(f"{BASE}/{one}/toast").json["taken"] for tab in (client, other_tab)]
    assert taken == [True, False]
    after = client.get("/api/v1/pulse")
    assert after.json["toasts"] == []
    again = client.get("/api/v1/pulse", headers={"If-None-Match": after.headers["ETag"]})
    assert again.status_code == 304


def test_preferences_are_read_and_changed(client):
    choices = [
        {"event_type": "job.done", "channel": "toast", "value": True},
        {"event_type": "job.done", "channel": "email", "value": "weekly"},
    ]
    body = client.patch(f"{BASE}/preferences", json={"choices": choices}).json
    assert body == client.get(f"{BASE}/preferences").json
    (one,) = (item for item in body["items"] if item["event_type"] == "job.done")
    assert (one["toast"], one["email"], one["title"]) == (True, "weekly", "Another job is done")


def test_preferences_that_there_are_not_are_refused(client):
    def status(event_type, channel, value):
        choice = {"event_type": event_type, "channel": channel, "value": value}
        return client.patch(f"{BASE}/preferences", json={"choices": [choice]}).status_code

    assert status("tea.ready", "toast", True) == 404
    assert status("job.done", "email", "hourly") == 422
    assert status("job.done", "toast", "yes") == 422
    assert status("job.done", "pigeon", True) == 422
