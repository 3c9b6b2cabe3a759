"""The check of signal quality in a browser: a finding, and the way to its place."""

from __future__ import annotations

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from diagnostics.signals.signal import Channel, Signal, Unit
from models import Origin
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from tests.running import wait_for

RATE_HZ = 10_000.0
RANGE = """
const graph = document.querySelector("#signals-waveform .js-plotly-plot");
return graph && graph._fullLayout ? graph._fullLayout.xaxis.range : null;
"""


@pytest.fixture(scope="module")
def recording_id(site):
    samples = np.random.default_rng(5).normal(size=(2, 100_000)).astype(np.float32)
    samples[1, 60_000:62_000] = 0
    channels = (Channel("radial", Unit.ACCELERATION_G), Channel("axial", Unit.VELOCITY))
    with site.acting():
        stored = store_samples(Signal(samples, RATE_HZ, channels), About("lost", Origin.IMPORTED))
        dataset_id = DatasetService.create("Lost samples")
        added = DatasetService.add_recordings(dataset_id, [stored], "for a test")
    return added["recordings"][0].recording_id


def test_a_place_is_shown_in_the_waveform(browser, recording_id):
    browser.sign_in("analyst")
    browser.open(f"/signals?recording={recording_id}")
    browser.wait_for_contains_text("#signals-statistics", "RMS")
    browser.find_element("#signals-quality-check").send_keys(Keys.ENTER)
    browser.wait_for_contains_text("#signals-quality-found", "Lost samples")
    browser.settle()
    browser.find_element("[data-quality-start]").send_keys(Keys.ENTER)

    def is_there() -> bool:
        shown = browser.driver.execute_script(RANGE)
        return shown is not None and shown == pytest.approx([5.9, 6.3], abs=0.01)

    wait_for(is_there)
    browser.settle()
    assert "channel=1" in browser.driver.current_url
    assert "Lost samples" in browser.find_element("#signals-quality-found").text
