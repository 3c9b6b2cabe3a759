from __future__ import annotations

import pytest

from layouts.analysis import plot_settings


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "0 to peak · Hann · Hz"),
        ({"detector": "rms", "window": "flattop", "y": "db"}, "RMS · flat top · Hz · decibels"),
        (
            {"averaging": "linear", "segment": 2048.0, "overlap": 0.75},
            "0 to peak · Hann · mean power · segments of 2048 · 75 % overlap · Hz",
        ),
        (
            {"x": "orders", "zoom_low": 0.0, "zoom_high": 99.5},
            "0 to peak · Hann · orders of the shaft · 0 to 99.5 Hz",
        ),
        ({"zoom_low": 100.0}, "0 to peak · Hann · Hz · 100 Hz and more"),
    ],
)
def test_the_closed_panel_says_how_the_plot_is_made(settings, line):
    assert plot_settings.summary(settings) == line
    assert f"'{line}'" in str(plot_settings.panel(settings))
