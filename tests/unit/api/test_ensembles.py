from __future__ import annotations

import pytest

from tests.compared import answered, wide_version

URL = "/api/v1/ensembles"


@pytest.fixture
def pair(client, analyst):
    version = wide_version()
    return [answered(version, "Sharp"), answered(version, "Blunt", ["worn 3"])]


def test_a_vote_is_previewed_made_and_read(client, pair):
    body = {"experiment_ids": pair, "weighting": "typed", "weights": [3, 1]}
    plan = client.post(f"{URL}/preview", json=body).json
    assert (plan["recordings"], plan["by_window"]) == (12, True)
    assert [one["weight"] for one in plan["members"]] == [0.75, 0.25]
    made = client.post(URL, json={"name": "both", **body})
    assert made.status_code == 201
    assert made.json["classifier"] == "voting_ensemble"
    address = f"/api/v1/experiments/{made.json['id']}"
    found = client.get(f"{address}/ensemble").json
    assert [one["name"] for one in found["members"]] == ["Sharp", "Blunt"]
    assert client.get(address).json["state"] == "waiting"
    assert client.get(f"/api/v1/experiments/{pair[0]}/ensemble").status_code == 404


def test_what_cannot_vote_is_refused(client, pair):
    answer = client.post(URL, json={"name": "both", "experiment_ids": pair, "voting": "loud"})
    assert answer.status_code == 422
    assert "must be one of soft, hard" in answer.json["detail"]
    assert client.post(URL, json={"name": "one", "experiment_ids": pair[:1]}).status_code == 422
