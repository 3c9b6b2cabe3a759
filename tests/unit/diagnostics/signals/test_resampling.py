from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.signals.resampling import resample

RATE_HZ = 2_000.0
TIME_S = np.arange(20_000) / RATE_HZ
NOISE = np.random.default_rng(5).normal(size=(2, 8_000))


@pytest.mark.parametrize("to_rate_hz", [500.0, 1_333.0, 3_000.0, 777.7])
def test_a_sine_at_another_rate_is_the_same_sine(to_rate_hz):
    frequency_hz = 0.35 * min(to_rate_hz, RATE_HZ)
    result = resample(np.sin(2 * np.pi * frequency_hz * TIME_S), RATE_HZ, to_rate_hz)
    assert result.sample_rate_hz == pytest.approx(to_rate_hz, rel=1e-3)
    times_s = np.arange(result.samples.size) / result.sample_rate_hz
    expected = np.sin(2 * np.pi * frequency_hz * times_s)
    np.testing.assert_allclose(result.samples[200:-200], expected[200:-200], atol=5e-4)


def test_what_no_longer_fits_leaves_no_mirror_image():
    for frequency_hz in (260.0, 300.0, 900.0):
        result = resample(np.sin(2 * np.pi * frequency_hz * TIME_S), RATE_HZ, 500.0)
        assert np.abs(result.samples[100:-100]).max() < 2e-4  # −74 dB


def test_the_same_rate_changes_nothing():
    result = resample(NOISE, RATE_HZ, RATE_HZ)
    np.testing.assert_array_equal(result.samples, NOISE)
    assert result.sample_rate_hz == RATE_HZ


def test_refuses_rates_out_of_range():
    for rate_hz in (0.0, np.nan, 20_001.0):
        with pytest.raises(SignalError, match="at most 10 times"):
            resample(NOISE, RATE_HZ, rate_hz)
    with pytest.raises(SignalError, match="fewer than 8 would be left"):
        resample(NOISE, RATE_HZ, 1.0)
