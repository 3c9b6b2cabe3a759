from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from diagnostics.bearings.catalogue import CATALOGUE
from diagnostics.features.running import RunningSummary
from diagnostics.signals.signal import Channel, Signal, Unit
from services.errors import Invalid, NotFound
from services.runtime import unit_of_work
from services.signal_overview_service import SignalOverviewService
from services.signals import trend as trend_parts
from services.signals import waterfall as waterfall_parts
from tests import factories

RATE_HZ = 10_000.0
G, SI, VOLT = Unit.ACCELERATION_G, Unit.ACCELERATION, Unit.VOLTAGE


def tone(frequency_hz: float, amplitude: float, seconds: float = 1.0, rate_hz: float = RATE_HZ):
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return amplitude * np.sin(2 * np.pi * frequency_hz * time_s)


def add(session, dataset, name, samples, unit=G, rate_hz=RATE_HZ, channel="radial", **given):
    signal = Signal(np.atleast_2d(samples), rate_hz, (Channel(channel, unit),))
    made = factories.recording(session, signal, name=name, dataset_id=dataset.id, **given)
    running = RunningSummary()
    running.add(signal.samples[0])
    for key in ("minimum", "maximum", "mean", "rms", "skewness", "kurtosis"):
        setattr(made.channels[0], key, getattr(running.summary(), key))
    return made


@pytest.fixture
def rig(analyst):
    """A bearing that gets worse (taken in another order than named), and others beside it."""
    with unit_of_work() as session:
        dataset = factories.dataset(session, name="rig")
        # 9 balls of 7.94 mm on 39.04 mm: BPFO 3.585, BPFI 5.415, BSF 2.357.
        bearing = factories.bearing(
            session,
            name="6205",
            roller_count=9,
            roller_diameter_mm=7.94,
            pitch_diameter_mm=39.04,
            contact_angle_deg=0.0,
        )
        made = {}
        for number, name in enumerate(("c", "b10", "b9", "a")):
            made[name] = add(
                session,
                dataset,
                name,
                5 + worn(number),
                bearing_id=bearing.id,
                speed_rpm=1_800.0,
                attributes={"elapsed_s": 3_600.0 * (4 + number)},
            ).id
        made["other"] = add(session, dataset, "other", tone(70, 2.0)).id
        made["volt"] = add(session, dataset, "volt", tone(70, 2.0), unit=VOLT).id
        made["si"] = add(session, dataset, "si", tone(70, 9.80665), unit=SI, rate_hz=5_000.0).id
        made["axial"] = add(session, dataset, "axial", tone(70, 1.0), channel="axial").id
        factories.version(session, dict.fromkeys(made.values(), "worn"), dataset.id)
        return made


def worn(number: int) -> np.ndarray:
    """Ringing at 2.5 kHz that swells at BPFO, the more the later."""
    swell = 1 + 0.2 * number * np.sin(2 * np.pi * 3.585 * 30 * np.arange(10_000) / RATE_HZ)
    return swell * tone(2_500, 1.0)


def test_a_trend_follows_the_bearing_in_order_of_time(rig):
    view = SignalOverviewService.trend(rig["a"], 0)
    assert view["names"] == ["c", "b10", "b9", "a"]
    assert view["places"] == [4, 5, 6, 7]
    assert view["place_title"] == "Elapsed time [h]"
    rms, peak, crest, kurtosis = view["curves"]
    assert rms["values"] == pytest.approx(
        [np.sqrt((1 + (0.2 * n) ** 2 / 2) / 2) for n in range(4)], rel=3e-3
    )
    assert peak["values"] == pytest.approx([1, 1.2, 1.4, 1.6], rel=0.01)
    assert crest["values"] == pytest.approx(peak["values"] / rms["values"])
    assert kurtosis["values"][0] == pytest.approx(2)  # four samples in each period
    assert (rms["unit"], crest["unit"]) == ("g", "")
    assert "recordings of the same bearing" in view["notes"]


def test_a_trend_over_all_of_the_data_set_by_name(rig):
    view = SignalOverviewService.trend(rig["a"], 0, {"among": "dataset", "sort": "name"})
    assert view["names"] == ["a", "b9", "b10", "c", "other"]
    assert view["places"] == [1, 2, 3, 4, 5]
    assert "2 left out that have another unit" in view["notes"]
    assert view["place_title"] == "Recording, by name"


def test_a_recording_without_a_bearing_stands_among_all(rig):
    assert len(SignalOverviewService.trend(rig["other"], 0)["names"]) == 5
    told = SignalOverviewService.trend(rig["other"], 0, {"among": "bearing"})["notes"]
    assert any("bearing is not known" in note for note in told)


def test_what_is_not_measured_yet_is_counted(rig):
    with unit_of_work() as session:
        recording = factories.recording(session, name="new")
        factories.version(session, {recording.id: None}, recording.dataset_id)
        recording_id = recording.id
    view = SignalOverviewService.trend(recording_id, 0)
    assert [curve["values"].size for curve in view["curves"]] == [0, 0, 0, 0]
    assert any(note.startswith("not measured yet: 1 of 1") for note in view["notes"])


def test_many_points_keep_the_highest(rig, monkeypatch):
    monkeypatch.setattr(trend_parts, "MOST_POINTS", 4)
    view = SignalOverviewService.trend(rig["a"], 0, {"among": "dataset", "sort": "name"})
    rms = view["curves"][0]
    assert rms["values"].size <= 4
    assert rms["values"].max() == pytest.approx(np.sqrt(2))
    assert view["names"][rms["at"][rms["values"].argmax()]] == "other"
    assert view["notes"][-1].startswith("drawn: the lowest and the highest")


def test_velocity_is_computed_of_some(rig, monkeypatch):
    monkeypatch.setattr(trend_parts, "MOST_COMPUTED", 3)
    asked = {"quantity": "velocity", "among": "dataset"}
    view = SignalOverviewService.trend(rig["other"], 0, asked)
    (curve,) = view["curves"]
    assert curve["unit"] == "mm/s"
    assert "3 of 5 recordings, evenly spaced" in view["notes"]
    at_70_hz = 2 * 9_806.65 / (2 * np.pi * 70) / np.sqrt(2)
    assert curve["values"].max() == pytest.approx(at_70_hz, rel=0.01)


def test_velocity_that_no_recording_allows_is_refused_with_the_reason(analyst):
    with unit_of_work() as session:
        dataset = factories.dataset(session)
        short_id = add(session, dataset, "short", tone(70, 1.0, seconds=0.1)).id
        factories.version(session, {short_id: None}, dataset.id)
    with pytest.raises(Invalid, match=r"needs 0\.5 s or more"):
        SignalOverviewService.trend(short_id, 0, {"quantity": "velocity"})


def test_the_lines_of_the_bearing_grow_in_the_envelope(rig):
    view = SignalOverviewService.trend(rig["a"], 0, {"quantity": "bearing"})
    outer, inner, ball = view["curves"]
    assert [curve["title"] for curve in view["curves"]] == ["1×BPFO", "1×BPFI", "2×BSF"]
    assert outer["values"] == pytest.approx([0, 0.2, 0.4, 0.6], abs=0.02)
    assert max(inner["values"].max(), ball["values"].max()) < 0.02
    assert any("recorded speed of each" in note for note in view["notes"])
    assert not any("not told apart" in note for note in view["notes"])
    typed = {"quantity": "bearing", "speed": 1_200, "low": 2_000, "high": 3_000}
    wide = SignalOverviewService.trend(rig["a"], 0, {"quantity": "bearing", "tolerance": 10})
    assert wide["notes"][-1] == "not told apart by lines 1 Hz apart: 1×BPFI and 2×BSF"
    elsewhere = SignalOverviewService.trend(rig["a"], 0, typed)
    assert elsewhere["curves"][0]["values"].max() < 0.02


def test_without_a_bearing_or_a_speed_there_are_no_lines(rig):
    with pytest.raises(Invalid, match="no bearing"):
        SignalOverviewService.trend(rig["other"], 0, {"quantity": "bearing"})
    chosen = {"quantity": "bearing", "bearing": CATALOGUE[0].designation, "speed_source": "typed"}
    with pytest.raises(Invalid, match="speed of the shaft is not known"):
        SignalOverviewService.trend(rig["other"], 0, chosen)


def test_a_waterfall_shows_each_spectrum_at_its_place(rig):
    view = SignalOverviewService.waterfall(rig["a"], 0, {"among": "dataset", "sort": "name"})
    assert view["names"] == ["a", "b9", "b10", "c", "other"]
    assert view["values"].shape == (5, view["x"].size)
    assert (view["unit"], view["x_title"]) == ("g", "Frequency [Hz]")
    loudest = view["x"][view["values"].argmax(axis=1)]
    assert loudest[:4] == pytest.approx(2_500, abs=10)
    assert loudest[4] == pytest.approx(70, abs=10)
    assert view["values"][4].max() == pytest.approx(2, rel=1e-3)


def test_a_waterfall_of_envelopes_in_orders(rig):
    asked = {"stacked": "envelope", "x": "orders", "low": 2_000, "high": 3_000}
    view = SignalOverviewService.waterfall(rig["a"], 0, asked)
    assert view["x"][view["values"][3].argmax()] == pytest.approx(3.585, abs=0.1)
    assert view["values"].max(axis=1) == pytest.approx([0, 0.2, 0.4, 0.6], abs=0.09)
    without = SignalOverviewService.waterfall(rig["a"], 0, {**asked, "among": "dataset"})
    assert without["names"] == ["a", "b9", "b10", "c"]
    assert any(note.startswith("1 left out: Orders need the speed") for note in without["notes"])


def test_a_waterfall_of_many_takes_some_and_follows_zoom_and_unit(rig, monkeypatch):
    monkeypatch.setattr(waterfall_parts, "MOST_STACKED", 2)
    asked = {"unit": "mm/s", "zoom_low": 2_000, "zoom_high": 3_000, "x": "cpm"}
    view = SignalOverviewService.waterfall(rig["a"], 0, asked)
    assert view["names"] == ["c", "a"]
    assert "2 of 4 recordings, evenly spaced" in view["notes"]
    assert view["unit"] == "mm/s"
    assert (view["x"][0], view["x"][-1]) == pytest.approx((120_050, 179_950))


def test_recordings_are_compared_in_one_unit(rig):
    asked = {"with": [rig["si"], rig["volt"], rig["axial"]], "compare": "spectrum"}
    view = SignalOverviewService.compare(rig["other"], 0, settings=asked)
    own, converted, refused, axial = view["curves"]
    assert (view["unit"], view["value_unit"], view["x_title"]) == ("g", "g", "Frequency [Hz]")
    assert own["y"].max() == pytest.approx(2, rel=1e-3)
    assert converted["y"].max() == pytest.approx(1, rel=1e-3)
    assert converted["remarks"] == ["converted from m/s² to g"]
    assert (converted["unit"], converted["sample_rate_hz"]) == ("m/s²", 5_000)
    assert "V cannot be converted to g" in refused["refused"]
    assert refused["x"].size == 0
    assert axial["remarks"] == ["it has no channel “radial”"]


def test_all_curves_are_as_fine_in_the_part_that_is_shown(rig):
    asked = {"with": [rig["other"]], "x": "cpm"}
    view = SignalOverviewService.compare(rig["si"], 0, settings=asked)
    slow, fast = view["curves"]
    assert view["x_span"] == (0, 150_000)
    assert fast["x"].max() < 160_000
    assert fast["x"].size == pytest.approx(slow["x"].size, rel=0.1)


@pytest.mark.parametrize("plot", ["waveform", "density", "envelope"])
def test_recordings_are_compared_by_every_plot(rig, plot):
    asked = {"with": [rig["si"]], "compare": plot, "unit": "m/s²"}
    view = SignalOverviewService.compare(rig["other"], 0, 0.1, 0.6, asked)
    assert view["unit"] == "m/s²"
    assert [curve["refused"] for curve in view["curves"]] == ["", ""]
    assert all(curve["x"].size == curve["y"].size > 100 for curve in view["curves"])
    if plot == "waveform":
        assert view["curves"][0]["y"].max() == pytest.approx(2 * 9.80665, rel=0.01)
        assert view["curves"][1]["y"].max() == pytest.approx(9.80665, rel=0.01)
        assert [curve["start_s"] for curve in view["curves"]] == pytest.approx([0.1, 0.1])


def test_one_that_ends_before_the_shown_time_is_shown_whole(rig, analyst):
    with unit_of_work() as session:
        short = add(session, factories.dataset(session), "short", tone(70, 1.0, seconds=0.5))
        asked = {"with": [short.id], "compare": "waveform"}
    curve = SignalOverviewService.compare(rig["a"], 0, 0.6, 0.9, asked)["curves"][1]
    assert (curve["start_s"], curve["stop_s"]) == (0, 0.5)
    assert curve["remarks"] == ["ends before the shown time, so all of it"]


def test_in_orders_one_without_a_speed_is_refused(rig):
    asked = {"with": [rig["other"]], "x": "orders"}
    view = SignalOverviewService.compare(rig["a"], 0, settings=asked)
    assert [bool(curve["refused"]) for curve in view["curves"]] == [False, True]


def test_wrong_comparisons_are_refused(rig):
    with pytest.raises(Invalid, match="at most 5"):
        SignalOverviewService.compare(rig["a"], 0, settings={"with": list(range(1, 8))})
    with pytest.raises(NotFound):
        SignalOverviewService.compare(rig["a"], 0, settings={"with": [999_999]})
    with pytest.raises(Invalid, match="no channel 3"):
        SignalOverviewService.compare(rig["a"], 3)


def test_the_shown_time_is_heard(rig):
    told = SignalOverviewService.describe_audio(rig["a"], 0.25, 0.75)
    assert (told["rate_hz"], told["start_s"], told["stop_s"]) == (10_000, 0.25, 0.75)
    assert told["told"].startswith("0.5 s. As loud as it can be")
    file = SignalOverviewService.get_audio(rig["a"], 0, 0.25, 0.75)
    assert (file["file_name"], file["media_type"]) == ("a_0_0.25-0.75s.wav", "audio/wav")
    with wave.open(io.BytesIO(file["content"])) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (10_000, 5_000)


def test_a_slow_signal_is_resampled_and_a_long_one_cut(analyst):
    with unit_of_work() as session:
        data = factories.dataset(session)
        slow, still = tone(70, 1.0, 70, 1_000.0), tone(1, 1.0, 9, 10.0)
        slow_id = add(session, data, "slow", slow, rate_hz=1_000.0).id
        still_id = add(session, data, "still", still, rate_hz=10.0).id
    told = SignalOverviewService.describe_audio(slow_id)
    assert told["stop_s"] == 60
    assert "The first 60 s" in told["told"]
    assert "Resampled from 1000 to 8000 Hz; heard up to 0.4 kHz." in told["told"]
    with pytest.raises(Invalid, match="800 Hz"):
        SignalOverviewService.describe_audio(still_id)
    with pytest.raises(Invalid, match="too short to be heard"):
        SignalOverviewService.get_audio(slow_id, 0, 0.0, 0.01)
    with pytest.raises(Invalid, match="no channel 4"):
        SignalOverviewService.get_audio(slow_id, 4)
