"""The signatures against theory, measured with plain NumPy on clean samples."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.synthesis.faults import JournalFault, Kind
from diagnostics.synthesis.housing import draw_housing
from diagnostics.synthesis.journal_faults import (
    BURST_S,
    LONGEST_QUIET_S,
    burst_times,
    signature,
)
from diagnostics.synthesis.motion import Motion
from diagnostics.synthesis.scene import Scene, sound_vibration
from diagnostics.synthesis.severity import Evolution, Severity

RATE_HZ, COUNT, SHAFT_HZ = 20_480.0, 204_800, 60.0
SINGLE = [fault for fault in JournalFault if len(fault.parts) == 1]


def scene(severity=1.0, load=1.0, speed_hz=SHAFT_HZ, **given):
    housing = draw_housing(Kind.JOURNAL, 1, np.random.default_rng(0))
    motion = Motion(RATE_HZ, np.array([speed_hz]), COUNT)
    return Scene(housing, motion, load, Severity("severe", severity, severity, **given))


def made(fault, seed=0, **given):
    return signature(fault, scene(**given), np.random.default_rng(seed))


def amplitude(samples, frequency_hz):
    """By correlation with a sine and a cosine over whole periods."""
    turn = np.exp(-2j * np.pi * frequency_hz * np.arange(samples.size) / RATE_HZ)
    return 2 * abs(np.mean(samples * turn))


def rms(samples):
    return float(np.sqrt(np.mean(np.square(samples, dtype=float))))


def test_misalignment_is_twice_and_three_times_the_speed():
    samples, _ = made(JournalFault.MISALIGNMENT)
    found = [amplitude(samples, order * SHAFT_HZ) for order in (1, 2, 3, 4)]
    assert found == pytest.approx([0, 0.35, 0.20, 0], abs=1e-4)
    assert rms(samples) == pytest.approx(np.hypot(0.35, 0.20) / np.sqrt(2), rel=1e-3)


def test_imbalance_is_once_and_grows_with_the_square_of_the_speed():
    slow, fast = (made(JournalFault.IMBALANCE, speed_hz=hz)[0] for hz in (30.0, 60.0))
    assert amplitude(fast, 60.0) == pytest.approx(0.45 * 0.9, rel=1e-3)
    assert rms(fast) / rms(slow) == pytest.approx(4, rel=1e-3)
    # About 8 mm/s at full severity: 0.405 g at 60 Hz.
    assert 0.405 * 9_806.65 / (2 * np.pi * 60) / np.sqrt(2) == pytest.approx(7.5, abs=0.1)


@pytest.mark.parametrize(
    ("fault", "name", "low", "high", "expected"),
    [
        (JournalFault.LOOSENESS, "looseness_order", 0.43, 0.48, 0.12 * 0.7),
        (JournalFault.OIL_WHIRL, "whirl_order", 0.42, 0.48, 0.16 * 0.6),
    ],
)
def test_what_is_slower_than_the_shaft(fault, name, low, high, expected):
    orders = []
    for seed in range(14):
        samples, facts = made(fault, seed)
        orders.append(facts[name])
        found = amplitude(samples, facts[name] * SHAFT_HZ)
        assert found == pytest.approx(expected, rel=0.05)
    assert low <= min(orders) < max(orders) <= high
    assert np.ptp(orders) > 0.6 * (high - low)


def test_looseness_has_one_and_two_times_too():
    samples, _ = made(JournalFault.LOOSENESS)
    found = [amplitude(samples, order * SHAFT_HZ) for order in (1, 2, 3)]
    assert found == pytest.approx([0.18 * 0.7, 0.10 * 0.7, 0], abs=5e-4)


def test_wear_is_broadband_and_swells():
    samples, facts = made(JournalFault.WEAR)
    assert 0.5 <= facts["wear_swell_hz"] <= 2.0
    assert amplitude(samples, SHAFT_HZ) == pytest.approx(0.08, abs=0.01)
    power = np.abs(np.fft.rfft(samples)) ** 2
    bands = [part.mean() for part in np.array_split(power[2_000:], 20)]
    assert min(bands) > 0.2 * np.median(bands)
    level = np.sqrt(np.mean(np.square(samples.reshape(-1, 1_024)), axis=1))
    turn = np.exp(-2j * np.pi * facts["wear_swell_hz"] * np.arange(level.size) * 1_024 / RATE_HZ)
    depth = 2 * abs(np.mean((level - level.mean()) * turn)) / level.mean()
    assert depth == pytest.approx(0.3, abs=0.06)


def test_lubrication_sticks_and_slips_and_strikes_rarely():
    samples, facts = made(JournalFault.LUBRICATION)
    assert 2 <= facts["stick_slip_hz"] <= 5
    found = amplitude(samples, facts["stick_slip_hz"])
    assert found == pytest.approx(0.06, rel=0.1)
    assert 1 <= facts["contact_count"] <= 45
    assert np.abs(samples).max() > 0.5


def test_cavitation_bursts_have_their_length_and_their_carrier():
    samples, facts = made(JournalFault.CAVITATION)
    times_s = [float(text) for text in facts["burst_times_s"].split()]
    assert len(times_s) == facts["burst_count"]
    carriers = []
    for begin_s in times_s:
        start = round(begin_s * RATE_HZ)
        burst = samples[start : start + round(BURST_S * RATE_HZ)]
        lines = np.abs(np.fft.rfft(burst, 8_192))
        carriers.append(np.argmax(lines) * RATE_HZ / 8_192)
    assert 1_400 < min(carriers) < max(carriers) < 2_600
    assert np.ptp(carriers) > 600
    quiet = np.ones(COUNT, dtype=bool)
    for begin_s in times_s:
        start = int(begin_s * RATE_HZ)
        quiet[start : start + round(BURST_S * RATE_HZ) + 2] = False
    assert not samples[quiet].any()


@pytest.mark.parametrize("severity", [0.2, 0.6, 1.0])
def test_every_window_of_cavitation_holds_a_whole_burst(severity):
    for seed in range(50):
        rng = np.random.default_rng(seed)
        duration_s = float(rng.uniform(0.5, 20))
        times_s = burst_times(severity, duration_s, rng)
        assert times_s.size
        assert times_s[-1] + BURST_S <= duration_s + 1e-9
        edges = np.concatenate([[-BURST_S], times_s, [duration_s]])
        # From the end of a burst to the end of the next one.
        assert np.diff(edges).max() + BURST_S <= LONGEST_QUIET_S + BURST_S + 1e-9


@pytest.mark.parametrize("fault", SINGLE)
def test_strength_is_linear_in_the_severity(fault):
    weak, strong = (made(fault, severity=one)[0] for one in (0.4, 0.8))
    # More severe cavitation and contact also come more often.
    often = fault in (JournalFault.CAVITATION, JournalFault.LUBRICATION)
    assert rms(strong) / rms(weak) == pytest.approx(2, rel=0.35 if often else 0.001)


@pytest.mark.parametrize("fault", SINGLE)
def test_load_changes_every_fault(fault):
    light, heavy = (made(fault, load=load)[0] for load in (0.2, 1.0))
    assert rms(light) != pytest.approx(rms(heavy), rel=0.05)


@pytest.mark.parametrize("fault", SINGLE)
def test_a_fault_that_grows_is_stronger_at_the_end(fault):
    growing = Severity("severe", 0.1, 1.0, Evolution.LINEAR)
    one = scene()
    given = Scene(one.housing, one.motion, 1.0, growing)
    samples, _ = signature(fault, given, np.random.default_rng(3))
    third = COUNT // 3
    assert rms(samples[-third:]) > 2 * rms(samples[:third])


def test_a_sound_machine_has_weak_orders_and_a_floor():
    samples = sound_vibration(scene(), np.random.default_rng(1))
    housing = scene().housing
    assert amplitude(samples, SHAFT_HZ) == pytest.approx(housing.tones_g[0], rel=0.1)
    assert amplitude(samples, 0.45 * SHAFT_HZ) < 0.002
    total = np.sqrt(housing.floor_g**2 + sum(one**2 for one in housing.tones_g) / 2)
    assert rms(samples) == pytest.approx(total, rel=0.05)
