from __future__ import annotations

import json
import re

import pytest
from plotly.utils import PlotlyJSONEncoder

from callbacks import settings_security_second_step as second_step
from callbacks import settings_security_sessions as sessions
from models import Role
from services.accounts import totp
from services.accounts.passwords import hash_password
from services.actor import acting_as
from services.authentication_service import AuthenticationService
from services.runtime import unit_of_work
from services.two_factor_service import TwoFactorService
from tests import factories
from tests.authenticators import Authenticator
from tests.unit.callbacks.pages import clicked

PASSWORD = "purple gasket meadow 41"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CODE = re.compile(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){2}")


@pytest.fixture(autouse=True)
def request_of_a_browser(server, monkeypatch):
    here = totp.present_step()
    monkeypatch.setattr(totp, "present_step", lambda: here)
    with server.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.9"}):
        yield


@pytest.fixture
def anna(server):
    with unit_of_work() as session:
        kept = hash_password(PASSWORD)
        person = factories.actor_of(factories.user(session, name="anna", password_hash=kept))
    with acting_as(person):
        yield person


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def begun() -> Authenticator:
    panel, _ = second_step.begin(1)
    secret = re.search(r'"children": "((?:[A-Z2-7]{4} ?){8})"', text(panel))[1]
    return Authenticator(secret.replace(" ", ""))


def test_way_from_nothing_to_backup_codes_and_back(anna):
    assert "Set up" in text(second_step.show(0))
    made = begun()
    panel, told = second_step.confirm(1, made.wrong())
    assert (panel, "not right" in text(told)) == (second_step.no_update, True)
    panel, told = second_step.confirm(1, made.next())
    codes = CODE.findall(text(panel))
    assert (len(codes), told) == (10, None)
    assert second_step.finish(1, 3) == 4
    shown = text(second_step.show(1))
    assert "10 backup codes left" in shown
    assert made.secret not in shown.replace(" ", "")
    assert not CODE.findall(shown)
    stamp, told = second_step.turn_off(1, PASSWORD, made.next(), 4)
    assert (stamp, "is off" in text(told)) == (5, True)


def test_wrong_answers_are_told_and_change_nothing(anna):
    made = begun()
    second_step.confirm(1, made.next())
    assert "on already" in text(second_step.begin(1)[1])
    assert "not right" in text(second_step.renew(1, made.wrong())[1])
    assert "password" in text(second_step.turn_off(1, "wrong", made.next(), 1)[1])
    for _ in range(5):
        told = second_step.turn_off(1, "wrong", "", 1)[1]
    assert "Too many failed tries" in text(told)
    assert TwoFactorService.get_state(anna.user_id)["since"] is not None


def test_renewed_codes_are_shown_and_few_are_warned_of(anna):
    made = begun()
    panel, _ = second_step.confirm(1, made.next())
    for code in CODE.findall(text(panel))[:8]:
        assert AuthenticationService.verify_backup_code(anna.user_id, code) == (True, "")
    assert "locked out" in text(second_step.show(1))
    panel, _ = second_step.renew(1, made.next())
    assert len(CODE.findall(text(panel))) == 10
    assert "locked out" not in text(second_step.show(2))


def test_role_that_must_have_it_is_told_so(anna, admin):
    with acting_as(admin):
        TwoFactorService.require_for_roles([Role.ANALYST])
    with acting_as(anna):
        assert "must have a second step" in text(second_step.show(0))
        second_step.confirm(1, begun().next())
        assert "Turn off" not in text(second_step.show(1))


def test_nothing_happens_before_somebody_clicks(anna):
    assert second_step.begin(None) == second_step.NOTHING
    assert second_step.confirm(None, None) == second_step.NOTHING
    assert second_step.renew(None, None) == second_step.NOTHING
    assert second_step.turn_off(None, None, None, 0) == second_step.NOTHING
    assert second_step.finish(None, 0) is second_step.no_update
    with clicked({"id": 1, "type": sessions.Ids.end}):
        assert sessions.end([None], 0) is sessions.no_update
    assert sessions.end_others(None, 0) is sessions.no_update


def test_sessions_are_told_apart_and_ended(anna, monkeypatch):
    told = []
    monkeypatch.setattr(sessions, "tell", lambda text, *_: told.append(text))
    own, other, third = (
        AuthenticationService.create_session(anna.user_id, f"192.0.2.{n}", FIREFOX)
        for n in range(3)
    )
    with acting_as(AuthenticationService.actor_of_session(own["token"])):
        shown = text(sessions.show_sessions(0))
        assert shown.count("Firefox 140 on Linux computer") == 3
        assert shown.count("this browser") == 1
        with clicked({"id": other["id"], "type": sessions.Ids.end}):
            assert sessions.end([1, None], 0) == 1
        assert AuthenticationService.actor_of_session(other["token"]) is None
        assert sessions.end_others(1, 1) == 2
        assert AuthenticationService.actor_of_session(third["token"]) is None
        assert text(sessions.show_sessions(2)).count("Firefox") == 1
    assert told == ["That browser is signed out.", "Other sessions that were ended: 1."]


def test_history_comes_in_pages(anna):
    assert "Nothing yet" in text(sessions.show_history(None)[0])
    for number in range(11):
        AuthenticationService.record_login_attempt(
            anna.user_id, False, "password", f"192.0.2.{number}", FIREFOX, None, "name or password"
        )
    AuthenticationService.record_login_attempt(anna.user_id, True, "password+totp")
    first, pages = sessions.show_history(1)
    assert pages == 2
    assert "password and code" in text(first)
    assert "wrong password" in text(first)
    assert "192.0.2.0" not in text(first)
    assert "192.0.2.0" in text(sessions.show_history(2)[0])
