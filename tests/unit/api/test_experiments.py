from __future__ import annotations

import pytest

from services.runtime import unit_of_work
from tests import factories
from tests.factories import SMALL_TRAINING
from tests.on_features import config, tiny_set

URL = "/api/v1/experiments"


@pytest.fixture
def version_id(client, analyst):
    with unit_of_work() as session:
        return factories.trainable_version(session, analyst.user_id).id


@pytest.fixture
def made(client, version_id):
    body = {"name": "first", "version_id": version_id, "config": SMALL_TRAINING}
    answer = client.post(URL, json=body)
    assert answer.status_code == 201
    return answer.json


def test_made_listed_and_read(client, made):
    listed = client.get(URL).json
    assert (listed["total"], listed["items"][0]["id"]) == (1, made["id"])
    read = client.get(f"{URL}/{made['id']}")
    assert read.json["state"] == "waiting"
    assert read.json["config"]["split"]["by"] == "fractions"
    same = {"If-None-Match": read.headers["ETag"]}
    assert client.get(f"{URL}/{made['id']}", headers=same).status_code == 304


def test_preview(client, version_id):
    answer = client.post(
        f"{URL}/preview", json={"version_id": version_id, "config": SMALL_TRAINING}
    )
    assert answer.status_code == 200
    assert {row["side"] for row in answer.json["rows"]} == {"train", "validation", "test"}


def test_a_feature_set_is_named_and_shown(client):
    made = tiny_set()
    body = {"name": "on a set", "version_id": made.version_id, "config": config(made)}
    shown = client.post(f"{URL}/preview", json={k: v for k, v in body.items() if k != "name"}).json
    assert {check["name"] for check in shown["leakage"]["checks"]} >= {"selection"}
    answer = client.post(URL, json=body)
    assert answer.status_code == 201
    assert answer.json["feature_set"]["features"][0] == "RMS@1"
    assert answer.json["feature_set"]["feature_set_id"] == made.id
    assert client.get("/api/v1/experiments?query=features:tiny").json["total"] == 1
    wrong = {**body, "config": {**config(made), "feature_set": 99}}
    assert client.post(URL, json=wrong).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": ""}, 422),
        ({"config": {**SMALL_TRAINING, "epochs": -1}}, 422),
        ({"config": 3}, 422),
        ({"version_id": 99}, 404),
        ({"colour": "red"}, 422),
    ],
)
def test_what_is_wrong_is_a_problem(client, version_id, change, status):
    body = {"name": "x", "version_id": version_id, "config": SMALL_TRAINING, **change}
    answer = client.post(URL, json=body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_rename_pause_cancel_resume(client, made):
    url = f"{URL}/{made['id']}"
    assert client.patch(url, json={"name": "second"}).json["name"] == "second"
    assert client.post(f"{url}/pause").json["state"] == "paused"
    assert client.post(f"{url}/pause").status_code == 409
    assert client.post(f"{url}/cancel").json["state"] == "cancelled"
    assert client.post(f"{url}/resume").json["state"] == "waiting"


def test_epochs_of_a_new_experiment(client, made):
    assert client.get(f"{URL}/{made['id']}/epochs").json == {"items": []}
    assert client.get(f"{URL}/99/epochs").status_code == 404


def test_searched_with_true_totals(client, made, version_id):
    for name in ("pump one", "pump two"):
        body = {"name": name, "version_id": version_id, "config": SMALL_TRAINING}
        assert client.post(URL, json=body).status_code == 201
    asked = {"query": "pump epochs:2", "limit": 1, "sort": "name", "values": "epochs, seed"}
    found = client.get(URL, query_string=asked).json
    assert (found["total"], [row["name"] for row in found["items"]]) == (2, ["pump one"])
    assert found["items"][0]["values"] == {"epochs": 2.0, "seed": 0.0}
    assert client.get(URL, query_string={"query": "epoch:2"}).json["suggestions"] == ["epochs:2"]


def test_what_is_wrong_with_a_search_has_a_place(client, version_id):
    answer = client.get(URL, query_string={"query": "pump (fan"})
    assert answer.status_code == 422
    assert (answer.json["code"], answer.json["position"]) == ("invalid", 5)
    assert answer.json["detail"] == "This bracket is not closed."


def test_a_table_and_completions(client, made):
    table = client.get(f"{URL}.csv", query_string={"query": "first", "values": "epochs"})
    assert table.content_type.startswith("text/csv")
    head, row, *_ = table.text.splitlines()
    assert head.endswith("created_at,random_windows,leak,tags,epochs")
    assert ",first," in row
    offers = client.get(f"{URL}/complete", query_string={"query": "pump sta", "position": 8}).json
    assert offers["items"] == [
        {"label": "status:", "detail": "how far it is", "text": "status:", "start": 5, "end": 8}
    ]
    assert client.get(f"{URL}.csv", query_string={"query": "("}).status_code == 422


def test_the_priority_of_one_that_waits(client, made):
    answer = client.put(f"{URL}/{made['id']}/priority", json={"priority": "low"})
    assert answer.json["job"]["priority"] == "low"
