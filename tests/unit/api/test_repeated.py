from __future__ import annotations

import pytest

from services.runtime import unit_of_work
from tests import factories
from tests.factories import SMALL_TRAINING

FOLDS = {**SMALL_TRAINING, "split": {"by": "folds", "folds": 3, "validation": 0.33}}


@pytest.fixture
def version_id(analyst):
    with unit_of_work() as session:
        return factories.trainable_version(session, analyst.user_id).id


def test_a_repeated_experiment_is_previewed_made_read_stopped_and_deleted(
    client, analyst, version_id
):
    body = {"version_id": version_id, "config": FOLDS, "seeds": [0, 1]}
    plan = client.post("/api/v1/repeated-experiments/preview", json=body).json
    assert (plan["runs"], len(plan["folds"])) == (6, 3)
    made = client.post("/api/v1/repeated-experiments", json={"name": "cv", **body})
    assert made.status_code == 201
    address = f"/api/v1/repeated-experiments/{made.json['id']}"
    answer = client.get(address)
    assert [run["fold"] for run in answer.json["members"]] == [1, 2, 3, 1, 2, 3]
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    listed = client.get("/api/v1/repeated-experiments").json
    assert (listed["total"], listed["items"][0]["name"]) == (1, "cv")
    assert client.get(f"{address}/curves").json == {"items": []}
    high = client.put(f"{address}/priority", json={"priority": "high"}).json
    assert {run["priority"] for run in high["members"]} == {"high"}
    assert client.put(f"{address}/priority", json={"priority": "x"}).status_code == 422
    assert client.post(f"{address}/pause").json["state"] == "paused"
    assert client.post(f"{address}/resume").json["state"] == "waiting"
    assert client.post(f"{address}/cancel").json["state"] == "cancelled"
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_what_cannot_be_dealt_is_refused(client, analyst, version_id):
    body = {"version_id": version_id, "config": {**FOLDS, "split": {"by": "folds", "folds": 9}}}
    answer = client.post("/api/v1/repeated-experiments", json={"name": "cv", **body})
    assert answer.status_code == 422
    assert "9 folds need 9 groups" in answer.json["detail"]
