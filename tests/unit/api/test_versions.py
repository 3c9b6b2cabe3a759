from __future__ import annotations

import pytest

from services.dataset_service import DatasetService
from tests.trained import planned_experiment
from tests.unit.services.test_dataset_service import stored

URL = "/api/v1/datasets"


@pytest.fixture
def filled(client, analyst):
    """Two balls with a speed and one recording without a label, a, b and c."""
    dataset_id = DatasetService.create("pumps")
    warning = {"code": "no_speed", "message": "The speed is not there.", "channel": None}
    samples = [
        stored("a", speed_rpm=1_790.0, attributes={"size_mil": 7.0}),
        stored("b", 60.0, speed_rpm=900.0),
        stored("c", 70.0, label=None, warnings=[warning]),
    ]
    added = DatasetService.add_recordings(dataset_id, samples, "import")["recordings"]
    return dataset_id, [one.recording_id for one in added]


def test_one_label_for_all_that_match(client, filled):
    url = f"{URL}/{filled[0]}"
    asked = {"matching": True, "where": ["speed_rpm:least:1000"], "new_label": "inner"}
    found = client.post(f"{url}/relabel/preview", json=asked).json
    assert (found["changed"], found["before"], found["after"]) == (1, {"ball": 1}, "inner")
    made = client.post(f"{url}/relabel", json={**asked, "reason": "seen", "based_on": 1})
    assert (made.status_code, made.json) == (201, {"version": 2})
    late = client.post(f"{url}/relabel", json={**asked, "new_label": "x", "based_on": 1})
    assert late.status_code == 409
    assert "made meanwhile" in late.json["detail"]
    assert client.post(f"{url}/relabel", json={"new_label": "x"}).status_code == 422


def test_some_go_out_and_come_back(client, filled):
    dataset_id, ids = filled
    url = f"{URL}/{dataset_id}"
    assert client.post(f"{url}/remove", json={"recording_ids": ids[:1]}).json == {"version": 2}
    assert client.post(f"{url}/versions/1/restore", json={}).json == {"version": 3}
    listed = client.get(f"{url}/versions").json
    assert [(one["added_count"], one["removed_count"]) for one in listed["items"]] == [
        (1, 0),
        (0, 1),
        (3, 0),
    ]
    assert listed["total"] == 3
    assert client.post(f"{url}/versions/1/restore", json={}).status_code == 409
    assert client.post(f"{url}/versions/9/restore", json={}).status_code == 404


def test_what_differs(client, filled):
    dataset_id, ids = filled
    url = f"{URL}/{dataset_id}/versions"
    DatasetService.relabel(dataset_id, {ids[0]: "inner"}, "seen")
    found = client.get(f"{url}/1/diff/2").json
    assert (found["relabelled"], found["steps"][0]["reason"]) == (1, "seen")
    listed = client.get(f"{url}/1/diff/2/recordings").json
    assert (listed["total"], listed["items"][0]["after"]) == (1, "inner")
    none = client.get(f"{url}/1/diff/2/recordings?kind=added").json
    assert (none["total"], none["items"]) == (0, [])
    assert client.get(f"{url}/1/diff/9").status_code == 404
    assert client.get(f"{url}/1/diff/2/recordings?kind=moved").status_code == 422


def test_what_is_in_a_version(client, filled):
    url = f"{URL}/{filled[0]}"
    found = client.get(f"{url}/crossing?columns=bearing").json
    assert found["row_values"] == ["ball", "–"]
    assert found["counts"] == [[2], [1]]
    assert client.get(f"{url}/crossing?rows=colour").status_code == 422
    (group,) = client.get(f"{url}/warnings").json["items"]
    assert (group["code"], group["count"]) == ("no_speed", 1)
    preview = client.get(f"{url}/preview?num_samples=1").json
    assert [(one["label"], one["count"]) for one in preview["classes"]] == [("ball", 2), (None, 1)]
    assert len(preview["classes"][0]["recordings"]) == 1
    statistics = client.get(f"{url}/waveform-statistics").json
    assert statistics["unmeasured"] == 0
    # A sine of amplitude 1.
    assert statistics["rows"][0]["spreads"]["rms"]["median"] == pytest.approx(0.5**0.5)
    assert statistics["rows"][0]["spreads"]["kurtosis"]["median"] == pytest.approx(1.5)


def test_conditions_filter_the_list_and_its_table(client, filled):
    url = f"{URL}/{filled[0]}"
    query = "where=speed_rpm:least:1000&where=attribute.size_mil:equals:7"
    listed = client.get(f"{url}/recordings?{query}").json
    assert [one["name"] for one in listed["items"]] == ["a"]
    assert len(client.get(f"{url}/recordings.csv?{query}").text.splitlines()) == 2
    assert client.get(f"{url}/recordings?where=nonsense").status_code == 422


def test_name_and_description(client, filled):
    url = f"{URL}/{filled[0]}"
    assert client.patch(url, json={"description": "two pumps"}).json["description"] == "two pumps"
    assert client.patch(url, json={"name": "fans"}).json["name"] == "fans"
    assert client.patch(url, json={"name": ""}).status_code == 422
    assert client.get(f"{URL}?sort=recording_count&descending=true").json["total"] == 1
    assert client.get(f"{URL}?sort=odd").status_code == 422


def test_what_uses_a_data_set_keeps_it(client, analyst):
    planned_experiment(name="net 1")
    (one,) = DatasetService.list_datasets()
    url = f"{URL}/{one['id']}"
    listed = client.get(f"{url}/experiments").json
    assert (listed["total"], listed["items"][0]["name"]) == (1, "net 1")
    refused = client.delete(url)
    assert refused.status_code == 409
    assert "“net 1”" in refused.json["detail"]
    assert client.get(f"{URL}/999/experiments").status_code == 404


def test_samples_can_be_measured_by_a_job(client, filled):
    url = f"{URL}/{filled[0]}/measurements"
    assert client.post(url).status_code == 202
    assert client.post(url).status_code == 409
