from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.quality import Problem
from diagnostics.signals.signal import Channel, Signal, Unit
from services import signal_quality_service
from services.errors import NotFound
from services.runtime import unit_of_work
from services.signal_quality_service import SignalQualityService
from tests import factories

RATE_HZ = 10_000.0
COUNT = 60_000


@pytest.fixture
def stored(analyst):
    def store(samples, **about):
        channels = tuple(Channel(name, Unit.ACCELERATION_G) for name in "abc"[: len(samples)])
        with unit_of_work() as session:
            return factories.recording(session, Signal(samples, RATE_HZ, channels), **about).id

    return store


@pytest.fixture
def noise():
    return np.random.default_rng(1).normal(size=(2, COUNT)).astype(np.float32)


def test_a_sound_recording_is_silent(stored, noise):
    found = SignalQualityService.check(stored(noise, speed_rpm=1_500.0))
    assert found == {
        "findings": [],
        "channel_count": 2,
        "sample_count": COUNT,
        "checked_count": COUNT,
    }


def test_findings_have_value_limit_place_and_advice(stored, noise):
    noise[1, 20_000:22_000] = 0
    (one,) = SignalQualityService.check(stored(noise, speed_rpm=1_500.0))["findings"]
    assert (one["code"], one["channel"], one["channel_name"]) == ("dropout", 1, "b")
    assert one["value"] == 2_000 / COUNT > one["threshold"]
    assert "lost" in one["advice"]
    assert one["places"] == [
        {"start_s": 2.0, "stop_s": 2.2, "shown_from_s": 1.9, "shown_to_s": pytest.approx(2.3)}
    ]


def test_the_time_around_a_single_sample_is_shown(stored, noise):
    noise[0, 3] = 60
    (one,) = SignalQualityService.check(stored(noise))["findings"]
    (place,) = one["places"]
    assert (place["start_s"], place["shown_from_s"]) == (3 / RATE_HZ, 0)
    assert place["shown_to_s"] == pytest.approx(0.02, abs=0.001)


def test_what_concerns_all_channels(stored, noise):
    noise[1] = -noise[0]
    found = SignalQualityService.check(stored(noise, speed_rpm=90_000.0))["findings"]
    assert [one["code"] for one in found] == [Problem.IDENTICAL, Problem.RATE]
    assert found[1]["channel"] is None


def test_a_long_recording_is_looked_at_in_part(stored, noise, monkeypatch):
    monkeypatch.setattr(signal_quality_service, "MOST_SAMPLES", 40_000)
    noise[1, 30_000:] = 0
    found = SignalQualityService.check(stored(noise))
    assert (found["checked_count"], found["sample_count"]) == (20_000, COUNT)
    assert found["findings"] == []


def test_a_recording_that_is_not_there(analyst):
    with pytest.raises(NotFound):
        SignalQualityService.check(12_345)
