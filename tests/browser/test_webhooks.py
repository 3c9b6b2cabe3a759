"""A webhook from the form to the log, with a receiver that really listens."""

from __future__ import annotations

import pytest
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.common.keys import Keys
from standardwebhooks import Webhook as Verifier

from layouts import settings_webhook as one
from layouts import settings_webhooks as all_of_them
from models import Event
from services.runtime import unit_of_work
from services.webhook_service import WebhookService
from services.webhooks.queueing import queue_deliveries
from tests.browser.site import DESK, PHONE
from tests.receiving import Answer, receiving
from tests.running import wait_for

SCRIPT = "<img src=x onerror=document.title='broken'>"
ADDRESS = "/settings/webhooks"


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


def test_a_webhook_is_made_tested_and_looked_at(browser, receiver):
    browser.sign_in("analyst")
    browser.open(ADDRESS)
    secret = make(browser, receiver.url("/geheim"))
    receiver.answers = [Answer(500, SCRIPT.encode()), Answer(200, b"thank you")]
    open_it(browser)
    press(browser, "Test")
    browser.wait_for_contains_text(f"#{one.Ids.answer}", "answered 500")
    press(browser, "Test")
    browser.wait_for_contains_text(f"#{one.Ids.answer}", "answered 200")
    log = browser.find_element(f"#{one.Ids.log}")
    assert "webhook.test" in log.text
    for details in browser.find_elements(f"#{one.Ids.log} summary"):
        details.click()
    assert SCRIPT in log.text
    assert "thank you" in log.text
    assert "broken" not in browser.driver.title
    for got in receiver.received:
        assert Verifier(secret).verify(got.body, got.headers)["type"] == "webhook.test"
    assert "geheim" not in browser.driver.page_source
    for size, theme in ((DESK, "dark"), (PHONE, "light")):
        browser.size(*size)
        browser.theme(theme)
        browser.driver.refresh()
        browser.settle()
        assert browser.violations() == []


def test_an_event_is_sent_by_the_running_site_and_replayed(browser, receiver):
    with browser.site.acting("analyst") as owner:
        made = WebhookService.create_webhook(
            owner.user_id, "webhook", receiver.url(), "line 4", ["job.failed"]
        )
        with unit_of_work() as session:
            event = Event(type="job.failed", actor="worker", object="job:1", payload={})
            session.add(event)
            session.flush()
            queue_deliveries(
                session,
                user_id=owner.user_id,
                event_id=event.id,
                event_type="job.failed",
                data={"title": "Another job failed", "text": "Import failed."},
                at=event.created_at,
            )
    wait_for(lambda: receiver.received or None)
    browser.sign_in("analyst")
    browser.open(f"{ADDRESS}/{made['id']}")
    wait_for(lambda: is_delivered(browser))
    press(browser, "Replay")
    wait_for(lambda: len(receiver.received) == 2 or None)
    assert len(set(receiver.ids)) == 1
    press(browser, "New secret")
    browser.driver.switch_to.alert.accept()
    browser.wait_for_contains_text(f"#{one.Ids.answer}", "24 hours")
    press(browser, "Delete")
    browser.driver.switch_to.alert.accept()
    browser.wait_for_element(f"#{all_of_them.Ids.table}")


def make(browser, url: str) -> str:
    """Fill the form by keyboard and mouse; the secret that is shown."""
    browser.type_into(f"#{all_of_them.Ids.name}", SCRIPT)
    browser.type_into(f"#{all_of_them.Ids.url}", url + Keys.TAB)
    browser.click(f"#{all_of_them.Ids.events} input[type=checkbox]")
    browser.click(f"#{all_of_them.Ids.create}")
    secret = browser.wait_for_element(f"#{all_of_them.Ids.secret}").get_attribute("value")
    browser.wait_for_contains_text(f"#{all_of_them.Ids.table}", SCRIPT)
    assert "geheim" not in browser.find_element("#shell-main").text
    assert browser.violations() == []
    return secret


def open_it(browser) -> None:
    browser.click(f"#{all_of_them.Ids.table} tbody tr:last-child a")
    browser.wait_for_contains_text(f"#{one.Ids.log}", "Nothing was sent yet")
    browser.settle()


def press(browser, text: str) -> None:
    buttons = browser.find_elements("#shell-main button")
    (found, *_) = [button for button in buttons if button.text == text]
    browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    found.click()
    if text in ("New secret", "Delete"):
        wait_for(lambda: has_question(browser))
    else:
        browser.settle()


def has_question(browser) -> bool:
    try:
        return bool(browser.driver.switch_to.alert.text)
    except NoAlertPresentException:
        return False


def is_delivered(browser) -> bool:
    press(browser, "Refresh")
    return "delivered" in browser.find_element(f"#{one.Ids.log}").text
