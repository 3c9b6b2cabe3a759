"""Variants side by side; one is published, tried, and asked for by the shown address."""

from __future__ import annotations

from selenium.webdriver.support.select import Select
from sqlalchemy import select

from models import Dataset, DatasetVersion, Experiment, ServedBatch
from services.deployment.serving_service import ModelServingService
from services.runtime import unit_of_work
from tests import exported, factories
from tests.running import wait_for

UP = "1 1 1 1 1 1 1 1"


def text(browser, selector):
    """Read at once: an element that is held may be replaced meanwhile."""
    script = "const e = document.querySelector(arguments[0]); return e ? e.innerText : ''"
    return browser.driver.execute_script(script, selector)


def test_a_variant_is_published_and_answers(browser, site):
    with site.acting() as analyst, unit_of_work() as session:
        experiment = factories.experiment(
            session, owner_id=analyst.user_id, name="Pump", classifier="cnn1d"
        )
        row = session.get_one(Experiment, experiment.id)
        row.checkpoint_key, row.checkpoint_hash = "models/none.pt", "weights"
        variant_id = exported.variant(session, row.id, analyst.user_id)
        ModelServingService.publish("a-model-of-before", variant_id)
        version = session.get_one(DatasetVersion, row.version_id)
        dataset = session.get_one(Dataset, version.dataset_id)
        data = f"{dataset.name}, version {version.number} ({version.recording_count} recordings)"
        dataset_id = dataset.id
        address = f"/deployments?experiment={row.id}"
    browser.sign_in("analyst")
    browser.open(address)
    browser.wait_for_contains_text("#deployments-variants", "ONNX, full precision")
    browser.type_into("#deployments-name", "pump-bearing")
    browser.click("#deployments-publish")
    browser.wait_for_contains_text("#deployments-models", "pump-bearing")
    browser.settle()
    browser.click("#deployments-production")
    browser.wait_for_contains_text("#deployments-models", "production")
    browser.settle()
    browser.type_into("#deployments-samples", UP)
    browser.click("#deployments-try")
    wait_for(lambda: "above" in text(browser, "#deployments-answer"))
    datasets = Select(browser.find_element("#deployment-recording-dataset"))
    datasets.select_by_value(str(dataset_id))
    browser.settle()
    browser.click("#deployment-recording-go")
    wait_for(lambda: "Asked about" in text(browser, "#deployment-recording-answer"))
    assert f"{site.up.url}/api/v1/models/pump-bearing/predict" in text(
        browser, "#deployments-snippet"
    )
    assert browser.violations() == []
    browser.click("#deployments-time")
    browser.wait_for_contains_text("#deployments-times", "timed again")
    assert "p50 when it was made" in text(browser, "#deployments-times")
    browser.choose("#deployment-batches-version", data)
    before = newest(site)
    browser.click("#deployment-batches-go")
    wait_for(lambda: newest(site) != before)
    batch_id = newest(site)
    wait_for(lambda: "done" in text(browser, f"tr:has(a[href$='/batches/{batch_id}'])"))
    browser.open(f"/deployments/batches/{batch_id}")
    browser.wait_for_contains_text("#served-batch-summary", "Accuracy")
    assert text(browser, "#served-batch-rows").count("\n") == 12
    assert browser.violations() == []


def newest(site) -> int | None:
    """Other tests on this site may have asked before."""
    with site.acting(), unit_of_work(writing=False) as session:
        return session.scalars(select(ServedBatch.id).order_by(ServedBatch.id.desc())).first()
