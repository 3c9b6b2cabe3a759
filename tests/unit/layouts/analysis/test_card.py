from __future__ import annotations

from layouts.analysis import card

RECORDING = {
    "name": "r1",
    "channels": [{"name": "radial", "unit": "g"}, {"name": "axial", "unit": "mm/s"}],
    "sample_rate_hz": 1_000.0,
    "content_hash": "5f3a",
    "speed_rpm": 1_800.0,
    "speed_source": "file",
}


def test_the_card_begins_with_what_is_shown():
    text = str(card.rows(RECORDING, 1, [("Window", "Hann")]))
    assert text.index("r1, axial") < text.index("Hann")
