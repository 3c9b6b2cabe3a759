"""Being told of something: the toast, the bell, the inbox, the choice of channels, the mail."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from selenium.webdriver.common.keys import Keys

from models import Role, User
from services.notice_service import NoticeService
from services.notification_preference_service import NotificationPreferenceService
from services.notification_service import NotificationService
from services.runtime import unit_of_work
from tests.running import wait_for

TOASTS = ".toast-card"


@pytest.fixture
def viewer(browser, site):
    """A person whom nothing else has told anything: read, and with the defaults."""
    browser.sign_in("viewer")  # the first time with this browser is news itself
    with site.acting(Role.VIEWER) as viewer:
        NoticeService.mark_all_read()
        NotificationPreferenceService.reset_preferences()
    return viewer


@contextmanager
def second_tab(browser):
    first = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    yield
    browser.driver.close()
    browser.driver.switch_to.window(first)


def tell(site, viewer, title: str) -> None:
    with site.acting(Role.VIEWER):
        data = {"title": title, "error": "No.", "link": "/jobs"}
        NotificationService.emit_event("job.failed", viewer.user_id, data)


def test_a_toast_is_shown_once_and_the_inbox_keeps_it(browser, site, viewer):
    browser.sign_in("viewer")
    browser.open("/jobs")
    tell(site, viewer, "Export of <b>fan</b>")
    toast = browser.wait_for_element(TOASTS)
    assert "Export of <b>fan</b> failed. No." in toast.text
    wait_for(lambda: browser.find_element("#shell-bell-count").text == "1", 20)
    with second_tab(browser):
        browser.open("/inbox")
        assert browser.find_elements(TOASTS) == []
        assert browser.find_element("#inbox-told").text == "1 unread."
        row = browser.find_element(".inbox-row.is-unread")
        assert "Export of <b>fan</b> failed. No." in row.text
        browser.click(".inbox-row.is-unread button")
        browser.wait_for_text_to_equal("#inbox-told", "Nothing is unread.")
    wait_for(lambda: browser.find_element("#shell-bell-count").text == "", 20)


def test_notices_are_filtered_and_their_links_lead_on(browser, site, viewer):
    tell(site, viewer, "Export of fan")
    browser.sign_in("viewer")
    browser.open("/inbox?unread=1&type=job.failed")
    assert len(browser.find_elements(".inbox-row")) == 1
    browser.click("#inbox-mark-all")
    browser.wait_for_contains_text("#inbox-list", "No such notice")
    browser.click("#inbox-unread")
    browser.settle()
    browser.click(".inbox-row a")
    browser.wait_for_text_to_equal("h1", "Jobs")


def control(event: str, channel: str) -> str:
    """The selector of a control: Dash writes the pattern of an id as JSON."""
    known_as = f'{{"channel":"{channel}","event":"{event}","type":"settings-notifications-choice"}}'
    return f"[id='{known_as}']"


def test_every_column_is_chosen_by_keyboard_and_kept(browser, viewer):
    browser.sign_in("viewer")
    browser.open("/settings/notifications")
    for channel, key, told in (
        ("toast", Keys.SPACE, "Toast: on."),
        ("in_app", Keys.SPACE, "Inbox: off."),
        ("email", "W", "E-mail: Weekly digest."),
        ("webhooks", Keys.SPACE, "Webhooks: off."),
    ):
        browser.wait_for_element(control("job.done", channel)).send_keys(key)
        browser.wait_for_text_to_equal(
            "#settings-notifications-said", f"Kept: Another job is done, {told}"
        )
    browser.open("/settings/notifications")
    switches = {
        channel: browser.find_element(control("job.done", channel)).is_selected()
        for channel in ("toast", "in_app", "webhooks")
    }
    assert switches == {"toast": True, "in_app": False, "webhooks": False}
    assert browser.find_element(control("job.done", "email")).get_attribute("value") == "weekly"
    assert browser.violations() == []


def test_a_test_of_mail_arrives(browser, site, mailbox):
    with site.acting(Role.ADMIN) as admin, unit_of_work() as session:
        session.get_one(User, admin.user_id).email = "admin@example.com"
    browser.sign_in("admin")
    browser.open("/mail")
    browser.click("#mail-test")
    browser.wait_for_contains_text("#mail-test-result", "was sent to admin@example.com")
    mail = wait_for(lambda: next((m for m in mailbox.mails if "test" in m["Subject"]), None))
    assert (mail["To"], mail["Subject"]) == ("admin@example.com", "Rotorscope: A test of mail")
    browser.click("#mail-refresh")
    browser.wait_for_contains_text("#mail-table", "sent")
