from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.signal import Unit, single_channel
from services.errors import Invalid, NotFound
from services.runtime import unit_of_work
from services.signals.speed import shaft_speed
from tests import factories

RATE_HZ = 12_000.0
SHAFT_HZ = 29.93


def stored(session, count=60_000, rate_hz=RATE_HZ, **given):
    turns = SHAFT_HZ * np.arange(count) / rate_hz
    comb = sum(np.cos(2 * np.pi * order * turns) for order in range(1, 6))
    noise = np.random.default_rng(0).normal(size=count)
    signal = single_channel(0.3 * comb + noise, rate_hz, Unit.ACCELERATION_G, "drive end")
    return factories.recording(session, signal, **given).id


@pytest.fixture
def recording_id(analyst):
    with unit_of_work() as session:
        return stored(session, speed_rpm=1_772.0, speed_source="nominal")


@pytest.fixture
def without_speed(analyst):
    with unit_of_work() as session:
        return stored(session)


def test_the_recorded_speed_counts_unless_one_is_typed(recording_id):
    recorded = shaft_speed(recording_id, 0)
    assert (recorded.rpm, recorded.source) == (1_772.0, "recorded")
    assert recorded.how == "1772 rpm as recorded (source: nominal)."
    assert recorded.shaft_hz == pytest.approx(1_772 / 60)
    typed = shaft_speed(recording_id, 0, settings={"speed": 1_800})
    assert (typed.rpm, typed.source) == (1_800.0, "typed")
    chosen = {"speed": 1_800, "speed_source": "recorded"}
    assert shaft_speed(recording_id, 0, settings=chosen).rpm == 1_772


def test_an_estimate_is_looked_for_around_the_known_speed(recording_id, without_speed):
    found = shaft_speed(recording_id, 0, settings={"speed_source": "estimated"})
    assert found.rpm == pytest.approx(60 * SHAFT_HZ, rel=1e-3)
    assert "1594.8 to 1949.2 rpm" in found.how
    assert "confidence" in found.how
    alone = shaft_speed(without_speed, 0, settings={"speed_source": "estimated"})
    assert alone.rpm == pytest.approx(60 * SHAFT_HZ, rel=1e-3)
    assert "600 to 4000 rpm" in alone.how


def test_it_is_said_why_there_is_no_speed(without_speed):
    assert shaft_speed(without_speed, 0).rpm is None
    assert shaft_speed(without_speed, 0).shaft_hz == 0
    assert "Type one" in shaft_speed(without_speed, 0).how
    assert "typed yet" in shaft_speed(without_speed, 0, settings={"speed_source": "typed"}).how
    short = shaft_speed(without_speed, 0, 0.0, 0.5, {"speed_source": "estimated"})
    assert short.rpm is None
    assert "Too short" in short.how


def test_a_slow_sampling_rate_shows_no_multiples(analyst):
    with unit_of_work() as session:
        slow = stored(session, 4_000, 100.0, speed_rpm=3_000.0)
    found = shaft_speed(slow, 0, settings={"speed_source": "estimated"})
    assert found.rpm is None
    assert "sampling rate is too low" in found.how


def test_what_cannot_be_is_refused(recording_id):
    with pytest.raises(NotFound):
        shaft_speed(999, 0)
    with pytest.raises(Invalid, match="channel"):
        shaft_speed(recording_id, 7, settings={"speed_source": "estimated"})
    with pytest.raises(Invalid):
        shaft_speed(recording_id, 0, settings={"speed": -5})
