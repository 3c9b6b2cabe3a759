"""The evaluation page, as somebody uses it: parts, levels, a job whose result stays, files."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from layouts.evaluation import PARTS
from tests.running import wait_for


def text(browser, selector):
    """Read at once: an element that is held may be replaced meanwhile."""
    script = "const e = document.querySelector(arguments[0]); return e ? e.innerText : ''"
    return browser.driver.execute_script(script, selector)


def query(browser):
    found = parse_qs(urlsplit(browser.driver.current_url).query)
    return {name: values[0] for name, values in found.items()}


def choose(browser, radio, value):
    """A radio button in the look of a button is clicked by its label."""
    box = browser.wait_for_element(f"#{radio} input[value='{value}']")
    browser.driver.execute_script("arguments[0].click()", box)
    browser.settle()


def test_from_the_experiment_to_every_part_without_a_serious_finding(browser, sample):
    browser.sign_in("viewer")
    browser.open(f"/experiments/{sample.experiment_id}")
    browser.wait_for_element("a[href*='/evaluation?']").click()
    browser.wait_for_element("#evaluation-part")
    browser.settle()
    for part in PARTS:
        choose(browser, "evaluation-part", part)
        wait_for(lambda part=part: query(browser).get("part") == part)
        assert query(browser)["experiment"] == str(sample.experiment_id)
        assert browser.find_elements(
            "#evaluation-body .section-card, #evaluation-body .empty-state"
        )
        assert browser.violations() == []
        assert browser.find_elements(".toast-card.level-error") == []


def test_the_address_brings_part_and_level_back(browser, sample):
    browser.sign_in("viewer")
    browser.open(f"/evaluation?experiment={sample.experiment_id}&part=risk&level=windows")
    assert "windows of" in text(browser, "#evaluation-body")
    choose(browser, "evaluation-part", "errors")
    choose(browser, "evaluation-counted", "recordings")
    there = query(browser)
    browser.driver.refresh()
    browser.settle()
    assert query(browser) == there
    assert "Hardest recordings" in text(browser, "#evaluation-body")
    pictures = browser.find_elements(".hard-waveform")
    script = "return arguments[0].complete && arguments[0].naturalWidth > 0"
    assert all(browser.driver.execute_script(script, one) for one in pictures)
    assert pictures


def test_robustness_comes_back_to_the_page_and_stays(browser, sample):
    browser.sign_in("analyst")
    browser.open(f"/evaluation?experiment={sample.experiment_id}&part=robustness")
    assert "not tried yet" in text(browser, "#evaluation-body")
    browser.type_into("#evaluation-noise", "0.1, 0.5")
    browser.click("#evaluation-robustness-run")
    wait_for(lambda: "0.5 (6 dB)" in text(browser, "#evaluation-body"))
    browser.sign_in("viewer")
    browser.open(f"/evaluation?experiment={sample.experiment_id}&part=robustness")
    wait_for(lambda: "0.5 (6 dB)" in text(browser, "#evaluation-body"))
    assert not browser.find_element("#evaluation-robustness-run").is_displayed()
    assert browser.violations() == []


def test_a_temperature_is_fitted_and_shown(browser, sample):
    browser.sign_in("analyst")
    browser.open(f"/evaluation?experiment={sample.experiment_id}&part=calibration&level=windows")
    browser.click("#evaluation-temperature-run")
    wait_for(lambda: "of the validation part" in text(browser, "#evaluation-body"))


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_figures_and_numbers_can_be_taken_along(browser, sample, kind):
    browser.sign_in("viewer")
    browser.open(f"/evaluation?experiment={sample.experiment_id}&part=curves")
    # What the button gives the browser to save.
    browser.driver.execute_script(
        "window.saved = null; const made = URL.createObjectURL;"
        "document.addEventListener('click', (e) => {"
        " const a = e.target.closest('a[download]');"
        " if (a) { window.saved = a.download; e.preventDefault(); } }, true);"
    )
    browser.click(f"[data-name=roc] [data-picture={kind}]")
    name = f"roc.{kind}"
    wait_for(lambda: browser.driver.execute_script("return window.saved") == name)
    address = browser.find_element("a[href*='evaluation.csv']").get_attribute("href")
    script = (
        "const [url, done] = arguments;"
        "fetch(url, {credentials: 'same-origin'}).then((answer) => done(answer.status));"
    )
    assert browser.driver.execute_async_script(script, address) == 200
