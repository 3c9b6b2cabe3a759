from __future__ import annotations

from layouts.analysis import overlay

VIEW = {
    "bearing": "6205",
    "bearing_told": "Geometry as entered for fan.",
    "machine_id": None,
    "orders": [{"kind": "BPFO", "order": 3.5848, "frequency_hz": None}],
    "speed_rpm": None,
    "speed_source": "recorded",
    "speed_told": "The recording has no speed.",
    "lines": [],
}


def test_the_panel_is_filled_with_what_the_address_says():
    drawn = str(overlay.panel({"bearing": "bearing:7", "speed": 1_800.0, "cursor": "harmonic"}))
    assert "value='bearing:7'" in drawn
    assert "value=1800.0" in drawn
    assert "value='harmonic'" in drawn
    assert "that of the recording" in str(overlay.panel({}))


def test_orders_without_a_speed_have_no_frequency():
    drawn = str(overlay.source(VIEW))
    assert "3.5848" in drawn
    assert "'–'" in drawn
    assert "The recording has no speed." in drawn
    assert "/machines" not in drawn
    assert "/machines" in str(overlay.source({**VIEW, "orders": []}))
    assert "/machines/7" in str(overlay.source({**VIEW, "orders": [], "machine_id": 7}))


def test_the_verdict_has_its_numbers():
    row = {"fault": "outer race", "line": "BPFO", "expected_hz": 107.54, "found_hz": 107.0,
           "slip_percent": -0.5, "snr_db": 23.4}  # fmt: skip
    found = {"told": "Outer race: …", "rows": [row], "start_s": 0.0, "stop_s": 5.0}
    drawn = str(overlay.verdict(found))
    for text in ("Outer race: …", "107.54 Hz", "107 Hz", "−0.5 %", "23.4 dB", "0 to 5 s"):
        assert text in drawn
