"""Generated data, as a person makes it: choose, load, double click, follow, look."""

from __future__ import annotations

import json

from selenium.webdriver.common.action_chains import ActionChains

from models import JobKind
from services.job_service import JobService
from tests.running import wait_for

SMALL = {"classes": {"oil_whirl": 2, "healthy": 2}, "bearings": 2, "duration_s": 1.0, "seed": 9}


def test_a_loaded_configuration_becomes_one_data_set(browser, tmp_path):
    file = tmp_path / "whirl.json"
    file.write_text(json.dumps(SMALL))
    browser.sign_in("analyst")
    browser.open("/generate")
    browser.wait_for_element(".generate-example")
    browser.find_element("#generate-upload input[type=file]").send_keys(str(file))
    # The estimate of what stood there before may have any digits.
    wait_for(lambda: browser.find_element("#generate-seed").get_attribute("value") == "9")
    browser.wait_for_contains_text("#generate-estimate", "8")
    browser.find_element("#generate-name").send_keys("whirl of nine\t")
    start = browser.find_element("#generate-start")
    ActionChains(browser.driver).double_click(start).perform()
    browser.wait_for_contains_text("#generate-progress", "whirl of nine")
    # Followed after a reload, too.
    browser.open("/generate")
    browser.wait_for_contains_text("#generate-progress", "8 recordings", timeout=60)
    with browser.site.acting("analyst"):
        jobs = JobService.list_jobs(kind=JobKind.GENERATE_DATASET)
    assert [job["title"] for job in jobs] == ["Generate “whirl of nine”"]
    browser.settle()  # the end of the job draws it once more
    browser.find_element("#generate-progress a.btn").click()
    browser.wait_for_contains_text("h1", "whirl of nine")
    browser.wait_for_contains_text(".state-badge", "generated")
