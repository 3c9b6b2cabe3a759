from __future__ import annotations

import pytest

from services.errors import Invalid
from services.signals.overlays import line_views, lines_beside, lines_over, order_views
from services.signals.settings import OverlaySettings

ORDERS = {"BPFO": 3.5, "BPFI": 5.5, "BSF": 2.25, "FTF": 0.4}


def names(settings, shaft_hz=30.0, orders=ORDERS, up_to_hz=1_000.0):
    found = line_views(lines_over(orders, shaft_hz, settings, up_to_hz))
    return {one["name"]: one for one in found}


def test_lines_with_their_tolerance():
    found = names(OverlaySettings(harmonics=2, tolerance_percent=3.0))
    assert len(found) == 2 + 2 + 4 + 2  # a ball strikes twice in a turn of its own
    line = found["2×BPFO"]
    assert (line["frequency_hz"], line["low_hz"], line["high_hz"]) == pytest.approx(
        (210.0, 203.7, 216.3)
    )
    assert (line["kind"], line["harmonic"], line["sideband"]) == ("BPFO", 2, 0)


def test_sidebands_and_orders_of_the_shaft():
    found = names(OverlaySettings(harmonics=1, sidebands=1, shaft=True))
    assert found["1×BPFI −1×shaft"]["frequency_hz"] == pytest.approx(135)
    assert found["2×BSF +1×FTF"]["frequency_hz"] == pytest.approx(147)
    assert found["1×shaft"]["high_hz"] == pytest.approx(30.15)
    assert set(names(OverlaySettings(harmonics=2, shaft=True), orders={})) == {"1×shaft", "2×shaft"}


def test_without_speed_or_harmonics_there_are_no_lines():
    assert names(OverlaySettings(), shaft_hz=0.0) == {}
    assert names(OverlaySettings(harmonics=0, shaft=True)) == {}
    with pytest.raises(Invalid, match="tolerance"):
        lines_over(ORDERS, 30.0, OverlaySettings(tolerance_percent=20.0), 1_000.0)


def test_lines_that_are_not_drawn_explain_too():
    def beside(up_to_hz=1_000.0, **settings):
        found = lines_beside(ORDERS, 30.0, OverlaySettings(**settings), up_to_hz)
        return [one.name for one in found]

    assert {"4×BPFO", "8×BSF", "1×shaft", "10×shaft"} <= set(beside())
    assert not {"3×BPFO", "7×BSF", "4×FTF"} & set(beside())
    assert "3×shaft" not in beside(shaft=True)
    assert "4×shaft" in beside(shaft=True)
    assert beside(harmonics=0, shaft=True, up_to_hz=100.0) == ["1×shaft", "2×shaft", "3×shaft"]
    assert beside(harmonics=10, shaft=True) == []
    assert lines_beside(ORDERS, 0.0, OverlaySettings(), 1_000.0) == []


def test_orders_with_their_frequencies_where_the_speed_is_known():
    assert order_views({"BPFO": 3.5}, 30.0) == [
        {"kind": "BPFO", "order": 3.5, "frequency_hz": 105.0}
    ]
    assert order_views({"BPFO": 3.5}, 0.0)[0]["frequency_hz"] is None
