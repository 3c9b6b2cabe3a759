from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from models import APIKey, Role
from models.base import now
from services import valkey
from services.actor import acting_as
from services.api_key_service import APIKeyService
from services.api_keys import admission, secrets
from services.api_keys.admission import admit
from services.api_keys.verified import MOST, VERIFIED, VerifiedKeys
from services.errors import RateLimited
from services.runtime import unit_of_work
from services.user_service import UserService

HOME = "192.0.2.7"


@pytest.fixture
def made(analyst):
    return APIKeyService.generate_key(analyst.user_id, "press line", rate_limit=100)


@pytest.fixture
def hashed(monkeypatch):
    """How often the slow hash was computed."""
    calls = []
    slow = secrets.is_right
    monkeypatch.setattr(secrets, "is_right", lambda *a: calls.append(a) or slow(*a))
    return calls


def test_the_slow_hash_is_paid_once(real_valkey, made, hashed):
    admitted = [admit(made["key"], HOME) for _ in range(4)]
    assert [one.taken.remaining for one in admitted] == [99, 98, 97, 96]
    assert len(hashed) == 1


def test_without_valkey_nothing_is_remembered(server, made, hashed):
    assert [admit(made["key"], HOME).taken.limit for _ in range(3)] == [25] * 3
    assert len(hashed) == 3


def test_what_was_remembered_is_forgotten_when_valkey_goes(real_valkey, server, made, hashed):
    admit(made["key"], HOME)
    valkey.init_app(server, "unix:///nowhere.sock")
    assert admit(made["key"], HOME).taken.limit == 25
    assert VERIFIED.find(made["key"]) is None
    assert len(hashed) == 2


def test_a_revoked_key_is_refused_although_it_is_remembered(real_valkey, made, analyst):
    assert admit(made["key"], HOME)
    APIKeyService.revoke_key(made["api_key_id"], analyst.user_id)
    assert admit(made["key"], HOME) is None


def test_a_revocation_that_is_undone_ends_nothing(real_valkey, made, analyst):
    assert admit(made["key"], HOME)
    with suppress(ZeroDivisionError), unit_of_work():
        APIKeyService.revoke_key(made["api_key_id"], analyst.user_id)
        raise ZeroDivisionError
    assert admit(made["key"], HOME)


def test_a_key_that_ends_while_it_is_looked_at_is_not_remembered(
    real_valkey, made, analyst, monkeypatch
):
    slow = secrets.is_right

    def meanwhile(*given):
        APIKeyService.revoke_key(made["api_key_id"], analyst.user_id)
        return slow(*given)

    monkeypatch.setattr(secrets, "is_right", meanwhile)
    assert admit(made["key"], HOME) is None
    assert VERIFIED.find(made["key"]) is None


def test_an_expired_key_is_refused_although_it_is_remembered(real_valkey, analyst):
    made = APIKeyService.generate_key(analyst.user_id, "short", expires_in_days=1)
    assert admit(made["key"], HOME)
    with unit_of_work() as session:
        session.get_one(APIKey, made["api_key_id"]).expires_at = now() - timedelta(seconds=1)
    VERIFIED.clear()
    assert admit(made["key"], HOME) is None


def test_rotation_without_overlap_holds_in_processes_that_remember(real_valkey, made, analyst):
    assert admit(made["key"], HOME)
    APIKeyService.rotate_key(made["api_key_id"], analyst.user_id, overlap_hours=0)
    assert admit(made["key"], HOME) is None


def test_role_of_the_owner_counts_at_once_and_a_disabled_one_has_no_keys(
    real_valkey, made, analyst, admin
):
    assert admit(made["key"], HOME).key.role is Role.ANALYST
    with acting_as(admin):
        UserService.set_role(analyst.user_id, Role.VIEWER)
        assert admit(made["key"], HOME).key.role is Role.VIEWER
        UserService.disable(analyst.user_id)
    assert admit(made["key"], HOME) is None


def test_test_keys_act_as_viewers(server, analyst):
    made = APIKeyService.generate_key(analyst.user_id, "trial", environment="test")
    key = admit(made["key"], HOME).key
    assert (key.role, key.reads_only) == (Role.VIEWER, True)


def test_nobody_tries_keys_for_long(server, made):
    body = made["key"][:20] + "A" * 31
    forged = body + secrets.checksum(body)
    tries = admission.WRONG_KEYS.failures // 2  # stricter without Valkey
    assert [admit(forged, HOME) for _ in range(tries)] == [None] * tries
    with pytest.raises(RateLimited):
        admit(made["key"], HOME)
    assert admit(made["key"], "192.0.2.8")


def test_who_goes_on_with_a_revoked_key_locks_out_nobody_else(server, made, analyst):
    other = APIKeyService.generate_key(analyst.user_id, "packing line")
    APIKeyService.revoke_key(made["api_key_id"], analyst.user_id)
    for _ in range(admission.WRONG_KEYS.failures // 2):
        assert admit(made["key"], HOME) is None
    with pytest.raises(RateLimited):
        admit(made["key"], HOME)
    assert admit(other["key"], HOME)


def test_the_memory_holds_no_key_and_is_bounded(monkeypatch):
    kept = VerifiedKeys()
    for number in range(MOST + 5):
        kept.keep(f"sk_live_{number}", "0", None)
    assert kept.find("sk_live_0") is None
    assert kept.find(f"sk_live_{MOST}") == ("0", None)
    assert "sk_live" not in repr(vars(kept))
