from __future__ import annotations

import pytest

from services.job_service import JobService
from services.xai_service import XAIService
from tests.trained import FOREST, trained_experiment

URL = "/api/v1/predictions"


@pytest.fixture
def asked(analyst):
    made = trained_experiment(**FOREST)
    recording = XAIService.list_recordings(made)[0]["recording_id"]
    return {"experiment_id": made, "recording_id": recording}


def test_a_prediction_is_asked_for_and_followed(client, asked):
    assert client.get(URL, query_string=asked).status_code == 404
    answer = client.post(URL, json=asked)
    assert (answer.status_code, answer.json["status"]) == (202, "waiting")
    assert client.get(URL, query_string=asked).json == answer.json
    assert JobService.get_job(answer.json["job_id"])["kind"] == "predict_recording"
    (one,) = client.get("/api/v1/classifiers").json["items"]
    assert one["experiment_id"] == asked["experiment_id"]


def test_what_is_not_there_is_not_asked(client, asked):
    assert client.post(URL, json={**asked, "recording_id": 999}).status_code == 404
    assert client.post(URL, json={"experiment_id": 1}).status_code == 422
    assert client.get(URL).status_code == 422
