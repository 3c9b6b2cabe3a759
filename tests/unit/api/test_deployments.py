from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from models import Experiment
from services.runtime import unit_of_work
from tests import exported, factories

URL = "/api/v1/models"
UP = np.ones(16, dtype=np.float32)


@pytest.fixture
def variant(client, analyst):
    with unit_of_work() as session:
        experiment = factories.experiment(session, owner_id=analyst.user_id).id
        return experiment, exported.variant(session, experiment, analyst.user_id)


@pytest.fixture
def predict(client, variant):
    client.post(f"{URL}/pump/versions", json={"variant_id": variant[1]})
    client.put(f"{URL}/pump/aliases/production", json={"version": 1})
    return lambda **given: client.post(f"{URL}/pump/predict", **given)


def npy(samples) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, samples)
    return buffer.getvalue()


# A head that speaks of so many samples that no memory could hold them.
CLAIMS_MORE = npy(UP).replace(b",), }" + 14 * b" ", 14 * b"9" + b",), }")


def test_the_same_answer_to_json_npy_and_raw_numbers(predict):
    as_json = predict(json={"samples": UP.tolist(), "sample_rate_hz": 100, "unit": "g"})
    assert (as_json.status_code, as_json.json["predicted"]) == (200, "above")
    assert (as_json.json["version"], as_json.json["windows"]) == (1, 2)
    assert as_json.json["estimates"] == []
    for content, kind in (
        (npy(UP), "application/x-npy"),
        (UP.tobytes(), "application/octet-stream"),
    ):
        query = {"sample_rate_hz": 100, "unit": "g"}
        found = predict(data=content, content_type=kind, query_string=query)
        assert found.json == as_json.json


def test_a_sentence_about_a_body_that_does_not_fit(predict):
    raw = {"content_type": "application/octet-stream"}
    for given, sentence in (
        ({"data": UP.tobytes()[:-1], **raw}, "whole float32"),
        ({"data": UP.tobytes(), "query_string": {"channels": 2}, **raw}, "takes 1 channels"),
        ({"data": UP.tobytes(), "query_string": {"unit": "mm/s"}, **raw}, "samples in g"),
        ({"data": b"no file", "content_type": "application/x-npy"}, "no NPY file"),
        ({"data": CLAIMS_MORE, "content_type": "application/x-npy"}, "no NPY file"),
        ({"data": npy(np.array([object()])), "content_type": "application/x-npy"}, "no NPY file"),
        ({"json": {"samples": [1.0]}}, "windows of 8 samples"),
    ):
        answer = predict(**given)
        assert answer.status_code == 422
        assert sentence in answer.json["detail"]
    assert predict(json={"samples": "a"}).status_code == 422
    assert predict(json={"samples": UP.tolist()}, query_string={"version": "7"}).status_code == 404


def test_models_are_listed_moved_and_taken_along(client, predict, variant):
    experiment, variant_id = variant
    (one,) = client.get(URL).json["items"]
    assert (one["name"], one["aliases"]) == ("pump", {"production": 1})
    client.post(f"{URL}/pump/versions", json={"variant_id": variant_id})
    client.put(f"{URL}/pump/aliases/production", json={"version": 2})
    back = client.post(f"{URL}/pump/aliases/production/roll-back")
    assert back.json["aliases"] == {"production": 1}
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{URL}/pump/bundle").data))
    assert {"model.onnx", "manifest.json", "predict.py"} < set(archive.namelist())
    (listed,) = client.get(f"/api/v1/experiments/{experiment}/variants").json["items"]
    assert listed["id"] == variant_id
    assert client.delete(f"/api/v1/variants/{variant_id}").status_code == 409
    assert client.delete(f"{URL}/pump").status_code == 204
    assert client.delete(f"/api/v1/variants/{variant_id}").status_code == 204


def test_a_variant_is_asked_for(client, variant):
    url = f"/api/v1/experiments/{variant[0]}/variants"
    assert client.post(url, json={"kind": "fp32", "amount": 2}).status_code == 422
    refused = client.post(url, json={"kind": "fp32"})
    assert refused.status_code == 422


def test_a_data_set_is_asked_about_and_its_rows_are_read(client, variant, analyst):
    client.post(f"{URL}/pump/versions", json={"variant_id": variant[1]})
    with unit_of_work() as session:
        version_id = session.get_one(Experiment, variant[0]).version_id
        done = exported.batch(session, version_id, variant[1], analyst.user_id)
    asked = client.post(f"{URL}/pump/batches", json={"version_id": version_id, "version": "1"})
    assert (asked.status_code, asked.json["status"]) == (202, "waiting")
    assert client.delete(f"/api/v1/model-batches/{asked.json['id']}").status_code == 409
    assert client.get("/api/v1/model-batches", query_string={"limit": 1}).json["total"] == 2
    address = f"/api/v1/model-batches/{done}"
    assert client.get(address).json["summary"]["refused"] == 1
    named = client.get(f"{address}/rows", query_string={"predicted": "above", "limit": 2}).json
    assert (len(named["items"]), named["total"]) == (2, 11)
    lines = client.get(f"{address}/rows.csv").get_data(as_text=True).splitlines()
    assert len(lines) == 13
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
