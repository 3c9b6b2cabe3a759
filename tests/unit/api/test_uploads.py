from __future__ import annotations

import hashlib

import pytest

URL = "/api/v1/uploads"
CONTENT = b"1\n2\n3\n" * 20


def send(client, upload_id, offset, content, digest=None):
    headers = {"X-Content-SHA256": digest or hashlib.sha256(content).hexdigest()}
    address = f"{URL}/{upload_id}/content?offset={offset}"
    return client.put(address, data=content, headers=headers)


@pytest.fixture
def upload_id(client):
    answer = client.post(URL, json={"file_name": "a.csv", "size": len(CONTENT)})
    assert answer.status_code == 201
    return answer.json["id"]


def test_arrives_in_chunks_and_says_how_far_it_is(client, upload_id):
    assert send(client, upload_id, 0, CONTENT[:50]).json["received"] == 50
    assert client.get(f"{URL}/{upload_id}").json["received"] == 50
    assert send(client, upload_id, 50, CONTENT[50:]).json["is_complete"]
    listed = client.get(URL).json
    assert [upload["id"] for upload in listed["items"]] == [upload_id]
    assert listed["chunk_bytes"] > 0
    assert ".mat" in listed["suffixes"]


@pytest.mark.parametrize(
    ("offset", "content", "digest", "status"),
    [(0, b"x", "0" * 64, 422), (7, b"x", None, 409), (0, b"x" * 999, None, 422)],
)
def test_chunks_that_do_not_fit_are_problems(client, upload_id, offset, content, digest, status):
    answer = send(client, upload_id, offset, content, digest)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_a_chunk_larger_than_agreed_is_not_read(client, web, upload_id):
    web.config["UPLOAD_CHUNK_BYTES"] = 10
    assert send(client, upload_id, 0, CONTENT).status_code == 413


def test_discarded(client, upload_id):
    assert client.delete(f"{URL}/{upload_id}").status_code == 204
    assert client.get(f"{URL}/{upload_id}").status_code == 404


def test_a_preview_is_a_job(client, upload_id):
    asked = {"upload_ids": [upload_id]}
    assert client.post(f"{URL}/preview", json=asked).status_code == 409
    send(client, upload_id, 0, CONTENT)
    answer = client.post(f"{URL}/preview", json=asked)
    assert (answer.status_code, answer.json["kind"]) == (202, "preview_import")


def test_kinds_that_are_not_read_are_refused_before_they_travel(client):
    answer = client.post(URL, json={"file_name": "a.exe", "size": 10})
    assert answer.status_code == 422
    assert ".mat" in answer.json["detail"]


def test_the_csrf_token_is_needed(client, web):
    web.config["WTF_CSRF_ENABLED"] = True
    assert client.post(URL, json={"file_name": "a.csv", "size": 1}).status_code == 400


def test_many_are_announced_at_once(client):
    files = [{"file_name": "a.csv", "size": 3}, {"file_name": "b.exe", "size": 3}]
    items = client.post(f"{URL}/batch", json={"files": files}).json["items"]
    assert (items[0]["upload"]["file_name"], items[0]["problem"]) == ("a.csv", None)
    assert items[1]["upload"] is None
    assert "b.exe" in items[1]["problem"]
    assert send(client, items[0]["upload"]["id"], 0, b"1\n2").json["is_complete"]
    for wrong in ([], [files[0]] * 101):
        assert client.post(f"{URL}/batch", json={"files": wrong}).status_code == 422
