"""The signals page in a browser: a spike at every zoom, linked plots, an address to return to."""

from __future__ import annotations

from urllib.parse import parse_qs

import numpy as np
import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select
from sqlalchemy import select

from diagnostics.signals.signal import Channel, Signal, Unit
from models import DatasetMember, Origin
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from services.runtime import unit_of_work
from tests import trained
from tests.running import wait_for

RATE_HZ = 50_000.0
COUNT = 2_500_000
SPIKE_S = 31.4
SHOWN = """
const graph = document.querySelector("#signals-waveform .js-plotly-plot");
if (!graph || !graph._fullData || !graph._fullData.length) return null;
const {x, y} = graph._fullData[0];
return {range: graph._fullLayout.xaxis.range, points: x.length, highest: Math.max(...y),
        at: x[Array.from(y).indexOf(Math.max(...y))], title: graph._fullLayout.yaxis.title.text};
"""
# A toast goes after some seconds, which a loaded machine needs until a page is opened.
KEEP_TOASTS = """
window.toldByToasts = "";
document.addEventListener("rotorscope:ask", () => {
    window.toldByToasts += document.getElementById("shell-toasts").textContent;
});
"""


@pytest.fixture(scope="module")
def recording_id(site):
    samples = np.random.default_rng(9).normal(size=(2, COUNT)).astype(np.float32)
    samples[0, round(SPIKE_S * RATE_HZ)] = 40.0
    channels = (Channel("radial", Unit.ACCELERATION_G), Channel("axial", Unit.VELOCITY))
    with site.acting():
        stored = [
            store_samples(Signal(samples, RATE_HZ, channels), About("long", Origin.IMPORTED)),
            store_samples(
                Signal(samples[:, :9_000], RATE_HZ, channels), About("short", Origin.IMPORTED)
            ),
        ]
        dataset_id = DatasetService.create("Signals in a browser")
        added = DatasetService.add_recordings(dataset_id, stored, "for a test")
    return added["recordings"][0].recording_id


@pytest.fixture
def page(browser, recording_id):
    browser.sign_in("analyst")
    browser.open(f"/signals?recording={recording_id}")
    shows(browser, 0, 50)
    return browser


def shows(browser, start_s: float, stop_s: float) -> dict:
    """Wait until the waveform shows the time with samples of it; what it shows."""

    def is_there() -> bool:
        found = browser.driver.execute_script(SHOWN)
        return found is not None and found["range"] == pytest.approx([start_s, stop_s], abs=0.1)

    wait_for(is_there)
    browser.settle()
    return browser.driver.execute_script(SHOWN)


def drag(browser, start: float, stop: float) -> None:
    """Drag over a part of the waveform, given in shares of its width."""
    plot = browser.find_element("#signals-waveform .nsewdrag")
    browser.driver.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", plot
    )
    width = plot.size["width"]
    half = int((stop - start) * width / 2)
    actions = ActionChains(browser.driver)
    actions.move_to_element_with_offset(plot, int(start * width), 40).click_and_hold()
    actions.move_by_offset(half, 2).move_by_offset(half, 2).release().perform()


def text(browser, component_id: str) -> str:
    return browser.find_element(f"#{component_id}").text


def address(browser) -> str:
    return browser.driver.current_url.partition("?")[2]


def begin(browser) -> float | None:
    """The begin of the time as the address has it, in seconds."""
    found = parse_qs(address(browser)).get("start")
    return float(found[0]) if found else None


def test_a_spike_is_never_lost_and_everything_follows_the_time(page):
    whole = page.driver.execute_script(SHOWN)
    assert (whole["highest"], whole["points"]) == (40, 2_200)
    assert "middle 1,048,576 of the 2,500,000" in text(page, "signals-plot-note")
    drag(page, 0.6, 0.7)
    zoomed = shows(page, 30, 35)
    assert zoomed["highest"] == 40
    assert zoomed["at"] == pytest.approx(SPIKE_S, abs=0.005)
    wait_for(lambda: "Zoom in" not in text(page, "signals-plot-note"))
    wait_for(lambda: "Zoom in" not in text(page, "signals-statistics"))
    assert "40 g" in text(page, "signals-statistics")
    assert "whole" not in text(page, "signals-span")


def test_back_and_forward_and_a_link_restore_the_view(page, recording_id):
    drag(page, 0.2, 0.4)
    shows(page, 10, 20)
    wait_for(lambda: begin(page) == pytest.approx(10, abs=0.1))
    drag(page, 0.5, 0.6)
    shows(page, 15, 16)
    wait_for(lambda: begin(page) == pytest.approx(15, abs=0.1))
    link = page.driver.current_url
    page.driver.back()
    shows(page, 10, 20)
    page.driver.back()
    shows(page, 0, 50)
    page.driver.forward()
    shows(page, 10, 20)
    page.driver.get(link)
    shows(page, 15, 16)
    wait_for(lambda: "whole" not in text(page, "signals-span"))


def test_back_leads_out_of_the_page_again(page, recording_id):
    for _ in range(2):  # the second visit finds what the first one left in the browser
        page.find_element("#shell-navigation a[href='/jobs']").click()
        page.wait_for_text_to_equal("#shell-main h1", "Jobs")
        page.settle()
        page.find_element("#shell-navigation a[href='/signals']").click()
        page.wait_for_contains_text("#signals-statistics", "RMS")
        page.settle()
        page.driver.back()
        page.wait_for_text_to_equal("#shell-main h1", "Jobs")
    page.driver.get(f"{page.site.up.url}/signals?recording={recording_id}&start=10&stop=20")
    shows(page, 10, 20)
    drag(page, 0.5, 0.6)
    shows(page, 15, 16)
    wait_for(lambda: "start=15" in address(page))  # one step, before the next one
    page.driver.execute_script("document.querySelector('[value=density]').click()")
    wait_for(lambda: "plot=density" in address(page))
    page.settle()
    page.driver.execute_script("history.go(-2)")
    shows(page, 10, 20)
    page.wait_for_contains_text("#signals-plot .ytitle", "Amplitude, 0 to peak")
    assert "plot=spectrum" in address(page)


def test_the_keyboard_chooses_a_time_and_another_channel_keeps_it(page):
    for field, value in (("start", "31.39"), ("stop", "31.41")):
        box = page.find_element(f"#signals-{field}")
        box.clear()
        box.send_keys(value, Keys.TAB)
        page.settle()
    assert shows(page, 31.39, 31.41)["points"] == 1_000
    Select(page.find_element("#signals-channel")).select_by_visible_text("axial [mm/s]")
    wait_for(lambda: "[mm/s]" in page.driver.execute_script(SHOWN)["title"])
    shows(page, 31.39, 31.41)
    page.find_element("#signals-whole").send_keys(Keys.ENTER)
    shows(page, 0, 50)


def test_a_time_beyond_the_recording_ends_with_it_in_the_address_too(page, recording_id):
    def typed(field, value):
        box = page.find_element(f"#signals-{field}")
        box.send_keys(Keys.CONTROL, "a")  # emptied by itself it would mean all
        box.send_keys(value, Keys.TAB)
        page.settle()

    typed("start", "40")
    typed("stop", "9999")
    shows(page, 40, 50)
    wait_for(lambda: "start=40&" in f"{address(page)}&" and "stop=50&" in f"{address(page)}&")
    assert page.find_element("#signals-stop").get_attribute("value") == "50"
    typed("start", "60")
    page.wait_for_contains_text("#shell-toasts", "The recording lasts 50 s. Type a time within it.")
    wait_for(lambda: page.find_element("#signals-start").get_attribute("value") == "40")
    page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": KEEP_TOASTS})
    page.open(f"/signals?recording={recording_id}&start=70&stop=80")
    told = page.driver.execute_script("return window.toldByToasts")
    assert "nothing of it lies in the time of the address" in told
    shows(page, 0, 50)
    wait_for(lambda: "start=" not in address(page))


def test_every_plot_can_be_chosen_and_the_band_of_the_envelope(page):
    for kind, axis in (
        ("density", "Power spectral density [g²/Hz]"),
        ("spectrogram", "Frequency [Hz]"),
        ("envelope", "Envelope, 0 to peak [g]"),
    ):
        page.driver.execute_script(f"document.querySelector('[value={kind}]').click()")
        page.wait_for_contains_text("#signals-plot .ytitle", axis)
        wait_for(lambda kind=kind: f"plot={kind}" in address(page))
    low, high = (page.find_element(f"#signals-{end}") for end in ("low", "high"))
    assert low.is_displayed()
    low.send_keys("2000", Keys.TAB)
    high.send_keys("3000", Keys.TAB)
    page.wait_for_contains_text("#signals-plot-note", "2 kHz to 3 kHz")
    wait_for(lambda: "low=2000&high=3000" in address(page))


def test_the_next_recording_is_shown_whole(page):
    drag(page, 0.2, 0.4)
    shows(page, 10, 20)
    page.find_element("#signals-next").click()
    shows(page, 0, 9_000 / RATE_HZ)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_with_a_recording_has_no_serious_finding(page, theme):
    page.theme(theme)
    page.driver.refresh()
    shows(page, 0, 50)
    page.wait_for_element_by_css_selector("#signals-statistics td")
    assert page.violations() == []
    assert page.driver.find_elements(By.CSS_SELECTOR, "[data-title='Share chart...']") == []


def test_a_trained_classifier_names_the_recording(browser, site):
    with site.acting():
        version_id = trained.tiny_version()
        trained.trained_experiment(version_id, name="Asked in a browser", **trained.FOREST)
        with unit_of_work(writing=False) as session:
            members = select(DatasetMember.recording_id).where(
                DatasetMember.version_id == version_id
            )
            recording_id = session.scalars(members).first()
    browser.sign_in("analyst")
    browser.open(f"/signals?recording={recording_id}")
    chosen = Select(browser.wait_for_element("#signals-prediction-experiment"))
    wait_for(lambda: any("Asked in a browser" in o.text for o in chosen.options))
    chosen.select_by_visible_text("Asked in a browser (random_forest)")
    browser.wait_for_contains_text("#signals-prediction-answer", "Nobody asked")
    ask = browser.find_element("#signals-prediction-ask")
    browser.driver.execute_script("arguments[0].click()", ask)
    browser.wait_for_contains_text("#signals-prediction-answer", "Named: ", timeout=90)
    assert "windows" in text(browser, "signals-prediction-answer")
    assert browser.violations() == []
