from __future__ import annotations

import numpy as np
import pytest
from dash.exceptions import PreventUpdate

from callbacks.analysis import peaks as page
from diagnostics.signals.signal import Unit, single_channel
from services.runtime import unit_of_work
from tests import factories

SETTINGS = {"bearing": "6205-2RS JEM"}


@pytest.fixture
def shown(analyst):
    """A tone of 107.3 Hz, near BPFO at 1800 rpm, in noise."""
    time_s = np.arange(40_000) / 4_000
    noise = 0.1 * np.random.default_rng(3).normal(size=time_s.size)
    samples = 3 * np.sin(2 * np.pi * 107.3 * time_s) + noise
    signal = single_channel(samples, 4_000.0, Unit.ACCELERATION_G, "a")
    with unit_of_work() as session:
        made = factories.recording(session, signal, speed_rpm=1_800.0)
        return {"recording": made.id, "channel": 0, "start": None, "stop": None}


def test_a_peak_is_explained_and_can_be_chosen(shown):
    drawn = {"kind": "spectrum", "settings": SETTINGS}
    text = str(page.show_peaks(shown, drawn))
    assert "Set the cursor to 107.3" in text
    for part in ("107.3", "3.577", "1×BPFO", "−0.2", "Strong"):
        assert part in text
    in_cpm = page.show_peaks(shown, {"kind": "spectrum", "settings": {**SETTINGS, "x": "cpm"}})
    assert "Frequency [CPM]" in str(in_cpm)
    assert "6438" in str(in_cpm)


def test_where_there_are_none_it_is_said(shown):
    assert "are read from" in str(page.show_peaks(shown, {"kind": "kurtogram", "settings": {}}))
    quiet = {"kind": "spectrum", "settings": {"zoom_low": 500, "zoom_high": 600}}
    assert "12 dB" in str(page.show_peaks(shown, quiet))
    wrong = {"kind": "spectrum", "settings": {"bearing": "x"}}
    assert "catalogue has no bearing" in str(page.show_peaks(shown, wrong))
    with pytest.raises(PreventUpdate):
        page.show_peaks(None, quiet)
