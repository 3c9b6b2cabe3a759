from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from diagnostics.features import spectral_features as spectral
from diagnostics.features.batch import Batch, Context
from diagnostics.features.spectral_lines import Lines, lines, near

RATE_HZ = 20_480.0
TIME_S = np.arange(20_480) / RATE_HZ


def sine(frequency_hz: float, amplitude: float = 1.0, phase: float = 0.3):
    return amplitude * np.sin(2 * np.pi * frequency_hz * TIME_S + phase)


def batch_of(*waves, **context) -> Batch:
    return Batch(np.stack(waves), RATE_HZ, Context(**context))


@pytest.mark.parametrize("count", [4_000, 4_001])
def test_lines_against_scipys_periodogram(count):
    noise = np.random.default_rng(2).normal(size=(2, count)) + 3
    found = lines(Batch(noise, RATE_HZ))
    frequencies_hz, expected = scipy.signal.periodogram(
        noise, RATE_HZ, "hann", detrend="constant", scaling="density", axis=1
    )
    np.testing.assert_allclose(found.frequencies_hz(), frequencies_hz)
    np.testing.assert_allclose(found.power, expected * found.resolution_hz, rtol=1e-9, atol=1e-15)


def test_powers_add_up_to_the_mean_square():
    noise = np.random.default_rng(3).normal(scale=2.0, size=20_480)
    both = batch_of(noise, sine(700.0, 3.0))
    assert spectral.total_power(both) == pytest.approx([4.0, 4.5], rel=0.03)


def test_bands_are_disjoint_and_leave_nothing_out():
    noise = np.random.default_rng(3).normal(size=20_480)
    given = batch_of(noise, sine(500.0), edges_hz=(0, 500, 2_000, 5_000, 10_241))
    bands = [
        spectral.low_band_energy(given),
        spectral.mid_band_energy(given),
        spectral.high_band_energy(given),
        spectral.very_high_band_energy(given),
    ]
    np.testing.assert_allclose(np.sum(bands, axis=0), spectral.total_power(given))
    # A Hann window spreads a tone over three lines, 1 : 4 : 1 in power; the edge counts above.
    assert bands[0][1] == pytest.approx(0.5 / 6)
    assert bands[1][1] == pytest.approx(0.5 * 5 / 6)


def test_a_band_that_the_rate_cannot_show_is_not_zero_but_unknown():
    given = Batch(np.random.default_rng(4).normal(size=(1, 2_000)), 8_000.0)
    assert np.isnan(spectral.very_high_band_energy(given)).all()
    assert spectral.high_band_energy(given) == pytest.approx(0.5, rel=0.1)


def test_place_of_two_tones():
    two = batch_of(sine(1_000.0) + sine(4_000.0, 2.0))
    centre = (1_000 + 4 * 4_000) / 5
    assert spectral.spectral_centroid(two) == pytest.approx(centre, rel=1e-6)
    spread = np.sqrt(((1_000 - centre) ** 2 + 4 * (4_000 - centre) ** 2) / 5)
    assert spectral.spectral_spread(two) == pytest.approx(spread, rel=1e-6)
    assert spectral.dominant_frequency(two).tolist() == [4_000.0]


def test_a_tone_is_ordered_and_noise_is_not():
    tone, noise = batch_of(sine(1_010.0)), batch_of(np.random.default_rng(5).normal(size=20_480))
    assert spectral.spectral_entropy(tone) < 0.01
    assert spectral.spectral_entropy(noise) > 0.98
    assert spectral.spectral_peakiness(tone) == pytest.approx(512, rel=0.01)
    assert spectral.spectral_peakiness(noise) < 3


def test_harmonics_are_those_of_the_shaft_and_not_of_the_highest_line():
    wave = sine(29.6, 1.0) + sine(59.2, 0.5) + sine(88.8, 0.25) + sine(1_234.0, 5.0)
    given = batch_of(wave, wave, shaft_hz=np.array([29.5, np.nan]))
    assert spectral.harmonic_2x(given)[0] == pytest.approx(0.5, rel=0.01)
    assert spectral.harmonic_3x(given)[0] == pytest.approx(0.25, rel=0.01)
    assert np.isnan([spectral.harmonic_2x(given)[1], spectral.harmonic_3x(given)[1]]).all()


@pytest.mark.parametrize("offset", [0.0, 0.25, 0.5, 0.75])
def test_a_tone_between_two_lines_is_not_underrated(offset):
    found = lines(batch_of(sine(600.0 + offset, 3.0)))
    amplitude, energy = near(found, np.array([600.0]), 0.02)
    assert amplitude == pytest.approx(3.0, rel=0.002)
    assert energy == pytest.approx(4.5, rel=0.001)


def test_what_cannot_be_seen_is_unknown():
    flat = Lines(np.ones((4, 101)), 1.0)
    wanted_hz = np.array([np.nan, 3.0, 50.0, 99.0])
    amplitude, energy = near(flat, wanted_hz, 0.02)
    assert np.isnan(amplitude).tolist() == [True, True, False, True]
    np.testing.assert_array_equal(energy, [np.nan, np.nan, 5.0, np.nan])
