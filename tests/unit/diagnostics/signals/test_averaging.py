"""scipy's Welch and steady tones say what averages must be."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from diagnostics.errors import SignalError
from diagnostics.signals.averaging import (
    Averaging,
    averaged_spectrum,
    averaged_spectrum_of_blocks,
)
from diagnostics.signals.spectrum import Detector, Window, amplitude_spectrum

RATE_HZ = 1_000.0
NOISE = np.random.default_rng(8).normal(size=(2, 3, 9_000))


@pytest.mark.parametrize("window", Window)
@pytest.mark.parametrize("overlap", [0.0, 0.5, 0.9])
def test_linear_averages_against_welch_of_scipy(window, overlap):
    result = averaged_spectrum(NOISE, RATE_HZ, 501, overlap, window)
    frequencies_hz, power = scipy.signal.welch(
        NOISE, RATE_HZ, window.value, 501, int(501 * overlap), scaling="spectrum"
    )
    np.testing.assert_allclose(result.frequencies_hz, frequencies_hz)
    np.testing.assert_allclose(result.values[..., 1:] ** 2 / 2, power[..., 1:], rtol=1e-9)


def test_peak_hold_is_the_highest_of_the_segments():
    result = averaged_spectrum(NOISE, RATE_HZ, 1_000, 0.0, averaging=Averaging.PEAK_HOLD)
    single = [amplitude_spectrum(part, RATE_HZ).values for part in np.split(NOISE, 9, axis=-1)]
    np.testing.assert_allclose(result.values, np.max(single, axis=0))
    assert result.averages == 9


def test_a_run_up_keeps_its_height_only_with_peak_hold():
    time_s = np.arange(20_000) / RATE_HZ
    run_up = np.sin(2 * np.pi * (50 + 5 * time_s) * time_s)
    held = averaged_spectrum(run_up, RATE_HZ, 256, 0.75, averaging=Averaging.PEAK_HOLD)
    mean = averaged_spectrum(run_up, RATE_HZ, 256, 0.75)
    passed = (held.frequencies_hz > 60) & (held.frequencies_hz < 240)
    assert held.values[passed].min() > 0.75
    assert mean.values[passed].max() < 0.3


def test_averages_bring_a_weak_tone_out_of_noise():
    samples = NOISE[0, 0] + 0.3 * np.sin(2 * np.pi * 100 * np.arange(9_000) / RATE_HZ)
    result = averaged_spectrum(samples, RATE_HZ, 1_000, detector=Detector.RMS)
    others = np.delete(result.values, [99, 100, 101])[2:]
    assert result.values[100] == pytest.approx(0.3 / 2**0.5, rel=0.15)
    assert result.values[100] > 2 * others.max()


@pytest.mark.parametrize("averaging", Averaging)
@pytest.mark.parametrize("borders", [[4_000], [1, 2, 300, 8_999], range(100, 9_000, 100)])
def test_borders_of_blocks_do_not_matter(borders, averaging):
    whole = averaged_spectrum(NOISE, RATE_HZ, 512, 0.75, averaging=averaging)
    blocks = iter(np.split(NOISE, borders, axis=-1))
    parts = averaged_spectrum_of_blocks(blocks, RATE_HZ, 512, 0.75, averaging=averaging)
    np.testing.assert_allclose(parts.values, whole.values)
    assert parts.averages == whole.averages


def test_many_segments_go_in_parts():
    samples = np.random.default_rng(9).normal(size=600_000)
    result = averaged_spectrum(samples, RATE_HZ, 1_024)
    _, power = scipy.signal.welch(samples, RATE_HZ, "hann", 1_024, scaling="spectrum")
    np.testing.assert_allclose(result.values[1:-1] ** 2 / 2, power[1:-1])
    assert result.averages == 1 + (600_000 - 1_024) // 512


def test_refuses_what_does_not_fit():
    with pytest.raises(SignalError, match="got 9001"):
        averaged_spectrum(NOISE, RATE_HZ, 9_001)
    with pytest.raises(SignalError, match="shorter than a segment of 512"):
        averaged_spectrum_of_blocks([np.ones(500), np.ones(0)], RATE_HZ, 512)
    with pytest.raises(SignalError, match="8 samples or more, got 7"):
        averaged_spectrum_of_blocks([NOISE], RATE_HZ, 7)
    with pytest.raises(SignalError, match="not finite"):
        averaged_spectrum_of_blocks([NOISE, np.full((2, 3, 9), np.nan)], RATE_HZ, 512)
    with pytest.raises(SignalError, match="got 100 %"):
        averaged_spectrum(NOISE, RATE_HZ, 512, 1.0)
