"""Published frequencies, and what is said about tolerance, sidebands and limits."""

from __future__ import annotations

import math

import pytest

from diagnostics.bearings.frequencies import fault_lines, nearest, shaft_lines
from diagnostics.bearings.geometry import Bearing
from diagnostics.errors import BearingError

SKF_6205 = {"BPFO": 3.5848, "BPFI": 5.4152, "BSF": 2.3567, "FTF": 0.39828}


def at(lines, name):
    return next(line for line in lines if line.name == name)


def test_published_frequencies_of_the_mfpt_rig():
    lines = fault_lines(Bearing(8, 0.235 * 25.4, 1.245 * 25.4).orders(), 25.0)
    assert at(lines, "1×BPFO").frequency_hz == pytest.approx(81.125, abs=0.05)
    assert at(lines, "1×BPFI").frequency_hz == pytest.approx(118.875, abs=0.05)
    assert at(lines, "3×BPFI").frequency_hz == pytest.approx(3 * 118.875, abs=0.15)


def test_kinds_and_multiples():
    lines = fault_lines(SKF_6205, 30.0, harmonics=2)
    assert [line.name for line in lines] == [
        *("1×BPFO", "2×BPFO", "1×BPFI", "2×BPFI"),
        *("1×BSF", "2×BSF", "3×BSF", "4×BSF", "1×FTF", "2×FTF"),
    ]
    assert at(lines, "2×BSF").frequency_hz == pytest.approx(4.7135 * 30, rel=1e-4)


def test_the_interval_widens_with_the_harmonic_but_not_with_the_sideband():
    lines = fault_lines(SKF_6205, 30.0, tolerance=0.01, sidebands=1)
    third = at(lines, "3×BPFI")
    assert third.high_hz - third.low_hz == pytest.approx(0.02 * third.frequency_hz)
    beside = at(lines, "3×BPFI +1×shaft")
    assert beside.high_hz - beside.low_hz == pytest.approx(third.high_hz - third.low_hz)


def test_sidebands_where_something_modulates():
    lines = fault_lines(SKF_6205, 30.0, harmonics=1, sidebands=2)
    assert [line.name for line in lines if line.kind == "BPFO"] == ["1×BPFO"]
    assert sum(line.kind == "BPFI" for line in lines) == 5
    spacing = at(lines, "2×BSF +1×FTF").frequency_hz - at(lines, "2×BSF").frequency_hz
    assert spacing == pytest.approx(0.39828 * 30)
    without_cage = fault_lines({"BSF": 2.4}, 30.0, harmonics=1, sidebands=2)
    assert [line.name for line in without_cage] == ["1×BSF", "2×BSF"]


def test_lines_beyond_the_spectrum_are_left_out():
    lines = fault_lines(SKF_6205, 30.0, sidebands=3, harmonics=5, up_to_hz=200.0)
    assert lines
    assert all(0 < line.frequency_hz <= 200 for line in lines)


def test_the_shaft():
    lines = shaft_lines(25.0)
    assert [line.frequency_hz for line in lines] == [25.0 * n for n in range(1, 11)]
    assert lines[1].name == "2×shaft"


def test_the_nearest_line_of_a_peak():
    lines = fault_lines(SKF_6205, 30.0, sidebands=2) + shaft_lines(30.0)
    assert nearest(107.5 * 1.005, lines).name == "1×BPFO"
    assert nearest(162.5, lines).name == "1×BPFI"
    assert nearest(60.1, lines).name == "2×shaft"
    assert nearest(132.4, lines).name == "1×BPFI −1×shaft"
    assert nearest(85.0, lines) is None
    assert nearest(85.0, []) is None
    # With nine balls the ninth multiple of the cage lies where the outer race strikes.
    nine = fault_lines({"FTF": 0.4, "BPFO": 3.6}, 30.0, harmonics=9)
    assert nearest(108.2, nine).name == "1×BPFO"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"shaft_hz": 0}, "more than 0 Hz"),
        ({"shaft_hz": math.nan}, "more than 0 Hz"),
        ({"orders": {"BPFO": -1.0}}, "order of BPFO"),
        ({"harmonics": 0}, "at least 1 harmonic"),
        ({"sidebands": -1}, "negative number of sidebands"),
        ({"tolerance": 0.2}, "below 20 %"),
    ],
)
def test_refuses(arguments, says):
    with pytest.raises(BearingError, match=says):
        fault_lines(**({"orders": SKF_6205, "shaft_hz": 30.0} | arguments))
