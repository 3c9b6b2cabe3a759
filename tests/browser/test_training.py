"""From the wizard to the result, watched in two tabs, with a rest in between."""

from __future__ import annotations

import json

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from layouts.new_experiment import STEPS
from services.experiment_service import ExperimentService
from tests.browser.sample import TRAINING
from tests.running import wait_for

PREFIX = "#new-experiment-"


@pytest.fixture
def wizard(browser, sample):
    browser.sign_in("analyst")
    browser.open(f"/new-experiment?dataset={sample.dataset_id}")
    wait_for(lambda: "recordings of" in text(browser, f"{PREFIX}sides"))
    browser.wait_for_element(f"{PREFIX}fields:enabled")
    return browser


@pytest.fixture
def version_id(browser, sample):
    with browser.site.acting("analyst"):
        return ExperimentService.find_version(str(sample.dataset_id))


def text(browser, selector):
    """Read at once: an element that is held may be replaced meanwhile."""
    script = "const e = document.querySelector(arguments[0]); return e ? e.innerText : ''"
    return browser.driver.execute_script(script, selector)


def go_to(browser, step):
    browser.find_element(f"[data-wizard-step={step}]").click()
    assert browser.find_element(f"[data-wizard-panel={step}]").is_displayed()


def choose(browser, name, *labels):
    """Pick entries of a list by the begin of their text."""
    browser.find_element(f"{PREFIX}{name}").click()
    for label in labels:
        options = browser.driver.find_elements(By.CSS_SELECTOR, "[role=option]")
        next(option for option in options if option.text.startswith(label)).click()
    browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    browser.settle()


def write(browser, name, value):
    entry = browser.find_element(f"{PREFIX}{name}")
    entry.clear()
    entry.send_keys(str(value), Keys.TAB)
    browser.settle()


def start(browser):
    go_to(browser, "review")
    browser.settle()
    browser.find_element(f"{PREFIX}submit").click()
    wait_for(lambda: "/experiments/" in browser.driver.current_url)
    browser.settle()
    return int(browser.driver.current_url.rpartition("/")[2].partition("?")[0])


def state(browser):
    return text(browser, "#experiment-head .state-badge")


def press(browser, words):
    script = (
        "const all = Array.from(document.querySelectorAll('#experiment-head button'));"
        "all.find((button) => button.innerText.includes(arguments[0])).click()"
    )
    browser.driver.execute_script(script, words)


def test_through_the_wizard_to_the_result(wizard):
    go_to(wizard, "split")
    assert "Recordings by class and group" in text(wizard, f"{PREFIX}preview")
    write(wizard, "test-share", 0.34)
    write(wizard, "validation-share", 0.33)
    go_to(wizard, "classifier")
    wizard.find_element("[data-wizard-panel=classifier] input[value=random_forest]").click()
    wizard.settle()
    assert "Trees" in text(wizard, f"{PREFIX}parameters")
    go_to(wizard, "training")
    assert not wizard.find_element(f"{PREFIX}network-only").is_displayed()
    go_to(wizard, "review")
    write(wizard, "name", "Forest from the wizard")
    assert "RMS, mean and standard deviation" in text(wizard, f"{PREFIX}review")
    start(wizard)
    assert text(wizard, "h1") == "Forest from the wizard"
    # Without a reload: the result comes when it is there.
    wait_for(lambda: "Test result" in text(wizard, "#evaluation-result"))
    # The result is kept a moment before its job ends.
    wait_for(lambda: state(wizard) == "finished")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_step_can_be_used_by_everybody(wizard, sample, theme):
    wizard.theme(theme)
    for step in STEPS:
        wizard.open(f"/new-experiment?dataset={sample.dataset_id}&step={step}")
        wait_for(lambda: "recordings of" in text(wizard, f"{PREFIX}sides"))
        assert wizard.violations() == []


def test_what_is_not_possible_is_told_and_cannot_be_started(wizard):
    go_to(wizard, "split")
    wizard.find_element(f"{PREFIX}split-by input[value=groups]").click()
    wait_for(lambda: "at least one group for the test" in text(wizard, f"{PREFIX}sides"))
    go_to(wizard, "windows")
    write(wizard, "window", 10)
    go_to(wizard, "review")
    assert not wizard.find_element(f"{PREFIX}submit").is_enabled()


def test_named_groups(wizard):
    go_to(wizard, "split")
    wizard.find_element(f"{PREFIX}split-by input[value=groups]").click()
    wizard.settle()
    wizard.find_element(f"{PREFIX}test").click()
    options = wizard.driver.find_elements(By.CSS_SELECTOR, "[role=option]")
    named = [option.text.rpartition(" (")[0] for option in options]
    wizard.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert len(named) >= 3
    choose(wizard, "test", named[0])
    choose(wizard, "validation", named[1])
    wait_for(lambda: "recordings of 1 group" in text(wizard, f"{PREFIX}sides"))


def test_json_fills_the_fields(wizard):
    go_to(wizard, "review")
    wizard.find_element("[data-wizard-panel=review] details summary").click()
    area = wizard.find_element(f"{PREFIX}json")
    document = json.loads(area.get_property("value"))
    document |= {"epochs": 7, "learning_rate": 0.002, "parameters": {"width": 8}}
    wizard.driver.execute_script(
        "const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;"
        "set.call(arguments[0], arguments[1]);"
        "arguments[0].dispatchEvent(new Event('input', {bubbles: true}));",
        area,
        json.dumps(document),
    )
    wizard.find_element(f"{PREFIX}apply").click()
    wait_for(lambda: "at most 7" in text(wizard, f"{PREFIX}review"))
    assert "filters 8" in text(wizard, f"{PREFIX}review")
    assert wizard.find_element(f"{PREFIX}epochs").get_property("value") == "7"
    area.clear()
    area.send_keys("no JSON")
    wizard.find_element(f"{PREFIX}apply").click()
    wait_for(lambda: "This is not JSON" in text(wizard, ".toast-card"))


def test_watched_in_two_tabs_paused_and_taken_up_again(browser, version_id):
    browser.sign_in("analyst")
    long = {**TRAINING, "epochs": 2000, "parameters": {"width": 4, "blocks": 1, "kernel": 32}}
    with browser.site.acting("analyst"):
        made = ExperimentService.create_experiment("Watched", version_id, long)
    path = f"/experiments/{made['id']}"
    browser.open(path)
    wait_for(lambda: "Epoch 3" in text(browser, "#experiment-log"))
    assert state(browser) == "training"
    # The plot is drawn after its place is there, and drawn anew with each epoch.
    wait_for(lambda: browser.find_elements("#experiment-loss .main-svg"))
    browser.open(path)  # a reload shows the same
    assert "of 2000" in text(browser, "#experiment-progress")
    browser.driver.switch_to.new_window("tab")
    browser.open(path)
    press(browser, "Pause")
    wait_for(lambda: state(browser) == "paused")
    browser.driver.switch_to.window(browser.driver.window_handles[0])
    wait_for(lambda: state(browser) == "paused")
    press(browser, "Go on")
    wait_for(lambda: state(browser) == "training")
    wait_for(lambda: "Goes on from its checkpoint" in text(browser, "#experiment-log"))
    press(browser, "Cancel")
    wait_for(lambda: state(browser) == "cancelled")
    assert browser.violations() == []


def test_viewer_watches_and_changes_nothing(browser, sample):
    browser.sign_in("viewer")
    browser.open(f"/experiments/{sample.experiment_id}")
    assert state(browser) == "finished"
    assert browser.find_elements("#experiment-head button") == []
    assert not browser.find_element("#experiment-rename-form").is_displayed()


def test_list_links_to_the_experiment_and_can_be_filtered(browser, sample):
    browser.sign_in("analyst")
    browser.open("/experiments")
    browser.wait_for_element(".experiments-grid a")
    browser.type_into("#experiments-query", "nothing of this name")
    wait_for(lambda: not browser.find_elements(".experiments-grid .ag-row"))
    browser.type_into("#experiments-query", "CNN by bearing")
    wait_for(lambda: text(browser, ".experiments-grid a") == "Demo: 1-D CNN by bearing")
    browser.click(".experiments-grid a")
    wait_for(lambda: text(browser, "h1") == "Demo: 1-D CNN by bearing")


def test_the_cost_of_a_classifier_is_measured_and_is_there_after_a_reload(wizard, sample):
    go_to(wizard, "classifier")
    wizard.find_element("[data-wizard-panel=classifier] input[value=patchtst]").click()
    wizard.settle()
    assert "Y. Nie et al." in text(wizard, f"{PREFIX}classifier-card")
    assert "Not measured yet" in text(wizard, f"{PREFIX}classifier-cost")
    wizard.find_element(f"{PREFIX}classifier-ask").click()
    wait_for(lambda: "median of" in text(wizard, f"{PREFIX}classifier-cost"))
    measured = text(wizard, f"{PREFIX}classifier-cost")
    wizard.open(f"/new-experiment?dataset={sample.dataset_id}&step=classifier")
    wizard.wait_for_element(f"{PREFIX}fields:enabled")
    wizard.find_element("[data-wizard-panel=classifier] input[value=patchtst]").click()
    wait_for(lambda: text(wizard, f"{PREFIX}classifier-cost") == measured)
