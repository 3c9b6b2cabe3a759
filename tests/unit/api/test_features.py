from __future__ import annotations

import pytest

from services.feature_analysis_service import FeatureAnalysisService
from services.runtime import unit_of_work
from tests import factories


@pytest.fixture
def dataset_id(analyst) -> int:
    with unit_of_work() as session:
        return factories.trainable_version(session, analyst.user_id).dataset_id


@pytest.fixture
def made(analyst) -> int:
    with unit_of_work() as session:
        return factories.feature_set(session, owner_id=analyst.user_id).id


def test_an_extraction_is_asked_for(client, dataset_id):
    asked = {"dataset_id": dataset_id, "name": "levels", "domains": ["time"]}
    answer = client.post("/api/v1/feature-sets", json=asked)
    assert answer.status_code == 202
    assert answer.json["kind"] == "extract_features"
    for wrong in (
        {"domains": ["sound"]},
        {"config": {"window": 7}},
        {"version": 0},
        {"window": 1024},  # in the wrong place it would be overlooked
        {"config": {"windows": 1024}},
    ):
        answer = client.post("/api/v1/feature-sets", json={**asked, **wrong})
        assert answer.status_code == 422, wrong
    assert client.post("/api/v1/feature-sets", json={**asked, "version": 9}).status_code == 404


def test_a_set_is_listed_read_and_deleted(client, made):
    listed = client.get("/api/v1/feature-sets").json
    assert ([one["id"] for one in listed["items"]], listed["total"]) == ([made], 1)
    found = client.get(f"/api/v1/feature-sets/{made}").json
    assert [one["name"] for one in found["features"]] == ["RMS@1", "Kurtosis@1"]
    assert "artefact_key" not in found
    rows = client.get(f"/api/v1/feature-sets/{made}/rows?sort=RMS@1&limit=2&label=outer").json
    assert (rows["total"], len(rows["rows"])) == (12, 2)
    assert client.get(f"/api/v1/feature-sets/{made}/rows?sort=colour").status_code == 422
    assert client.delete(f"/api/v1/feature-sets/{made}").status_code == 204
    assert client.get(f"/api/v1/feature-sets/{made}").status_code == 404
    assert client.delete(f"/api/v1/feature-sets/{made}").status_code == 404


@pytest.mark.parametrize("name", ["hdf5", "parquet", "csv"])
def test_a_set_is_downloaded(client, made, name):
    with client.get(f"/api/v1/feature-sets/{made}/download?format={name}") as answer:
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        assert len(answer.data) > 500
    assert client.get(f"/api/v1/feature-sets/{made}/download?format=doc").status_code == 422


def test_an_analysis_is_asked_for_and_read(client, made):
    address = f"/api/v1/feature-sets/{made}/analyses"
    answer = client.post(address, json={"kind": "projection", "method": "pca"})
    assert (answer.status_code, answer.json["kind"]) == (202, "analyse_features")
    assert client.post(address, json={"kind": "x", "method": "pca"}).status_code == 422
    assert client.get(f"{address}/projection").status_code == 404
    FeatureAnalysisService.analyse(made, "projection", "pca")
    found = client.get(f"{address}/projection?method=pca").json
    assert len(found["result"]["x"]) == 24
