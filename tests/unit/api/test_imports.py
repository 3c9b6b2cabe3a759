from __future__ import annotations

import hashlib

import pytest

from services.job_service import JobService
from tests.unit.services.test_import_folder_service import rig as rig
from tests.unit.tasks.test_imports import previewed

URL = "/api/v1"
CONTENT = b"1\n2\n3\n" * 20
CHOICES = {"profile": "plain", "sample_rate_hz": 25600, "unit": "g"}


@pytest.fixture
def upload_id(client):
    sent = {"file_name": "a.csv", "size": len(CONTENT), "fingerprint": "0" * 64}
    begun = client.post(f"{URL}/uploads", json=sent).json
    assert client.post(f"{URL}/uploads", json=sent).json["id"] == begun["id"]
    headers = {"X-Content-SHA256": hashlib.sha256(CONTENT).hexdigest()}
    address = f"{URL}/uploads/{begun['id']}/content?offset=0"
    assert client.put(address, data=CONTENT, headers=headers).json["is_complete"]
    return begun["id"]


def test_a_preview_is_read_in_pages(client, upload_id):
    waiting = client.post(f"{URL}/uploads/preview", json={"upload_ids": [upload_id]}).json["id"]
    assert client.get(f"{URL}/import-previews/{waiting}").status_code == 404
    job_id = previewed([upload_id])
    assert client.get(f"{URL}/import-previews/{job_id}").json["recordings"] == 1
    page = client.get(f"{URL}/import-previews/{job_id}/files?only=lacking&limit=1").json
    assert (page["total"], page["items"][0]["key"]) == (1, upload_id)
    assert client.get(f"{URL}/import-previews/{job_id}/files?only=x").status_code == 422


def test_files_of_a_folder_are_imported_by_a_job(client, web, rig):
    web.config["IMPORT_FOLDERS"] = {"rig": rig}
    assert client.get(f"{URL}/import-folders").json["items"] == ["rig"]
    view = client.get(f"{URL}/import-folders/rig?path=day%201&search=b").json
    assert [one["name"] for one in view["entries"]] == ["day 1/b.csv"]
    assert client.get(f"{URL}/import-folders/rig?path=../").status_code == 404
    dataset = client.post(f"{URL}/datasets", json={"name": "pumps"}).json["id"]
    asked = {"folder": "rig", "names": ["day 1/"], "skip_elsewhere": True}
    answer = client.post(f"{URL}/datasets/{dataset}/imports", json=asked)
    assert answer.status_code == 202
    with web.app_context():
        assert JobService.get_job(answer.json["id"])["title"] == "Import of day 1"
    for nothing in ({}, {"folder": "rig"}, {"names": ["a.csv"]}):
        answer = client.post(f"{URL}/datasets/{dataset}/imports", json=nothing)
        assert answer.status_code == 422


def test_profiles_are_saved_changed_taken_along_and_deleted(client):
    given = {"name": "Rig 7", "choices": CHOICES}
    made = client.post(f"{URL}/import-profiles", json=given)
    assert made.status_code == 201
    address = f"{URL}/import-profiles/{made.json['id']}"
    assert client.post(f"{URL}/import-profiles", json=given).status_code == 409
    assert client.patch(address, json={"description": "new"}).json["description"] == "new"
    assert client.get(address).json["choices"] == CHOICES
    file = client.get(f"{address}/file")
    assert "attachment" in file.headers["Content-Disposition"]
    assert file.json["name"] == "Rig 7"
    assert [one["name"] for one in client.get(f"{URL}/import-profiles").json["items"]] == ["Rig 7"]
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
