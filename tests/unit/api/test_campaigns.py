"""Campaigns over HTTP: created, listed, followed, stopped, exported."""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZipFile

import pytest

from models import JobKind
from services import runtime
from services.campaigns.running import CampaignRunService
from services.job_service import JobService
from tests import factories
from tests.searched import SPACE, dataset_of
from tests.trained import tiny_version

PATH = "/api/v1/campaigns"


@pytest.fixture
def asked(analyst):
    config = {
        "split": {"by": "groups", "validation": ["1"], "test": ["2"]},
        "group_by": "load_hp",
        "window": 1024,
        "hop": 1024,
    }
    return {
        "name": "By program",
        "method": "random",
        "base_model_type": "cnn1d",
        "dataset_id": dataset_of(tiny_version()),
        "search_space": SPACE,
        "num_trials": 4,
        "config": config,
    }


def test_from_begin_to_stop(client, asked):
    made = client.post(PATH, json=asked)
    assert made.status_code == 201
    campaign = made.json
    assert campaign["state"] == "waiting"
    assert JobService.count_jobs(kind=JobKind.RUN_TRIAL) == 1
    one = f"{PATH}/{campaign['id']}"
    assert client.get(PATH).json["total"] == 1
    assert client.get(PATH, query_string={"kind": "nas"}).json["total"] == 0
    first = client.get(one)
    again = client.get(one, headers={"If-None-Match": first.headers["ETag"]})
    assert first.status_code == 200
    assert again.status_code in (200, 304)  # its time at work goes on
    assert client.post(f"{one}/pause").json["state"] == "paused"
    changed = client.put(f"{one}/limits", json={"budget": 9, "parallel": 2}).json
    assert (changed["budget"], changed["parallel"]) == (9, 2)
    assert client.post(f"{one}/resume").json["state"] == "waiting"
    assert client.post(f"{one}/stop", json={"at_once": True}).json["state"] == "stopped"
    assert client.post(f"{one}/final-evaluation").status_code == 409
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_trials_and_exports(client, analyst):
    with runtime.unit_of_work() as session:
        campaign = factories.campaign(session, owner_id=analyst.user_id)
        for number in range(5):
            factories.trial(session, campaign, value=0.1 * number)
        one = f"{PATH}/{campaign.id}"
    best = {"sort": "value", "descending": True, "limit": 2}
    found = client.get(f"{one}/trials", query_string=best).json
    assert found["total"] == 5
    assert [trial["number"] for trial in found["items"]] == [5, 4]
    text = client.get(f"{one}/export", query_string={"format": "json"})
    assert len(json.loads(text.text)["trials"]) == 5
    assert "attachment" in text.headers["Content-Disposition"]
    table = client.get(f"{one}/export", query_string={"format": "csv"}).text
    assert len(table.splitlines()) == 6
    packed = client.get(f"{one}/export", query_string={"format": "zip"})
    assert packed.mimetype == "application/zip"
    with ZipFile(BytesIO(packed.data)) as held:
        assert held.read("trials.csv").decode() == table
    assert client.get(f"{one}/export", query_string={"format": "pickle"}).status_code == 422
    gone = client.get(f"{PATH}/999/export", query_string={"format": "zip"})
    assert gone.status_code == 404


def test_importance_is_asked_for_and_read(client, analyst):
    with runtime.unit_of_work() as session:
        campaign = factories.campaign(session, owner_id=analyst.user_id)
        one, campaign_id = f"{PATH}/{campaign.id}/importance", campaign.id
    assert client.get(one).json["note"] == "Not measured yet."
    asked = client.post(one)
    assert asked.status_code == 202
    assert JobService.get_job(asked.json["job_id"])["kind"] == JobKind.MEASURE_IMPORTANCE
    share = {"name": "parameters.width", "share": 0.9, "low": 0.8, "high": 0.95}
    found = {"n": 30, "importances": [share], "note": "", "surfaces": [], "r2": 0.7}
    CampaignRunService.save_importance(campaign_id, found)
    told = client.get(one).json
    assert told.pop("at")
    assert told == found
    assert client.get(f"{PATH}/999/importance").status_code == 404


def test_usual_space_is_taken_back_and_mistakes_have_a_sentence(client, asked):
    query = {"classifier": "cnn1d"}
    space = client.get(f"{PATH}/search-space", query_string=query).json["search_space"]
    assert client.post(PATH, json={**asked, "search_space": space}).status_code == 201
    wrong = {**asked, "name": "Other", "search_space": {}}
    refused = client.post(PATH, json=wrong)
    assert refused.status_code == 422
    assert "The search space is empty" in refused.json["detail"]
    missing = client.post(PATH, json={**asked, "name": "Third", "dataset_id": 999})
    assert missing.status_code == 404
