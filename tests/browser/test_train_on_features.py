"""From a feature set to the experiment that learned from it."""

from __future__ import annotations

import pytest

from layouts.new_experiment import STEPS
from tests.browser.site import PHONE
from tests.running import wait_for

PREFIX = "#new-experiment-"


def text(browser, selector):
    """Read at once: an element that is held may be replaced meanwhile."""
    script = "const e = document.querySelector(arguments[0]); return e ? e.innerText : ''"
    return browser.driver.execute_script(script, selector)


def go_to(browser, step):
    browser.find_element(f"[data-wizard-step={step}]").click()
    assert browser.find_element(f"[data-wizard-panel={step}]").is_displayed()


def test_a_set_is_trained_on_from_its_page(browser, sample):
    browser.sign_in("analyst")
    browser.open(f"/features/{sample.feature_set_id}")
    browser.wait_for_element("a[href*='/new-experiment?features=']").click()
    wait_for(lambda: "recordings of" in text(browser, f"{PREFIX}sides"))
    browser.wait_for_element(f"{PREFIX}fields:enabled")
    assert "Demo, version 1" in text(browser, f"{PREFIX}feature-set")
    assert "11 features" in text(browser, f"{PREFIX}feature-set-card")
    go_to(browser, "windows")
    assert "4,096 samples" in text(browser, f"{PREFIX}windows-note")
    assert not browser.find_element(f"{PREFIX}window").is_displayed()
    go_to(browser, "classifier")
    choose = "[data-wizard-panel=classifier] input[value={}]"
    assert not browser.find_element(choose.format("cnn1d")).is_enabled()
    browser.find_element(choose.format("logistic_regression")).click()
    browser.settle()
    go_to(browser, "review")
    wait_for(lambda: "Logistic regression" in text(browser, f"{PREFIX}review"))
    assert "Demo, version 1" in text(browser, f"{PREFIX}review")
    browser.type_into(f"{PREFIX}name", "On the demo set")
    browser.settle()
    browser.find_element(f"{PREFIX}submit").click()
    wait_for(lambda: text(browser, "h1") == "On the demo set")
    wait_for(lambda: "Test result" in text(browser, "#evaluation-result"))
    assert "Demo, version 1" in text(browser, "#experiment-settings")
    browser.find_element("#experiment-settings .disclosure summary").click()
    assert "RMS@1" in text(browser, "#experiment-settings")
    assert browser.violations() == []
    browser.open(f"/features/{sample.feature_set_id}")
    wait_for(lambda: "1 experiment" in text(browser, "#feature-set-about"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_step_can_be_used_by_everybody(browser, sample, theme):
    browser.sign_in("analyst")
    browser.theme(theme)
    browser.size(*PHONE)
    for step in STEPS:
        browser.open(f"/new-experiment?features={sample.feature_set_id}&step={step}")
        wait_for(lambda: "recordings of" in text(browser, f"{PREFIX}sides"))
        assert browser.violations() == []
