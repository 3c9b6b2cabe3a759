from __future__ import annotations

import numpy as np
import pytest

from diagnostics.bearings.frequencies import fault_lines, shaft_lines
from diagnostics.signals.spectrum import Spectrum, amplitude_spectrum
from services.signals.peaks import explained, peak_rows, value_rows

SHAFT_HZ = 30.0
LINES = fault_lines({"BPFO": 3.5, "BPFI": 5.5}, SHAFT_HZ, 2, 0.02, 1) + shaft_lines(SHAFT_HZ)


@pytest.fixture(scope="module")
def spectrum():
    """Tones of 105.5 Hz (BPFO and half a per cent), 60 Hz and 700 Hz in noise."""
    time_s = np.arange(40_000) / 4_000
    noise = 0.2 * np.random.default_rng(2).normal(size=time_s.size)
    tones = ((105.5, 3.0), (60.0, 2.0), (700.0, 1.0))
    tone = sum(height * np.sin(2 * np.pi * hz * time_s) for hz, height in tones)
    return amplitude_spectrum(tone + noise, 4_000.0)


def test_peaks_with_what_may_have_made_them(spectrum):
    first, second, third = peak_rows(spectrum, LINES, SHAFT_HZ, (0.0, 2_000.0))
    assert first["frequency_hz"] == pytest.approx(105.5, abs=0.01)
    assert first["value"] == pytest.approx(3.0, rel=0.01)
    assert first["order"] == pytest.approx(3.517, abs=0.001)
    assert (first["line"], first["kind"], first["inside"]) == ("1×BPFO", "BPFO", True)
    assert first["deviation_percent"] == pytest.approx(0.476, abs=0.01)
    assert (second["line"], second["inside"]) == ("2×shaft", True)
    assert third["line"] is None  # nothing within 5 %


def rows_of(*tones_hz):
    """Peaks of tones, with lines of many multiples over them."""
    time_s = np.arange(40_000) / 4_000
    noise = 0.1 * np.random.default_rng(3).normal(size=time_s.size)
    signal = noise + sum(np.sin(2 * np.pi * hz * time_s) for hz in tones_hz)
    lines = fault_lines({"BPFO": 3.5, "BSF": 2.3}, SHAFT_HZ, 10, 0.02) + shaft_lines(SHAFT_HZ)
    found = peak_rows(amplitude_spectrum(signal, 4_000.0), lines, SHAFT_HZ, (300.0, 1_900.0))
    return {round(row["frequency_hz"]): row["line"] for row in found if row["inside"]}


def test_a_multiple_needs_the_first_line_of_its_defect():
    assert rows_of(732.0) == {}
    assert rows_of(104.6, 732.2) == {732: "7×BPFO"}
    assert rows_of(106.5, 732.2) == {}  # off by as much the other way
    assert rows_of(138.6, 416.0) == {416: "6×BSF"}
    assert rows_of(150.0, 300.1) == {300: "10×shaft"}


def test_a_cursor_names_the_nearest_line_and_says_what_a_peak_there_would_be_called():
    time_s = np.arange(40_000) / 4_000
    noise = 0.1 * np.random.default_rng(3).normal(size=time_s.size)
    lines = fault_lines({"BPFO": 3.5}, SHAFT_HZ, 10, 0.02)

    def named(*tones_hz):
        signal = noise + sum(np.sin(2 * np.pi * hz * time_s) for hz in tones_hz)
        (row,) = value_rows(amplitude_spectrum(signal, 4_000.0), [732.2], lines, SHAFT_HZ)
        return row["line"], row["inside"]

    assert named(732.2) == ("7×BPFO", False)
    assert named(104.6, 732.2) == ("7×BPFO", True)


def test_only_the_shown_frequencies_count(spectrum):
    rows = peak_rows(spectrum, LINES, SHAFT_HZ, (100.0, 800.0))
    assert [row["frequency_hz"] for row in rows] == pytest.approx([105.5, 700], abs=0.1)


def test_a_frequency_beside_all_lines_has_the_nearest_one():
    found = explained(110.0, LINES, SHAFT_HZ)
    assert (found["line"], found["inside"]) == ("1×BPFO", False)
    assert found["deviation_percent"] == pytest.approx(100 * (110 / 105 - 1))
    sideband = explained(135.0, fault_lines({"BPFI": 5.5}, SHAFT_HZ, sidebands=1), SHAFT_HZ)
    assert sideband["line"] == "1×BPFI −1×shaft"
    nothing = explained(110.0, [], 0.0)
    assert nothing["order"] is None
    assert nothing["line"] is None


def test_values_are_those_of_the_nearest_line():
    spectrum = Spectrum(np.arange(11) * 0.5, np.arange(11) * 1.0)
    rows = value_rows(spectrum, [0.0, 2.2, 5.2, 9.0], [], 0.0)
    assert [(row["at_hz"], row["frequency_hz"], row["value"]) for row in rows] == [
        (0.0, 0.0, 0.0),
        (2.2, 2.0, 4.0),
        (5.2, 5.0, 10.0),
    ]
