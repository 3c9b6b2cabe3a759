from __future__ import annotations

import pytest

from services.export_service import ExportService
from services.runtime import unit_of_work
from tests import factories
from tests.conftest import sign_in


@pytest.fixture
def dataset_id(analyst) -> int:
    with unit_of_work() as session:
        owner = {"owner_id": analyst.user_id}
        data = factories.dataset(session, name="pumps", **owner)
        one = factories.recording(session, dataset_id=data.id, **owner)
        factories.version(session, {one.id: "ball"}, data.id, created_by=analyst.user_id)
        return data.id


def test_a_job_is_asked_for(client, dataset_id):
    address = f"/api/v1/datasets/{dataset_id}/exports"
    answer = client.post(address, json={"format": "parquet", "version": 1})
    assert answer.status_code == 202
    assert answer.json["kind"] == "export_dataset"
    assert client.post(address, json={"format": "parquet"}).status_code == 409
    assert client.post(address, json={"format": "doc"}).status_code == 422
    assert client.post(address, json={"version": 7}).status_code == 404
    assert client.post("/api/v1/datasets/999/exports", json={}).status_code == 404
    assert client.get(address).json == {"items": [], "total": 0}


def test_the_file_is_downloaded_whole_and_in_parts(client, dataset_id):
    made = ExportService.make_export(dataset_id)
    content = ExportService.open_export(made["id"])["path"].read_bytes()
    listed = client.get(f"/api/v1/datasets/{dataset_id}/exports").json
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    assert client.get(f"/api/v1/exports/{made['id']}").json["size"] == len(content)
    address = f"/api/v1/exports/{made['id']}/download"
    with client.get(address) as answer:
        assert answer.data == content
        assert answer.headers["Content-Disposition"] == "attachment; filename=pumps_v1_hdf5.h5"
    with client.get(address, headers={"Range": "bytes=8-15"}) as part:
        assert (part.status_code, part.data) == (206, content[8:16])
    assert client.get("/api/v1/exports/999/download").status_code == 404


def test_viewers_download_and_others_do_not_delete(client, dataset_id, viewer):
    made = ExportService.make_export(dataset_id)
    address = f"/api/v1/exports/{made['id']}"
    sign_in(client, viewer)
    with client.get(f"{address}/download") as answer:
        assert answer.status_code == 200
    assert client.delete(address).status_code == 403
    assert client.post(f"/api/v1/datasets/{dataset_id}/exports", json={}).status_code == 403


def test_the_owner_deletes(client, dataset_id):
    made = ExportService.make_export(dataset_id)
    assert client.delete(f"/api/v1/exports/{made['id']}").status_code == 204
    assert client.get(f"/api/v1/exports/{made['id']}").status_code == 404
