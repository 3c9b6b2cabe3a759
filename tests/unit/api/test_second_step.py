"""Signing in with a code, and being led to the set-up: through the pages that people see."""

from __future__ import annotations

import re

import pytest

from models import Role, SecondStep
from models.base import now
from services.accounts import totp
from services.accounts.passwords import hash_password
from services.accounts.second_step import LIFETIME
from services.actor import COMMAND_LINE, Actor, acting_as
from services.authentication_service import AuthenticationService
from services.profile_service import ProfileService
from services.runtime import unit_of_work
from services.two_factor_service import TwoFactorService
from services.user_service import UserService
from tests import factories
from tests.authenticators import Authenticator, set_up

PASSWORD = "purple gasket meadow 41"


@pytest.fixture(autouse=True)
def clock_stands(monkeypatch):
    here = totp.present_step()
    monkeypatch.setattr(totp, "present_step", lambda: here)


@pytest.fixture
def anna(server) -> Actor:
    with unit_of_work() as session:
        kept = hash_password(PASSWORD)
        return factories.actor_of(factories.user(session, name="anna", password_hash=kept))


@pytest.fixture
def authenticator(anna) -> Authenticator:
    return set_up(anna)


@pytest.fixture
def required(server):
    with acting_as(COMMAND_LINE):
        TwoFactorService.require_for_roles([Role.ANALYST])


def token_in(page) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)


def post(client, path, page=None, **form):
    """Send the form of a page as a browser does."""
    given = {"csrf_token": token_in(client.get(page or path)), **form}
    return client.post(path, data=given, headers={"Accept": "text/html"})


def give_password(client, **more):
    return post(client, "/sign-in", name="anna", password=PASSWORD, **more)


def is_in(client) -> bool:
    return client.get("/api/v1/pulse").status_code == 200


def attempts(anna) -> list[tuple[bool, str, str | None]]:
    with acting_as(anna):
        kept = AuthenticationService.list_login_attempts(anna.user_id)
    return [(one["success"], one["login_method"], one["failure_reason"]) for one in kept][::-1]


def test_password_alone_opens_nothing(web, authenticator):
    client = web.test_client()
    answer = give_password(client, next="/jobs?id=3")
    assert answer.location == "/sign-in/code?next=/jobs?id%3D3"
    assert not is_in(client)
    assert client.get("/").location.startswith("/sign-in")
    with acting_as(COMMAND_LINE):
        anna = UserService.find_user("anna")["id"]
        assert AuthenticationService.list_sessions(anna) == []


def test_code_signs_in_and_leads_on(web, anna, authenticator):
    client = web.test_client()
    give_password(client)
    page = client.get("/sign-in/code?next=/jobs?id%3D3")
    assert page.headers["Cache-Control"] == "no-store"
    answer = post(client, "/sign-in/code", code=authenticator.next(), next="/jobs?id=3")
    assert answer.location == "/jobs?id=3"
    assert is_in(client)
    assert attempts(anna) == [(False, "password", "no code yet"), (True, "password+totp", None)]


def test_code_is_not_taken_again_in_another_browser(web, authenticator):
    first, second = web.test_client(), web.test_client()
    give_password(first)
    give_password(second)
    code = authenticator.next()
    post(first, "/sign-in/code", code=code)
    answer = post(second, "/sign-in/code", code=code)
    assert (answer.status_code, is_in(first), is_in(second)) == (403, True, False)
    assert "has been used" in answer.text


def test_backup_code_signs_in_once(web, anna, authenticator):
    with acting_as(anna):
        code = AuthenticationService.generate_backup_codes(anna.user_id)[1][0]
    for expected in (True, False):
        client = web.test_client()
        give_password(client)
        post(client, "/sign-in/code", code=code)
        assert is_in(client) is expected
    assert (True, "password+backup_code", None) in attempts(anna)


def test_copy_of_the_cookie_finishes_no_second_sign_in(web, authenticator):
    client = web.test_client()
    give_password(client)
    copied = client.get_cookie("session").value
    post(client, "/sign-in/code", code=authenticator.next())
    thief = web.test_client()
    thief.set_cookie("session", copied)
    assert thief.get("/sign-in/code").location == "/sign-in?next=/"


def test_sign_in_that_took_too_long_begins_again(web, authenticator):
    client = web.test_client()
    give_password(client)
    token = token_in(client.get("/sign-in/code"))
    with unit_of_work() as session:
        session.query(SecondStep).update({"expires_at": now() - LIFETIME})
    answer = client.post("/sign-in/code", data={"csrf_token": token, "code": authenticator.next()})
    assert answer.location == "/sign-in?next=/"
    assert not is_in(client)


def test_new_password_closes_sign_ins_that_wait_for_a_code(web, anna, authenticator):
    client = web.test_client()
    give_password(client)
    with acting_as(COMMAND_LINE):
        UserService.reset_password(anna.user_id)
    assert client.get("/sign-in/code").location == "/sign-in?next=/"


def test_link_to_a_new_password_is_no_way_around_the_code(web, anna, authenticator):
    with acting_as(COMMAND_LINE):
        token = UserService.reset_password(anna.user_id)
    client = web.test_client()
    fresh = "meadow nine gasket 7"
    answer = post(client, f"/link/{token}", password=fresh, again=fresh)
    assert answer.location == "/sign-in/code?next=/"
    assert not is_in(client)
    post(client, "/sign-in/code", code=authenticator.next())
    assert is_in(client)


def test_planted_cookie_does_not_live_on(web, authenticator):
    """Session fixation: what the browser had before is worth nothing after each step."""
    client = web.test_client()
    with client.session_transaction() as browser:
        browser["planted"] = "by somebody else"
    seen = [client.get_cookie("session").value]
    give_password(client)
    seen.append(client.get_cookie("session").value)
    post(client, "/sign-in/code", code=authenticator.next())
    seen.append(client.get_cookie("session").value)
    assert len(set(seen)) == 3
    with client.session_transaction() as browser:
        assert "planted" not in browser
        assert "second_step" not in browser
    for older in seen[:2]:
        thief = web.test_client()
        thief.set_cookie("session", older)
        assert not is_in(thief)


def test_staying_signed_in_is_remembered_over_the_code(web, anna, authenticator):
    client = web.test_client()
    give_password(client, remember="on")
    answer = post(client, "/sign-in/code", code=authenticator.next())
    assert "Expires=" in answer.headers["Set-Cookie"]
    with acting_as(anna):
        assert AuthenticationService.list_sessions(anna.user_id)[0]["remembered"]


def test_nothing_is_served_before_a_required_second_step_is_set_up(web, anna, required):
    client = web.test_client()
    give_password(client)
    assert client.get("/jobs?id=3").location == "/second-step?next=/jobs?id%3D3"
    for path in ("/api/v1/pulse", "/_dash-layout", "/_dash-dependencies", "/api/v1/jobs"):
        answer = client.get(path)
        assert (answer.status_code, answer.json["code"]) == (403, "second_step_required")
    with acting_as(anna):
        assert TwoFactorService.get_state(anna.user_id)["since"] is None


def test_set_up_that_is_required_shows_codes_once_and_lets_in(web, anna, required):
    client = web.test_client()
    give_password(client)
    before = client.get_cookie("session").value
    page = client.get("/second-step?next=/jobs")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    made = Authenticator(re.search(r'account-secret">([A-Z2-7 ]+)<', page.text)[1].replace(" ", ""))
    form = {"csrf_token": token_in(page), "next": "/jobs"}
    wrong = client.post("/second-step", data={**form, "code": made.wrong()})
    assert (wrong.status_code, made.secret in wrong.text.replace(" ", "")) == (403, False)
    right = client.post("/second-step", data={**form, "code": made.next()})
    codes = re.findall(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){2}", right.text)
    assert (right.status_code, len(codes)) == (200, 10)
    assert right.headers["Cache-Control"] == "no-store"
    assert is_in(client)
    assert client.get("/second-step").location == "/"  # never again the secret
    thief = web.test_client()
    thief.set_cookie("session", before)
    assert not is_in(thief)


def test_session_that_was_open_before_is_led_to_the_set_up_too(client, required):
    assert client.get("/").location == "/second-step?next=/"
    assert client.post("/sign-out", headers={"Accept": "text/html"}).location == "/sign-in"


def test_guessing_codes_needs_the_password_first(web, authenticator):
    client = web.test_client()
    assert client.get("/sign-in/code").location == "/sign-in?next=/"
    token = token_in(client.get("/sign-in"))
    answer = client.post("/sign-in/code", data={"csrf_token": token, "code": authenticator.next()})
    assert (answer.location, is_in(client)) == ("/sign-in?next=/", False)


def test_guessing_codes_is_stopped(web, authenticator):
    client = web.test_client()
    give_password(client)
    for _ in range(2):  # without Valkey a process allows half as many as with it
        post(client, "/sign-in/code", code=authenticator.wrong())
    answer = post(client, "/sign-in/code", code=authenticator.next())
    assert (answer.status_code, "Too many" in answer.text) == (403, True)
    assert not is_in(client)


@pytest.mark.parametrize(
    "target",
    [
        *("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"),
        *("/\t/evil.example", "\n//evil.example", "///evil.example", "evil.example", "\\\\evil"),
        *(" //evil.example", "http:evil.example", "//evil.example%2f..", "data:text/html,x"),
    ],
)
def test_no_step_of_signing_in_leads_elsewhere(web, authenticator, target):
    client = web.test_client()
    answer = give_password(client, next=target)
    assert answer.location == "/sign-in/code?next=/"
    answer = post(client, "/sign-in/code", code=authenticator.next(), next=target)
    assert answer.location == "/"


@pytest.mark.parametrize("path", ["/sign-in/code", "/second-step", "/sign-out"])
def test_forms_need_the_token_against_forgery(web, anna, required, path):
    client = web.test_client()
    give_password(client)
    answer = client.post(path, data={"code": "123456"}, headers={"Accept": "text/html"})
    assert answer.status_code == 400


def test_what_people_call_themselves_is_text(web, client):
    with acting_as(COMMAND_LINE):
        people = UserService.list_users()
    with acting_as(AuthenticationService.actor_of_user(people[0]["id"], "page")):
        ProfileService.save_profile("<img src=x onerror=alert(1)>", "", "UTC")
    page = client.get("/")
    assert "<img" not in page.text
    assert "<img" not in client.get("/_dash-layout").text.replace("\\u003c", "&lt;")
