from __future__ import annotations

from diagnostics.signals.measurement_card import MeasurementCard

PLAIN = MeasurementCard("waveform", "g", 12_000.0, (0.25, 1.5), 15_000, "0a1b2c")
FULL = MeasurementCard(
    "envelope spectrum",
    "g",
    97_656.0,
    (0.0, 3.0),
    292_968,
    "0a1b2c",
    detector="RMS",
    band_hz=(2_000.0, 12_500.5),
    window="Hann",
    averaging="linear",
    averages=12,
    overlap=0.75,
    resolution_hz=1 / 3,
    speed_rpm=1_500.0,
    speed_source="estimated",
    steps=("mean taken off", "resampled from 97656 to 48828 Hz"),
    notes=("middle of the chosen time",),
)


def test_what_does_not_apply_is_left_out():
    assert PLAIN.rows() == [
        ("Shown", "waveform"),
        ("Unit", "g"),
        ("Sampling rate", "12000 Hz"),
        ("Time", "0.25 to 1.5 s, 15000 samples"),
        ("Processing", "none"),
        ("Data", "0a1b2c"),
    ]


def test_all_that_applies_is_said():
    assert FULL.rows() == [
        ("Shown", "envelope spectrum"),
        ("Detector", "RMS"),
        ("Band", "2000 to 12500.5 Hz"),
        ("Window", "Hann"),
        ("Averages", "12 linear, 75 % overlap"),
        ("Resolution", "0.333333 Hz"),
        ("Unit", "g"),
        ("Sampling rate", "97656 Hz"),
        ("Time", "0 to 3 s, 292968 samples"),
        ("Speed", "1500 rpm, estimated"),
        ("Processing", "mean taken off; resampled from 97656 to 48828 Hz"),
        ("Notes", "middle of the chosen time"),
        ("Data", "0a1b2c"),
    ]


def test_lines_are_comments_whatever_the_words():
    card = MeasurementCard("a\nb", "", 1.0, (0.0, 1.0), 1, "x", speed_rpm=60.0, averages=1)
    lines = card.lines()
    assert lines[0] == "# Shown: a b"
    assert "# Unit: none" in lines
    assert "# Speed: 60 rpm, source unknown" in lines
    assert "# Averages: 1" in lines
    assert all(line.startswith("# ") and "\n" not in line for line in lines)
