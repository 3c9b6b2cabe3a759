"""What a person sees when something breaks, and when two tabs are open."""

from __future__ import annotations

from models import JobStatus
from services.job_service import JobService
from services.synthesis_service import SynthesisService
from tests.running import wait_for


def test_valkey_away_is_told_and_forgotten_and_no_job_is_lost(browser):
    site = browser.site
    browser.sign_in("analyst")
    browser.open("/jobs")
    browser.wait_for_text_to_equal("#shell-troubles", "")
    valkey = site.up.child("valkey")
    valkey.suspend()  # killed at once, it would be back before the page asks again
    browser.wait_for_contains_text("#shell-troubles", "The queue is away")
    with site.acting("analyst"):
        job_id = SynthesisService.request_demo_dataset()
        browser.open("/datasets")
        browser.wait_for_contains_text("#shell-main h1", "Datasets")
        valkey.kill()
        wait_for(lambda: JobService.get_job(job_id)["status"] is JobStatus.DONE, 120)
    browser.wait_for_text_to_equal("#shell-troubles", "")
    site.up.wait_until_ready()


def test_a_page_that_asks_in_vain_says_so_until_the_server_answers(browser):
    def network(*, away: bool) -> None:
        limits = {"offline": away, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", limits)

    browser.sign_in("analyst")
    browser.open("/jobs")
    browser.driver.execute_cdp_cmd("Network.enable", {})
    network(away=True)
    try:
        browser.driver.execute_script("document.querySelector('a[href$=\"/datasets\"]').click()")
        browser.wait_for_contains_text("#shell-troubles", "The server does not answer.")
    finally:
        network(away=False)
    browser.wait_for_text_to_equal("#shell-troubles", "")
    assert any("_dash-update-component" in line for line in browser.messages())  # as it should


def test_two_tabs_see_the_same(browser):
    browser.sign_in("analyst")
    browser.open("/jobs")
    first = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    browser.open("/jobs")
    second = browser.driver.current_window_handle
    with browser.site.acting("analyst"):
        job_id = SynthesisService.request_demo_dataset()
        for tab in (first, second):
            browser.driver.switch_to.window(tab)
            browser.wait_for_element(f"#jobs-table a[href='/jobs?id={job_id}']")
        wait_for(lambda: JobService.get_job(job_id)["status"] is JobStatus.DONE, 120)
    for tab in (first, second):
        browser.driver.switch_to.window(tab)
        row = f"#jobs-table tr:has(a[href='/jobs?id={job_id}'])"
        browser.wait_for_contains_text(row, "done")


def test_reload_in_the_middle_shows_the_job_again(browser):
    browser.sign_in("analyst")
    with browser.site.acting("analyst"):
        job_id = SynthesisService.request_demo_dataset()
    browser.open(f"/jobs?id={job_id}")
    browser.wait_for_contains_text("#jobs-detail", "Generate a demo data set")
    browser.driver.refresh()
    browser.wait_for_contains_text("#jobs-detail", "recordings generated")


def test_viewer_may_look_and_is_offered_no_changes(browser, sample):
    browser.sign_in("viewer")
    browser.open(f"/experiments/{sample.experiment_id}")
    browser.wait_for_contains_text("#shell-main", "Test result")
    browser.open("/")
    assert "First steps" not in browser.find_element("#shell-main").text
    browser.open("/users")
    assert "The role viewer may not open this page" in browser.find_element("#shell-main").text
    answer = browser.driver.execute_script(
        "const answer = await fetch('/api/v1/uploads', {method: 'POST',"
        " body: JSON.stringify({file_name: 'pump.csv', size: 3}),"
        " headers: {'Content-Type': 'application/json', 'X-CSRFToken':"
        " document.cookie.match(/_csrf_token=([^;]*)/)[1]}}); return answer.status;"
    )
    assert answer == 403
    browser.messages()  # the browser notes the refused request
