"""Searches over networks over HTTP."""

from __future__ import annotations

import pytest

from services import runtime
from tests import factories
from tests.searched import dataset_of
from tests.trained import tiny_version

PATH = "/api/v1/architecture-searches"
LINE = "stem k7 s8 w8 > conv3+skip w8 max > conv5 w8 se > conv7 w16"


@pytest.fixture
def found(analyst):
    """A search with one network that has a score."""
    with runtime.unit_of_work() as session:
        campaign = factories.architecture_search(session, owner_id=analyst.user_id)
        trial = factories.architecture_trial(session, campaign)
        return campaign.id, trial.id


def test_from_a_space_to_a_search(client, analyst):
    space = client.get(f"{PATH}/search-space").json["search_space_config"]
    config = {"split": {"by": "groups", "validation": ["1"], "test": ["2"]}, "group_by": "load_hp"}
    asked = {
        "name": "By program",
        "dataset_id": dataset_of(tiny_version()),
        "search_space_config": {**space, "depth": [3, 4]},
        "search_algorithm": "evolution",
        "num_trials": 9,
        "config": {**config, "window": 1024, "hop": 1024},
    }
    made = client.post(PATH, json=asked)
    assert made.status_code == 201
    assert made.json["kind"] == "nas"
    assert made.json["pruner"] == "median"
    assert made.json["plan"]["evolution"] == {"population": 3, "sample": 2}
    assert made.json["plan"]["search_space"]["depth"] == [3, 4]
    assert made.json["best_architecture"] is None
    assert made.json["state"] == "waiting"
    assert client.get(PATH).json["total"] == 1
    assert client.get("/api/v1/campaigns", query_string={"kind": "nas"}).json["total"] == 1
    assert client.post(PATH, json=asked).status_code == 409
    wrong = client.post(PATH, json={**asked, "name": "B", "search_space_config": {"depth": [9, 4]}})
    assert wrong.status_code == 422
    assert "lowest depth of 9" in wrong.json["detail"]
    assert client.post(PATH, json={**asked, "name": "C", "dataset_id": 99}).status_code == 404


def test_a_found_network_is_read_and_exported(client, found):
    campaign_id, trial_id = found
    best = client.get(f"{PATH}/{campaign_id}").json["best_architecture"]
    assert best["text"] == LINE
    assert best["measured"]["flops"] == 56_000
    export = f"{PATH}/trials/{trial_id}/export"
    source = client.get(export)
    assert source.mimetype == "text/x-python"
    assert "class StageNetwork" in source.text
    assert source.headers["Content-Disposition"].endswith(f"network-{trial_id}.py")
    assert client.get(export, query_string={"format": "json"}).json["hash"] == best["hash"]
    assert client.get(export, query_string={"format": "onnx"}).status_code == 422
    assert client.get(f"{PATH}/trials/99/export").status_code == 404
    assert client.get(f"{PATH}/99").status_code == 404


def test_the_best_is_trained_anew_when_the_search_is_over(client, found):
    campaign_id, _ = found
    early = client.post(f"{PATH}/{campaign_id}/retrain", json={"epochs": 3})
    assert early.status_code == 409
    client.post(f"/api/v1/campaigns/{campaign_id}/stop", json={"at_once": True})
    made = client.post(f"{PATH}/{campaign_id}/retrain", json={"epochs": 3})
    assert made.status_code == 202
    experiment = client.get(f"/api/v1/experiments/{made.json['experiment_id']}").json
    assert experiment["config"]["parameters"]["architecture"] == LINE
    assert experiment["config"]["epochs"] == 3


def test_networks_are_drawn_and_hashed(client, analyst):
    asked = {"search_space_config": {"depth": [3, 3]}, "seed": 4}
    drawn = client.post(f"{PATH}/sample", json=asked).json
    assert drawn == client.post(f"{PATH}/sample", json=asked).json
    assert len(drawn["architecture"]["stages"]) == 3
    again = client.post(f"{PATH}/hash", json={"architecture": drawn["architecture"]}).json
    assert again["hash"] == drawn["hash"]
    turned = LINE.replace("conv3+skip w8 max", "skip+conv3 max w8")
    first, second = (
        client.post(f"{PATH}/hash", json={"architecture": line}).json for line in (LINE, turned)
    )
    assert first == second
    assert client.post(f"{PATH}/hash", json={"architecture": "stem"}).status_code == 422
