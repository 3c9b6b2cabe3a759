from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import select, update

from models import LoginAttempt, User, UserSession
from models.base import now
from services.accounts.passwords import hash_password
from services.accounts.sessions import ABSOLUTE, IDLE, MOST_SESSIONS
from services.actor import acting_as
from services.authentication_service import AuthenticationService
from services.errors import Forbidden, NotFound, RateLimited
from services.runtime import unit_of_work
from tests import factories

pytestmark = pytest.mark.database

PASSWORD = "purple gasket meadow 41"
WRONG = "purple gasket meadow 42"


@pytest.fixture
def anna(server):
    with unit_of_work() as session:
        kept = hash_password(PASSWORD)
        return factories.user(session, name="anna", password_hash=kept).id


def attempts():
    with unit_of_work(writing=False) as session:
        return [(a.success, a.failure_reason) for a in session.scalars(select(LoginAttempt))]


def later(**values):
    with unit_of_work() as session:
        session.execute(update(UserSession).values(**values))


def test_only_the_hash_of_the_token_is_kept(anna):
    started = AuthenticationService.sign_in("anna", PASSWORD, "::1", "Firefox")
    with unit_of_work(writing=False) as session:
        kept = session.scalars(select(UserSession)).one()
        assert started["token"] not in (kept.token_hash, kept.user_agent)
    assert AuthenticationService.actor_of_session(started["token"] + "x") is None


@pytest.mark.parametrize(
    ("name", "password"), [("anna", WRONG), ("nobody", PASSWORD), ("no\0body", PASSWORD)]
)
def test_wrong_pairs_get_one_answer_and_are_written_down(anna, name, password):
    with pytest.raises(Forbidden, match="do not belong together"):
        AuthenticationService.sign_in(name, password)
    assert attempts() == [(False, "name or password")]


def test_trying_passwords_is_stopped_also_for_the_right_one(anna):
    # Without Valkey each process allows half of the ten tries.
    for _ in range(5):
        with pytest.raises(Forbidden):
            AuthenticationService.sign_in("anna", WRONG, "10.0.0.1")
    with pytest.raises(RateLimited, match="min"):
        AuthenticationService.sign_in("anna", PASSWORD, "10.0.0.2")
    with pytest.raises(RateLimited):
        AuthenticationService.sign_in("nobody", PASSWORD, "10.0.0.1")


def test_session_ends_after_idle_time_unless_remembered(anna):
    started = AuthenticationService.sign_in("anna", PASSWORD)
    kept = AuthenticationService.sign_in("anna", PASSWORD, remember=True)
    later(last_seen_at=now() - IDLE - timedelta(minutes=1))
    assert AuthenticationService.actor_of_session(started["token"]) is None
    assert AuthenticationService.actor_of_session(kept["token"]).user_id == anna
    later(expires_at=now() - timedelta(minutes=1), last_seen_at=now())
    assert AuthenticationService.actor_of_session(kept["token"]) is None


def test_being_seen_keeps_a_session_alive(anna):
    started = AuthenticationService.sign_in("anna", PASSWORD)
    before = now() - IDLE / 2
    later(last_seen_at=before)
    found = AuthenticationService.actor_of_session(started["token"])
    with acting_as(found):
        (only,) = AuthenticationService.list_sessions(anna)
    assert only["last_seen_at"] > before
    assert only["expires_at"] - only["created_at"] > ABSOLUTE - timedelta(minutes=1)


def test_the_oldest_of_too_many_sessions_ends(anna):
    tokens = [
        AuthenticationService.sign_in("anna", PASSWORD)["token"] for _ in range(MOST_SESSIONS + 1)
    ]
    assert AuthenticationService.actor_of_session(tokens[0]) is None
    assert AuthenticationService.actor_of_session(tokens[1]) is not None


def test_revoked_session_is_over_at_once_and_only_once(anna):
    started = AuthenticationService.sign_in("anna", PASSWORD)
    me = AuthenticationService.actor_of_session(started["token"])
    with acting_as(me):
        assert AuthenticationService.revoke_session(started["id"], anna) == (True, "")
        assert AuthenticationService.revoke_session(started["id"], anna)[0] is False
    assert AuthenticationService.actor_of_session(started["token"]) is None


def test_all_sessions_but_the_acting_one_are_ended(anna):
    first, second, third = (AuthenticationService.sign_in("anna", PASSWORD) for _ in range(3))
    with acting_as(AuthenticationService.actor_of_session(second["token"])):
        assert AuthenticationService.revoke_other_sessions(anna) == 2
        assert AuthenticationService.revoke_other_sessions(anna) == 0
    for ended in (first, third):
        assert AuthenticationService.actor_of_session(ended["token"]) is None


def test_many_passwords_at_once_are_no_more_than_allowed(anna, real_valkey):
    server, answers = current_app._get_current_object(), []

    def guess():
        with server.app_context():
            try:
                AuthenticationService.sign_in("anna", WRONG, "192.0.2.9")
            except (Forbidden, RateLimited) as error:
                answers.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # By name and by address: one of the two may be at its end before the other.
    assert len(answers) == 16
    assert 1 <= answers.count(Forbidden) <= 10
    with pytest.raises(RateLimited, match="30 min"):
        AuthenticationService.sign_in("anna", PASSWORD, "192.0.2.10")


def test_right_passwords_from_one_address_are_not_counted(anna, real_valkey):
    for _ in range(12):
        AuthenticationService.sign_in("anna", PASSWORD, "192.0.2.9")


def test_sessions_of_others_do_not_exist(anna, analyst):
    with pytest.raises(NotFound):
        AuthenticationService.list_sessions(anna)
    with pytest.raises(NotFound):
        AuthenticationService.revoke_session(1, anna)


def test_no_session_for_who_is_disabled_or_unknown(anna, admin):
    with unit_of_work() as session:
        session.get_one(User, anna).disabled_at = now()
    assert AuthenticationService.create_session(anna) is None
    assert AuthenticationService.create_session(999) is None
    assert AuthenticationService.actor_of_user(anna, "job") is None


def test_another_address_of_the_same_network_is_the_same_person(anna):
    for host in range(5):
        with pytest.raises(Forbidden):
            AuthenticationService.sign_in(f"nobody{host}", WRONG, f"2001:db8::{host:x}")
    with pytest.raises(RateLimited):
        AuthenticationService.sign_in("anna", PASSWORD, "2001:db8::99")


def test_what_was_tried_needs_a_user_who_exists(server):
    with pytest.raises(NotFound, match="no such user"):
        AuthenticationService.record_login_attempt(999, False, "password")
