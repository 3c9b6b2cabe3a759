from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from models import APIKey, KeptAnswer
from models.base import now
from services.actor import COMMAND_LINE, acting_as
from services.api_key_service import APIKeyService
from services.errors import Conflict
from services.idempotency_service import GIVEN_UP_AFTER, KEEP, IdempotencyService
from services.runtime import unit_of_work

pytestmark = pytest.mark.database

URL = "/api/v1/keys"


def send(client, key="one", name="line", **headers):
    return client.post(URL, json={"name": name}, headers={"Idempotency-Key": key, **headers})


def count_keys() -> int:
    with unit_of_work(writing=False) as session:
        return session.query(APIKey).count()


def age(by: timedelta) -> None:
    with unit_of_work() as session:
        for kept in session.query(KeptAnswer):
            kept.begun_at = now() - by


def test_what_is_sent_twice_is_done_once(client):
    first, second, other = send(client), send(client), send(client, "two")
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert other.json != first.json
    assert count_keys() == 2


def test_a_key_that_is_shown_once_is_not_kept_to_be_read(client):
    shown = send(client).json["key"]
    with unit_of_work(writing=False) as session:
        assert shown not in (session.query(KeptAnswer).one().body or "")
    assert send(client).json["key"] == shown
    with unit_of_work() as session:
        session.query(KeptAnswer).one().body = "of an older version"
    assert (send(client).status_code, count_keys()) == (409, 1)


def test_another_body_under_the_same_name_is_refused(client):
    send(client)
    answer = send(client, name="other")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert "another request" in answer.json["detail"]
    assert count_keys() == 1


def test_a_refusal_is_kept_too(client):
    assert [send(client, name="").status_code for _ in range(2)] == [422, 422]
    assert send(client, name="").headers["Idempotency-Replayed"] == "true"


def test_names_of_senders_are_apart(client, web, analyst):
    first = send(client)
    key = APIKeyService.generate_key(analyst.user_id, "maker", scopes=["keys:write"])["key"]
    body = {"name": "line", "scopes": ["keys:write"]}
    headers = {"Idempotency-Key": "one", "X-API-Key": key}
    second = web.test_client().post(URL, json=body, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "ä"])
def test_a_name_has_a_shape(client, key):
    assert send(client, key).status_code == 422


def test_a_request_that_is_being_done_is_not_done_again(client, analyst):
    made = send(client)
    with unit_of_work() as session:
        session.query(KeptAnswer).one().status = None
    assert send(client).status_code == 409
    age(GIVEN_UP_AFTER + timedelta(seconds=1))
    assert send(client).json != made.json


def test_answers_are_kept_for_a_day(client):
    made = send(client)
    age(KEEP - timedelta(minutes=1))
    assert send(client).json == made.json
    age(KEEP + timedelta(minutes=1))
    assert send(client).json != made.json
    age(KEEP + timedelta(minutes=1))
    with acting_as(COMMAND_LINE):
        assert IdempotencyService.delete_old() == 1


def test_a_failure_of_ours_may_be_tried_again(client, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(APIKeyService, "generate_key", broken)
        assert send(client).status_code == 500
    assert send(client).status_code == 201


def test_of_many_that_come_together_one_is_done(server, analyst):
    def begin(_):
        with server.app_context(), acting_as(analyst):
            try:
                return IdempotencyService.begin("one", "same")
            except Conflict:
                return "busy"

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(begin, range(16)))
    assert (found.count(None), found.count("busy")) == (1, 15)
