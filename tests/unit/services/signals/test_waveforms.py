from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.conversion import STANDARD_GRAVITY
from diagnostics.signals.recording_file import content_hash
from diagnostics.signals.signal import Unit, single_channel
from models import Origin
from services.errors import Invalid
from services.runtime import unit_of_work
from services.signals import parts
from services.signals.settings import PlotSettings
from services.signals.waveforms import waveform_of
from tests import factories

RATE_HZ = 2_000.0
TIMES_S = np.arange(40_000) / RATE_HZ
TONE = single_channel(np.cos(2 * np.pi * 50 * TIMES_S), RATE_HZ, Unit.ACCELERATION_G)


@pytest.fixture
def recording_id(analyst):
    with unit_of_work() as session:
        speed = {"speed_rpm": 3_000.0, "speed_source": "file"}
        return factories.recording(session, TONE, origin=Origin.GENERATED, **speed).id


def waveform(recording_id, start_s=None, stop_s=None, stretches=500, **settings):
    place = (recording_id, 0, start_s, stop_s)
    return waveform_of(place, PlotSettings.from_mapping(settings), stretches)


def test_a_change_of_scale_is_read_from_the_extremes_that_are_stored(recording_id, monkeypatch):
    monkeypatch.setattr(parts, "MOST_SAMPLES", 100)  # would show
    stored, scaled = waveform(recording_id), waveform(recording_id, unit="m/s²", high_pass=5)
    np.testing.assert_allclose(scaled["values"], STANDARD_GRAVITY * stored["values"])
    np.testing.assert_array_equal(scaled["times_s"], stored["times_s"])
    assert (scaled["unit"], scaled["notes"]) == ("m/s²", [])
    assert dict(scaled["card"])["Processing"] == "converted from g to m/s²"
    same = waveform(recording_id, unit="g")
    np.testing.assert_array_equal(same["values"], stored["values"])
    assert dict(same["card"])["Processing"] == "none"


def test_an_integrated_waveform_has_its_amplitude_and_says_what_was_done(recording_id):
    wave = waveform(recording_id, unit="mm/s", high_pass=2)
    inside = (wave["times_s"] > 1.5) & (wave["times_s"] < 18.5)
    amplitude = STANDARD_GRAVITY * 1e3 / (2 * np.pi * 50)
    assert np.abs(wave["values"][inside]).max() == pytest.approx(amplitude, rel=0.01)
    assert wave["values"].size <= 1_000
    card = dict(wave["card"])
    assert card["Processing"] == "integrated from g to mm/s with a high-pass at 2 Hz"
    assert card["Unit"] == "mm/s"
    assert "first and the last 0.958 s" in wave["notes"][0]
    assert "first and the last 0.958 s" in card["Notes"]


def test_of_a_long_time_the_middle_is_processed_and_it_is_said(recording_id, monkeypatch):
    monkeypatch.setattr(parts, "MOST_SAMPLES", 10_000)
    wave = waveform(recording_id, detrend="mean")
    assert (wave["start_s"], wave["stop_s"], wave["duration_s"]) == (0, 20, 20)
    assert (wave["times_s"][0], wave["times_s"][-1]) == pytest.approx((7.5, 12.5), abs=0.02)
    assert wave["notes"] == [
        "Only the middle 5 s were processed and are shown. Zoom in to see another part."
    ]
    assert "7.5 to 12.5 s, 10000 samples" in dict(wave["card"])["Time"]


def test_another_rate_has_other_times(recording_id):
    wave = waveform(recording_id, 5.0, 5.5, rate=1_000)
    assert wave["times_s"][:3] == pytest.approx([5.0, 5.001, 5.002])
    assert wave["times_s"].size == 500
    assert dict(wave["card"])["Sampling rate"] == "1000 Hz"


def test_the_card_says_whence_the_samples_and_the_speed_are(recording_id):
    card = dict(waveform(recording_id)["card"])
    assert card["Shown"] == "waveform"
    assert card["Data"] == content_hash(TONE)
    assert card["Speed"].startswith("3000 rpm, recorded (file)")
    assert "generated, not measured" in card["Notes"]


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"filter": "low"}, "needs an upper edge"),
        ({"filter": "high", "filter_low": 1_500}, "needs a sampling rate above 3000 Hz"),
        ({"rate": 30_000}, "at most 10 times the old one"),
        ({"unit": "µm", "high_pass": 0.01}, "too short for a high-pass at 0.01 Hz"),
    ],
)
def test_refuses_what_does_not_fit_the_signal(recording_id, chosen, sentence):
    with pytest.raises(Invalid, match=sentence):
        waveform(recording_id, **chosen)
