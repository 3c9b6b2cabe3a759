from __future__ import annotations

import pytest

from layouts.analysis import processing


def found(panel, component_id):
    return next(c for c in panel._traverse() if getattr(c, "id", None) == component_id)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "as recorded"),
        ({"detrend": "mean"}, "mean taken off"),
        ({"unit": "mm/s", "high_pass": 5.0}, "in mm/s, integrated from 5 Hz"),
        (
            {"filter": "band", "filter_low": 500.0, "filter_high": 2e3},
            "band-pass from 500 Hz to 2 kHz",
        ),
        ({"filter": "low", "filter_low": 500.0, "filter_high": 2e3}, "low-pass to 2 kHz"),
        ({"rate": 6_000.0, "detrend": "linear"}, "straight line taken off · at 6 kHz"),
    ],
)
def test_the_closed_panel_says_what_is_done(settings, line):
    assert processing.summary(settings) == line
    assert found(processing.panel(settings), processing.Ids.told).children == line


@pytest.mark.parametrize(
    ("kind", "hidden"),
    [
        ("none", (True, True)),
        ("low", (True, False)),
        ("high", (False, True)),
        ("stop", (False, False)),
    ],
)
def test_a_filter_shows_the_edges_that_it_has(kind, hidden):
    panel = processing.panel({"filter": kind})
    ids = (processing.Ids.filter_low_field, processing.Ids.filter_high_field)
    assert tuple(found(panel, one).hidden for one in ids) == hidden


def test_the_controls_hold_what_the_address_says():
    panel = processing.panel({"unit": "mm/s", "rate": 6_000.0})
    assert found(panel, processing.Ids.unit).value == "mm/s"
    assert found(panel, processing.Ids.rate).value == 6_000
    assert found(panel, processing.Ids.detrend).value == "none"
