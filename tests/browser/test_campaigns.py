"""A search from its form to the one look at the test part."""

from __future__ import annotations

import json

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from services.campaigns.campaign_service import CampaignService
from services.experiment_service import ExperimentService
from services.nas_service import NASService
from tests.browser.site import DESK, PHONE
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


def write_json(browser, space):
    """Open the part with the JSON if it is closed, and write another one."""
    entry = browser.find_element(f"{PREFIX}space")
    script = "const e = arguments[0]; e.closest('details').open = true; e.focus(); e.select()"
    browser.driver.execute_script(script, entry)
    entry.send_keys(json.dumps(space), "\t")
    browser.settle()


def in_row(browser, place, name):
    """The control of a row of the search space."""
    return browser.find_element(
        f'[id=\'{{"name":"{name}","place":{place},"type":"new-campaign-space-field"}}\']'
    )


def fill_in(browser, place, name, value):
    control = in_row(browser, place, name)
    browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", control)
    browser.driver.execute_script("arguments[0].select()", control)
    control.send_keys(value, "\t")
    browser.settle()


def written(browser):
    return json.loads(browser.find_element(f"{PREFIX}space").get_attribute("value"))


def fits(browser):
    """Whether the page needs no scrolling sideways."""
    return browser.driver.execute_script(
        "return document.documentElement.scrollWidth <= window.innerWidth"
    )


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
    write_json(browser, SPACE)
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


def test_rows_and_json_of_a_space_write_each_other(browser, sample):
    browser.sign_in("analyst")
    browser.open("/new-campaign")
    choose(browser, f"{PREFIX}classifier", "random_forest")
    wait_for(lambda: "parameters.leaf" in written(browser))
    place = list(written(browser)).index("parameters.leaf")
    fill_in(browser, place, "high", "abc")
    wait_for(lambda: "must be a whole number, got 'abc'" in text(browser, f"{PREFIX}space-told"))
    fill_in(browser, place, "high", "12")
    wait_for(lambda: written(browser)["parameters.leaf"]["high"] == 12)
    wait_for(lambda: "Understood" in text(browser, f"{PREFIX}space-told"))
    Select(in_row(browser, place, "kind")).select_by_value("categorical")
    browser.settle()
    fill_in(browser, place, "choices", "1, 2, 8")
    wait_for(lambda: written(browser)["parameters.leaf"].get("choices") == [1, 2, 8])
    choose(browser, f"{PREFIX}space-more", "normalisation")
    press(browser, "Add")
    wait_for(lambda: "normalisation" in written(browser))
    write_json(browser, SPACE)
    wait_for(lambda: "10, 20, 30" in in_row(browser, 0, "choices").get_attribute("value"))
    assert browser.violations() == []
    browser.size(*PHONE)
    browser.settle()
    assert fits(browser)


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_a_model_between_trials_is_drawn_and_called_one(browser, sample, size):
    browser.size(*size)
    browser.sign_in("analyst")
    browser.open(f"/campaigns/{sample.campaign_id}")
    wait_for(lambda: "The area is a model" in text(browser, "#campaign-pair-note"))
    wait_for(
        lambda: browser.driver.find_elements(By.CSS_SELECTOR, "#campaign-pair .heatmaplayer image")
    )
    points = browser.driver.find_elements(By.CSS_SELECTOR, "#campaign-pair .scatterlayer .point")
    assert len(points) == 6
    assert fits(browser)


def test_a_search_over_networks_shows_the_best_one(browser, sample):
    with browser.site.acting("analyst"):
        made = NASService.create_nas_campaign(
            *("Networks", sample.dataset_id, {"depth": [3, 4], "widths": [8]}, "random", 2, 1),
            config={"window": 2048, "hop": 2048, "draw": "one_each"},
        )
        wait_for(lambda: CampaignService.get_campaign(made["id"])["ended_at"])
    browser.sign_in("analyst")
    for theme, size in (("light", DESK), ("dark", PHONE)):
        browser.size(*size)
        browser.theme(theme)
        browser.open(f"/campaigns/{made['id']}")
        wait_for(lambda: browser.driver.find_elements(By.CSS_SELECTOR, ".architecture-stage"))
        browser.settle()
        assert browser.violations() == []
        assert fits(browser)
