"""A network with three heads: chosen in the wizard, trained, looked at, asked about a recording."""

from __future__ import annotations

import pytest
from selenium.webdriver.support.ui import Select
from sqlalchemy import select

from models import DatasetVersion, Recording
from services.experiment_service import ExperimentService
from services.runtime import unit_of_work
from tests import trained
from tests.browser.site import PHONE
from tests.browser.test_evaluation import choose
from tests.browser.test_training import PREFIX, go_to, start, text, write
from tests.running import wait_for

NAME = "Three heads"


def dataset_of(version_id):
    with unit_of_work(writing=False) as session:
        return session.get_one(DatasetVersion, version_id).dataset_id


@pytest.fixture
def measured(site):
    """The id of a data set whose recordings say severity and speed, and of one of them."""
    with site.acting("analyst"):
        dataset_id = dataset_of(trained.measured_version(5))
        with unit_of_work(writing=False) as session:
            named = select(Recording.id).where(
                Recording.dataset_id == dataset_id, Recording.name == "worn 4"
            )
            return dataset_id, session.scalars(named).one()


def test_severity_and_speed_from_the_wizard_to_the_answer(browser, measured):
    dataset_id, recording_id = measured
    browser.sign_in("analyst")
    browser.open(f"/new-experiment?dataset={dataset_id}")
    wait_for(lambda: "recordings of" in text(browser, f"{PREFIX}sides"))
    browser.wait_for_element(f"{PREFIX}fields:enabled")
    go_to(browser, "classifier")
    browser.find_element("[data-wizard-panel=classifier] input[value=multitask]").click()
    browser.settle()
    assert "Weight of the severity" in text(browser, f"{PREFIX}parameters")
    card = text(browser, "#new-experiment-classifier-card")
    assert "speed (rpm), where recordings say them" in card
    assert browser.violations() == []
    go_to(browser, "training")
    write(browser, "epochs", 3)
    write(browser, "patience", 0)
    wait_for(lambda: "1 of 10 recordings does not say" in text(browser, f"{PREFIX}sides"))
    go_to(browser, "review")
    write(browser, "name", NAME)
    number = start(browser)
    wait_for(lambda: "Severity and speed" in text(browser, "#evaluation-result"), 120.0)
    assert "rpm" in text(browser, "#evaluation-result")
    wait_for(lambda: browser.find_elements("#experiment-heads .js-plotly-plot"))
    assert browser.violations() == []
    _look_at_the_evaluation(browser, number)
    _ask_about(browser, recording_id)


def _look_at_the_evaluation(browser, number):
    browser.open(f"/evaluation?experiment={number}&part=estimates")
    wait_for(lambda: len(browser.find_elements("#evaluation-body .js-plotly-plot")) == 2)
    for told in ("Mean error", "Always the mean", "Bias", "rpm"):
        assert told in text(browser, "#evaluation-body")
    choose(browser, "evaluation-counted", "windows")
    wait_for(lambda: "windows of" in text(browser, "#evaluation-body"))
    assert browser.violations() == []
    browser.size(*PHONE)
    assert browser.violations() == []
    wide = "return document.documentElement.scrollWidth <= window.innerWidth"
    wait_for(lambda: browser.driver.execute_script(wide))


def _ask_about(browser, recording_id):
    browser.open(f"/signals?recording={recording_id}")
    chosen = Select(browser.wait_for_element("#signals-prediction-experiment"))
    wait_for(lambda: any(NAME in one.text for one in chosen.options))
    chosen.select_by_visible_text(f"{NAME} (multitask)")
    browser.wait_for_contains_text("#signals-prediction-answer", "Nobody asked")
    ask = browser.find_element("#signals-prediction-ask")
    browser.driver.execute_script("arguments[0].click()", ask)
    browser.wait_for_contains_text("#signals-prediction-answer", "Estimated", timeout=90)
    told = text(browser, "#signals-prediction-answer")
    assert "Severity" in told
    assert "rpm" in told
    assert browser.violations() == []


def test_pages_say_what_is_not_estimated(browser, site):
    with site.acting("analyst"):
        version_id = trained.measured_version(severity=False, speed=False)
        faults = trained.trained_experiment(version_id, name="Faults only", epochs=1)
        silent = trained.trained_experiment(
            version_id, name="No heads", epochs=1, **trained.MULTITASK
        )
        assert ExperimentService.get_experiment(silent)["has_report"]
    browser.sign_in("analyst")
    browser.open(f"/new-experiment?copy={silent}")
    wait_for(lambda: "head for the severity is off" in text(browser, f"{PREFIX}sides"))
    browser.open(f"/experiments/{silent}")
    wait_for(lambda: "The head for the speed is off" in text(browser, "#evaluation-result"))
    browser.open(f"/evaluation?experiment={silent}&part=estimates")
    wait_for(lambda: "The head for the severity is off" in text(browser, "#evaluation-body"))
    assert browser.violations() == []
    browser.open(f"/evaluation?experiment={faults}&part=estimates")
    wait_for(lambda: "names faults only" in text(browser, "#evaluation-body"))
    assert browser.find_elements("#evaluation-body a[href*='/new-experiment']")
