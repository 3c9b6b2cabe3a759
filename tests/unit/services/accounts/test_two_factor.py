from __future__ import annotations

import base64
import threading

import pytest
from flask import current_app
from sqlalchemy import select

from models import BackupCode, Event, LoginAttempt, TwoFactor
from services.accounts import backup_codes, limits, totp
from services.accounts.passwords import hash_password
from services.actor import Actor, acting_as
from services.authentication_service import AuthenticationService
from services.errors import NotFound
from services.runtime import unit_of_work
from services.two_factor_service import TwoFactorService
from tests import factories
from tests.authenticators import Authenticator, set_up

pytestmark = pytest.mark.database

PASSWORD = "purple gasket meadow 41"


@pytest.fixture(autouse=True)
def clock_stands(monkeypatch):
    """Or a time step would end now and then between a code and its use."""
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
def acting(anna, authenticator):
    with acting_as(anna):
        yield anna.user_id


def types_of_events() -> list[str]:
    with unit_of_work(writing=False) as session:
        return list(session.scalars(select(Event.type).order_by(Event.id)))


def at_once(person: Actor, call) -> list:
    """What two threads get that call at the same moment."""
    answers, start = [], threading.Barrier(2)
    server = current_app._get_current_object()

    def run():
        with server.app_context(), acting_as(person):
            start.wait()
            answers.append(call())

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers, key=str)


def test_secret_is_long_enough_for_its_purpose(anna):
    with acting_as(anna):
        secret = AuthenticationService.generate_totp_secret()
    assert len(base64.b32decode(secret)) == 20
    assert len(secret) == 32


def test_set_up_counts_only_once_it_is_confirmed(anna):
    with acting_as(anna):
        done, picture, secret, error = AuthenticationService.setup_2fa(anna.user_id)
        assert (done, error) == (True, "")
        assert base64.b64decode(picture).startswith(b"\x89PNG")
        assert TwoFactorService.get_state(anna.user_id)["since"] is None
        made = Authenticator(secret.replace(" ", ""))
        assert AuthenticationService.verify_totp(anna.user_id, made.next())[0] is False
        assert AuthenticationService.confirm_2fa(anna.user_id, made.wrong())[0] is False
        assert AuthenticationService.confirm_2fa(anna.user_id, made.next()) == (True, "")
        assert TwoFactorService.get_state(anna.user_id)["since"] is not None
    assert types_of_events() == ["security.two_factor_enabled"]


def test_secret_is_sealed(acting, authenticator):
    with unit_of_work(writing=False) as session:
        kept = session.get_one(TwoFactor, acting).secret
    assert authenticator.secret not in kept


def test_secret_of_an_enabled_account_is_never_shown_again(acting):
    done, picture, secret, error = AuthenticationService.setup_2fa(acting)
    assert (done, picture, secret) == (False, "", "")
    assert "on already" in error


def test_secret_that_somebody_saw_earlier_cannot_be_confirmed(anna):
    with acting_as(anna):
        seen = AuthenticationService.setup_2fa(anna.user_id)[2].replace(" ", "")
        AuthenticationService.setup_2fa(anna.user_id)
        code = Authenticator(seen).next()
        assert AuthenticationService.confirm_2fa(anna.user_id, code)[0] is False


def test_others_sessions_end_when_the_second_step_is_turned_on(anna):
    with acting_as(anna):
        other = AuthenticationService.create_session(anna.user_id)
    set_up(anna)
    assert AuthenticationService.actor_of_session(other["token"]) is None


def test_code_is_taken_once(acting, authenticator):
    code = authenticator.next()
    assert AuthenticationService.verify_totp(acting, code) == (True, "")
    assert AuthenticationService.verify_totp(acting, code)[0] is False


def test_code_that_confirmed_does_not_sign_in(acting, authenticator):
    spent = authenticator.at(authenticator.shown)
    assert AuthenticationService.verify_totp(acting, spent)[0] is False


def test_code_before_one_that_was_taken_is_refused(acting, authenticator):
    earlier, later = authenticator.next(), authenticator.next()
    assert AuthenticationService.verify_totp(acting, later) == (True, "")
    assert AuthenticationService.verify_totp(acting, earlier)[0] is False


@pytest.mark.parametrize(("off_by", "taken"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_clock_may_be_off_by_one_step(anna, monkeypatch, off_by, taken):
    made = set_up(anna)
    here = totp.present_step() + 100
    monkeypatch.setattr(totp, "present_step", lambda: here)
    with acting_as(anna):
        assert AuthenticationService.verify_totp(anna.user_id, made.at(here + off_by))[0] is taken


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "１２３４５６", "abcdef", "💥", "\ud800", "0" * 10_000]
)
def test_what_is_no_code_is_refused(acting, code):
    assert AuthenticationService.verify_totp(acting, code)[0] is False


def test_of_two_who_show_the_same_code_at_once_one_gets_in(anna, authenticator):
    code = authenticator.next()
    found = at_once(anna, lambda: AuthenticationService.verify_totp(anna.user_id, code)[0])
    assert found == [False, True]


def test_of_two_who_use_the_same_backup_code_at_once_one_gets_in(anna, authenticator):
    with acting_as(anna):
        code = AuthenticationService.generate_backup_codes(anna.user_id)[1][0]
    found = at_once(anna, lambda: AuthenticationService.verify_backup_code(anna.user_id, code)[0])
    assert found == [False, True]


def test_of_two_sets_made_at_once_one_is_whole(anna, authenticator):
    made = at_once(anna, lambda: AuthenticationService.generate_backup_codes(anna.user_id)[1])
    with unit_of_work(writing=False) as session:
        kept = session.get_one(TwoFactor, anna.user_id)
        hashes = set(session.scalars(select(BackupCode.code_hash)))
        salt = kept.backup_salt
    assert len(hashes) == backup_codes.COUNT
    assert hashes in [{backup_codes.hashed(code, salt) for code in codes} for codes in made]


def test_backup_codes_are_as_promised(acting):
    done, codes, error = AuthenticationService.generate_backup_codes(acting)
    assert (done, len(set(codes)), error) == (True, 10, "")
    for code in codes:
        groups = code.split("-")
        assert [len(group) for group in groups] == [4, 4, 4]
        assert set("".join(groups)) <= set("23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
    with unit_of_work(writing=False) as session:
        kept = " ".join(session.scalars(select(BackupCode.code_hash)))
    assert not any(code.replace("-", "") in kept or code in kept for code in codes)


def test_backup_code_is_good_once_however_it_is_typed(acting):
    _, codes, _ = AuthenticationService.generate_backup_codes(acting)
    typed = codes[3].lower().replace("-", " ")
    assert AuthenticationService.verify_backup_code(acting, typed) == (True, "")
    assert AuthenticationService.verify_backup_code(acting, codes[3])[0] is False
    assert TwoFactorService.get_state(acting)["codes_left"] == 9
    assert types_of_events()[-1] == "security.backup_code_used"


def test_new_backup_codes_void_the_old_ones(acting, authenticator):
    old = AuthenticationService.generate_backup_codes(acting)[1]
    assert TwoFactorService.renew_backup_codes(acting, authenticator.wrong())[0] is False
    done, new, _ = TwoFactorService.renew_backup_codes(acting, authenticator.next())
    assert done
    assert AuthenticationService.verify_backup_code(acting, old[0])[0] is False
    assert AuthenticationService.verify_backup_code(acting, new[0])[0] is True


def test_wrong_backup_code_costs_as_much_as_a_right_one(acting, monkeypatch):
    _, codes, _ = AuthenticationService.generate_backup_codes(acting)
    counted, compared = [], []
    hashed, compare = backup_codes.hashed, backup_codes.hmac.compare_digest
    monkeypatch.setattr(backup_codes, "hashed", lambda *a: counted.append(a) or hashed(*a))
    monkeypatch.setattr(
        backup_codes.hmac, "compare_digest", lambda *a: compared.append(a) or compare(*a)
    )
    AuthenticationService.verify_backup_code(acting, "WRNG-WRNG-WRNG")
    AuthenticationService.verify_backup_code(acting, codes[0])
    assert (len(counted), len(compared)) == (2, 20)


@pytest.mark.parametrize("code", ["", "-", "\ud800", "A" * 100_000, "ABCD-EFGH-JKLM"])
def test_what_is_no_backup_code_is_refused(acting, code):
    AuthenticationService.generate_backup_codes(acting)
    assert AuthenticationService.verify_backup_code(acting, code)[0] is False


def test_no_backup_codes_without_an_authenticator(anna):
    with acting_as(anna):
        assert AuthenticationService.generate_backup_codes(anna.user_id)[:2] == (False, [])
        assert AuthenticationService.verify_backup_code(anna.user_id, "ABCD-EFGH-JKLM")[0] is False


def test_guessing_is_stopped_also_for_the_right_code_and_for_backup_codes(
    acting, authenticator, real_valkey
):
    _, codes, _ = AuthenticationService.generate_backup_codes(acting)
    for _ in range(3):
        assert AuthenticationService.verify_totp(acting, authenticator.wrong())[0] is False
    for _ in range(2):
        assert AuthenticationService.verify_backup_code(acting, "ABCD-EFGH-JKLM")[0] is False
    done, error = AuthenticationService.verify_totp(acting, authenticator.next())
    assert (done, "15 min" in error) == (False, True)
    limits.forget_local()  # another process, or this one after a restart
    assert AuthenticationService.verify_backup_code(acting, codes[0])[0] is False
    assert types_of_events()[-1] == "security.second_step_locked"
    assert real_valkey.ask(lambda client: client.ttl(f"limit:second-step:user:{acting}")) > 890


def test_guessing_is_stopped_by_address_too(server, real_valkey):
    with unit_of_work() as session:
        people = [factories.actor_of(factories.user(session)) for _ in range(6)]
    made = [set_up(person) for person in people]
    for person, one in zip(people[:5], made, strict=False):
        with acting_as(person):
            args = (person.user_id, one.wrong(), "192.0.2.9")
            assert AuthenticationService.verify_totp(*args)[0] is False
    with acting_as(people[5]):
        code = made[5].next()
        assert (
            "15 min" in AuthenticationService.verify_totp(people[5].user_id, code, "192.0.2.9")[1]
        )
        assert AuthenticationService.verify_totp(people[5].user_id, code, "192.0.2.10")[0] is True


def test_right_codes_are_not_counted(acting, authenticator, real_valkey):
    _, codes, _ = AuthenticationService.generate_backup_codes(acting)
    for code in codes:
        assert AuthenticationService.verify_backup_code(acting, code, "192.0.2.9") == (True, "")


def test_many_tries_at_once_are_no_more_than_allowed(anna, authenticator, real_valkey):
    tried, server = [], current_app._get_current_object()

    def guess():
        with server.app_context(), acting_as(anna):
            answer = AuthenticationService.verify_totp(anna.user_id, authenticator.wrong())
            tried.append("Too many" not in answer[1])

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Fewer, where Valkey was too slow to answer in time and this process counted by itself.
    assert len(tried) == 12
    assert 1 <= sum(tried) <= 5


def test_without_valkey_a_process_allows_fewer_tries(acting, authenticator):
    for _ in range(2):
        assert "not right" in AuthenticationService.verify_totp(acting, authenticator.wrong())[1]
    assert "Too many" in AuthenticationService.verify_totp(acting, authenticator.next())[1]


def test_turning_off_needs_password_and_code(acting, authenticator):
    _, codes, _ = AuthenticationService.generate_backup_codes(acting)
    disable = AuthenticationService.disable_2fa
    assert disable(acting, "wrong", authenticator.next()) == (False, "The password is not right.")
    assert disable(acting, PASSWORD, authenticator.wrong())[0] is False
    assert TwoFactorService.get_state(acting)["since"] is not None
    assert disable(acting, PASSWORD, codes[0]) == (True, "")
    assert TwoFactorService.get_state(acting)["since"] is None
    assert types_of_events()[-1] == "security.two_factor_disabled"
    with unit_of_work(writing=False) as session:
        assert session.scalars(select(BackupCode)).all() == []


def test_failures_are_written_down(acting, authenticator):
    AuthenticationService.verify_totp(acting, authenticator.wrong(), "192.0.2.9")
    with unit_of_work(writing=False) as session:
        kept = session.scalars(select(LoginAttempt)).one()
        found = (kept.success, kept.login_method, kept.ip_address, kept.failure_reason)
    assert found == (False, "totp", "192.0.2.9", "wrong code")


@pytest.mark.parametrize(
    "call",
    [
        AuthenticationService.setup_2fa,
        AuthenticationService.generate_backup_codes,
        TwoFactorService.get_state,
    ],
)
def test_not_even_an_admin_gets_at_what_is_personal(acting, admin, call):
    with acting_as(admin), pytest.raises(NotFound):
        call(acting)


def test_admin_takes_a_second_step_away(anna, authenticator, admin):
    with acting_as(anna):
        started = AuthenticationService.create_session(anna.user_id)
    with acting_as(admin):
        assert TwoFactorService.list_users_with() == [anna.user_id]
        assert TwoFactorService.reset_2fa(anna.user_id) is True
        assert TwoFactorService.reset_2fa(anna.user_id) is False
        assert TwoFactorService.list_users_with() == []
        with pytest.raises(NotFound):
            TwoFactorService.reset_2fa(999)
    assert AuthenticationService.actor_of_session(started["token"]) is None
    assert types_of_events().count("security.two_factor_reset") == 1


def test_required_roles_owe_it_and_cannot_turn_it_off(anna, admin):
    role = anna.role
    with acting_as(admin):
        TwoFactorService.require_for_roles([role])
        TwoFactorService.require_for_roles([role])  # nothing new, nothing to tell
        assert TwoFactorService.list_required_roles() == [role]
    with acting_as(anna):
        started = AuthenticationService.create_session(anna.user_id)
    assert AuthenticationService.actor_of_session(started["token"]).owes_second_step
    made = set_up(anna)
    with acting_as(anna):
        again = AuthenticationService.create_session(anna.user_id)
        assert not AuthenticationService.actor_of_session(again["token"]).owes_second_step
        answer = AuthenticationService.disable_2fa(anna.user_id, PASSWORD, made.next())
        assert answer == (False, "The role analyst must have a second step.")
    with acting_as(admin):
        TwoFactorService.require_for_roles([])
        assert TwoFactorService.list_required_roles() == []
    assert types_of_events().count("security.two_factor_required") == 2
