from __future__ import annotations

import numpy as np
import pytest
from dash.exceptions import PreventUpdate

from callbacks.analysis import overall as page
from diagnostics.signals.signal import Channel, Signal, Unit
from services.runtime import unit_of_work
from tests import factories

RATE_HZ = 5_000.0


@pytest.fixture
def shown(analyst):
    tone = np.sin(2 * np.pi * 50 * np.arange(20_000) / RATE_HZ).astype(np.float32)
    signal = Signal(tone[None], RATE_HZ, (Channel("a", Unit.ACCELERATION_G),))
    with unit_of_work() as session:
        made = factories.recording(session, signal)
        return {"recording": made.id, "channel": 0, "start": None, "stop": None}


def test_the_values_follow_the_time(shown):
    whole = str(page.show_overall(shown, {}))
    assert "22.07 mm/s" in whole
    assert "10 Hz to 1 kHz" in whole
    short = str(page.show_overall({**shown, "start": 0.0, "stop": 0.1}, {}))
    assert "22.07 mm/s" not in short
    assert "needs 0.5 s or more" in short


def test_too_short_a_time_is_told(shown):
    assert "samples" in str(page.show_overall({**shown, "stop": 0.0001}, {}))
    with pytest.raises(PreventUpdate):
        page.show_overall(None, {})
