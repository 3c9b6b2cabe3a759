from __future__ import annotations

import pytest
from dash.exceptions import PreventUpdate

from callbacks.analysis import cursors as page
from services.runtime import unit_of_work
from tests import factories


@pytest.fixture
def shown(analyst):
    with unit_of_work() as session:
        made = factories.recording(session, factories.sine(frequency_hz=50.0, amplitude=2.0))
        return {"recording": made.id, "channel": 0, "start": None, "stop": None}


def test_a_cursor_at_rest_is_read_from_the_spectrum(shown):
    still = {"key": "k", "frequencies_hz": [50.0, 5_000.0]}
    read = page.read_values(still, shown, {"kind": "spectrum", "settings": {}})
    assert read["key"] == "k"
    assert read["rows"] == [
        {"at": 50.0, "text": "2 m/s²", "inside": False},
        {"at": 5_000.0, "text": "–", "inside": False},
    ]
    assert "one each 1 Hz" in read["told"]
    beyond = page.read_values(
        {**still, "frequencies_hz": [5_000.0]}, shown, {"kind": "spectrum", "settings": {}}
    )
    assert beyond["told"] == "The cursor lies beyond the lines of the spectrum."


def test_pictures_are_not_read(shown):
    still = {"key": "k", "frequencies_hz": [50.0]}
    read = page.read_values(still, shown, {"kind": "spectrogram", "settings": {}})
    assert read["rows"] == [{"at": 50.0, "text": "–", "inside": False}]
    assert "choose a spectrum" in read["told"]


def test_what_cannot_be_is_told(shown):
    still = {"key": "k", "frequencies_hz": [50.0]}
    read = page.read_values(still, shown, {"kind": "spectrum", "settings": {"filter": "low"}})
    assert read["rows"] == []
    assert read["told"]
    with pytest.raises(PreventUpdate):
        page.read_values(None, shown, {"kind": "spectrum", "settings": {}})
