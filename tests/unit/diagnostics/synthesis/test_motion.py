"""The speed changes the frequency: the angle is its integral."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.synthesis.motion import Motion, SpeedProfile, move, steady_sine

RATE_HZ = 2_000.0
COUNT = 10_001


def moved(profile, change=0.2, period_s=1.0, seed=0, count=COUNT):
    return move(profile, 50.0, change, period_s, count, RATE_HZ, np.random.default_rng(seed))


def frequency(samples, start, stop):
    """By the zero crossings, which know nothing of angles; and between which samples."""
    part = np.asarray(samples[start:stop], dtype=float)
    up = np.flatnonzero((part[:-1] < 0) & (part[1:] >= 0))
    places = up - part[up] / (part[up + 1] - part[up])
    found_hz = (places.size - 1) / (places[-1] - places[0]) * RATE_HZ
    return found_hz, slice(start + up[0], start + up[-1] + 1)


@pytest.mark.parametrize("profile", SpeedProfile)
@pytest.mark.parametrize("order", [0.45, 1, 2])
def test_a_tone_has_the_frequency_of_the_speed_at_each_moment(profile, order):
    motion = moved(profile)
    tone = motion.tone(order, 0.3)
    speed_hz = np.broadcast_to(motion.speed_hz, COUNT)
    for start in range(0, COUNT - 600, 600):
        found_hz, between = frequency(tone, start, start + 600)
        assert found_hz == pytest.approx(order * speed_hz[between].mean(), rel=0.005)


def test_a_ramp_turns_as_far_as_its_formula_says():
    motion = moved(SpeedProfile.RAMP)
    time_s = np.arange(COUNT) / RATE_HZ
    slope = (motion.speed_hz[-1] - motion.speed_hz[0]) / time_s[-1]
    exact = motion.speed_hz[0] * time_s + slope * time_s**2 / 2
    np.testing.assert_allclose(motion.turns, exact, atol=1e-9)
    assert abs(motion.speed_hz[-1] / motion.speed_hz[0] - 1) > 0.3


def test_a_sinusoidal_speed_turns_as_far_as_its_formula_says():
    motion = moved(SpeedProfile.SINUSOIDAL)
    assert motion.speed_hz.min() == pytest.approx(40, abs=0.01)
    assert motion.speed_hz.max() == pytest.approx(60, abs=0.01)
    assert motion.turns[2_000] == pytest.approx(50, abs=1e-3)  # a whole period


def test_a_random_walk_stays_within_its_change_and_differs_by_seed():
    ways = [moved(SpeedProfile.RANDOM_WALK, seed=seed).speed_hz for seed in range(20)]
    assert min(way.min() for way in ways) >= 40
    assert max(way.max() for way in ways) <= 60
    assert np.std([way[-1] for way in ways]) > 2
    slow = moved(SpeedProfile.RANDOM_WALK, period_s=100.0).speed_hz
    assert np.ptp(slow) < np.ptp(ways[0])


def test_moments_are_found_by_angle():
    for profile in SpeedProfile:
        motion = moved(profile)
        times_s = motion.times_of(np.array([3.25, 77.5]))
        at = np.interp(times_s, np.arange(COUNT) / RATE_HZ, motion.turns)
        np.testing.assert_allclose(at, [3.25, 77.5], atol=1e-6)


@pytest.mark.parametrize("rate", [0.0001, 0.01237, 0.4999])
@pytest.mark.parametrize("count", [1, 511, 512, 100_003])
def test_a_steady_sine_is_a_sine(rate, count):
    exact = np.sin(2 * np.pi * (np.arange(count) * rate + 0.17))
    np.testing.assert_allclose(steady_sine(rate, 0.17, count), exact, atol=2e-6)


def test_a_long_recording_keeps_its_phase():
    motion = Motion(RATE_HZ, np.linspace(49.0, 51.0, 2_000_000), 2_000_000)
    exact = np.sin(2 * np.pi * (motion.turns[-100:] * 3 + 0.25))
    np.testing.assert_allclose(motion.tone(3, 0.25)[-100:], exact, atol=1e-5)
