"""Experiments are searched with completions, saved, tagged, archived, deleted."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from selenium.webdriver.common.keys import Keys

from models import Experiment, Job, JobStatus
from services.dataset_service import DatasetService
from services.experiment_collection_service import ExperimentCollectionService
from services.runtime import unit_of_work
from services.search_service import SearchService
from services.tag_service import TagService
from tests import factories
from tests.browser.site import PHONE
from tests.running import wait_for

QUERY = "#experiments-query"
ACCURACY = {"shaker one": 0.91, "shaker two": 0.72, "shaker three": 0.85}


@pytest.fixture
def made(browser):
    """Three finished experiments of a data set of their own."""
    site = browser.site
    with site.acting("analyst") as person, unit_of_work() as session:
        version = factories.trainable_version(session, person.user_id)
        dataset_id = version.dataset_id
        for name, accuracy in ACCURACY.items():
            score = {"value": accuracy, "low": None, "high": None}
            one = factories.experiment(
                session,
                name=name,
                owner_id=person.user_id,
                version_id=version.id,
                summary={
                    "recordings": {"accuracy": score, "balanced_accuracy": score},
                    "windows": {},
                    "n": {"recordings": 4},
                },
            )
            session.get_one(Job, one.job_id).status = JobStatus.DONE
    yield
    with site.acting("analyst"):
        left = SearchService.find_ids("shaker archived:any")
        if left:
            ExperimentCollectionService.delete_experiments(left)
        DatasetService.delete_dataset(dataset_id, delete_file=True)


# At once: the table draws its rows anew while it is looked at.
TEXTS = """
return Array.from(document.querySelectorAll(arguments[0]))
  .filter((one) => one.checkVisibility()).map((one) => one.textContent);
"""


def texts(browser, selector: str) -> list[str]:
    return browser.driver.execute_script(TEXTS, selector)


def names(browser) -> list[str]:
    return texts(browser, ".experiments-grid [col-id='name'] a")


def shows(browser, *expected: str) -> None:
    wait_for(lambda: sorted(names(browser)) == sorted(expected), 30)


def offered(browser) -> list[str]:
    return texts(browser, "#experiments-options li > span:first-child")


def test_completion_by_keyboard_and_the_address(browser, made):
    browser.sign_in("analyst")
    browser.open("/experiments?query=shaker")
    shows(browser, *ACCURACY)
    field = browser.find_element(QUERY)
    field.send_keys(" accu")
    wait_for(lambda: "accuracy:" in offered(browser))
    assert field.get_attribute("aria-expanded") == "true"
    assert browser.violations() == []
    field.send_keys(Keys.ARROW_DOWN)
    active = field.get_attribute("aria-activedescendant")
    assert browser.find_element(f"#{active}").get_attribute("aria-selected") == "true"
    field.send_keys(Keys.ENTER, ">0.8 sort:-accuracy")
    wait_for(lambda: names(browser) == ["shaker one", "shaker three"])
    wait_for(lambda: browser.find_element("#experiments-found").text == "2 experiments")
    query = parse_qs(urlsplit(browser.driver.current_url).query)["query"]
    assert query == ["shaker accuracy:>0.8 sort:-accuracy"]
    browser.driver.refresh()
    browser.settle()
    wait_for(lambda: names(browser) == ["shaker one", "shaker three"])


def test_an_error_is_marked_and_a_slip_is_corrected(browser, made):
    browser.sign_in("viewer")
    browser.open("/experiments?query=shaker (acuracy:>0.8")
    browser.wait_for_contains_text("#experiments-error", "Character 8: This bracket is not closed.")
    assert browser.find_element("#experiments-error mark").text == "("
    assert not browser.find_element("#experiments-selection").is_displayed()
    assert browser.violations() == []
    browser.open("/experiments?query=shaker acuracy:>0.8")
    browser.click("#experiments-meant a")
    shows(browser, "shaker one", "shaker three")
    browser.size(*PHONE)
    assert browser.violations() == []


def test_selected_ones_are_tagged_archived_and_deleted(browser, made):
    browser.sign_in("analyst")
    browser.open("/experiments?query=shaker sort:name&columns=state,tags,value.accuracy")
    wait_for(lambda: names(browser) == ["shaker one", "shaker three", "shaker two"])
    assert (
        "0.91" in browser.find_element(".experiments-grid [col-id='value.accuracy'].ag-cell").text
    )
    for row in (0, 1):
        browser.click(f".ag-row[row-index='{row}'] .ag-checkbox-input")
    browser.wait_for_contains_text("#experiments-selection-told", "2 selected")
    browser.type_into("#experiments-selection-tag", "Good ones")
    browser.click("#experiments-selection-add")
    wait_for(lambda: len(texts(browser, ".experiments-grid .tag-chip")) == 2)
    browser.settle()
    browser.click(".experiments-grid .tag-chip a")
    shows(browser, "shaker one", "shaker three")
    browser.click(".ag-row[row-index='0'] .ag-checkbox-input")
    browser.click("#experiments-selection-archive")
    wait_for(lambda: len(names(browser)) == 1)
    browser.click("#experiments-selection-every")
    browser.wait_for_contains_text("#experiments-selection-told", "All 1 that are found")
    browser.click("#experiments-selection-delete")
    browser.wait_for_contains_text("#experiments-selection-plan-text", "cannot be undone")
    assert browser.violations() == []
    browser.click("#experiments-selection-carry-out")
    shows(browser)
    with browser.site.acting("analyst"):
        assert len(SearchService.find_ids("shaker archived:any")) == 2


def test_a_search_is_saved_pinned_and_used(browser, made):
    browser.sign_in("viewer")
    browser.open("/experiments?query=shaker accuracy:>0.9")
    browser.click(".saved-searches summary")
    browser.type_into("#experiments-saved-name", "the best")
    browser.click("#experiments-saved-save")
    browser.wait_for_contains_text("#experiments-saved-list", "the best")
    browser.click("#experiments-saved-list [title='Pin']")
    browser.wait_for_contains_text("#experiments-saved-pinned", "the best")
    assert browser.violations() == []
    browser.open("/experiments")
    browser.click("#experiments-saved-pinned button")
    shows(browser, "shaker one")
    browser.click(".saved-searches summary")
    browser.wait_for_contains_text("#experiments-saved-list", "used 1 ×")
    browser.click("#experiments-saved-list [title='Delete']")
    browser.wait_for_contains_text("#experiments-saved-list", "None yet")


def test_tags_and_notes_of_one(browser, made):
    with browser.site.acting("analyst"), unit_of_work() as session:
        number = SearchService.find_ids('"shaker two"')[0]
        TagService.create_or_get_tag(session, "seen before")
        assert session.get_one(Experiment, number).notes == ""
    browser.sign_in("analyst")
    browser.open(f"/experiments/{number}")
    browser.type_into("#experiment-tags-name", "Rebuilt rig\n")
    browser.wait_for_contains_text("#experiment-tags-shown", "Rebuilt rig")
    browser.type_into("#experiment-tags-notes", "The sensor was moved.")
    browser.click("#experiment-tags-save")
    wait_for(lambda: find(browser, '"sensor was moved" tag:rebuilt-rig') == [number])
    assert browser.violations() == []
    browser.click("#experiment-tags-shown .tag-take")
    browser.wait_for_contains_text("#experiment-tags-shown", "No tags yet")
    browser.sign_in("viewer")
    browser.open(f"/experiments/{number}")
    browser.wait_for_contains_text("#experiment-tags-notes-shown", "The sensor was moved.")
    assert not browser.find_element("#experiment-tags-change").is_displayed()


def find(browser, query: str) -> list[int]:
    with browser.site.acting("analyst"):
        return SearchService.find_ids(query)
