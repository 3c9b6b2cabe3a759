"""Lines of a bearing over the spectra, and cursors, in a browser; on a made outer race fault."""

from __future__ import annotations

import math
from urllib.parse import parse_qs

import numpy as np
import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from diagnostics.signals.signal import Unit, single_channel
from models import Origin
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from services.machine_service import MachineService
from services.runtime import unit_of_work
from tests.running import wait_for

RATE_HZ, COUNT, SHAFT_HZ = 12_000.0, 60_000, 30.0
BPFO_HZ = 107.0  # half a per cent below what the geometry says
GEOMETRY = {"roller_count": 9, "roller_diameter_mm": 7.94, "pitch_diameter_mm": 39.04}
DRAWN = """
const graph = document.querySelector("#signals-plot .js-plotly-plot");
if (!graph || !graph._fullLayout || !graph.layout.meta) return null;
const own = (all) => (all || []).filter((one) => one.name === "overlay");
const boxes = Array.from(graph.querySelectorAll(".annotation"), (one) => {
  const {left, right, top, bottom} = one.querySelector(".bg").getBoundingClientRect();
  return [left, right, top, bottom];
});
return {kind: graph.layout.meta.kind, boxes: boxes,
        lines: own(graph.layout.shapes).filter((one) => one.type === "line")
          .map((one) => [one.x0, one.y0, one.line.color]),
        labels: own(graph.layout.annotations).map((one) => one.text)};
"""
SENT = """
return performance.getEntriesByType("resource")
  .filter((one) => one.name.includes("_dash-update-component")).length;
"""
# Sidebands begin with a spacing of their own, which stands in its field a moment later.
TYPED_AT_ONCE = """
const set = window.dash_clientside.set_props;
set("signals-cursor", {value: "sideband"});
requestAnimationFrame(() => setTimeout(() => set("signals-at", {value: 160}), 100));
"""
CURSOR_COLOUR = "#7A5CD6"


@pytest.fixture(scope="module")
def recording_id(site):
    time_s = np.arange(COUNT) / RATE_HZ
    since_s = time_s % (1 / BPFO_HZ)
    ringing = np.exp(-900 * since_s) * np.sin(2 * np.pi * 3_300 * since_s)
    noise = np.random.default_rng(0).normal(size=COUNT)
    signal = single_channel(4 * ringing + noise, RATE_HZ, Unit.ACCELERATION_G, "drive end")
    about = About(
        "struck", Origin.IMPORTED, speed_rpm=60 * SHAFT_HZ, machine="fan", bearing="drive end"
    )
    with site.acting():
        dataset_id = DatasetService.create("Cursors in a browser")
        added = DatasetService.add_recordings(dataset_id, [store_samples(signal, about)], "test")
        (machine,) = [one for one in MachineService.list_machines() if one["name"] == "fan"]
        (bearing,) = MachineService.get_machine(machine["id"])["bearings"]
        MachineService.save_bearing(machine["id"], "drive end", GEOMETRY, bearing["id"])
    return added["recordings"][0].recording_id


@pytest.fixture
def page(browser, recording_id):
    browser.sign_in("analyst")
    browser.open(f"/signals?recording={recording_id}&plot=envelope")
    drawn(browser, lambda found: found["kind"] == "envelope" and found["lines"])
    return browser


def drawn(browser, is_there=bool):
    """What lies over the plot, once it is as wanted."""
    state = {}

    def look() -> bool:
        state["found"] = browser.driver.execute_script(DRAWN)
        return state["found"] is not None and bool(is_there(state["found"]))

    wait_for(look)
    return state["found"]


def cursors(found) -> list[float]:
    """Where the lines of the cursor are drawn, along the axis of frequencies."""
    return [x for x, _, colour in found["lines"] if colour == CURSOR_COLOUR]


def leading(found) -> float:
    """Where the first line of the cursor is; not a number while a plot is drawn anew."""
    return next(iter(cursors(found)), math.nan)


def overlap(boxes) -> list:
    return [
        (one, other)
        for n, one in enumerate(boxes)
        for other in boxes[n + 1 :]
        if one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]
    ]


def choose(browser, component_id: str, value: str) -> None:
    Select(browser.find_element(f"#{component_id}")).select_by_value(value)


def open_panel(browser) -> None:
    browser.driver.execute_script(
        "document.getElementById('signals-overlay-source').closest('details').open = true"
    )


def asked(browser, name: str) -> float | None:
    found = parse_qs(browser.driver.current_url.partition("?")[2]).get(name)
    return float(found[0]) if found else None


def rows(browser) -> list[list[str]]:
    return browser.driver.execute_script(
        "return Array.from(document.querySelectorAll('#signals-cursor-rows tr'), (row) =>"
        " Array.from(row.children, (cell) => cell.textContent))"
    )


def test_the_lines_of_the_bearing_lie_over_the_envelope_and_do_not_cover_each_other(page):
    found = drawn(page)
    places = [x for x, _, _ in found["lines"]]
    assert min(abs(x - 107.54) for x in places) < 0.1
    assert {"BPFO", "BPFI", "2×BPFO", "BSF"} <= set(found["labels"])
    assert overlap(found["boxes"]) == []
    page.driver.execute_script("document.querySelector('[value=spectrum]').click()")
    whole = drawn(page, lambda now: now["kind"] == "spectrum" and now["lines"])
    assert overlap(whole["boxes"]) == []
    page.driver.execute_script("document.querySelector('[value=spectrogram]').click()")
    image = drawn(page, lambda now: now["kind"] == "spectrogram" and now["lines"])
    assert min(abs(y - 107.54) for _, y, _ in image["lines"]) < 0.1
    assert overlap(image["boxes"]) == []


def test_a_zoom_gives_room_for_more_names_and_a_second_look_at_the_cursor(page, recording_id):
    page.open(f"/signals?recording={recording_id}&plot=envelope&harmonics=10&cursor=single&at=107")
    whole = drawn(page, lambda now: len(now["lines"]) > 40 and cursors(now))
    wait_for(lambda: rows(page) and rows(page)[0][4].endswith("g"))
    before = page.driver.execute_script(SENT)
    plot = page.find_element("#signals-plot .nsewdrag")
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", plot)
    width = plot.size["width"]
    actions = ActionChains(page.driver)
    actions.move_to_element_with_offset(plot, 2, 90).click_and_hold()
    actions.move_by_offset(width // 8, 1).move_by_offset(width // 8, 1).release().perform()
    wait_for(lambda: asked(page, "zoom_high") == pytest.approx(300, abs=15))
    page.settle()
    near = drawn(page, lambda now: len(now["lines"]) < len(whole["lines"]))
    assert overlap(near["boxes"]) == []
    assert "9×FTF" in near["labels"]
    assert "9×FTF" not in whole["labels"]
    assert cursors(near) == [107]  # a drag is no click
    wait_for(lambda: rows(page)[0][4].endswith("g"))
    assert page.driver.execute_script(SENT) > before


def test_the_panel_says_orders_and_what_the_rule_reads(page):
    open_panel(page)
    page.wait_for_contains_text("#signals-overlay-verdict", "Outer race: BPFO", timeout=60)
    source = page.find_element("#signals-overlay-source").text
    assert "3.5848" in source
    assert "entered for fan" in source
    choose(page, "signals-bearing", "none")
    drawn(page, lambda now: not now["lines"])
    choose(page, "signals-bearing", "6203-2RS JEM")
    drawn(page, lambda now: now["lines"])
    page.wait_for_contains_text("#signals-overlay-source", "SKF 6203-2RS JEM", timeout=60)
    assert "bearing=6203" in page.driver.current_url


def test_a_harmonic_cursor_moves_by_lines_and_the_address_restores_it(page):
    open_panel(page)
    choose(page, "signals-cursor", "harmonic")
    # It begins at the highest line, which is that of the fault.
    start = cursors(drawn(page, lambda now: len(cursors(now)) == 5))
    assert start == pytest.approx([n * BPFO_HZ for n in range(1, 6)], abs=0.5)
    wait_for(lambda: rows(page) and rows(page)[0][4] not in ("", "…"))
    first = rows(page)[0]
    assert (first[0], first[5].strip()) == ("1×", "1×BPFO")
    assert first[4].endswith("g")
    assert float(first[6].replace("−", "-").split()[0]) == pytest.approx(-0.5, abs=0.1)
    page.settle()
    before = page.driver.execute_script(SENT)
    handle = page.find_element("#signals-cursor-handle")
    handle.send_keys(*[Keys.ARROW_RIGHT] * 5)
    moved = cursors(drawn(page, lambda now: leading(now) > start[0] + 0.9))
    assert moved[0] - start[0] == pytest.approx(1.0, abs=0.01)  # five lines of 0.2 Hz
    # Each key at its own pace may be a rest of the cursor, whose values are asked for: once.
    assert page.driver.execute_script(SENT) - before <= 5
    wait_for(lambda: asked(page, "at") == pytest.approx(moved[0], abs=1e-3))
    page.settle()
    assert page.driver.execute_script(SENT) - before <= 10
    page.driver.refresh()
    again = cursors(drawn(page, lambda now: len(cursors(now)) == 5))
    assert again == pytest.approx(moved, abs=1e-3)


def test_a_click_sets_the_cursor_and_is_no_zoom(page):
    open_panel(page)
    choose(page, "signals-cursor", "single")
    drawn(page, lambda now: len(cursors(now)) == 1)
    plot = page.find_element("#signals-plot .nsewdrag")
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", plot)
    width = plot.size["width"]
    # The envelope is shown up to 1200 Hz; the second harmonic snaps to its top.
    ActionChains(page.driver).move_to_element_with_offset(
        plot, round(width * 2 * BPFO_HZ / 1_200) + 1, 80
    ).click().perform()
    (at,) = cursors(drawn(page, lambda now: leading(now) > 200))
    assert at == pytest.approx(2 * BPFO_HZ, abs=0.5)
    assert asked(page, "zoom_low") is None
    assert "2×BPFO" in page.find_element("#signals-cursor-handle").text
    page.driver.switch_to.active_element.send_keys(Keys.SHIFT, Keys.ARROW_LEFT)
    drawn(page, lambda now: leading(now) == pytest.approx(at - 2, abs=0.01))


def test_a_row_of_the_peaks_sets_the_cursor_and_numbers_can_be_typed(page):
    page.wait_for_contains_text("#signals-peaks", "1×BPFO", timeout=60)
    page.click("#signals-peaks button")
    (at,) = cursors(drawn(page, lambda now: len(cursors(now)) == 1))
    assert at == pytest.approx(BPFO_HZ, abs=0.1)
    page.find_element("#signals-cursor-handle").send_keys(Keys.PAGE_UP)
    drawn(page, lambda now: cursors(now) == pytest.approx([2 * BPFO_HZ], abs=0.2))
    wait_for(lambda: asked(page, "at") is not None)
    open_panel(page)
    choose(page, "signals-cursor", "sideband")
    for name, value in (("at", "160"), ("spacing", "30"), ("count", "2")):
        box = page.find_element(f"#signals-{name}")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(value, Keys.TAB)
        page.settle()
    drawn(page, lambda now: sorted(cursors(now)) == [100, 130, 160, 190, 220])
    assert [row[0] for row in rows(page)] == ["−2", "−1", "Centre", "+1", "+2"]
    page.find_element("#signals-spacing").send_keys(Keys.ARROW_UP)
    drawn(page, lambda now: max(cursors(now)) == pytest.approx(220.4, abs=0.01))


def test_what_is_typed_right_after_a_choice_is_not_undone(page, recording_id):
    page.open(f"/signals?recording={recording_id}&plot=envelope&cursor=single&at=107")
    drawn(page, lambda now: cursors(now) == [107])
    page.driver.execute_script(TYPED_AT_ONCE)
    drawn(page, lambda now: len(cursors(now)) > 5)
    page.driver.execute_async_script("setTimeout(arguments[0], 500)")  # after it was written
    page.settle()
    assert 160 in cursors(drawn(page))
    assert asked(page, "at") == 160
    assert asked(page, "spacing") == SHAFT_HZ


def test_lines_and_cursors_follow_the_axis(page, recording_id):
    page.open(f"/signals?recording={recording_id}&plot=envelope&x=cpm&cursor=single&at=107")
    found = drawn(page, lambda now: cursors(now) and len(now["lines"]) > 5)
    assert cursors(found) == [107 * 60]
    assert min(abs(x - 60 * 107.54) for x, _, _ in found["lines"]) < 6
    page.open(f"/signals?recording={recording_id}&plot=envelope&x=orders&cursor=single&at=105")
    orders = drawn(page, lambda now: cursors(now) and len(now["lines"]) > 5)
    assert cursors(orders) == pytest.approx([3.5])
    assert min(abs(x - 3.5848) for x, _, _ in orders["lines"]) < 1e-3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_open_panel_has_no_serious_finding(page, recording_id, theme):
    page.theme(theme)
    page.open(f"/signals?recording={recording_id}&plot=envelope&cursor=harmonic&at=107&shaft=true")
    drawn(page, cursors)
    open_panel(page)
    page.wait_for_contains_text("#signals-overlay-verdict", "Outer race", timeout=60)
    page.settle()
    assert page.find_element("#signals-cursor-place").find_elements(By.CSS_SELECTOR, "tbody tr")
    assert page.violations() == []


def test_a_bearing_of_the_catalogue_on_the_page_of_a_machine(browser, site):
    with site.acting():
        machine_id = MachineService.save_machine("catalogue rig")
    browser.sign_in("analyst")
    browser.open(f"/machines/{machine_id}")
    choose(browser, "machine-catalogue", "6205-2RS JEM")
    browser.wait_for_contains_text("#machine-orders", "BPFO 3.585", timeout=60)
    browser.type_into("#machine-bearing-name", "motor")
    browser.click("#machine-save-bearing")
    browser.wait_for_contains_text("#machine-parts", "BPFO 3.585", timeout=60)
    with site.acting(), unit_of_work(writing=False):
        (bearing,) = MachineService.get_machine(machine_id)["bearings"]
    assert bearing["designation"] == "SKF 6205-2RS JEM"
    assert browser.violations() == []
