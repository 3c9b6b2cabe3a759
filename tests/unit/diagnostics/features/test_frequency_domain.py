from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from diagnostics.features.frequency_domain import dominant_frequency, spectral_centroid

RATE_HZ = 2_000.0
TIME_S = np.arange(4_000) / RATE_HZ


def sine(frequency_hz: float, amplitude: float):
    return amplitude * np.sin(2 * np.pi * frequency_hz * TIME_S)


def test_the_higher_of_two_lines_dominates():
    both = np.stack([sine(50, 1) + sine(300, 2), sine(50, 2) + sine(300, 1)])
    assert dominant_frequency(both, RATE_HZ).tolist() == [300, 50]


def test_the_offset_of_a_sensor_does_not_dominate():
    assert dominant_frequency(10 + sine(50, 0.1), RATE_HZ) == 50


def test_the_centroid_of_two_sines_weighs_by_power():
    two = sine(100, 1) + sine(400, 2)
    assert spectral_centroid(two, RATE_HZ) == pytest.approx((100 + 4 * 400) / 5)


def test_the_centroid_against_scipys_periodogram():
    noise = np.random.default_rng(7).normal(size=(3, 5_001))
    frequencies_hz, power = scipy.signal.periodogram(
        noise, RATE_HZ, "hann", detrend="constant", scaling="spectrum"
    )
    expected = np.average(np.broadcast_to(frequencies_hz, power.shape), axis=-1, weights=power)
    # scipy gives mean squares, here peaks count: only the line at 0 Hz weighs differently.
    np.testing.assert_allclose(spectral_centroid(noise, RATE_HZ), expected, rtol=1e-3)


def test_the_centroid_does_not_depend_on_the_length():
    noise = np.random.default_rng(8).normal(size=200_000) + np.sin(np.arange(200_000) * 0.3)
    short = spectral_centroid(noise[:20_000], RATE_HZ)
    assert short == pytest.approx(spectral_centroid(noise, RATE_HZ), rel=0.02)
