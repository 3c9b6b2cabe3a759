from __future__ import annotations

import io

import pyarrow.parquet as pq
import pytest

from services.anomalies.comparing import AnomalyComparingService
from services.anomalies.running import AnomalyRunService
from tests.anomalous import ODD, detection, source

KEYS = {
    *("id", "source_id", "status", "algorithm", "config", "total_rows", "anomaly_count"),
    *("anomaly_rate", "columns_analyzed", "column_summaries", "anomalies", "duration_ms"),
    *("error_message", "created_at", "started_at", "completed_at"),
}
UNKNOWN = "01HZZZZZZZZZZZZZZZZZZZZZZZ"


@pytest.fixture
def source_id(analyst) -> str:
    return source()


@pytest.fixture
def done(source_id) -> str:
    return detection(source_id)


def test_a_detection_over_http(client, source_id):
    path = f"/api/v1/sources/{source_id}/anomaly"
    assert client.get(f"{path}/latest").status_code == 404
    body = {"algorithm": "statistical", "columns": ["flow"], "config": {"threshold": 4}}
    made = client.post(f"{path}/detect?wait=0", json=body)
    assert (made.status_code, made.json["status"]) == (201, "pending")
    assert set(made.json) >= KEYS
    AnomalyRunService.detect(made.json["id"])
    found = client.get(made.headers["Location"]).json
    assert (found["status"], found["anomaly_count"]) == ("success", 3)
    assert set(found["anomalies"][0]) >= {
        "row_index",
        "anomaly_score",
        "column_values",
        "is_anomaly",
    }
    assert client.get(f"{path}/latest").json["id"] == found["id"]
    page = client.get(f"{path}/detections").json
    assert [page["total"], page["offset"], page["limit"], len(page["data"])] == [1, 0, 50, 1]
    for rest in ("detections", "latest"):
        assert client.get(f"/api/v1/sources/{UNKNOWN}/anomaly/{rest}").status_code == 404
    assert client.post(f"/api/v1/sources/{UNKNOWN}/anomaly/detect", json={}).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"algorithm": "oracle"}, "algorithm"),
        ({"config": {"n_estimators": 9}}, "config.n_estimators"),
        ({"sample_size": 99}, "sample_size"),
        ({"columns": ["nothing"]}, "columns"),
        ({"colour": 1}, "colour"),
        ({"contamination": 0.1, "threshold_policy": {"kind": "auto"}}, ""),
    ],
)
def test_a_wrong_question_names_the_field(client, source_id, body, field):
    answer = client.post(f"/api/v1/sources/{source_id}/anomaly/detect", json=body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == field
    assert not answer.json["errors"][0]["message"].startswith("Value error")


def test_fixed_paths_are_not_taken_for_detections(client):
    found = client.get("/api/v1/anomaly/algorithms").json
    assert found["total"] == len(found["algorithms"]) >= 6
    assert client.get("/api/v1/anomaly/batch").json["total"] == 0
    assert client.get("/api/v1/anomaly/compare").json["total"] == 0
    assert client.get(f"/api/v1/anomaly/{UNKNOWN}").status_code == 404


def test_the_threshold_is_moved(client, done):
    path = f"/api/v1/anomaly/{done}"
    assert client.patch(path, json={"contamination": 0.01}).json["anomaly_count"] == 3
    assert client.patch(path, json={"calibrated_threshold": 1}).json["anomaly_count"] == 0
    for wrong in ({}, {"threshold": 1, "contamination": 0.1}, {"calibrated_threshold": 2}):
        assert client.patch(path, json=wrong).status_code == 422


def test_rows_by_accept(client, done):
    path = f"/api/v1/anomaly/{done}/rows"
    page = client.get(f"{path}?sort=anomaly_score&descending=true&limit=3").json
    assert ({one["row_index"] for one in page["data"]}, page["total"]) == (set(ODD), 300)
    text = client.get(path, headers={"Accept": "text/csv"})
    assert (text.mimetype, len(text.text.splitlines())) == ("text/csv", 301)
    kind = "application/vnd.apache.parquet"
    table = pq.read_table(io.BytesIO(client.get(path, headers={"Accept": kind}).data))
    assert table.num_rows == 300
    assert client.get(f"{path}?format=csv").mimetype == "text/csv"
    assert client.get(f"{path}?sort=colour").status_code == 422


def test_labels_metrics_and_explanations(client, done):
    path = f"/api/v1/anomaly/{done}"
    assert client.get(f"{path}/metrics").status_code == 404
    said = {"labels": [{"row_index": 7, "is_anomaly": True}, {"row_index": 1, "is_anomaly": False}]}
    assert client.post(f"{path}/labels", json=said).json["labelled_rows"] == 2
    assert client.get(f"{path}/labels").json["data"][1]["row_index"] == 7
    assert client.get(f"{path}/metrics").json["recall"] == 1.0
    asked = client.post(f"{path}/explain?wait=0", json={"row_indices": [7]})
    assert (asked.status_code, asked.json["status"]) == (200, "pending")
    for wrong in (
        {"row_indices": []},
        {"row_indices": [300]},
        {"row_indices": [1], "max_features": 51},
    ):
        assert client.post(f"{path}/explain", json=wrong).status_code == 422
    assert client.get(f"{path}/explanations?row_indices=1,x").status_code == 422
    assert client.get(f"{path}/explanations?row_indices=1,2").json["total"] == 0
    unknown = f"/api/v1/anomaly/{UNKNOWN}"
    assert client.post(f"{unknown}/explain", json={"row_indices": [1]}).status_code == 404
    assert client.get(f"{unknown}/explanations").status_code == 404


def test_nothing_is_explained_before_the_end(client, source_id):
    made = client.post(f"/api/v1/sources/{source_id}/anomaly/detect?wait=0", json={})
    path = f"/api/v1/anomaly/{made.json['id']}"
    assert client.post(f"{path}/explain", json={"row_indices": [1]}).status_code == 409
    assert client.get(f"{path}/rows").status_code == 409
    assert client.delete(path).status_code == 409


def test_a_batch_over_http(client, source_id):
    refused = client.post("/api/v1/anomaly/batch", json={"source_ids": [source_id, UNKNOWN]})
    assert refused.status_code == 422
    assert UNKNOWN in refused.json["errors"][0]["message"]
    body = {"source_ids": [source_id], "name": "night", "algorithm": "statistical"}
    made = client.post("/api/v1/anomaly/batch", json=body)
    assert (made.status_code, made.json["status"]) == (201, "pending")
    path = made.headers["Location"]
    assert client.delete(path).status_code == 409
    assert client.post(f"{path}/cancel").json["status"] == "cancelled"
    results = client.get(f"{path}/results").json
    assert (type(results), results[0]["status"]) == (list, "cancelled")
    assert client.get("/api/v1/anomaly/batch").json["data"][0]["name"] == "night"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_comparison_over_http(client, source_id):
    path = f"/api/v1/anomaly/compare?source_id={source_id}"
    body = {"algorithms": ["statistical", "knn"], "config": {"knn": {"contamination": 0.02}}}
    made = client.post(f"{path}&wait=0", json=body)
    assert (made.status_code, made.json["status"]) == (201, "pending")
    AnomalyComparingService.compare(made.json["id"])
    found = client.get(made.headers["Location"]).json
    assert found["agreement_summary"]["total_algorithms"] == 2
    records = client.get(f"{made.headers['Location']}/records?limit=1").json
    assert (len(records["data"]), records["data"][0]["confidence_score"]) == (1, 1.0)
    as_text = client.get(f"{made.headers['Location']}/records", headers={"Accept": "text/csv"})
    assert as_text.text == client.get(f"{made.headers['Location']}/records?format=csv").text
    head, first, *rest = as_text.text.splitlines()
    assert head.split(",")[-3:] == ["mean_score", "statistical", "knn"]
    assert first.split(",")[1:4] == ["2", "all", "1.0"]
    assert len(rest) + 1 == records["total"]
    waiting = client.post(f"{path}&wait=0", json={"algorithms": ["hbos", "ecod"]}).headers
    assert client.get(f"{waiting['Location']}/records?format=csv").status_code == 409
    assert client.get(path).json["total"] == 2
    assert client.get(f"/api/v1/anomaly/compare?source_id={UNKNOWN}").status_code == 404
    for wrong in (["lof"], ["lof", "lof"], ["lof", "oracle"]):
        assert client.post(path, json={"algorithms": wrong}).status_code == 422
    assert client.post("/api/v1/anomaly/compare", json=body).status_code == 422
