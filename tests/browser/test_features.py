"""Features are extracted, looked at, and lead back to the signals they come from."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from selenium.webdriver.support.ui import Select

from services.dataset_service import DatasetService
from services.runtime import unit_of_work
from tests import factories
from tests.running import wait_for

CLICK = """
const graph = document.querySelector("#feature-set-map .js-plotly-plot");
const data = graph.data[0];
graph.emit("plotly_click", {points: [{
  curveNumber: 0, pointNumber: 0, pointIndex: 0, data, fullData: graph._fullData[0],
  x: data.x[0], y: data.y[0], customdata: data.customdata[0],
  xaxis: graph._fullLayout.xaxis, yaxis: graph._fullLayout.yaxis,
}]});
"""


def test_features_from_a_data_set_to_its_signals(browser):
    with browser.site.acting("analyst") as person, unit_of_work() as session:
        version = factories.trainable_version(session, person.user_id)
        dataset_id, version_id = version.dataset_id, version.id
    browser.sign_in("analyst")
    browser.open("/features")
    Select(browser.find_element("#features-version")).select_by_value(str(version_id))
    browser.settle()
    browser.type_into("#features-name", "Tones")
    browser.type_into("#features-window", "1024\t")
    browser.wait_for_contains_text("#features-told", "0.512 s")
    browser.click("#features-start")
    browser.wait_for_contains_text("#features-place", "Tones", timeout=120)
    link = browser.find_element("#features-place tbody a")
    path = urlsplit(link.get_attribute("href")).path
    browser.open(path)
    browser.wait_for_contains_text("#feature-set-found", "48 windows")
    browser.click("#feature-set-projection-run")
    browser.wait_for_element("#feature-set-map .js-plotly-plot", timeout=120)
    browser.open(path)  # what came is there after a reload
    browser.wait_for_element("#feature-set-map .js-plotly-plot")
    browser.wait_for_element("#feature-set-distribution .js-plotly-plot .scatterlayer path")
    assert browser.violations() == []
    browser.click(".page-actions a[title='All windows as CSV']")
    file = Path(browser.download_path) / "Tones_v1.csv"
    wait_for(file.exists)
    assert file.read_text().count("\n") == 49
    browser.driver.execute_script(CLICK)
    browser.wait_for_element("#signals-waveform")
    seen = parse_qs(urlsplit(browser.driver.current_url).query)
    assert (seen["dataset"], seen["stop"]) == ([str(dataset_id)], ["0.512"])
    browser.settle()
    with browser.site.acting("analyst"):
        DatasetService.delete_dataset(dataset_id, delete_file=True)
