from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnostics.synthesis.faults import Kind
from diagnostics.synthesis.housing import draw_housing, ringing, structure_noise

RATE_HZ, COUNT = 20_480.0, 20_480
HOUSING = draw_housing(Kind.ROLLING, 1, np.random.default_rng(0))


def exact(housing, times_s, strengths):
    """The sum of decaying sines, sample by sample."""
    result = np.zeros(COUNT)
    for begin_s, strength in zip(times_s, strengths, strict=True):
        after_s = np.arange(COUNT) / RATE_HZ - begin_s
        for number, resonance_hz in enumerate(housing.resonances_hz):
            w = 2 * np.pi * resonance_hz
            decay = np.exp(-housing.damping * w * np.maximum(after_s, 0))
            wave = np.sin(w * np.sqrt(1 - housing.damping**2) * after_s)
            result += strength * 0.5**number * decay * wave * (after_s >= 0)
    return result


def test_strikes_ring_as_the_formula_says_also_between_samples():
    times_s = np.array([0.0, 0.1000123, 0.1011, 0.5000411, 0.9999])
    strengths = np.array([1.0, 2.0, 0.5, 3.0, 1.0])
    rung = ringing(HOUSING, times_s, strengths, COUNT, RATE_HZ)
    np.testing.assert_allclose(rung, exact(HOUSING, times_s, strengths), atol=1e-3)


def test_many_strikes_are_the_sum_of_few():
    times_s = np.sort(np.random.default_rng(1).uniform(0, 1, 5_000))
    whole = ringing(HOUSING, times_s, np.ones(5_000), COUNT, RATE_HZ)
    parts = sum(
        ringing(HOUSING, some, np.ones(some.size), COUNT, RATE_HZ)
        for some in np.array_split(times_s, 7)
    )
    np.testing.assert_allclose(whole, parts, atol=1e-3)
    assert not ringing(HOUSING, times_s[:0], np.ones(0), COUNT, RATE_HZ).any()


def test_a_slow_recorder_does_not_show_what_its_filter_takes_away():
    housing = replace(HOUSING, resonances_hz=(3_000.0, 5_000.0))
    assert [hz for hz, _ in housing.shown_resonances(12_000)] == [3_000.0]
    assert len(housing.shown_resonances(20_480)) == 2


@pytest.mark.parametrize("count", [10_240, 20_479, 102_400])
def test_noise_has_the_deviation_one_and_rings(count):
    rng = np.random.default_rng(2)
    samples = structure_noise(HOUSING, count, RATE_HZ, rng)
    assert samples.size == count
    assert samples.std() == pytest.approx(1, rel=0.05)
    power = np.abs(np.fft.rfft(samples)) ** 2
    axis_hz = np.arange(power.size) * RATE_HZ / count
    near = power[np.abs(axis_hz - HOUSING.resonances_hz[0]) < 150].mean()
    assert near > 5 * power[(axis_hz > 200) & (axis_hz < 1_000)].mean()


def test_machines_differ():
    others = [draw_housing(Kind.JOURNAL, n, np.random.default_rng(n)) for n in range(20)]
    assert len({round(one.resonances_hz[0]) for one in others}) == 20
    assert all(2_500 <= one.resonances_hz[0] <= 4_500 for one in others)
    assert all(one.resonances_hz[1] * 2.56 <= 20_480 for one in others)
