from __future__ import annotations

import numpy as np
import pytest

from services.errors import Invalid
from services.signals.parts import Part, chosen_band, samples_between

PART = Part(np.zeros(500), 12_000.0, "g", 30.0, 1_200, 9_000)


@pytest.mark.parametrize(
    ("start_s", "stop_s", "samples"),
    [
        (None, None, (0, 1_000)),
        (0.25, 0.5, (250, 500)),
        (0.2505, 0.5001, (250, 501)),
        (-3.0, 0.001, (0, 2)),
        (0.9999, 7.0, (998, 1_000)),
        (5.0, 6.0, (998, 1_000)),
        (0.5, 0.5, (500, 502)),
    ],
)
def test_a_time_becomes_at_least_two_samples_that_are_there(start_s, stop_s, samples):
    assert samples_between(start_s, stop_s, 1_000.0, 1_000) == samples


def test_a_single_sample_is_all_there_is():
    assert samples_between(None, None, 1_000.0, 1) == (0, 1)


@pytest.mark.parametrize(("start_s", "stop_s"), [(1.0, 0.5), (float("nan"), None)])
def test_refuses_a_time_that_is_none(start_s, stop_s):
    with pytest.raises(Invalid, match="begin before it ends"):
        samples_between(start_s, stop_s, 1_000.0, 1_000)


def test_a_part_says_where_it_lies_and_out_of_how_many():
    view = PART.view()
    assert (view["start_s"], view["stop_s"]) == pytest.approx((0.1, 1_700 / 12_000))
    assert (view["sample_count"], view["chosen_count"]) == (500, 9_000)


def test_open_ends_of_a_band_are_those_of_the_usual_one():
    assert chosen_band(PART, None, None).low_hz == 2_000
    assert (chosen_band(PART, 300.0, None).low_hz, chosen_band(PART, 300.0, None).high_hz) == (
        300,
        5_000,
    )
    with pytest.raises(Invalid):
        chosen_band(PART, 5_500.0, None)
