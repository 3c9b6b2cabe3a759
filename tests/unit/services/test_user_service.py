from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from models import AccountLink, Role
from models.base import now
from services import user_service
from services.actor import COMMAND_LINE, Actor, acting_as
from services.authentication_service import AuthenticationService
from services.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited
from services.runtime import unit_of_work
from services.user_service import UserService

pytestmark = pytest.mark.database

GOOD = "purple gasket meadow 41"


def invited(name="anna", role=Role.ANALYST):
    with acting_as(COMMAND_LINE):
        user, token = UserService.invite(name, role)
    return user["id"], token


def test_setup_link_makes_the_first_admin_once(server):
    with acting_as(COMMAND_LINE):
        token = UserService.create_setup_link()
    with acting_as(None):
        assert UserService.look_at_link(token)["role"] is Role.ADMIN
        started = UserService.accept_link(token, "Boss", GOOD)
        assert AuthenticationService.actor_of_session(started["token"]).role is Role.ADMIN
        with pytest.raises(Forbidden, match="used"):
            UserService.accept_link(token, "other", GOOD)
    with acting_as(COMMAND_LINE):
        assert UserService.create_setup_link() is None


def test_a_newer_setup_link_ends_the_older(server):
    with acting_as(COMMAND_LINE):
        older, newer = UserService.create_setup_link(), UserService.create_setup_link()
    with pytest.raises(Forbidden):
        UserService.look_at_link(older)
    assert UserService.look_at_link(newer)["name"] is None


def test_invited_person_chooses_a_password_and_signs_in(server):
    user_id, token = invited()
    with acting_as(None):
        UserService.accept_link(token, "ignored", GOOD)
        started = AuthenticationService.sign_in("Anna ", GOOD)
        found = AuthenticationService.actor_of_session(started["token"])
    assert (found.user_id, found.role, found.name) == (user_id, Role.ANALYST, "anna")


def test_only_the_newest_link_of_a_person_is_good(admin):
    user_id, invitation = invited()
    first, second = UserService.reset_password(user_id), UserService.reset_password(user_id)
    for older in (invitation, first):
        with pytest.raises(Forbidden, match="used"):
            UserService.accept_link(older, "", GOOD)
    UserService.accept_link(second, "", GOOD)


def test_links_end_with_the_password_they_were_for(admin):
    user_id, _ = invited()
    unused = UserService.reset_password(user_id)
    UserService.disable(user_id)
    UserService.enable(user_id)
    with pytest.raises(Forbidden, match="used"):
        UserService.accept_link(unused, "", GOOD)


def test_of_two_people_with_one_link_the_second_is_too_late(server, monkeypatch):
    _, token = invited()
    with unit_of_work(writing=False) as session:
        seen = user_service.good_link(session, token)
        session.expunge(seen)
    UserService.accept_link(token, "", GOOD)
    # The second one looked while the link was still good.
    monkeypatch.setattr(user_service, "good_link", lambda *_: seen)
    with pytest.raises(Forbidden, match="used"):
        UserService.accept_link(token, "", "another meadow gasket 9")
    assert AuthenticationService.sign_in("anna", GOOD)["id"]


def test_old_link_is_refused(server):
    _, token = invited()
    with unit_of_work() as session:
        session.execute(update(AccountLink).values(expires_at=now() - timedelta(seconds=1)))
    with pytest.raises(Forbidden, match="too old"):
        UserService.accept_link(token, "", GOOD)


def test_guessing_links_is_slowed_down(server):
    for _ in range(10):
        with pytest.raises(Forbidden):
            UserService.accept_link("guess", "x", GOOD, "1.2.3.4")
    with pytest.raises(RateLimited):
        UserService.accept_link("guess", "x", GOOD, "1.2.3.4")


@pytest.mark.parametrize("password", ["short", "x" * 129, "password1234", "annaannaanna"])
def test_weak_passwords_are_refused_with_a_reason(server, password):
    _, token = invited()
    with pytest.raises(Invalid, match="password"):
        UserService.accept_link(token, "", password)


@pytest.mark.parametrize("name", ["", " ", "a", "<b>x</b>", "a b", "-anna", "x" * 65])
def test_names_have_plain_characters(admin, name):
    with pytest.raises(Invalid, match="name has"):
        UserService.add_user(name, Role.VIEWER)


def test_names_are_unique_whatever_their_case(admin):
    UserService.add_user("anna", Role.VIEWER)
    with pytest.raises(Conflict):
        UserService.add_user("ANNA", Role.ADMIN)


def test_changing_the_password_ends_other_sessions(server):
    user_id, token = invited()
    first = UserService.accept_link(token, "", GOOD)
    second = AuthenticationService.sign_in("anna", GOOD)
    me = AuthenticationService.actor_of_session(second["token"])
    with acting_as(me):
        with pytest.raises(Forbidden, match="old password"):
            UserService.change_password("wrong", GOOD + "x")
        UserService.change_password(GOOD, "another meadow gasket 9")
    assert AuthenticationService.actor_of_session(first["token"]) is None
    assert AuthenticationService.actor_of_session(second["token"]).user_id == user_id


def test_disabled_user_is_out_at_once_and_may_come_back(admin):
    user_id, token = invited()
    started = UserService.accept_link(token, "", GOOD)
    UserService.disable(user_id)
    assert AuthenticationService.actor_of_session(started["token"]) is None
    with pytest.raises(Forbidden, match="disabled"):
        AuthenticationService.sign_in("anna", GOOD)
    UserService.enable(user_id)
    assert AuthenticationService.sign_in("anna", GOOD)["id"]


def test_reset_takes_the_password_away(admin):
    user_id, token = invited()
    UserService.accept_link(token, "", GOOD)
    again = UserService.reset_password(user_id)
    with pytest.raises(Forbidden):
        AuthenticationService.sign_in("anna", GOOD)
    UserService.accept_link(again, "", "another meadow gasket 9")
    assert AuthenticationService.sign_in("anna", "another meadow gasket 9")


def test_somebody_always_administers(admin):
    with pytest.raises(Conflict, match="last admin"):
        UserService.set_role(admin.user_id, Role.VIEWER)
    with pytest.raises(Conflict, match="last admin"):
        UserService.disable(admin.user_id)
    assert UserService.find_user(admin.name)["role"] is Role.ADMIN


def test_only_admins_manage(analyst):
    for call in (UserService.list_users, lambda: UserService.disable(analyst.user_id)):
        with pytest.raises(Forbidden):
            call()


def test_unknown_user(admin):
    with pytest.raises(NotFound):
        UserService.find_user("nobody")
    with pytest.raises(NotFound), acting_as(Actor(1, Role.ADMIN, frozenset(), "page")):
        UserService.set_role(999, Role.VIEWER)
