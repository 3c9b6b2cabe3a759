"""The leakage guard as somebody uses it: one click, two trainings, the gap after a reload."""

from __future__ import annotations

from services.experiment_service import ExperimentService
from tests.running import wait_for

TITLE = "Random windows against a split by group"


def test_the_same_is_trained_under_random_windows_and_the_gap_stays(browser, sample, site):
    browser.sign_in("analyst")
    browser.open(f"/experiments/{sample.forest_id}")
    script = """
    const button = document.querySelector("#experiment-leakage-other");
    button.click(); button.click();
    """
    with site.acting():
        before = ExperimentService.count_experiments()
        browser.driver.execute_script(script)
        browser.wait_for_text_to_equal("#experiment-leakage-gap h3", TITLE, timeout=60)
        assert ExperimentService.count_experiments() == before + 1
    wait_for(lambda: browser.find_elements("#experiment-leakage-gap .leakage-gap"))
    browser.driver.refresh()
    browser.settle()
    gap = browser.find_element("#experiment-leakage-gap")
    assert "a gap of" in gap.text
    assert "The gap has no interval" in gap.text
    assert browser.violations() == []
    gap.find_element("link text", "Random windows").click()
    browser.wait_for_element("#experiment-head .state-danger")
    browser.settle()
    assert "Known leak" in browser.find_element("#evaluation-result .alert-danger").text
    assert browser.violations() == []
