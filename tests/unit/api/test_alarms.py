from __future__ import annotations

from datetime import timedelta

import pytest

from models import AlarmState, Severity
from models.base import now
from services.actor import acting_as
from services.runtime import unit_of_work
from tests import factories
from tests.conftest import sign_in


@pytest.fixture
def alarm_id(analyst) -> int:
    with unit_of_work() as session:
        factories.alarm(session, object="health:cpu", severity=Severity.CRITICAL)
        return factories.alarm(session, object="machine:3", kind="anomaly").id


def test_list_is_narrowed_and_counted(client, alarm_id):
    answer = client.get("/api/v1/alarms?state=raised,shelved&severity=warning&kind=anomaly").json
    assert [alarm["object"] for alarm in answer["items"]] == ["machine:3"]
    assert answer["total"] == 1
    by_severity = client.get("/api/v1/alarms?sort=-severity&limit=1").json
    assert [alarm["severity"] for alarm in by_severity["items"]] == ["critical"]
    assert by_severity["total"] == 2
    assert client.get("/api/v1/alarms?text=nothing").json == {"items": [], "total": 0}
    for wrong in ("state=odd", "severity=odd", "sort=odd", "limit=0"):
        assert client.get(f"/api/v1/alarms?{wrong}").status_code == 422


def test_an_alarm_is_acknowledged_shelved_named_and_cleared(client, alarm_id):
    address = f"/api/v1/alarms/{alarm_id}"
    answer = client.post(f"{address}/acknowledge", json={"note": "on my way"}).json
    assert (answer["state"], answer["note"]) == ("acknowledged", "on my way")
    assert client.post(f"{address}/acknowledge", json={}).status_code == 409
    until = (now() + timedelta(hours=2)).isoformat()
    assert client.post(f"{address}/shelve", json={"until": until}).json["state"] == "shelved"
    answer = client.post(f"{address}/fault", json={"fault": "outer race"}).json
    assert answer["confirmed_fault"] == "outer race"
    assert client.post(f"{address}/clear", json={}).json["state"] == "cleared"
    assert client.get(address).json["cleared_at"]
    assert client.get("/api/v1/alarms/9999").status_code == 404


@pytest.mark.parametrize("until", ["2026-01-01T00:00:00", "soon", None])
def test_a_shelf_needs_a_moment_with_a_zone(client, alarm_id, until):
    answer = client.post(f"/api/v1/alarms/{alarm_id}/shelve", json={"until": until})
    assert answer.status_code == 422


def test_a_viewer_looks_and_changes_nothing(client, alarm_id, viewer):
    sign_in(client, viewer)
    assert client.get("/api/v1/alarms").json["total"] == 2
    assert client.post(f"/api/v1/alarms/{alarm_id}/clear", json={}).status_code == 403
    with acting_as(viewer), unit_of_work(writing=False) as session:
        assert session.get_one(factories.Alarm, alarm_id).state is AlarmState.RAISED
