"""A second step from its set-up to its end, a profile, and the audit log, as people click it."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from dash.testing.wait import until

from models import Role
from services.accounts import totp
from services.actor import COMMAND_LINE, acting_as
from services.two_factor_service import TwoFactorService
from services.user_service import UserService
from tests.authenticators import Authenticator
from tests.browser.site import PASSWORD


@pytest.fixture
def tina(browser):
    """A person of this test's own, whose sessions nobody else needs."""
    name = f"tina{secrets.token_hex(4)}"
    with browser.site.server.app_context(), acting_as(COMMAND_LINE):
        user, token = UserService.invite(name, Role.ANALYST)
        UserService.accept_link(token, name, PASSWORD)
    browser.forget()
    browser.theme("light")
    return user


def give_password(browser, person):
    browser.forget()
    browser.driver.get(browser.site.up.url + "/sign-in")
    browser.type_into("#name", person["name"])
    browser.type_into("#password", PASSWORD)
    browser.click("button[type=submit]")


def give_code(browser, code):
    browser.type_into("#code", code)
    browser.click("button[type=submit]")


def enter(browser, person):
    give_password(browser, person)
    browser.wait_for_element("#shell-main h1")
    browser.settle()


def set_up(browser):
    """Through the settings page; the authenticator, and the backup codes."""
    browser.open("/settings/security")
    browser.click("#settings-security-begin")
    secret = browser.wait_for_element(".account-secret").text.replace(" ", "")
    browser.settle()
    assert browser.violations() == []
    made = Authenticator(secret, totp.present_step() - 1)
    browser.type_into("#settings-security-code", made.next())
    browser.click("#settings-security-confirm")
    codes = browser.wait_for_element("#settings-security-codes").text.split()
    browser.settle()
    assert browser.violations() == []
    return made, codes


def sign_out(browser):
    browser.click("#shell-account")
    browser.click(".tray-account button")
    browser.wait_for_element("#password")


def test_second_step_from_its_set_up_to_its_end(browser, tina):
    enter(browser, tina)
    made, codes = set_up(browser)
    assert len(set(codes)) == 10
    browser.click("[data-save-text]")
    saved = Path(browser.download_path) / "rotorscope-backup-codes.txt"
    until(saved.exists, timeout=60)
    assert saved.read_text().split() == codes
    browser.click("#settings-security-done")
    browser.wait_for_text_to_equal("#settings-security-panel .state-badge", "on")
    assert made.secret not in browser.driver.page_source
    sign_out(browser)

    give_password(browser, tina)
    assert "Second step" in browser.wait_for_element("h1").text
    assert browser.violations() == []
    code = made.next()
    give_code(browser, code)
    browser.wait_for_element("#shell-main h1")

    give_password(browser, tina)
    give_code(browser, code)
    assert "has been used" in browser.wait_for_element("[role=alert]").text
    assert "403" in browser.messages()[0]
    give_code(browser, codes[0].lower())
    browser.wait_for_element("#shell-main h1")

    browser.open("/settings/security")
    browser.click("#settings-security-panel details:last-of-type summary")
    browser.type_into("#settings-security-off-password", PASSWORD)
    browser.type_into("#settings-security-off-code", codes[1])
    browser.click("#settings-security-off")
    browser.wait_for_element("#settings-security-begin")
    enter(browser, tina)  # the password alone


def test_role_that_must_have_it_is_led_to_the_set_up(browser, tina):
    site = browser.site
    try:
        with site.server.app_context(), acting_as(COMMAND_LINE):
            TwoFactorService.require_for_roles([Role.ANALYST])
        give_password(browser, tina)
        secret = browser.wait_for_element(".account-secret").text.replace(" ", "")
        assert browser.violations() == []
        browser.driver.get(site.up.url + "/jobs")
        assert "Set up" in browser.wait_for_element("h1").text
        secret = browser.find_element(".account-secret").text.replace(" ", "")
        give_code(browser, Authenticator(secret, totp.present_step() - 1).next())
        assert len(browser.wait_for_element("#codes").text.split()) == 10
        assert browser.violations() == []
        browser.click("a.btn-primary")
        browser.wait_for_element("#shell-main h1")
        assert browser.driver.current_url.endswith("/jobs")
    finally:
        with site.server.app_context(), acting_as(COMMAND_LINE):
            TwoFactorService.require_for_roles([])


def test_times_are_shown_by_the_zone_of_the_profile(browser, tina):
    enter(browser, tina)
    browser.open("/settings/profile")
    browser.type_into("#settings-profile-shown-name", "Tina Berg")
    browser.type_into("#settings-profile-email", "tina@example.org")
    browser.driver.execute_script(
        "window.dash_clientside.set_props('settings-profile-time-zone', {value: 'Asia/Tokyo'})"
    )
    browser.settle()
    browser.click("#settings-profile-save")
    browser.wait_for_text_to_equal(".shell-user", "Tina Berg")
    told = browser.driver.execute_script(
        "return window.rotorscope.momentText(new Date('2026-01-01T12:00:00Z'))"
    )
    assert "9:00" in told
    browser.open("/settings/profile")
    assert browser.find_element(".shell-user").text == "Tina Berg"
    again = browser.driver.execute_script(
        "return window.rotorscope.momentText(new Date('2026-01-01T12:00:00Z'))"
    )
    assert again == told


def test_audit_log_is_filtered_and_the_address_holds_it(browser, tina):
    browser.sign_in("admin")
    browser.open(f"/audit?type=user.&object={tina['name']}")
    browser.wait_for_contains_text("#audit-grid", "user.added")
    assert "2 found." in browser.find_element("#audit-found").text
    browser.type_into("#audit-actor", "cli")
    browser.wait_for_text_to_equal("#audit-found", "1 found.")
    assert "actor=cli" in browser.driver.current_url
    assert "actor=cli" in browser.find_element("#audit-csv").get_attribute("href")
    assert browser.messages() == []
