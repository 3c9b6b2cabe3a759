from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.signal import Unit, single_channel
from services.errors import Invalid, NotFound
from services.runtime import unit_of_work
from services.signal_view_service import SignalViewService
from services.signals import parts
from services.signals.parts import Part, chosen_band, read_part, read_processed, samples_between
from services.signals.settings import PlotSettings
from tests import factories

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
        (-1e308, 1e308, (0, 1_000)),
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


def test_the_usual_band_is_that_of_the_recorded_rate_or_of_a_lower_one(place):
    recorded = chosen_band(processed(place), None, None)
    assert chosen_band(processed(place, rate=4_000.0), None, None) == recorded
    assert chosen_band(processed(place, rate=500.0), None, None).high_hz == recorded.high_hz / 2


RAMP = single_channel(np.arange(8_000.0), 1_000.0, Unit.ACCELERATION_G)


@pytest.fixture
def place(analyst) -> parts.Place:
    with unit_of_work() as session:
        return factories.recording(session, RAMP).id, 0, None, None


def processed(place, **settings):
    return read_processed(place, PlotSettings.from_mapping(settings))


def test_what_is_not_to_be_processed_stays_as_it_is(place):
    part = processed(place, detector="rms", cursor="single")
    np.testing.assert_array_equal(part.samples, RAMP.samples[0])
    assert (part.steps, part.unsettled_samples, part.unit) == ((), 0, Unit.ACCELERATION_G)
    np.testing.assert_array_equal(part.settled(), part.samples)


def test_processed_samples_are_computed_once_and_changed_by_nobody(place):
    part, again = processed(place, detrend="linear"), processed(place, detrend="linear", x="cpm")
    assert part.samples is again.samples
    assert np.abs(part.samples).max() < 1e-8
    with pytest.raises(ValueError, match="read-only"):
        part.samples[0] = 1
    other = processed(place, detrend="mean")
    assert other.samples[0] == -3_999.5
    shorter = read_processed((*place[:2], 1.0, 2.0), PlotSettings.from_mapping({"detrend": "mean"}))
    assert (shorter.samples.size, shorter.start_s, shorter.stop_s) == (1_000, 1.0, 2.0)


def test_a_faster_rate_makes_no_more_samples_than_there_may_be(place, monkeypatch):
    monkeypatch.setattr(parts, "MOST_SAMPLES", 4_000)
    part = processed(place, rate=4_000)
    assert part.samples.size == 4_000
    assert (part.view()["sample_count"], part.view()["chosen_count"]) == (1_000, 8_000)
    assert part.view()["sample_rate_hz"] == 4_000
    assert (part.start_s, part.stop_s) == (3.5, 4.5)
    assert processed(place, rate=500).samples.size == 2_000


def test_the_ends_that_are_disturbed_are_left_out_or_all_is_refused(place):
    part = processed(place, filter="high", filter_low=5)
    assert part.settled().size == part.samples.size - 2 * part.unsettled_samples
    assert part.unsettled_s == pytest.approx(part.unsettled_samples / 1_000)
    short = (*place[:2], 1.0, 2.55)
    both = {"filter": "high", "filter_low": 3, "unit": "mm/s", "high_pass": 3}
    disturbed = read_processed(short, PlotSettings.from_mapping(both))
    with pytest.raises(Invalid, match=r"disturbs 1\.\d+ s at each end, so that nothing is left of"):
        disturbed.settled()


def test_refuses_to_read_what_is_not_there(place):
    with pytest.raises(NotFound, match="no recording 999"):
        read_processed((999, 0, None, None), PlotSettings.from_mapping({"rate": 500}))
    with pytest.raises(Invalid, match="no channel 5"):
        read_part(place[0], 5)


@pytest.fixture
def awkward(analyst) -> parts.Place:
    """So many samples that their transform is slow: 2 × 65 551, a prime."""
    time_s = np.arange(131_102) / 10_000
    signal = single_channel(
        np.sin(2 * np.pi * 50 * time_s).astype(np.float32), 10_000.0, Unit.ACCELERATION_G
    )
    with unit_of_work() as session:
        return factories.recording(session, signal).id, 0, None, None


def test_of_many_samples_so_many_are_transformed_as_is_quick(awkward):
    assert read_part(*awkward).samples.size == 131_102
    assert read_part(*awkward, most=100_003, quick=True).samples.size == 100_000
    part = read_part(*awkward, quick=True)
    assert (part.samples.size, part.first, part.chosen_count) == (131_072, 15, 131_102)


def test_a_plot_and_the_statistics_say_how_many_they_transform(awkward):
    card = dict(SignalViewService.plot("spectrum", *awkward)["card"])
    assert "Made of the middle 131,072 of 131,102 chosen samples" in card["Notes"]
    found = SignalViewService.statistics(*awkward)
    assert found["notes"] == ["Frequencies are of the middle 131,072 of 131,102 samples."]
    assert found["sample_count"] == 131_102
    values = {one["name"]: one["value"] for one in found["statistics"]}
    assert values["dominant_frequency"] == pytest.approx(50.0, abs=0.1)
    assert values["rms"] == pytest.approx(np.sqrt(0.5), rel=1e-3)
