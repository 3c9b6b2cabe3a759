"""Finished experiments are chosen in the table, weighted, vote, and have a result."""

from __future__ import annotations

from selenium.webdriver.common.keys import Keys

from services.ensemble_service import EnsembleService
from tests.running import wait_for

FOUND = "/experiments?query=Demo by bearing&columns=state,value.accuracy"
NAMES = ("Demo: 1-D CNN by bearing", "Demo: random forest by bearing")


def text(browser, selector):
    """Read at once: an element that is held may be replaced meanwhile."""
    script = "const e = document.querySelector(arguments[0]); return e ? e.innerText : ''"
    return browser.driver.execute_script(script, selector)


def listed(browser):
    script = (
        "return Array.from(document.querySelectorAll(arguments[0])).map((one) => one.innerText)"
    )
    return browser.driver.execute_script(script, ".experiments-grid [col-id='name'] a")


def weigh(browser, weights):
    """Type a weight for each member into the field that names it."""
    wait_for(lambda: len(browser.find_elements("#vote-weights input")) == 2)
    browser.settle()
    for name, weight in weights.items():
        labels = browser.find_elements("#vote-weights label")
        number = [name in label.text for label in labels].index(True)
        entry = browser.find_elements("#vote-weights input")[number]
        entry.send_keys(Keys.CONTROL, "a")
        entry.send_keys(weight, Keys.TAB)
        browser.settle()


def test_from_the_table_to_the_result_of_a_weighted_vote(browser, sample):
    browser.sign_in("analyst")
    browser.open(FOUND)
    wait_for(lambda: sorted(listed(browser)) == sorted(NAMES), 30)
    assert not browser.find_element("#experiments-vote").is_displayed()
    for row in range(len(NAMES)):
        browser.click(f".ag-row[row-index='{row}'] .ag-checkbox-input")
    browser.wait_for_contains_text("#experiments-selection-told", "2 selected")
    browser.click("#experiments-vote")
    wait_for(lambda: "Tested together" in text(browser, "#vote-plan"))
    assert all(name in text(browser, "#vote-plan") for name in NAMES)
    assert text(browser, "#vote-plan").count("0.500") == 2
    browser.find_element("#vote-weighting input[value=typed]").click()
    weigh(browser, {NAMES[0]: "3", NAMES[1]: "1"})
    wait_for(lambda: "0.750" in text(browser, "#vote-plan"))
    assert "0.250" in text(browser, "#vote-plan")
    assert browser.violations() == []
    browser.type_into("#vote-name", "Three to one")
    browser.click("#vote-submit")
    wait_for(lambda: text(browser, "h1") == "Three to one")
    # Without a reload: the result comes when it is there.
    wait_for(lambda: "Test result" in text(browser, "#evaluation-result"))
    wait_for(lambda: text(browser, "#experiment-head .state-badge") == "finished")
    members = text(browser, "#experiment-members")
    assert ("0.750" in members, "0.250" in members) == (True, True)
    assert browser.violations() == []
    number = int(browser.driver.current_url.rpartition("/")[2].partition("?")[0])
    with browser.site.acting("analyst"):
        made = EnsembleService.find_ensemble(number)
        weights = {one["experiment_id"]: one["weight"] for one in made["members"]}
    assert weights == {sample.experiment_id: 0.75, sample.forest_id: 0.25}
    assert all(one["scores"] is not None for one in made["members"])


def test_what_cannot_be_weighed_cannot_be_started(browser, sample):
    browser.sign_in("analyst")
    browser.open(f"/vote?experiments={sample.experiment_id},{sample.forest_id}")
    browser.wait_for_element("#vote-weighting input[value=typed]").click()
    weigh(browser, {NAMES[0]: "0", NAMES[1]: "0"})
    wait_for(lambda: browser.find_elements("#vote-plan .alert"))
    assert not browser.find_element("#vote-submit").is_enabled()
