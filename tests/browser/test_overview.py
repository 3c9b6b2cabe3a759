"""Several recordings on the signals page: side by side, as a trend, as a waterfall, by ear."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from dash.testing.wait import until
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from diagnostics.signals.signal import Channel, Signal, Unit
from models import Origin
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from services.feature_service import FeatureService
from services.recording_service import RecordingService

RATE_HZ = 10_000.0
# Fetched as the player does it: its own network is switched off without a sound card.
FETCHED = """
const done = arguments[0];
const player = document.querySelector("#signals-audio");
fetch(player.src).then((answer) => answer.blob().then((blob) =>
  done({status: answer.status, type: blob.type, size: blob.size, controls: player.controls})));
"""
OPTION = ".dash-dropdown-option"
CLICK = """
const [id, curve, point] = arguments;
const graph = document.querySelector(`#${id} .js-plotly-plot`);
const data = graph.data[curve];
graph.emit("plotly_click", {points: [{
  curveNumber: curve, pointNumber: point, pointIndex: point, data, fullData: graph._fullData[curve],
  x: data.x[point], y: graph._fullData[curve].y[point],
  customdata: data.customdata[point],
  xaxis: graph._fullLayout.xaxis, yaxis: graph._fullLayout.yaxis,
}]});
"""


@pytest.fixture(scope="module")
def recording_ids(site):
    time_s = np.arange(20_000) / RATE_HZ
    channels = (Channel("radial", Unit.ACCELERATION_G),)
    with site.acting():
        stored = [
            store_samples(
                Signal(
                    (number * np.sin(2 * np.pi * 120 * time_s)).astype(np.float32)[None],
                    RATE_HZ,
                    channels,
                ),
                About(f"day {number}", Origin.IMPORTED, attributes={"elapsed_s": 3_600.0 * number}),
            )
            for number in range(1, 5)
        ]
        dataset_id = DatasetService.create("Days of a pump")
        added = DatasetService.add_recordings(dataset_id, stored, "for a test")
    return [one.recording_id for one in added["recordings"]]


@pytest.fixture
def page(browser, recording_ids):
    browser.sign_in("analyst")
    browser.open(f"/signals?recording={recording_ids[0]}")
    browser.wait_for_contains_text("#signals-statistics", "RMS", timeout=60)
    return browser


def query(browser) -> dict[str, str]:
    found = parse_qs(urlsplit(browser.driver.current_url).query)
    return {name: values[0] for name, values in found.items()}


def offered(browser) -> list[str]:
    return [one.text for one in browser.driver.find_elements(By.CSS_SELECTOR, OPTION)]


def choose(browser, name: str, value: str) -> None:
    Select(browser.find_element(f"#signals-{name}")).select_by_value(value)


def show(browser, overview: str) -> None:
    browser.driver.execute_script(
        f"document.querySelector('#signals-over [value={overview}]').click()"
    )


def test_recordings_are_found_compared_and_kept_in_the_address(page, recording_ids):
    page.click("#signals-compare-chooser")
    search = page.wait_for_element(".dash-dropdown-search")
    search.send_keys("day 3")
    until(lambda: offered(page) == ["day 3"], timeout=60)
    page.find_element(OPTION).click()
    page.wait_for_contains_text("#signals-compare-table", "day 3", timeout=60)
    assert "10 kHz" in page.find_element("#signals-compare-table").text
    until(lambda: query(page).get("with") == str(recording_ids[2]), timeout=60)
    choose(page, "layout", "multiples")
    choose(page, "compare", "waveform")
    page.wait_for_contains_text("#signals-compare-graph", "day 3 · 10000 Hz", timeout=60)
    until(lambda: query(page).get("compare") == "waveform", timeout=60)
    page.settle()
    assert page.violations() == []
    page.driver.refresh()
    page.wait_for_contains_text("#signals-compare-graph", "day 3 · 10000 Hz", timeout=60)
    assert "day 3" in page.find_element("#signals-compare-chooser").text


def test_a_click_on_a_trend_opens_the_recording_and_back_returns(page, recording_ids):
    show(page, "trend")
    page.wait_for_contains_text("#signals-overview-graph", "Elapsed time [h]", timeout=60)
    page.settle()
    assert page.violations() == []
    page.driver.execute_script(CLICK, "signals-overview-graph", 0, 3)
    until(lambda: query(page).get("recording") == str(recording_ids[3]), timeout=60)
    page.wait_for_contains_text("#signals-statistics", "2.828 g", timeout=60)
    assert query(page)["over"] == "trend"
    page.settle()
    page.driver.back()
    page.wait_for_contains_text("#signals-statistics", "0.7071 g", timeout=60)


def test_the_trend_of_an_extracted_feature_is_chosen_and_kept(page, site, recording_ids):
    with site.acting():
        dataset_id = RecordingService.get_recording(recording_ids[0])["dataset_id"]
        done = FeatureService.make_feature_set(dataset_id, "days", ["time"], {"window": 5_000})
    show(page, "trend")
    choose(page, "quantity", "feature")
    until(lambda: query(page).get("features") == str(done["feature_set_id"]), timeout=60)
    page.wait_for_contains_text("#signals-overview-note", "feature set “days”", timeout=60)
    page.settle()
    choose(page, "feature", "CrestFactor@1")
    page.wait_for_contains_text("#signals-overview-graph", "Crest factor", timeout=60)
    page.wait_for_contains_text("#signals-overview-note", "CrestFactor@1 in windows", timeout=60)
    assert page.violations() == []
    page.driver.refresh()
    page.wait_for_contains_text("#signals-overview-note", "CrestFactor@1 in windows", timeout=60)
    assert Select(page.find_element("#signals-feature")).first_selected_option.text.startswith(
        "Crest factor"
    )


def test_a_waterfall_as_picture_and_cascade(page, recording_ids):
    show(page, "waterfall")
    page.wait_for_contains_text("#signals-overview-graph", "dB re 1 g", timeout=60)
    page.settle()
    plot = page.find_element("#signals-overview-graph .nsewdrag")
    page.driver.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", plot
    )
    # The upper of four rows; the offset is that from the corner.
    above = ActionChains(page.driver).move_to_element_with_offset(plot, 200, 20)
    above.pause(0.5).click().perform()
    until(lambda: query(page).get("recording") == str(recording_ids[3]), timeout=60)
    page.settle()
    assert "in order of time" in page.find_element("#signals-overview-note").text
    choose(page, "stacking", "cascade")
    page.wait_for_contains_text("#signals-overview-note", "One step upwards", timeout=60)
    assert query(page)["over"] == "waterfall"


def test_the_shown_time_can_be_heard(page):
    page.wait_for_contains_text("#signals-audio-told", "2 s. As loud as it can be", timeout=60)
    found = page.driver.execute_async_script(FETCHED)
    assert (found["status"], found["type"], found["controls"]) == (200, "audio/wav", True)
    assert found["size"] == 44 + 2 * 20_000
