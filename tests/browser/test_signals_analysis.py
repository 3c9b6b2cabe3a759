"""Settings of the signals page in a browser: units, axes, zoom, kurtogram, and links to them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from dash.testing import errors
from dash.testing.wait import until
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from diagnostics.signals.signal import Channel, Signal, Unit
from models import Origin
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples

RATE_HZ = 10_000.0
PLOT = """
const graph = document.querySelector("#signals-plot .js-plotly-plot");
if (!graph || !graph._fullData || !graph._fullData.length) return null;
const {xaxis, yaxis} = graph._fullLayout;
return {x: xaxis.title.text, y: yaxis.title.text, range: xaxis.range, type: graph.data[0].type,
        points: graph._fullData[0].x.length, revision: graph.layout.uirevision};
"""


@pytest.fixture(scope="module")
def recording_id(site):
    """Strikes 20 times a second that make 3.4 kHz ring."""
    time_s = np.arange(40_000) / RATE_HZ
    ringing = np.exp(-500 * (time_s % 0.05)) * np.sin(2 * np.pi * 3_400 * (time_s % 0.05))
    samples = np.random.default_rng(0).normal(size=40_000) + 5 * ringing
    channel = Channel("radial", Unit.ACCELERATION_G)
    about = About("struck", Origin.IMPORTED, speed_rpm=1_200.0)
    with site.acting():
        signal = Signal(samples[None].astype(np.float32), RATE_HZ, (channel,))
        dataset_id = DatasetService.create("Analysis in a browser")
        stored = [store_samples(signal, about)]
        added = DatasetService.add_recordings(dataset_id, stored, "for a test")
    return added["recordings"][0].recording_id


@pytest.fixture
def opened(browser, recording_id):
    """Open the page of the recording with these parts of an address."""

    def open_page(query: str = ""):
        browser.open(f"/signals?recording={recording_id}{query}")
        plot(browser, lambda _: True)
        return browser

    browser.sign_in("analyst")
    return open_page


def plot(browser, holds, seconds: float = 60.0) -> dict:
    """Wait until this holds of the plot; what it shows."""

    def does_hold() -> bool:
        found = browser.driver.execute_script(PLOT)
        return found is not None and holds(found)

    until(does_hold, timeout=seconds, poll=0.1)
    browser.settle()
    return browser.driver.execute_script(PLOT)


def address(browser) -> dict[str, str]:
    query = parse_qs(browser.driver.current_url.partition("?")[2])
    return {name: values[0] for name, values in query.items()}


def has(browser, **expected: str) -> None:
    """Wait until the address has these."""
    until(lambda: address(browser).items() >= expected.items(), timeout=60)


def open_panel(browser, told: str) -> None:
    """Open a panel as the keyboard does: by its line."""
    line = browser.find_element(f"summary:has(#{told})")
    browser.driver.execute_script("arguments[0].focus()", line)
    line.send_keys(Keys.ENTER)


def choose(browser, setting: str, value: str) -> None:
    Select(browser.find_element(f"#signals-{setting}")).select_by_value(value)


def show(browser, kind: str) -> None:
    browser.driver.execute_script(f"document.querySelector('[value={kind}]').click()")


def test_another_unit_is_a_step_to_go_back_from(opened):
    page = opened()
    assert page.find_element("#signals-processing-told").text == "as recorded"
    open_panel(page, "signals-processing-told")
    choose(page, "unit", "mm/s")
    plot(page, lambda shown: shown["y"] == "Amplitude, 0 to peak [mm/s]")
    has(page, unit="mm/s")
    card = page.find_element("#signals-plot-card").get_attribute("textContent")
    assert "integrated from g to mm/s" in card
    open_panel(page, "signals-processing-told")
    page.wait_for_text_to_equal("#signals-processing-told", "in mm/s", timeout=60)
    page.driver.back()
    plot(page, lambda shown: shown["y"] == "Amplitude, 0 to peak [g]")
    assert "unit" not in address(page)
    unit = page.find_element("#signals-unit")
    assert unit.get_attribute("value") == "none"
    page.driver.forward()
    plot(page, lambda shown: shown["y"] == "Amplitude, 0 to peak [mm/s]")


def test_a_refused_setting_is_told_and_can_be_taken_back(opened):
    page = opened()
    open_panel(page, "signals-processing-told")
    choose(page, "filter", "low")
    high = page.wait_for_element_by_css_selector("#signals-filter-high", timeout=60)
    until(high.is_displayed, timeout=60)
    assert not page.find_element("#signals-filter-low").is_displayed()
    high.send_keys("9000", Keys.TAB)
    page.wait_for_contains_text("#signals-plot .annotation", "10000 Hz", timeout=60)
    page.find_element("#signals-processing-reset").send_keys(Keys.ENTER)
    plot(page, lambda shown: shown["points"] > 100)
    until(lambda: "filter" not in address(page), timeout=60)
    assert page.find_element("#signals-filter").get_attribute("value") == "none"


def test_an_emptied_field_is_one_in_which_nothing_was_typed(opened):
    page = opened("&plot=envelope&high=4000&start=1")
    for name in ("high", "start"):
        has(page, **{name: {"high": "4000", "start": "1"}[name]})
        emptied = page.find_element(f"#signals-{name}")
        emptied.clear()
        emptied.send_keys(Keys.TAB)
        until(lambda name=name: name not in address(page), timeout=60)
    page.wait_for_contains_text("#signals-plot-note", "1.667 kHz to 4.167 kHz", timeout=60)


def test_axes_count_as_chosen_and_a_zoom_has_finer_lines(opened):
    page = opened()
    open_panel(page, "signals-plot-told")
    choose(page, "x", "cpm")
    shown = plot(page, lambda shown: shown["x"] == "Frequency [CPM]")
    assert shown["range"] == pytest.approx([0, 300_000])
    choose(page, "y", "db")
    plot(page, lambda shown: shown["y"].endswith("[dB re 1 µm/s²]"))
    drag(page, 0.4, 0.5)
    shown = plot(page, lambda shown: shown["range"][0] == pytest.approx(120_000, rel=0.05))
    until(lambda: "zoom_high" in address(page), timeout=60)
    assert float(address(page)["zoom_low"]) == pytest.approx(2_000, rel=0.05)
    assert float(page.find_element("#signals-zoom-high").get_attribute("value")) == pytest.approx(
        2_500, rel=0.05
    )
    choose(page, "x", "orders")
    shown = plot(page, lambda shown: shown["x"] == "Order [× shaft speed]")
    assert shown["range"][0] == pytest.approx(100, rel=0.05)
    show(page, "cepstrum")
    plot(page, lambda shown: shown["x"] == "Quefrency [s]")
    until(lambda: "zoom_low" not in address(page), timeout=60)


def test_the_best_band_of_the_kurtogram_becomes_that_of_the_envelope(opened):
    page = opened("&plot=kurtogram")
    page.wait_for_contains_text("#signals-kurtogram-told", "Best band: 3.125 kHz to 3.75 kHz")
    page.find_element("#signals-kurtogram-best").send_keys(Keys.ENTER)
    plot(page, lambda shown: shown["y"] == "Envelope, 0 to peak [g]")
    has(page, plot="envelope", low="3125", high="3750")
    page.wait_for_contains_text("#signals-plot-note", "3.125 kHz to 3.75 kHz", timeout=60)
    assert not page.find_element("#signals-kurtogram-best").is_displayed()
    page.driver.back()
    plot(page, lambda shown: shown["type"] == "heatmap")
    assert "low" not in address(page)


def test_a_click_on_a_band_of_the_kurtogram_opens_its_envelope(opened):
    page = opened("&plot=kurtogram")
    surface = page.find_element("#signals-plot .nsewdrag")
    page.driver.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", surface
    )
    # Just left of the middle, in the second row from above: the lower half of the spectrum.
    rows = page.driver.execute_script(
        "return document.querySelector('#signals-plot .js-plotly-plot').data[0].y.length"
    )
    across, down = surface.size["width"] // 2 - 20, int(1.5 * surface.size["height"] / rows)
    actions = ActionChains(page.driver)
    actions.move_to_element_with_offset(surface, across, down).pause(0.2).click().perform()
    has(page, plot="envelope", low="0", high="2500")


def test_a_link_opens_the_same_view(opened):
    query = (
        "&plot=envelope&low=3000&high=4000&squared=true&x=orders&y=log&detector=rms&detrend=mean"
    )
    page = opened(query)
    shown = plot(page, lambda shown: shown["y"].startswith("Squared envelope, RMS"))
    assert shown["x"].startswith("Order")
    assert page.find_element("#signals-low").get_attribute("value") == "3000"
    assert page.find_element("#signals-squared").is_selected()
    until(lambda: "dataset" in address(page), timeout=60)
    given = {name: values[0] for name, values in parse_qs(query[1:]).items()}
    assert address(page).items() >= given.items()
    page.driver.refresh()
    page.settle()
    plot(page, lambda shown: shown["y"].startswith("Squared envelope, RMS"))


def test_overall_values_stand_beside_the_plot(opened):
    page = opened()
    page.wait_for_contains_text("#signals-overall", "Velocity RMS", timeout=60)
    assert "10 Hz to 1 kHz" in page.find_element("#signals-overall").text


def test_a_picture_holds_how_it_was_made(opened, chromium):
    page = opened("&unit=mm%2Fs&bearing=6205-2RS%20JEM&tolerance=1.5")
    plot(page, lambda shown: shown["y"] == "Amplitude, 0 to peak [mm/s]")
    page.wait_for_contains_text("#signals-plot .annotation", "BPFO", timeout=60)
    for button, ending in (("signals-plot-svg", "svg"), ("signals-waveform-png", "png")):
        page.click(f"#{button}")
        until(
            lambda ending=ending: list(Path(chromium.download_path).glob(f"*.{ending}")), timeout=60
        )
    [picture] = Path(chromium.download_path).glob("*.svg")
    text = picture.read_text()
    assert picture.name == "struck_radial_amplitude_spectrum.svg"
    assert "integrated from g to mm/s" in text
    assert "Sampling rate: 10000 Hz" in text
    assert "Lines: SKF 6205-2RS JEM at 1200 rpm (recorded), tolerance 1.5 %" in text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_open_panels_have_no_serious_finding(opened, browser, theme):
    browser.theme(theme)
    page = opened("&plot=envelope&filter=band&filter_low=1000&filter_high=4000")
    page.driver.execute_script(
        "document.querySelectorAll('#signals-plots details').forEach((one) => { one.open = true; })"
    )
    assert page.violations() == []


def drag(browser, start: float, stop: float) -> None:
    """Drag over a part of the plot, given in shares of its width."""
    surface = browser.find_element("#signals-plot .nsewdrag")
    browser.driver.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", surface
    )
    width = surface.size["width"]
    actions = ActionChains(browser.driver)
    actions.move_to_element_with_offset(surface, int(start * width), 40).click_and_hold()
    half = int((stop - start) * width / 2)
    actions.move_by_offset(half, 2).move_by_offset(half, 2).release().perform()


def double_click_until(page, holds) -> None:
    """Two clicks that came too late for one are none, and change nothing: they come again."""
    for _ in range(5):
        surface = page.find_element("#signals-plot .nsewdrag")
        ActionChains(page.driver).double_click(surface).perform()
        with suppress(errors.TestingTimeoutError):
            plot(page, holds, seconds=10)
            return
    plot(page, holds)


def test_a_double_click_shows_the_usual_frequencies_and_then_all(opened):
    page = opened("&plot=envelope&zoom_low=100&zoom_high=200")
    plot(page, lambda shown: shown["range"] == [100, 200])
    for expected in ([0, 1_000], [0, 2_500], [0, 1_000]):
        double_click_until(page, lambda shown, e=expected: shown["range"] == pytest.approx(e))
    until(lambda: "zoom_high" not in address(page), timeout=60)
