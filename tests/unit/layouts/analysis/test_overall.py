from __future__ import annotations

from layouts.analysis.overall import table

VALUE = {
    "name": "velocity_rms",
    "title": "Velocity RMS",
    "value": 2.5,
    "unit": "mm/s",
    "band": (10.0, 1_000.0),
    "note": "integrated from g",
}


def test_a_value_has_its_unit_its_band_and_how_it_was_made():
    text = str(table([VALUE]))
    for part in ("2.5 mm/s", "10 Hz to 1 kHz", "integrated from g"):
        assert part in text


def test_a_value_that_cannot_be_given_says_why():
    text = str(table([{**VALUE, "value": None, "note": "The signal is too short."}]))
    assert "The signal is too short." in text
    assert "mm/s" not in text
