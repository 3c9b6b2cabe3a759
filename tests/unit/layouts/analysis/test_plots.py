from __future__ import annotations

from layouts.analysis import plots


def test_a_few_samples_less_are_no_reason_to_zoom_in():
    part = {"start_s": 0.0, "stop_s": 5.0, "chosen_count": 250_001}
    assert plots.part_note({**part, "sample_count": 250_000}) == [
        " 250,000 of 250,001 samples, 0 to 5 s."
    ]
    assert "Zoom in" in str(plots.part_note({**part, "sample_count": 200_000}))
