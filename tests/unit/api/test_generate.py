from __future__ import annotations

URL = "/api/v1/datasets/generate"
SMALL = {"classes": {"wear": 1}, "bearings": 1, "duration_s": 0.5}


def test_submitted_once(client):
    answers = [client.post(URL, json={"name": "worn", "config": SMALL}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    job = answers[0].json
    assert (job["kind"], job["status"]) == ("generate_dataset", "waiting")
    assert answers[1].json["id"] == job["id"]


def test_estimated(client):
    answer = client.post(f"{URL}/estimate", json={"name": "worn", "config": SMALL})
    assert (answer.status_code, answer.json["recordings"]) == (200, 1)
    assert answer.json["samples"] == 10_240
    assert answer.json["config"]["seed"] == 0


def test_what_cannot_be_meant_is_refused(client):
    for config, sentence in (
        ({"rpm": 3}, "no entry “rpm”"),
        ({"kind": "magnetic"}, "one of journal, rolling"),
        ({"bearings": 0}, "from 1 to 1,000"),
        ({"kind": "rolling", "speed_rpm": [1_800, 40_000]}, "can be generated up to 27,699 rpm"),
    ):
        answer = client.post(URL, json={"name": "worn", "config": config})
        assert answer.status_code == 422
        assert sentence in answer.json["detail"]
    assert client.post(URL, json={"name": "worn", "more": 1}).status_code == 422
