from __future__ import annotations

import numpy as np
import pytest

from diagnostics.features.registry import FEATURES
from diagnostics.signals import spectrum
from diagnostics.signals.overall import overall_values
from diagnostics.signals.processing import Processing, process
from diagnostics.signals.signal import Channel, Signal, Unit
from services import signal_view_service
from services.errors import Invalid, NotFound
from services.recording_service import RecordingService
from services.runtime import unit_of_work
from services.signal_view_service import SignalViewService
from services.signals import parts as signal_parts
from services.signals.plots import LINE_POINTS
from tests import factories

RATE_HZ = 10_000.0
COUNT = 500_003
SPIKE = 123_456


@pytest.fixture(scope="module")
def samples():
    noise = np.random.default_rng(1).normal(size=COUNT).astype(np.float32)
    noise[SPIKE] = 40.0
    return noise


@pytest.fixture
def recording_id(analyst, samples):
    channels = (Channel("a", Unit.ACCELERATION_G), Channel("b", Unit.PRESSURE))
    signal = Signal(np.stack([samples, samples[::-1]]), RATE_HZ, channels)
    with unit_of_work() as session:
        bearing = factories.bearing(session, name="6205")
        recording = factories.recording(
            session, signal, name="long", bearing_id=bearing.id, machine_id=bearing.machine_id
        )
        factories.version(session, {recording.id: "IR"}, recording.dataset_id)
        return recording.id


@pytest.mark.parametrize(
    ("start_s", "stop_s"), [(None, None), (5.0, 20.0), (12.3, 12.5), (12.345, 12.3461)]
)
def test_the_spike_is_in_the_waveform_at_every_zoom(recording_id, start_s, stop_s):
    wave = SignalViewService.waveform(recording_id, 0, start_s, stop_s)
    assert wave["values"].max() == 40
    at_s = wave["times_s"][wave["values"].argmax()]
    width_s = (wave["stop_s"] - wave["start_s"]) / 1_000
    assert at_s == pytest.approx(SPIKE / RATE_HZ, abs=width_s)
    assert wave["values"].size <= 2 * signal_view_service.STRETCHES
    assert (np.diff(wave["times_s"]) > 0).all()


def test_a_short_time_shows_the_samples_themselves(recording_id, samples):
    wave = SignalViewService.waveform(recording_id, 0, 1.0, 1.1)
    np.testing.assert_array_equal(wave["values"], samples[10_000:11_000])
    np.testing.assert_allclose(wave["times_s"], np.arange(10_000, 11_000) / RATE_HZ)
    assert (wave["start_s"], wave["stop_s"], wave["duration_s"]) == (1.0, 1.1, COUNT / RATE_HZ)


@pytest.mark.parametrize(
    ("start_s", "stop_s"), [(-5.0, 0.0001), (49.99999, 90.0), (70.0, 80.0), (3.0, 3.0)]
)
def test_a_time_beyond_the_ends_is_cut_to_what_is_there(recording_id, start_s, stop_s):
    wave = SignalViewService.waveform(recording_id, 0, start_s, stop_s)
    assert 2 <= wave["values"].size < 10


def test_the_spectrum_is_that_of_the_chosen_time(recording_id, samples):
    curve = SignalViewService.plot("spectrum", recording_id, 0, 12.0, 13.0)
    expected = spectrum.amplitude_spectrum(samples[120_000:130_000], RATE_HZ)
    assert curve["y"].max() == expected.values.max()
    assert curve["resolution_hz"] == pytest.approx(1.0)
    assert (curve["sample_count"], curve["chosen_count"], curve["unit"]) == (10_000, 10_000, "g")
    assert curve["y"].size <= LINE_POINTS


def test_too_many_samples_are_cut_to_the_middle_and_it_is_said(recording_id, monkeypatch):
    monkeypatch.setattr(signal_parts, "MOST_SAMPLES", 1_000)
    part = SignalViewService.statistics(recording_id, 0, 10.0, 20.0)
    assert (part["sample_count"], part["chosen_count"]) == (1_000, 100_000)
    assert (part["start_s"], part["stop_s"]) == pytest.approx((14.95, 15.05))


def test_statistics_have_the_unit_of_the_channel(recording_id):
    found = SignalViewService.statistics(recording_id, 1)["statistics"]
    assert [one["name"] for one in found] == [f.name for f in FEATURES]
    units = {one["name"]: one["unit"] for one in found}
    assert (units["rms"], units["kurtosis"], units["dominant_frequency"]) == ("Pa", "", "Hz")


@pytest.mark.parametrize(
    ("start_s", "stop_s"), [(2.0, 1.0), (float("nan"), 1.0), (0.0, float("inf"))]
)
def test_refuses_a_time_that_is_none(recording_id, start_s, stop_s):
    with pytest.raises(Invalid, match="begin before it ends"):
        SignalViewService.waveform(recording_id, 0, start_s, stop_s)


def test_refuses_what_is_not_there(recording_id):
    for show in (SignalViewService.waveform, SignalViewService.statistics):
        with pytest.raises(NotFound, match="no recording 999"):
            show(999, 0)
        with pytest.raises(Invalid, match="no channel 2"):
            show(recording_id, 2)


def test_too_short_a_time_has_no_spectrum(recording_id):
    with pytest.raises(Invalid, match="8 samples or more"):
        SignalViewService.plot("spectrum", recording_id, 0, 1.0, 1.0001)


def test_settings_and_plots_that_are_none_are_refused_before_anything_is_read(recording_id):
    with pytest.raises(Invalid, match=r"There is no plot waterfall\. Plots are spectrum"):
        SignalViewService.plot("waterfall", recording_id, 0)
    for show in (SignalViewService.waveform, SignalViewService.statistics):
        with pytest.raises(Invalid, match="There is no setting colour"):
            show(recording_id, 0, settings={"colour": "red"})
    with pytest.raises(Invalid, match="Pa measures no motion"):
        SignalViewService.overall(recording_id, 1, settings={"unit": "mm/s"})


def test_statistics_are_those_of_the_processed_samples_without_their_ends(recording_id, samples):
    found = SignalViewService.statistics(recording_id, 0, 1.0, 6.0, {"unit": "mm/s"})
    done = process(samples[10_000:60_000], RATE_HZ, Unit.ACCELERATION_G, Processing(Unit.VELOCITY))
    left_out = done.unsettled_samples
    assert left_out > 9_500
    rms = next(one for one in found["statistics"] if one["name"] == "rms")
    inner = done.samples[left_out:-left_out]
    assert (rms["value"], rms["unit"]) == (pytest.approx(np.sqrt(np.mean(inner**2))), "mm/s")
    assert found["notes"] == ["The processing disturbs the first and the last 0.958 s."]


def test_overall_values_have_their_band_or_the_reason_why_there_is_none(recording_id, samples):
    found = {one["name"]: one for one in SignalViewService.overall(recording_id, 0, 1.0, 6.0)}
    expected = overall_values(samples[10_000:60_000], RATE_HZ, Unit.ACCELERATION_G)
    assert list(found) == [one.name for one in expected]
    assert found["velocity_rms"]["value"] == next(
        one.value for one in expected if one.name == "velocity_rms"
    )
    assert (found["velocity_rms"]["unit"], found["velocity_rms"]["band"]) == (
        "mm/s",
        (10.0, 1_000.0),
    )
    pressure = {one["name"]: one for one in SignalViewService.overall(recording_id, 1, 1.0, 6.0)}
    assert pressure["velocity_rms"]["value"] is None
    assert "Pa measures no motion" in pressure["velocity_rms"]["note"]


def test_recordings_to_choose_from(recording_id):
    dataset_id = RecordingService.get_recording(recording_id)["dataset_id"]
    listed = SignalViewService.list_choices(dataset_id)
    assert listed == [{"id": recording_id, "name": "long", "label": "IR"}]
    assert SignalViewService.list_choices(999) == []


def test_a_recording_that_left_the_data_set_is_listed_when_it_is_asked_for(recording_id):
    dataset_id = RecordingService.get_recording(recording_id)["dataset_id"]
    with unit_of_work() as session:
        other = factories.recording(session, dataset_id=dataset_id, name="another").id
        factories.version(session, {other: None}, dataset_id, number=2)
    names = [one["name"] for one in SignalViewService.list_choices(dataset_id)]
    assert names == ["another"]
    both = SignalViewService.list_choices(dataset_id, recording_id)
    assert [one["name"] for one in both] == ["another", "long"]


@pytest.mark.parametrize(
    ("span", "ends"),
    [
        ((10.0, 12.0), (9, 13)),
        ((None, 1.0), (0, 2)),
        ((4_999.5, 9e9), (4_999, 5_000)),
        ((7_000.0, 8_000.0), (4_999, 5_000)),
        ((-5.0, -4.0), (0, 1)),
    ],
)
def test_a_part_of_the_frequencies_reaches_one_line_beyond_its_ends(recording_id, span, ends):
    curve = SignalViewService.plot("spectrum", recording_id, 0, 1.0, 2.0, None, frequencies=span)
    assert (curve["x"][0], curve["x"][-1]) == pytest.approx(ends)
    assert np.diff(curve["x"]) == pytest.approx(1.0)
