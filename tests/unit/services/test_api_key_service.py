from __future__ import annotations

from datetime import timedelta

import pytest

from models import APIKey, Event, Role
from models.base import now
from services.actor import Actor, acting_as
from services.api_key_service import MOST_KEYS, APIKeyService
from services.api_keys import scopes, secrets
from services.api_requests.log import request_log
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.runtime import unit_of_work
from services.user_service import UserService

pytestmark = pytest.mark.database


def make(actor, **given):
    return APIKeyService.generate_key(actor.user_id, given.pop("name", "press line"), **given)


def row_of(key_id: int) -> APIKey:
    with unit_of_work(writing=False) as session:
        row = session.get_one(APIKey, key_id)
        session.expunge(row)
        return row


def test_only_a_hash_of_the_key_is_kept(analyst):
    made = make(analyst)
    row = row_of(made["api_key_id"])
    assert made["key"].startswith(row.prefix)
    assert len(made["key"]) == len("sk_live_") + 43 + 6
    assert made["key"] not in repr(vars(row))
    assert secrets.is_right(made["key"], row.key_hash)


def test_a_new_key_is_good_and_says_what_it_may(analyst):
    found = APIKeyService.verify_key(make(analyst, environment="test")["key"])
    assert (found.user_id, found.environment.value, found.rate_limit) == (
        analyst.user_id,
        "test",
        1000,
    )
    assert found.scopes == list(scopes.DEFAULT)
    assert not any(scope.endswith(":write") or scope.startswith("keys") for scope in found.scopes)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: "",
        lambda key: key[:-1],
        lambda key: key.replace("live", "test"),
        lambda key: key[:20] + ("A" if key[20] != "A" else "B") + key[21:],
        lambda key: f" {key}",
    ],
)
def test_a_mistyped_key_is_none(analyst, spoil):
    assert APIKeyService.verify_key(spoil(make(analyst)["key"])) is None


def test_the_right_beginning_is_not_enough(analyst):
    key = make(analyst)["key"]
    body = key[:20] + "A" * 31
    forged = body + secrets.checksum(body)
    assert secrets.prefix_of(forged) == secrets.prefix_of(key)
    assert APIKeyService.verify_key(forged) is None


def test_revoked_and_expired_keys_are_none(analyst):
    revoked, expired = make(analyst), make(analyst, expires_in_days=1)
    assert APIKeyService.revoke_key(revoked["api_key_id"], analyst.user_id)
    assert not APIKeyService.revoke_key(revoked["api_key_id"], analyst.user_id)
    with unit_of_work() as session:
        session.get_one(APIKey, expired["api_key_id"]).expires_at = now() - timedelta(seconds=1)
    assert APIKeyService.verify_key(revoked["key"]) is None
    assert APIKeyService.verify_key(expired["key"]) is None
    assert APIKeyService.list_user_keys(analyst.user_id) == []
    assert len(APIKeyService.list_user_keys(analyst.user_id, include_inactive=True)) == 2


def test_a_disabled_owner_has_no_keys(analyst, admin):
    with acting_as(analyst):
        made = make(analyst)
    UserService.disable(analyst.user_id)
    assert APIKeyService.verify_key(made["key"]) is None


def test_keys_are_the_persons_alone_even_before_an_admin(analyst, admin):
    with acting_as(analyst):
        made = make(analyst)
    for refused in (
        lambda: APIKeyService.revoke_key(made["api_key_id"], analyst.user_id),
        lambda: APIKeyService.list_user_keys(analyst.user_id),
        lambda: APIKeyService.get_key_usage_stats(made["api_key_id"]),
        lambda: APIKeyService.rotate_key(made["api_key_id"], admin.user_id),
    ):
        with pytest.raises(NotFound):
            refused()
    # A key of somebody else is for the admin as if it did not exist.
    assert APIKeyService.revoke_key(made["api_key_id"], admin.user_id) is False
    assert APIKeyService.revoke_key(999, admin.user_id) is False
    assert APIKeyService.verify_key(made["key"]) is not None


def test_rotation_leaves_the_old_key_good_for_a_while(analyst):
    old = make(analyst, scopes=["jobs:read"], rate_limit=7, expires_in_days=30)
    new = APIKeyService.rotate_key(old["api_key_id"], analyst.user_id, overlap_hours=2)
    assert now() < new["old_expires_at"] <= now() + timedelta(hours=2)
    assert APIKeyService.verify_key(old["key"]) is not None
    found = APIKeyService.verify_key(new["key"])
    assert (found.scopes, found.rate_limit) == (["jobs:read"], 7)
    assert timedelta(days=29) < found.expires_at - now() <= timedelta(days=30)
    assert row_of(old["api_key_id"]).replaced_by_id == found.id
    with pytest.raises(Conflict, match="rotated already"):
        APIKeyService.rotate_key(old["api_key_id"], analyst.user_id)


def test_rotation_without_overlap_ends_the_old_key_at_once(analyst):
    old = make(analyst)
    APIKeyService.rotate_key(old["api_key_id"], analyst.user_id, overlap_hours=0)
    assert APIKeyService.verify_key(old["key"]) is None
    with pytest.raises(Conflict, match="has ended"):
        APIKeyService.rotate_key(old["api_key_id"], analyst.user_id)


def test_rotation_never_lengthens_a_life(analyst):
    old = make(analyst, expires_in_days=1)
    new = APIKeyService.rotate_key(old["api_key_id"], analyst.user_id, overlap_hours=48)
    assert new["old_expires_at"] == old["expires_at"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "  "}, "1 to 80 characters"),
        ({"environment": "prod"}, "live or test"),
        ({"rate_limit": 0}, "1 to 10000"),
        ({"rate_limit": 10_001}, "1 to 10000"),
        ({"expires_in_days": 0}, "1 to 3650 days"),
        ({"scopes": ["datasets:own"]}, "no scope “datasets:own”"),
        ({"scopes": []}, "opens nothing"),
    ],
)
def test_impossible_wishes_are_refused_in_a_sentence(analyst, given, said):
    with pytest.raises(Invalid, match=said):
        make(analyst, **given)


def test_an_admin_may_allow_more(admin):
    assert make(admin, rate_limit=10_000_000)["key"]


def test_there_is_an_end_to_the_number_of_keys(analyst):
    made = [make(analyst) for _ in range(MOST_KEYS)]
    with pytest.raises(Conflict, match="50 keys"):
        make(analyst)
    APIKeyService.revoke_key(made[0]["api_key_id"], analyst.user_id)
    assert make(analyst)


def test_a_key_makes_no_key_that_may_do_more(analyst):
    by_key = Actor(analyst.user_id, Role.ANALYST, frozenset({"keys:write"}), "key")
    mighty = make(analyst, scopes=["jobs:read"])
    with acting_as(by_key):
        assert make(analyst, scopes=["keys:write"])
        with pytest.raises(Forbidden, match="no more than itself"):
            make(analyst, scopes=["jobs:read", "keys:write"])
        with pytest.raises(Forbidden, match="no more than itself"):
            make(analyst)
        with pytest.raises(Forbidden, match="no more than itself"):
            APIKeyService.rotate_key(mighty["api_key_id"], analyst.user_id)


def test_what_happens_to_keys_stands_in_the_audit_trail_without_the_key(analyst):
    made = make(analyst)
    APIKeyService.rotate_key(made["api_key_id"], analyst.user_id)
    APIKeyService.revoke_key(made["api_key_id"], analyst.user_id)
    with unit_of_work(writing=False) as session:
        told = [(one.type, one.object, one.payload) for one in session.query(Event)]
    object = f"api_key:{made['api_key_id']}"
    assert [one[:2] for one in told] == [
        ("api_key.created", object),
        ("api_key.rotated", object),
        ("api_key.revoked", object),
    ]
    assert made["key"] not in repr(told)


def test_usage_is_counted_and_last_use_is_told_once_a_minute(analyst, worker):
    key_id = make(analyst)["api_key_id"]
    with acting_as(worker):
        for status in (200, 404, 500, 201):
            APIKeyService.log_usage(key_id, "/jobs", "GET", status, 30)
    assert request_log().write() == 4
    found = APIKeyService.get_key_usage_stats(key_id)
    assert found == {"total_requests": 4, "error_rate": 0.5, "avg_response_time_ms": 30.0}
    first = row_of(key_id).last_used_at
    assert now() - first < timedelta(minutes=1)
    with acting_as(worker):
        APIKeyService.log_usage(key_id, "/jobs", "GET", 200)
    request_log().write()
    assert row_of(key_id).last_used_at == first
    with unit_of_work() as session:
        session.get_one(APIKey, key_id).last_used_at = first - timedelta(minutes=2)
    with acting_as(worker):
        APIKeyService.log_usage(key_id, "/jobs", "GET", 200)
    request_log().write()
    assert row_of(key_id).last_used_at >= first


def test_a_key_without_use_has_no_mean(analyst):
    found = APIKeyService.get_key_usage_stats(make(analyst)["api_key_id"])
    assert found == {"total_requests": 0, "error_rate": 0.0, "avg_response_time_ms": None}


@pytest.fixture
def worker():
    return Actor(None, Role.ADMIN, frozenset(), "worker")
