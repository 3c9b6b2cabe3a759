"""Planted tones come back where they were put; noise passes as seldom as theory says."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.signals.peaks import find_peaks, harmonic_snr, noise_floor
from diagnostics.signals.spectrum import Spectrum, amplitude_spectrum

RATE = 10_000.0
TIME_S = np.arange(50_000) / RATE


@pytest.fixture
def rng():
    return np.random.default_rng(8)


def tones(*pairs):
    return sum(amplitude * np.sin(2 * np.pi * hz * TIME_S + hz) for hz, amplitude in pairs)


def comb(fundamental_hz, rng=None, height=1.0):
    """A spectrum up to 500 Hz, a line each 0.2 Hz, whose floor is Rayleigh with median 1."""
    hz = np.arange(2_500) * 0.2
    values = np.ones(hz.size)
    if rng is not None:
        values = np.sqrt(rng.exponential(size=hz.size) / np.log(2))
    for multiple in (1, 2, 3):
        if multiple * fundamental_hz < 500:
            values[round(multiple * fundamental_hz / 0.2)] = height
    return Spectrum(hz, values)


def test_tones_are_read_between_the_lines(rng):
    planted = [(100.07, 5.0), (333.33, 3.0), (1234.5, 2.0), (4000.11, 1.0)]
    spectrum = amplitude_spectrum(tones(*planted) + rng.normal(size=50_000), RATE)
    peaks = find_peaks(spectrum)
    assert all(peak.above_floor_db < 14 for peak in peaks[4:])
    for peak, (hz, amplitude) in zip(peaks[:4], planted, strict=True):
        assert peak.frequency_hz == pytest.approx(hz, abs=0.01)
        assert peak.value == pytest.approx(amplitude, rel=0.03)
        # Noise of variance 1: the mean square amplitude of a Hann line is 4 × 1.5 / samples.
        floor = np.sqrt(6 / 50_000 * np.log(2))
        assert peak.above_floor_db == pytest.approx(20 * np.log10(amplitude / floor), abs=1)


def test_without_noise_a_tone_anywhere_between_two_lines_is_exact():
    for offset in np.linspace(0, 0.2, 9):
        peak = find_peaks(amplitude_spectrum(tones((1000 + offset, 2.0)), RATE))[0]
        assert peak.frequency_hz == pytest.approx(1000 + offset, abs=0.2 * 0.01)
        assert 20 * np.log10(peak.value / 2) == pytest.approx(0, abs=0.03)


def test_noise_passes_as_seldom_as_the_rayleigh_distribution_says(rng):
    values = np.sqrt(rng.exponential(size=400_000))
    above_db = 20 * np.log10(4.0)
    passed = find_peaks(Spectrum(np.arange(values.size) * 1.0, values), 10_000, above_db)
    assert len(passed) == pytest.approx(400_000 / 2**16, abs=8)
    assert round(2 ** (10 ** (12 / 10)), -3) == 59_000


def test_most_keeps_the_highest():
    spectrum = amplitude_spectrum(tones((100, 1.0), (200, 3.0), (300, 2.0)), RATE)
    assert [round(peak.frequency_hz) for peak in find_peaks(spectrum, most=2)] == [200, 300]


def test_the_floor_follows_the_noise_and_not_the_lines(rng):
    shape = np.linspace(1, 5, 20_000)
    values = shape * np.sqrt(rng.exponential(size=20_000) / np.log(2))
    values[::100] = 300.0
    np.testing.assert_allclose(noise_floor(values), shape, rtol=0.35)
    assert noise_floor(np.array([1.0, 2, 3])).tolist() == [2, 2, 2]


@pytest.mark.parametrize("values", [np.zeros(1_000), np.ones(1_000)])
def test_nothing_stands_out_of_what_is_flat(values):
    spectrum = Spectrum(np.arange(1_000) * 1.0, values)
    assert find_peaks(spectrum) == []
    assert harmonic_snr(spectrum, 200.0).snr_db == 0


@pytest.mark.parametrize("slip", [0.982, 1.0, 1.017])
def test_a_family_is_found_although_it_slips(rng, slip):
    found = harmonic_snr(comb(100 * slip, rng, height=10.0), 100.0)
    assert found.fundamental_hz == pytest.approx(100 * slip, abs=0.15)
    assert found.snr_db == pytest.approx(20, abs=0.7)
    assert found.snr_db == pytest.approx(np.mean(found.lines_db))


def test_one_loud_line_is_no_family():
    spectrum = comb(50.0)
    spectrum.values[1_000] = 1e4
    found = harmonic_snr(spectrum, 100.0)
    assert found.snr_db == pytest.approx(80 / 3)
    assert sorted(found.lines_db)[:2] == [0, 0]


def test_lines_that_do_not_share_a_fundamental_do_not_add_up():
    spectrum = comb(50.0)
    spectrum.values[round(98.4 / 0.2)] = 10
    spectrum.values[round(2 * 101.4 / 0.2)] = 10
    assert harmonic_snr(spectrum, 100.0, harmonics=2).snr_db == pytest.approx(10)


def test_harmonics_beyond_the_end_are_left_out():
    assert len(harmonic_snr(comb(200.0), 200.0).lines_db) == 2
    with pytest.raises(SignalError, match=r"ends at 499.8 Hz and shows no line at 600 Hz"):
        harmonic_snr(comb(100.0), 600.0)


def test_noise_stays_below_twelve_decibels(rng):
    reached = [harmonic_snr(comb(33.0, rng, 1.0), 110.0).snr_db for _ in range(300)]
    assert np.median(reached) == pytest.approx(7.3, abs=1.5)
    assert max(reached) < 12


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"fundamental_hz": 0.0}, "above 0 Hz"),
        ({"harmonics": 0}, "At least 1 harmonic"),
        ({"tolerance": 0.1}, "below 10 %"),
        ({"fundamental_hz": 1.0}, "too few to tell a floor"),
    ],
)
def test_refuses_families(arguments, says):
    with pytest.raises(SignalError, match=says):
        harmonic_snr(comb(100.0), **({"fundamental_hz": 100.0} | arguments))


def test_refuses_peaks():
    with pytest.raises(SignalError, match="At least 1 peak"):
        find_peaks(comb(100.0), most=0)
    with pytest.raises(SignalError, match="one channel"):
        find_peaks(Spectrum(np.arange(9.0), np.ones((2, 9))))
