from __future__ import annotations

import json

import pytest
from plotly.utils import PlotlyJSONEncoder

from callbacks import settings_security, users
from models import Role
from services.accounts.passwords import hash_password
from services.actor import acting_as
from services.errors import Forbidden
from services.runtime import unit_of_work
from services.user_service import UserService
from tests import factories
from tests.authenticators import set_up

PASSWORD = "purple gasket meadow 41"


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_invitation_is_shown_once_with_its_link(admin):
    answer, table, name = users.invite(1, "anna", "viewer")
    assert "/link/" in text(answer)
    assert ("anna" in text(table), name) == (True, "")
    assert "/link/" not in text(users.show_users(""))


def test_own_row_cannot_lock_one_out(admin):
    shown = text(users.show_users(""))
    assert f"{admin.role.value} (you)" in shown
    assert "Disable" not in shown


def test_disabling_is_told_and_can_be_undone(admin, monkeypatch):
    told = []
    monkeypatch.setattr(users, "tell", lambda text, *_: told.append(text))
    user = UserService.add_user("anna", Role.VIEWER)
    chosen = {"verb": "disable", "id": user["id"], "name": "anna"}
    assert "Enable" in text(users.act(1, chosen)[1])
    assert "Disable" in text(users.act(1, {**chosen, "verb": "enable"})[1])
    assert told == ["anna is disabled.", "anna is enabled."]


def test_new_link_takes_the_password_away(admin):
    user = UserService.add_user("anna", Role.VIEWER)
    chosen = {"type": "users-act", "verb": "reset", "id": user["id"], "name": "anna"}
    answer, table = users.act(1, chosen)
    assert "/link/" in text(answer)
    assert "invited" in text(table)


def test_second_step_is_shown_and_taken_away(admin, monkeypatch):
    monkeypatch.setattr(users, "tell", lambda *_: None)
    with unit_of_work() as session:
        anna = factories.actor_of(factories.user(session, name="anna"))
    set_up(anna)
    assert "Take second step away" in text(users.show_users(""))
    chosen = {"verb": "reset_2fa", "id": anna.user_id, "name": "anna"}
    assert "Take second step away" not in text(users.act(1, chosen)[1])


def test_roles_that_must_have_a_second_step_are_kept(admin, monkeypatch):
    told = []
    monkeypatch.setattr(users, "tell", lambda text, *_: told.append(text))
    assert users.require(None, ["admin"]) is users.no_update
    assert users.require(1, ["admin", "analyst"]) == ["analyst", "admin"]
    assert users.show_required("") == ["analyst", "admin"]
    assert users.require(1, []) == []
    assert told[1] == "No role must have a second step."


@pytest.mark.parametrize("call", [lambda: users.invite(1, "x1", "admin"), users._table])
def test_analysts_are_refused(analyst, call):
    with pytest.raises(Forbidden):
        call()


def test_security_page_changes_the_password(server):
    with unit_of_work() as session:
        kept = hash_password(PASSWORD)
        anna = factories.user(session, name="anna", password_hash=kept)
        acting = factories.actor_of(anna)
    with acting_as(acting):
        answer, *fields = settings_security.change_password(1, PASSWORD, "one two", "one three")
        assert "not the same" in text(answer)
        assert fields == [PASSWORD, "one two", "one three"]
        answer, *_ = settings_security.change_password(
            1, "wrong", "meadow nine gasket 7", "meadow nine gasket 7"
        )
        assert "not right" in text(answer)
        answer, *fields = settings_security.change_password(
            1, PASSWORD, *["meadow nine gasket 7"] * 2
        )
        assert "Password changed" in text(answer)
        assert fields == ["", "", ""]


def test_nothing_happens_before_somebody_clicks(admin):
    before = users.show_users("")
    assert users.invite(None, "anna", "viewer") == (users.no_update,) * 3
    assert users.act(None, {"verb": "disable", "id": admin.user_id, "name": "x"}) == (
        users.no_update,
        users.no_update,
    )
    assert settings_security.change_password(None, None, None, None) == (users.no_update,) * 4
    assert text(users.show_users("")) == text(before)
