from __future__ import annotations

import pytest

from diagnostics.progress import silent
from services.xai_service import XAIService
from tasks.explanations import explain_recording, explain_recordings
from tests.trained import trained_experiment

URL = "/api/v1/explanations"


@pytest.fixture
def asked(analyst):
    made = trained_experiment(epochs=1)
    rows = XAIService.list_recordings(made)
    recording = next(row["recording_id"] for row in rows if row["name"] == "worn 2")
    return {"experiment_id": made, "recording_id": recording, "target_class": "worn"}


def test_an_explanation_is_asked_for_and_read(client, asked):
    assert client.get(URL, query_string=asked).status_code == 404
    answer = client.post(URL, json=asked)
    assert (answer.status_code, answer.json["is_ready"]) == (202, False)
    assert client.get(f"/api/v1/jobs/{answer.json['job_id']}").json["status"] == "waiting"
    explain_recording(silent, asked["experiment_id"], asked["recording_id"], "worn")
    assert client.post(URL, json=asked).json == {"job_id": None, "is_ready": True}
    found = client.get(URL, query_string={**asked, "window": 4}).json
    assert (found["chosen"], found["true_class"], found["side"]) == (4, "worn", "test")
    whole = found["whole"]
    assert len(whole["edges_s"]) == len(whole["attribution"]) + 1
    assert len(whole["times_s"]) == len(whole["samples"])


def test_several_are_asked_for_at_once_and_looked_over(client, asked):
    experiment = asked["experiment_id"]
    numbers = [row["recording_id"] for row in XAIService.list_recordings(experiment)[:2]]
    body = {"experiment_id": experiment, "recording_ids": numbers, "methods": ["gradcam", "lime"]}
    answer = client.post(f"{URL}/batch", json=body)
    assert (answer.status_code, answer.json["is_ready"]) == (202, False)
    assert client.get(f"/api/v1/jobs/{answer.json['job_id']}").json["status"] == "waiting"
    explain_recordings(silent, experiment, numbers, ["gradcam"])
    ready = client.post(f"{URL}/batch", json={**body, "methods": ["gradcam"]}).json
    assert ready == {"job_id": None, "is_ready": True}
    place = {"experiment_id": experiment, "recording_ids": ",".join(map(str, numbers))}
    found = client.get(f"{URL}/overview", query_string=place).json
    assert [row["recording_id"] for row in found["rows"]] == numbers
    assert found["rows"][0]["card"]["deletion"] is not None
    lime = client.get(f"{URL}/overview", query_string={**place, "method": "lime"}).json
    assert (lime["rows"], lime["missing"]) == ([], numbers)
    for wrong in ({"recording_ids": []}, {"recording_ids": ["x"]}, {"methods": ["tea"]}):
        assert client.post(f"{URL}/batch", json={**body, **wrong}).status_code == 422
    wrong = {**place, "recording_ids": "1,x"}
    assert client.get(f"{URL}/overview", query_string=wrong).status_code == 422


def test_the_newest_is_read_whatever_its_parameters_and_class(client, asked):
    place = {name: asked[name] for name in ("experiment_id", "recording_id")}
    method = {**place, "method": "occlusion"}
    explain_recording(silent, *place.values(), None, "occlusion", {"num_segments": 8})
    first = client.get(URL, query_string=method).json
    assert first["target_class"] == XAIService.predicted_class(*place.values())
    explain_recording(silent, *place.values(), None, "occlusion", {"num_segments": 16})
    newest = client.get(URL, query_string=method).json["explanation_id"]
    assert newest > first["explanation_id"]
    parameters = client.get(f"{URL}/{newest}").json["parameters"]
    assert parameters["num_segments"] == 16
    passes = [
        client.get(f"{URL}/estimate", query_string={**method, "num_segments": count}).json["passes"]
        for count in (8, 100)
    ]
    assert passes[0] < passes[1]


def test_what_is_not_there_is_not_explained(client, asked):
    assert client.post(URL, json={**asked, "target_class": "other"}).status_code == 422
    assert client.post(URL, json={**asked, "experiment_id": 999}).status_code == 404


def test_a_method_is_asked_for_compared_listed_exported_and_forgotten(client, asked):
    wanted = {**asked, "method": "integrated_gradients", "parameters": {"steps": 8}}
    assert client.post(URL, json=wanted).status_code == 202
    wrong = client.post(URL, json={**wanted, "parameters": {"tea": 1}})
    assert wrong.status_code == 422
    assert "has no parameter" in wrong.json["detail"]
    ids = asked["experiment_id"], asked["recording_id"]
    place = {k: asked[k] for k in ("experiment_id", "recording_id")}
    before = client.get(f"{URL}/estimate", query_string={**place, "method": "lime"}).json
    assert before["passes"] > 1000
    assert before["seconds"] is None
    explain_recording(silent, *ids, "worn", "integrated_gradients")
    explain_recording(silent, *ids, "worn")
    after = client.get(f"{URL}/estimate", query_string={**place, "method": "gradcam"}).json
    assert after["seconds"] > 0
    shown = client.get(URL, query_string={**asked, "method": "integrated_gradients"}).json
    assert min(shown["whole"]["attribution"]) < 0
    asked_for = {**asked, "methods": "gradcam, integrated_gradients"}
    both = client.get(f"{URL}/comparison", query_string=asked_for).json
    assert [one["method"] for one in both["methods"]] == ["gradcam", "integrated_gradients"]
    assert both["agreement"][0][1] == both["agreement"][1][0]
    assert both["methods"][1]["card"]["completeness"] < 0.05
    listed = client.get(f"{URL}/list", query_string={"experiment_id": ids[0]}).json["explanations"]
    assert [row["method"] for row in listed] == ["gradcam", "integrated_gradients"]
    number = listed[1]["id"]
    facts = client.get(f"{URL}/{number}").json
    assert facts["domain"]["answer"] == "unknown"
    table = client.get(f"{URL}/{number}/csv", query_string={"window": 0}).text.splitlines()
    assert table[0] == "time_s,relevance of channel 0"
    assert len(table) == 1025
    assert client.get(f"{URL}/{number}/csv", query_string={"window": 99}).status_code == 422
    assert client.get(f"{URL}/statistics").json["total"] == 2
    assert client.delete(f"{URL}/{number}").status_code == 204
    assert client.get(f"{URL}/{number}").status_code == 404
    assert client.get(f"{URL}/features", query_string=asked).status_code == 404
