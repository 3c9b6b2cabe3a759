"""A data set leaves as a file, which stays after a reload until somebody deletes it."""

from __future__ import annotations

from pathlib import Path

import h5py
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.support.ui import Select

from services.dataset_service import DatasetService
from services.runtime import unit_of_work
from tests import factories
from tests.running import wait_for


def test_an_export_is_made_downloaded_and_deleted(browser):
    with browser.site.acting("analyst") as person, unit_of_work() as session:
        owner = {"owner_id": person.user_id}
        data = factories.dataset(session, name="To be taken along", **owner)
        made = factories.recording(session, dataset_id=data.id, **owner)
        factories.version(session, {made.id: "ball"}, data.id, created_by=person.user_id)
        dataset_id = data.id
    browser.sign_in("analyst")
    browser.open(f"/datasets/{dataset_id}")
    Select(browser.find_element("#dataset-exports-format")).select_by_value("hdf5")
    browser.wait_for_contains_text("#dataset-exports-size", "About")
    browser.click("#dataset-exports-start")
    link = "#dataset-exports-files a"
    browser.wait_for_contains_text(link, "To_be_taken_along_v1_hdf5.h5")
    browser.open(f"/datasets/{dataset_id}")
    assert [found for found in browser.violations() if "dataset-exports" in found] == []
    browser.click(link)
    path = Path(browser.download_path) / "To_be_taken_along_v1_hdf5.h5"
    wait_for(path.exists)
    with h5py.File(path) as file:
        assert file["recordings/000001"].attrs["label"] == "ball"
    browser.click("#dataset-exports-files button")
    wait_for(lambda: _accepted(browser))
    browser.wait_for_contains_text("#dataset-exports-files", "exported yet")
    with browser.site.acting("analyst"):
        DatasetService.delete_dataset(dataset_id, delete_file=True)


def _accepted(browser) -> bool:
    """Whether the question was there and has been answered."""
    try:
        browser.driver.switch_to.alert.accept()
    except NoAlertPresentException:
        return False
    return True
