"""The search in the header: from the keyboard to what was looked for."""

from __future__ import annotations

import pytest
from dash.testing.wait import until
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from services.machine_service import MachineService
from tests.browser.site import PHONE

COUNTS = "document.querySelectorAll('.count-badge').forEach((one) => one.textContent = '99')"
REACH = """
const panel = document.getElementById(arguments[0]).nextElementSibling.getBoundingClientRect();
return [panel.left, panel.right];
"""


def press(browser, *keys: str) -> None:
    ActionChains(browser.driver).send_keys(*keys).perform()


def focused(browser) -> str:
    return str(browser.driver.execute_script("return document.activeElement.id"))


def test_what_has_a_name_is_found_by_the_keyboard_alone(browser):
    with browser.site.acting("analyst"):
        machine_id = MachineService.save_machine("Feed pump <7>", "Boiler house")
    browser.sign_in("analyst")
    browser.open("/jobs")
    press(browser, "/")
    until(lambda: focused(browser) == "shell-search", timeout=20)
    press(browser, "feed p")
    browser.wait_for_contains_text("#shell-search-results", "Feed pump <7>")
    assert "Boiler house" in browser.find_element("#shell-search-results").text
    assert browser.violations() == []
    press(browser, Keys.ARROW_DOWN, Keys.ENTER)
    browser.wait_for_contains_text("#shell-main h1", "Feed pump <7>")
    assert browser.driver.current_url.endswith(f"/machines/{machine_id}")
    assert not browser.find_element("#shell-search-results").is_displayed()


@pytest.mark.parametrize("button", ["shell-search-button", "shell-tray-button", "shell-bell"])
def test_panels_of_the_header_stand_on_a_phone(browser, button):
    browser.sign_in("analyst")
    browser.size(*PHONE)
    browser.open("/jobs")
    browser.click(f"#{button}")
    left, right = browser.driver.execute_script(REACH, button)
    assert 0 <= left < right <= PHONE[0]
    browser.driver.execute_script(COUNTS)
    assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]


def test_a_slash_that_is_written_stays_one(browser):
    browser.sign_in("analyst")
    browser.open("/machines")
    browser.type_into("#machines-name", "a/b")
    assert browser.find_element("#machines-name").get_attribute("value") == "a/b"
    browser.click("#shell-search-button")
    browser.type_into("#shell-search", "/")
    assert focused(browser) == "shell-search"
    press(browser, Keys.ESCAPE)
    until(lambda: focused(browser) == "shell-search-button", timeout=20)
