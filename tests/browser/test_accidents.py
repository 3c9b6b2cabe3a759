"""What a person sees when something breaks, and when two tabs are open."""

from __future__ import annotations

from contextlib import contextmanager
from time import sleep
from typing import Any

from selenium.webdriver.common.keys import Keys

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


@contextmanager
def network(browser, *, away: bool = False, latency_ms: float = 0):
    def limit(**given: Any) -> None:
        limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {**limits, **given})

    browser.driver.execute_cdp_cmd("Network.enable", {})
    limit(offline=away, latency=latency_ms)
    try:
        yield
    finally:
        limit()


def test_a_page_that_asks_in_vain_says_so_until_the_server_answers(browser):
    browser.sign_in("analyst")
    browser.open("/jobs")
    with network(browser, away=True):
        browser.driver.execute_script("document.querySelector('a[href$=\"/datasets\"]').click()")
        browser.wait_for_contains_text("#shell-troubles", "The server does not answer.")
    browser.wait_for_text_to_equal("#shell-troubles", "")
    assert any("_dash-update-component" in line for line in browser.messages())  # as it should


# Every question of a list for rows, and every answer to one, in the order in which they come.
LISTEN = """
const done = arguments[1];
window.heard = [];
window.dash_ag_grid.getApiAsync(arguments[0]).then((api) => {
    const source = api.getGridOption("datasource"), getRows = source.getRows;
    source.getRows = (request) => {
        const answer = request.successCallback;
        request.successCallback = (...rows) => { heard.push("answered"); answer(...rows); };
        heard.push("asked");
        getRows(request);
    };
    done();
});
"""


def test_a_list_has_an_answer_to_every_question_before_it_asks_again(browser, sample):
    """The grid asks for nothing more after a few that were never answered."""
    browser.sign_in("viewer")
    browser.open("/datasets")
    rows = "#datasets-grid .ag-row a[href]"
    browser.wait_for_element(rows)
    browser.driver.execute_async_script(LISTEN, "datasets-grid")
    search = browser.find_element("#datasets-search")
    with network(browser, latency_ms=1000):
        for letter in "zzz":
            search.send_keys(letter)
            sleep(0.6)  # longer than the field waits for the next letter
        browser.settle()
    heard = browser.driver.execute_script("return heard")
    assert heard == ["asked", "answered"] * (len(heard) // 2)
    assert len(heard) >= 4
    with network(browser, away=True):
        search.send_keys(Keys.CONTROL, "a")
        search.send_keys(Keys.DELETE)
        browser.wait_for_contains_text("#shell-troubles", "The server does not answer.")
        assert not browser.find_elements(rows)
    browser.wait_for_element(rows)
    assert any("_dash-update-component" in line for line in browser.messages())  # as it should


# The next question of a list for rows, with an order that nobody can read.
SPOIL = """
const plain = window.fetch;
window.fetch = function (resource, options) {
    const body = (options && options.body) || "";
    if (!body.includes("getRowsRequest")) return plain(resource, options);
    window.fetch = plain;
    return plain(resource, { ...options, body: body.replace('"sortModel":[]', '"sortModel":[5]') });
};
"""


def test_a_list_whose_rows_could_not_be_read_says_so_and_can_be_asked_again(browser, sample):
    browser.sign_in("viewer")
    browser.open("/datasets")
    rows = "#datasets-grid .ag-row a[href]"
    browser.wait_for_element(rows)
    browser.driver.execute_script(SPOIL)
    browser.type_into("#datasets-search", "zzz")
    browser.wait_for_contains_text("body", "Something broke on our side")
    wait_for(lambda: not browser.find_elements(rows))
    search = browser.find_element("#datasets-search")
    search.send_keys(Keys.CONTROL, "a")
    search.send_keys(Keys.DELETE)
    browser.wait_for_element(rows)


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
