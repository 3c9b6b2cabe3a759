"""Each layer against its closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import welch

from diagnostics.synthesis.motion import Motion, SpeedProfile, move
from diagnostics.synthesis.noise import SILENT, NoiseLayers, add_noise, rms

RATE_HZ, COUNT = 20_480.0, 204_800
STEADY = Motion(RATE_HZ, np.array([60.0]), COUNT)


def added(motion=STEADY, sound_rms_g=0.1, seed=0, start=None, **layers):
    silence = np.zeros(motion.count, dtype=np.float32) if start is None else start
    given = replace(SILENT, **layers)
    streams = lambda name: np.random.default_rng([seed, len(name)])  # noqa: E731
    return add_noise(silence, sound_rms_g, motion, given, streams)


def line_hz(samples):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum)) * RATE_HZ / samples.size


def test_without_layers_nothing_is_added():
    samples, facts = added()
    assert not samples.any()
    assert facts == {}


@pytest.mark.parametrize("snr_db", [0.0, 20.0, 40.0])
def test_the_sensor_lies_so_far_below_the_sound_vibration(snr_db):
    samples, facts = added(sensor_snr_db=snr_db)
    assert 20 * np.log10(0.1 / rms(samples)) == pytest.approx(snr_db, abs=0.1)
    assert facts["sensor_noise_g"] == pytest.approx(rms(samples), rel=0.01)
    _, density = welch(samples, RATE_HZ, nperseg=4_096)
    assert density[10:1_000].mean() / density[1_000:2_000].mean() == pytest.approx(1, abs=0.05)


def test_pink_noise_falls_by_ten_decibels_in_a_decade():
    samples, _ = added(pink_g=0.2)
    frequencies_hz, density = welch(samples, RATE_HZ, nperseg=8_192)
    shown = (frequencies_hz >= 20) & (frequencies_hz <= 8_000)
    levels_db = 10 * np.log10(density[shown])
    slope, _ = np.polyfit(np.log10(frequencies_hz[shown]), levels_db, 1)
    assert slope == pytest.approx(-10, abs=0.5)
    assert rms(samples) == pytest.approx(0.2, rel=0.1)


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_hum_lies_at_the_mains(mains_hz):
    samples, _ = added(mains_g=0.02, mains_hz=mains_hz)
    assert line_hz(samples) == pytest.approx(mains_hz, abs=0.1)
    assert rms(samples) == pytest.approx(0.02 * np.sqrt((1 + 0.3**2) / 2), rel=0.01)


def test_drift_goes_as_far_as_it_says_and_slowly():
    samples, _ = added(drift_g=0.3)
    assert np.ptp(samples) == pytest.approx(0.3, rel=1e-4)
    assert np.abs(np.diff(samples)).max() < 1e-4


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_the_converter_has_so_many_steps(bits):
    wave = np.linspace(-1, 1, COUNT, dtype=np.float32) * 0.9
    exact = wave.copy()
    samples, facts = added(start=wave, adc_bits=bits, adc_range_g=1.0)
    step = 2 / 2**bits
    np.testing.assert_allclose(samples / step, np.round(samples / step), atol=1e-3)
    # The error of a fine quantisation is even within half a step.
    if bits > 8:
        assert rms(samples - exact) == pytest.approx(step / np.sqrt(12), rel=0.05)
    assert facts["clipped_samples"] == 0


def test_the_converter_cuts_off_what_is_too_much():
    wave = np.linspace(-4, 4, COUNT, dtype=np.float32)
    samples, facts = added(start=wave, adc_bits=12, adc_range_g=2.0)
    assert (samples.min(), samples.max()) == (-2.0, pytest.approx(2 - 4 / 4_096))
    assert facts["clipped_samples"] == pytest.approx(COUNT / 2, rel=0.01)


def test_an_aliased_tone_is_folded_down_and_moves_against_the_speed():
    places = []
    for speed_hz in (60.0, 60.1):
        motion = Motion(RATE_HZ, np.array([speed_hz]), COUNT)
        samples, facts = added(motion, aliasing_g=0.5)
        true_hz = facts["aliased_order"] * speed_hz
        assert RATE_HZ / 2 < true_hz < RATE_HZ
        assert line_hz(samples) == pytest.approx(RATE_HZ - true_hz, abs=0.2)
        places.append(line_hz(samples))
    assert rms(samples) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_an_aliased_tone_follows_a_ramp_downwards():
    rng = np.random.default_rng(1)
    motion = move(SpeedProfile.RAMP, 60.0, 0.01, 1.0, COUNT, RATE_HZ, rng)
    samples, _ = added(motion, aliasing_g=0.5)
    half = COUNT // 2
    rises = motion.speed_hz[-1] > motion.speed_hz[0]
    assert (line_hz(samples[:half]) > line_hz(samples[half:])) == rises


def test_impulses_are_as_many_and_as_high_as_they_say():
    counts = []
    for seed in range(20):
        samples, facts = added(seed=seed, impulses_per_s=3.0, impulse_g=2.0)
        counts.append(facts["impulse_count"])
        assert 0.5 < np.abs(samples).max() < 4.5
    assert np.mean(counts) == pytest.approx(3.0 * COUNT / RATE_HZ, rel=0.15)


def test_a_layer_leaves_the_others_as_they_were():
    alone, _ = added(sensor_snr_db=20.0)
    both, _ = added(sensor_snr_db=20.0, pink_g=0.1)
    pink, _ = added(pink_g=0.1)
    np.testing.assert_allclose(both - pink, alone, atol=1e-6)
    assert NoiseLayers().aliasing_g is None
