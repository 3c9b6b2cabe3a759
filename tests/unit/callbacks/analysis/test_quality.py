from __future__ import annotations

import numpy as np
import pytest
from dash.exceptions import PreventUpdate

from callbacks.analysis import quality as page
from diagnostics.signals.signal import Channel, Signal, Unit
from layouts.analysis.quality import IDLE, Ids
from services.runtime import unit_of_work
from tests import factories
from tests.unit.callbacks.pages import clicked


@pytest.fixture
def recording(analyst):
    samples = np.random.default_rng(1).normal(size=(1, 20_000)) + 3
    with unit_of_work() as session:
        signal = Signal(samples, 10_000.0, (Channel("a", Unit.ACCELERATION_G),))
        return str(factories.recording(session, signal).id)


def test_the_button_checks_the_recording(recording):
    with clicked(Ids.check):
        found, looked_at = page.show_quality(1, recording, None)
    assert "An offset" in str(found)
    assert looked_at == recording


def test_findings_stay_until_another_recording_is_chosen(recording):
    with clicked("signals-recording", "value"):
        with pytest.raises(PreventUpdate):
            page.show_quality(1, recording, recording)
        with pytest.raises(PreventUpdate):
            page.show_quality(None, recording, None)
        found, looked_at = page.show_quality(1, "999", recording)
    assert IDLE in str(found)
    assert looked_at is None
    with pytest.raises(PreventUpdate):
        page.show_quality(None, None, None)
