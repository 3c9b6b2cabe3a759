"""From a file to its anomalies: a source is made, searched, compared, and searched with others."""

from __future__ import annotations

from models import Role
from services.anomalies.batches import AnomalyBatchService
from services.source_service import SourceService
from tests.anomalous import ODD, table_csv, uploaded
from tests.running import wait_for


def text(browser, selector):
    """Read at once: an element that is held may be replaced meanwhile."""
    script = "const e = document.querySelector(arguments[0]); return e ? e.innerText : ''"
    return browser.driver.execute_script(script, selector)


def cells(browser, column):
    script = "return Array.from(document.querySelectorAll(arguments[0]), (one) => one.innerText)"
    return browser.driver.execute_script(script, f".ag-row [col-id='{column}']")


def made_sources(site, count: int) -> list[str]:
    with site.acting(Role.ANALYST):
        made = [
            SourceService.create_source(
                "table",
                {"upload_id": uploaded(table_csv(400, seed), f"line {seed}.csv")},
                f"line {seed}",
            )
            for seed in range(count)
        ]
        wait_for(
            lambda: all(SourceService.get_source(one)["status"] == "ready" for one in made), 60
        )
    return made


def test_a_file_becomes_a_source_and_its_anomalies_are_shown(browser, tmp_path):
    browser.sign_in("analyst")
    browser.open("/sources")
    path = tmp_path / "press line.csv"
    path.write_bytes(table_csv())
    wait_for(lambda: browser.find_elements("#sources-choose-input"))
    browser.find_element("#sources-choose-input").send_keys(str(path))
    browser.wait_for_contains_text("#sources-told", "is here")
    assert browser.violations() == []
    browser.click("#sources-make")
    wait_for(lambda: "300 rows" in text(browser, "#source-body"), 60)
    assert text(browser, "h1") == "press line.csv"
    assert browser.violations() == []
    browser.click("#source-head .btn-primary")
    wait_for(lambda: text(browser, "h1") == "Detect anomalies")
    browser.settle()
    wait_for(lambda: "Combination" in text(browser, "#new-detection-parameters"))
    wait_for(lambda: "press line" in text(browser, "#new-detection-sources"), 20)
    assert browser.violations() == []
    browser.click("#new-detection-start")
    wait_for(lambda: "rows are flagged" in text(browser, "#detection-head"), 90)
    browser.settle()
    # With all rows: how many are flagged, if any, is the algorithm's affair.
    wait_for(lambda: browser.find_elements(".ag-root"))
    browser.click("#detection-only")
    wait_for(lambda: text(browser, "#detection-found") == "300 rows")
    wait_for(lambda: {str(row) for row in ODD} <= set(cells(browser, "row_index")))
    assert "rows lie above" in text(browser, "#detection-above")
    browser.settle()  # a row that is being read cannot be chosen
    browser.click(".ag-row [col-id='anomaly_score']")
    wait_for(lambda: text(browser, "#detection-about-row").startswith("Row "))
    browser.click("#detection-explain")
    wait_for(lambda: "flow" in text(browser, "#detection-explanation"), 60)
    browser.click("#detection-about-row button")
    wait_for(lambda: "Precision" in text(browser, "#detection-metrics"))
    assert browser.violations() == []


def test_algorithms_are_compared_on_one_source(browser, site):
    (source_id,) = made_sources(site, 1)
    browser.sign_in("analyst")
    browser.open(f"/new-detection?source={source_id}")
    wait_for(lambda: len(browser.find_elements(".algorithm-card")) > 5)
    labels = {one.text: one for one in browser.find_elements(".algorithm-card label")}
    labels["Statistical limits"].click()
    browser.settle()
    wait_for(lambda: "Compare 2" in text(browser, "#new-detection-start"))
    browser.click("#new-detection-start")
    wait_for(lambda: "Agreement" in text(browser, "#detection-comparison-body"), 90)
    wait_for(lambda: "all (2)" in text(browser, "#detection-comparison-records"))
    browser.settle()
    assert browser.violations() == []


def test_a_batch_is_cancelled_and_keeps_what_is_done(browser, site):
    made = made_sources(site, 3)
    browser.sign_in("analyst")
    with site.acting(Role.ANALYST):
        batch_id = AnomalyBatchService.create_batch(
            made, "night shift", "autoencoder", {"epochs": 200, "batch_size": 8}
        )
    browser.open(f"/anomaly-batches/{batch_id}")
    wait_for(lambda: text(browser, "h1") == "night shift")
    browser.click("#detection-batch-cancel")
    wait_for(lambda: "cancelled" in text(browser, "#detection-batch-head"), 60)
    browser.settle()
    assert browser.violations() == []
    with site.acting(Role.ANALYST):
        batch = AnomalyBatchService.get_batch(batch_id)
        statuses = {one["status"] for one in batch["results"]}
        assert batch["status"] == "cancelled"
        assert statuses <= {"success", "cancelled"}
    browser.open("/anomalies")
    wait_for(lambda: "night shift" in text(browser, "#anomalies-batches"))
    assert browser.violations() == []
