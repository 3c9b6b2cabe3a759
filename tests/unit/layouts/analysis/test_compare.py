from __future__ import annotations

from layouts.analysis.compare import made, place, table

CURVE = {
    "recording_id": 7,
    "name": "run 1",
    "label": "inner",
    "channel": "radial",
    "unit": "m/s²",
    "sample_rate_hz": 97_656.0,
    "start_s": 0.25,
    "stop_s": 1.5,
    "resolution_hz": 0.8,
    "remarks": ["converted from m/s² to g"],
    "refused": "",
}
REFUSED = {**CURVE, "name": "run 2", "start_s": None, "stop_s": None, "resolution_hz": None}


def test_each_row_says_unit_rate_time_and_what_was_done():
    shown = str(table([CURVE]))
    for words in ("run 1 · inner", "m/s²", "97.656 kHz", "0.25 to 1.5 s", "0.8 Hz", "converted"):
        assert words in shown
    assert "recording=7" in shown


def test_a_refused_one_says_why():
    shown = str(table([{**REFUSED, "refused": "V cannot be converted to g."}]))
    assert "Not shown. V cannot be converted to g." in shown


def test_the_card_names_the_recordings_that_are_shown():
    curves = [CURVE, {**REFUSED, "refused": "no"}]
    shown = str(made({"curves": curves, "card": [("Window", "Hann")]}))
    assert "run 1, radial" in shown
    assert "Hann" in shown
    assert "run 2" not in shown


def test_what_the_address_says_is_in_the_controls():
    shown = str(place({"with": "4,5", "compare": "envelope", "layout": "multiples"}))
    for words in ("'4,5'", "'envelope'", "'multiples'"):
        assert words in shown
