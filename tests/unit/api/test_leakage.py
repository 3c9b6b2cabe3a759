import pytest

from services.experiment_service import ExperimentService
from tests.trained import FOREST, planned_experiment, tiny_version, trained_experiment

BY_WINDOWS = {"split": {"by": "windows", "test": 0.3, "validation": 0.2}}


@pytest.fixture
def leaking(analyst):
    return trained_experiment(tiny_version(), name="Leaking", **FOREST, **BY_WINDOWS)


def test_verdict_check_and_counterpart(client, leaking):
    address = f"/api/v1/experiments/{leaking}"
    found = client.get(f"{address}/leakage").json
    assert found["verdict"] == "known"
    assert {"groups", "near_copies"} < {one["name"] for one in found["checks"]}
    experiment = client.get(address).json
    assert (experiment["leak"], experiment["random_windows"]) == ("known", True)
    assert experiment["leakage"] == found
    assert client.get(f"{address}/report.json").json["leakage"] == found
    assert client.get("/api/v1/experiments?query=leak:known").json["items"][0]["leak"] == "known"
    assert client.get(f"{address}/gap").status_code == 404
    made = client.post(f"{address}/counterpart")
    assert made.status_code == 201
    assert client.post(f"{address}/counterpart").json["id"] == made.json["id"]
    gap = client.get(f"{address}/gap").json
    assert (gap["by_windows"]["experiment_id"], gap["scores"]) == (leaking, [])
    assert client.post(f"{address}/leakage").status_code == 202


def test_what_is_not_there(client, analyst):
    made = planned_experiment()
    assert client.get("/api/v1/experiments/999/leakage").status_code == 404
    assert client.get(f"/api/v1/experiments/{made}/leakage").json["verdict"] == "open"
    assert client.post(f"/api/v1/experiments/{made}/leakage").status_code == 422
    preview = {
        "version_id": ExperimentService.get_experiment(made)["version_id"],
        "config": {**ExperimentService.get_experiment(made)["config"], **BY_WINDOWS},
    }
    found = client.post("/api/v1/experiments/preview", json=preview).json
    assert found["leakage"]["verdict"] == "known"
