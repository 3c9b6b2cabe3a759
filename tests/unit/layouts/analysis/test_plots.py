from __future__ import annotations

from layouts.analysis import plots


def test_a_few_samples_less_are_no_reason_to_zoom_in():
    part = {"start_s": 0.0, "stop_s": 5.0, "chosen_count": 250_001}
    few = str(plots.part_note({**part, "sample_count": 250_000}))
    assert "250\u202f000 of 250\u202f001 samples" in few
    assert "Zoom in" not in few
    assert "Zoom in" in str(plots.part_note({**part, "sample_count": 200_000}))
