from __future__ import annotations

import pytest

from services.runtime import unit_of_work
from tests import factories
from tests.unit.api.test_uploads import CONTENT, send

URL = "/api/v1/datasets"


@pytest.fixture
def dataset_id(client):
    answer = client.post(URL, json={"name": "pumps"})
    assert answer.status_code == 201
    return answer.json["id"]


@pytest.fixture
def filled(dataset_id, analyst):
    with unit_of_work() as session:
        owner = {"owner_id": analyst.user_id}
        ids = [factories.recording(session, dataset_id=dataset_id, **owner).id for _ in range(2)]
        factories.version(session, dict(zip(ids, ("ball", None), strict=True)), dataset_id)
    return dataset_id, ids


def test_made_listed_and_read(client, dataset_id):
    listed = client.get(URL, query_string={"search": "ump"}).json
    assert (listed["total"], listed["items"][0]["id"]) == (1, dataset_id)
    assert client.get(f"{URL}/{dataset_id}").json["versions"] == []
    assert client.get(f"{URL}/999").status_code == 404
    assert client.post(URL, json={"name": "pumps"}).status_code == 409


def test_recordings_of_a_version(client, filled):
    dataset_id, ids = filled
    listed = client.get(f"{URL}/{dataset_id}/recordings", query_string={"label": "ball"}).json
    assert [item["id"] for item in listed["items"]] == ids[:1]
    one = client.get(f"/api/v1/recordings/{ids[0]}").json
    assert (one["label"], one["channels"][0]["unit"]) == ("ball", "m/s²")
    assert client.get(f"{URL}/{dataset_id}/recordings?version=7").status_code == 404
    assert client.get(f"{URL}/{dataset_id}/recordings?sort=secret").status_code == 422


def test_the_list_can_be_taken_along(client, filled):
    answer = client.get(f"{URL}/{filled[0]}/recordings.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert len(answer.text.splitlines()) == 3
    assert client.get(f"{URL}/{filled[0]}/recordings.csv?version=9").status_code == 404


def test_changes_make_versions(client, filled):
    dataset_id, ids = filled
    labels = {"labels": {str(ids[1]): "inner"}, "reason": "seen"}
    assert client.post(f"{URL}/{dataset_id}/labels", json=labels).json == {"version": 2}
    removed = {"recording_ids": ids[:1]}
    assert client.post(f"{URL}/{dataset_id}/removals", json=removed).json == {"version": 3}
    statistics = client.get(f"{URL}/{dataset_id}/statistics").json
    assert statistics["classes"] == {"inner": 1}
    first = client.get(f"{URL}/{dataset_id}/statistics?version=1").json
    assert (first["classes"], first["unlabelled"]) == ({"ball": 1}, 1)


def test_archived_restored_deleted(client, filled):
    address = f"{URL}/{filled[0]}"
    assert client.post(f"{address}/archive").json["archived_at"]
    assert client.get(URL).json["total"] == 0
    assert client.post(f"{address}/restore").json["archived_at"] is None
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 404


def test_an_import_is_a_job(client, dataset_id):
    begun = {"file_name": "a.csv", "size": len(CONTENT)}
    upload_id = client.post("/api/v1/uploads", json=begun).json["id"]
    send(client, upload_id, 0, CONTENT)
    asked = {"upload_ids": [upload_id], "shared": {"unit": "g", "sample_rate_hz": 100}}
    answer = client.post(f"{URL}/{dataset_id}/imports", json=asked)
    assert (answer.status_code, answer.json["subject"]) == (202, f"dataset:{dataset_id}")
    wrong = {**asked, "shared": {"unit": "kg"}}
    assert client.post(f"{URL}/{dataset_id}/imports", json=wrong).status_code == 422
