from __future__ import annotations

import pytest
from dash.exceptions import PreventUpdate

from callbacks.analysis import audio as page
from services.runtime import unit_of_work
from tests import factories


@pytest.fixture
def shown(analyst):
    with unit_of_work() as session:
        made = factories.recording(session)
        return {"recording": made.id, "channel": 0, "start": 0.25, "stop": None}


def test_the_shown_time_is_offered(shown):
    source, hidden, told = page.offer_sound(shown)
    assert source.endswith(f"/recordings/{shown['recording']}/audio?channel=0&start=0.25")
    assert not hidden
    assert "Resampled from 2000 to 8000 Hz" in told


def test_why_there_is_no_sound(shown):
    _, hidden, told = page.offer_sound({**shown, "start": 0.0, "stop": 0.001})
    assert hidden
    assert told.startswith("No sound: Less than 0.05 s")
    with pytest.raises(PreventUpdate):
        page.offer_sound(None)
