from __future__ import annotations

from layouts.analysis import peaks

ROW = {
    "frequency_hz": 107.34,
    "value": 0.0123,
    "above_floor_db": 31.2,
    "order": None,
    "kind": "BPFO",
    "line": "1×BPFO",
    "line_hz": 107.54,
    "deviation_percent": -0.186,
    "inside": True,
}


def test_a_peak_can_be_chosen_by_its_frequency():
    drawn = str(peaks.peaks([ROW], "g"))
    for text in ("data-cursor-hz='107.34'", "12.3 mg", "31 dB", "Strong", "line-bpfo", "−0.19 %"):
        assert text in drawn
    assert "'6440.4'" in str(peaks.peaks([ROW], "g", in_cpm=True))


def test_a_far_line_is_told_as_such():
    assert "signals-far" in str(peaks.peaks([{**ROW, "inside": False}], "g"))
    alone = {**ROW, "line": None, "deviation_percent": None}
    assert "signals-far" not in str(peaks.peaks([alone], "g"))
