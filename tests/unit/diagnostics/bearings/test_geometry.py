"""Published defect frequencies say what the formulae must give."""

from __future__ import annotations

import pytest

from diagnostics.bearings.geometry import Bearing
from diagnostics.errors import BearingError

# Case Western Reserve University's test rig: orders as published for both bearings, in
# inches. What is published as the rolling element's order is twice the spin.
CWRU = {
    (9, 0.3126, 1.537): (3.5848, 5.4152, 4.7135, 0.39828),
    (8, 0.2656, 1.122): (3.0530, 4.9469, 3.9874, 0.3817),
}


@pytest.mark.parametrize(("geometry", "published"), CWRU.items())
def test_orders_of_the_cwru_bearings(geometry, published):
    balls, element_in, pitch_in = geometry
    bearing = Bearing(balls, element_in * 25.4, pitch_in * 25.4)
    bpfo, bpfi, twice_bsf, ftf = published
    assert bearing.bpfo == pytest.approx(bpfo, abs=1.5e-3)
    assert bearing.bpfi == pytest.approx(bpfi, abs=1.5e-3)
    assert 2 * bearing.bsf == pytest.approx(twice_bsf, abs=3e-3)
    assert bearing.ftf == pytest.approx(ftf, abs=5e-4)


def test_frequencies_of_the_mfpt_bearing():
    """8 rollers of 0.235 in on 1.245 in; published for 25 Hz: 81.125 Hz and 118.875 Hz."""
    bearing = Bearing(8, 0.235 * 25.4, 1.245 * 25.4)
    assert 25 * bearing.bpfo == pytest.approx(81.125, abs=0.05)
    assert 25 * bearing.bpfi == pytest.approx(118.875, abs=0.05)


@pytest.mark.parametrize("angle_deg", [0, 15, 40])
def test_laws_that_hold_for_every_bearing(angle_deg):
    bearing = Bearing(12, 8.0, 40.0, angle_deg)
    assert bearing.bpfo + bearing.bpfi == pytest.approx(12)
    assert bearing.bpfo == pytest.approx(12 * bearing.ftf)
    assert bearing.orders() == {
        "BPFO": bearing.bpfo,
        "BPFI": bearing.bpfi,
        "BSF": bearing.bsf,
        "FTF": bearing.ftf,
    }


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((2, 8, 40), "3 rolling elements"),
        ((9, 0, 40), "above 0"),
        ((9, 40, 40), "below the pitch diameter"),
        ((9, 8, float("nan")), "pitch diameter"),
        ((9, 8, 40, 90), "below 90°"),
        ((9, 8, 40, -1), "at least 0°"),
    ],
)
def test_refuses_what_no_bearing_can_have(given, says):
    with pytest.raises(BearingError, match=says):
        Bearing(*given)
