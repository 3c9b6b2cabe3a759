from __future__ import annotations

import numpy as np
import pytest

from diagnostics.bearings import rule
from diagnostics.signals.kurtogram import fast_kurtogram
from services.errors import Invalid
from services.signals import bands, pictures
from tests.striking import RATE_HZ, SAMPLES, plot


def test_the_kurtogram_has_its_cells_and_marks_the_best(striking_id):
    view = plot("kurtogram", striking_id)
    expected = fast_kurtogram(SAMPLES, RATE_HZ)
    np.testing.assert_array_equal(view["values"], expected.picture())
    assert view["levels"] == expected.levels.tolist()
    assert [len(row) for row in view["cells"]] == [row.size for row in expected.kurtosis]
    assert view["y"].tolist() == list(range(len(view["cells"])))
    assert (view["cells"][-1][-1]["high_hz"], view["x"][-1]) == (
        5_000,
        pytest.approx(4_993.5, 1e-3),
    )
    best = expected.best_of(rule.wide_enough_hz({"BPFI": 6.0}, 25.0)).band
    assert view["band"] == (best.low_hz, best.high_hz)
    assert "is the best among those 482 Hz wide or more" in view["notes"][0]
    assert view["value_unit"] == ""


def test_a_spectrogram_has_the_segment_the_window_and_the_overlap_asked_for(striking_id):
    view = plot("spectrogram", striking_id, segment=1_024, overlap=0.75, start_s=2.0, stop_s=5.0)
    assert (view["segment"], view["value_unit"]) == (1_024, "(m/s²)²/Hz")
    assert 2 < view["x"][0] < view["x"][-1] < 5
    assert view["values"].max() - view["values"].min() <= pictures.DEPTH_DB
    card = dict(view["card"])
    assert (card["Unit"], card["Window"]) == ("dB re 1 (m/s²)²/Hz", "Hann")
    assert card["Resolution"] == "9.76562 Hz"
    usual = plot("spectrogram", striking_id)
    assert usual["segment"] == 512
    assert usual["values"].shape[1] <= pictures.IMAGE_COLUMNS


def test_a_scalogram_shows_the_strikes_at_their_resonance(striking_id):
    view = plot("scalogram", striking_id, start_s=1.0, stop_s=1.5, cycles=8)
    loudest = view["y"][
        view["values"].max(axis=1)[view["y"] > 500].argmax() + (view["y"] <= 500).sum()
    ]
    assert loudest == pytest.approx(3_200, rel=0.1)
    assert 1 < view["x"][0] < view["x"][-1] < 1.5
    assert "Morlet's wavelet of 8 cycles" in view["notes"][0]
    part = plot("scalogram", striking_id, zoom_low=100, zoom_high=1_000)
    assert (part["y"][0], part["y"][-1]) == pytest.approx((100, 1_000))
    with pytest.raises(Invalid, match="at most 5000 Hz"):
        plot("scalogram", striking_id, zoom_high=9_000)


def test_long_pictures_are_made_of_the_middle_and_it_is_said(striking_id, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_SCALOGRAM", 20_000)
    monkeypatch.setattr(bands, "MOST_KURTOGRAM", 20_000)
    image = plot("scalogram", striking_id)
    assert image["x_span"] == (4, 6)
    assert image["notes"][1] == "Made of the middle 2 s, to be quick."
    assert plot("kurtogram", striking_id)["notes"][1] == "Made of the middle 2 s, to be quick."


def test_a_time_too_short_for_a_wavelet_is_refused_with_what_to_do(striking_id):
    with pytest.raises(Invalid, match=r"20 samples are too few for a wavelet of 6 cycles"):
        plot("scalogram", striking_id, start_s=1.0, stop_s=1.002)


@pytest.mark.parametrize(
    ("count", "segment"), [(10, 10), (1_000, 64), (2**17, 512), (2**24, 2_048)]
)
def test_the_usual_segment_gives_about_as_many_columns_as_rows(count, segment):
    assert pictures.usual_segment(count) == segment
