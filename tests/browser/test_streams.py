"""A live stream: started on the page, fed by a program, paused, and an alert acknowledged."""

from __future__ import annotations

from services.dataset_service import DatasetService
from services.streaming_service import StreamingService
from tests.browser.site import PHONE
from tests.running import wait_for

WAVES = [{"data": {"g": 1 + 0.1 * (n % 7), "rpm": 100.0 + n % 3}} for n in range(60)]


def test_a_stream_is_started_watched_paused_and_its_alert_acknowledged(browser):
    browser.sign_in("analyst")
    browser.open("/streams")
    browser.click("#streams-open-form")
    browser.type_into("#streams-name", "pump 3")
    assert browser.violations() == []
    browser.click("#streams-start")
    browser.wait_for_contains_text("#streams-live-head", "running")
    session_id = browser.driver.current_url.rpartition("=")[2]
    with browser.site.acting("analyst"):
        StreamingService.push(session_id, WAVES)
        browser.wait_for_contains_text("#streams-live-numbers", "rpm")
        StreamingService.push(session_id, [{"data": {"g": 99.0, "rpm": 101.0}}])
    browser.wait_for_contains_text("#streams-live-alerts", "critical")
    browser.wait_for_contains_text("#streams-live-latency", "ms after it came in")
    browser.wait_for_element("#streams-live-chart .scatterlayer path")
    browser.wait_for_contains_text("#streams-table", "pump 3")
    assert browser.violations() == []
    browser.click("#streams-live-alerts button")
    wait_for(lambda: "Acknowledge\n" not in browser.find_element("#streams-live-alerts").text)
    browser.click("#streams-live-head button")
    browser.wait_for_contains_text("#streams-live-head", "paused")
    with browser.site.acting("analyst"):
        (alert,) = StreamingService.list_alerts(session_id)
        assert alert["acknowledged_by"] is not None
        assert StreamingService.get_session(session_id)["status"] == "paused"
    browser.size(*PHONE)
    browser.open(f"/streams?id={session_id}")
    browser.wait_for_contains_text("#streams-live-head", "paused")
    assert browser.violations() == []


def test_a_recording_is_replayed_into_a_stream(browser, sample):
    with browser.site.acting("analyst"):
        session_id = StreamingService.start_session(name="replay", window_size=10)["id"]
        name = DatasetService.get_dataset_details(sample.dataset_id)["name"]
    browser.sign_in("analyst")
    browser.open(f"/streams?id={session_id}")
    browser.click("#streams-live details summary")
    browser.choose("#streams-live-dataset", name)
    browser.click("#streams-live-replay")
    with browser.site.acting("analyst"):
        wait_for(lambda: StreamingService.get_session(session_id)["total_points"] > 50)
    browser.wait_for_contains_text("#streams-live-numbers", "urtosis")
