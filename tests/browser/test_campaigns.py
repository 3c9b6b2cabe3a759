"""A search from its form to the one look at the test part."""

from __future__ import annotations

import json

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from services.experiment_service import ExperimentService
from tests.running import wait_for

PREFIX = "#new-campaign-"
SPACE = {"parameters.trees": {"type": "categorical", "choices": [10, 20, 30]}}


def text(browser, selector):
    """Read at once: an element that is held may be replaced meanwhile."""
    script = "const e = document.querySelector(arguments[0]); return e ? e.innerText : ''"
    return browser.driver.execute_script(script, selector)


def version_of(browser, dataset_id):
    """Other tests leave data sets as well, which may be too small to search on."""
    with browser.site.acting("analyst"):
        versions = ExperimentService.list_versions()
    return next(one["version_id"] for one in versions if one["dataset_id"] == dataset_id)


def choose(browser, selector, value):
    Select(browser.find_element(selector)).select_by_value(value)
    browser.settle()


def press(browser, words):
    """The button with these words."""
    path = f"//button[contains(., '{words}')]"
    wait_for(lambda: browser.driver.find_elements(By.XPATH, path))
    button = browser.driver.find_element(By.XPATH, path)
    # From under the header that stays at the top.
    browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    browser.settle()


def test_a_search_is_begun_watched_and_looked_at_once(browser, sample):
    browser.sign_in("analyst")
    browser.open("/new-campaign")
    choose(browser, f"{PREFIX}version", str(version_of(browser, sample.dataset_id)))
    choose(browser, f"{PREFIX}classifier", "random_forest")
    wait_for(lambda: "parameters.leaf" in text(browser, f"{PREFIX}space-told"))
    script = "arguments[0].select()"
    browser.driver.execute_script(script, browser.find_element(f"{PREFIX}space"))
    browser.find_element(f"{PREFIX}space").send_keys(json.dumps(SPACE), "\t")
    wait_for(lambda: "10, 20, 30" in text(browser, f"{PREFIX}space-told"))
    choose(browser, f"{PREFIX}method", "grid")
    browser.type_into(f"{PREFIX}name", "By hand")
    browser.settle()
    press(browser, "Begin")
    wait_for(lambda: text(browser, "h1") == "By hand")
    wait_for(lambda: "finished" in text(browser, "#campaign-head"))
    wait_for(lambda: "3 of 3" in text(browser, "#campaign-summary"))
    wait_for(lambda: "complete" in text(browser, "#campaign-trials"))
    press(browser, "Evaluate on the test part")
    press(browser, "Evaluate and close")
    wait_for(lambda: "Optimism" in text(browser, "#campaign-summary"))
    wait_for(lambda: "Evaluate" not in text(browser, "#campaign-head"))
    assert browser.violations() == []
