"""A key from the form to a program that uses it, rotated, revoked; what admins see of its use."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from selenium.webdriver.support.expected_conditions import alert_is_present
from selenium.webdriver.support.wait import WebDriverWait

from layouts import api_monitoring
from layouts.settings_keys import Ids
from tests.browser.site import DESK, PHONE
from tests.running import wait_for

NAME = "Press line <b>4</b>"


def ask(browser, key: str, path: str = "/api/v1/datasets") -> tuple[int, dict]:
    """What a program gets that has nothing but the key."""
    request = urllib.request.Request(
        browser.site.up.url + path, headers={"Authorization": f"Bearer {key}"}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def shown(browser) -> str:
    return browser.wait_for_element(f"#{Ids.shown}").get_attribute("value")


def press(browser, verb: str) -> None:
    browser.click(f'#{Ids.table} button[id*=\'"verb":"{verb}"\']')
    WebDriverWait(browser.driver, 20).until(alert_is_present()).accept()
    browser.settle()


def test_a_key_is_made_used_rotated_and_revoked(browser):
    browser.sign_in("analyst")
    browser.open("/settings/keys")
    browser.type_into(f"#{Ids.name}", NAME)
    browser.click(f"#{Ids.make}")
    first = shown(browser)
    assert ask(browser, first)[0] == 200
    assert ask(browser, first, "/api/v1/webhooks")[0] == 403
    press(browser, "rotate")
    wait_for(lambda: shown(browser) != first)
    second = shown(browser)
    assert [ask(browser, key)[0] for key in (first, second)] == [200, 200]
    browser.driver.refresh()
    browser.settle()
    assert second not in browser.driver.page_source
    assert NAME in browser.find_element(f"#{Ids.table}").text
    assert browser.violations() == []
    press(browser, "revoke")
    wait_for(lambda: 401 in {ask(browser, key)[0] for key in (first, second)})


@pytest.mark.parametrize(("size", "theme"), [(DESK, "light"), (PHONE, "dark")])
def test_an_admin_sees_who_asked_what(browser, size, theme):
    browser.sign_in("admin")
    browser.size(*size)
    browser.theme(theme)
    browser.open("/settings/keys")
    browser.type_into(f"#{Ids.name}", "Historian")
    browser.click(f"#{Ids.make}")
    key = shown(browser)
    assert ask(browser, key, "/api/v1/datasets/999999")[0] == 404
    browser.open("/api-monitoring")

    def is_told():
        browser.click(f"#{api_monitoring.Ids.refresh}")
        browser.settle()
        text = browser.find_element(f"#{api_monitoring.Ids.content}").text
        return "/datasets/{dataset_id}" in text and "Historian" in text and "404" in text

    wait_for(is_told)
    assert browser.find_elements(f"#{api_monitoring.Ids.timeline} .js-plotly-plot")
    assert browser.violations() == []


@pytest.mark.parametrize(("size", "theme"), [(DESK, "dark"), (PHONE, "light")])
def test_the_api_is_explained_without_a_network(browser, size, theme):
    browser.sign_in("viewer")
    browser.size(*size)
    browser.theme(theme)
    browser.driver.get(browser.site.up.url + "/api/docs")
    browser.wait_for_element("main")
    text = browser.find_element("body").text
    for words in ("/datasets/{dataset_id}", "Authorization: Bearer", "Schemas"):
        assert words in text
    # All operations are built alike, and looking at hundreds of them takes long.
    browser.driver.execute_script(
        "document.querySelectorAll('main > section:nth-of-type(n+3)').forEach(one => one.remove())"
    )
    assert browser.violations() == []
    assert browser.messages() == []
