"""Closed forms, Parseval's theorem and scipy's own routines say what the numbers must be."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from diagnostics.errors import SignalError
from diagnostics.signals.spectrum import (
    Detector,
    Window,
    amplitude_spectrum,
    power_spectral_density,
    segment_length,
)

RATE_HZ = 2_048.0
NOISE = np.random.default_rng(1).normal(size=(2, 3, 5_000))


def sine(frequency_hz: float, amplitude: float, count: int = 4_096, offset: float = 0.0):
    return offset + amplitude * np.cos(2 * np.pi * frequency_hz * np.arange(count) / RATE_HZ + 0.3)


@pytest.mark.parametrize("window", Window)
@pytest.mark.parametrize("count", [4_096, 5_000, 4_097])
def test_a_sine_on_a_line_shows_its_peak_amplitude(window, count):
    frequency_hz = 100 * RATE_HZ / count
    spectrum = amplitude_spectrum(sine(frequency_hz, 2.5, count, offset=7.0), RATE_HZ, window)
    assert spectrum.values.max() == pytest.approx(2.5)
    assert spectrum.frequencies_hz[spectrum.values.argmax()] == pytest.approx(frequency_hz)


@pytest.mark.parametrize(
    ("window", "loss_db"),
    [
        (Window.HANN, 1.42),
        (Window.FLAT_TOP, 0.01),
        (Window.HAMMING, 1.75),
        (Window.BLACKMAN, 1.10),
        (Window.RECTANGULAR, 3.92),
    ],
)
def test_a_sine_between_two_lines_is_too_low_by_what_the_docstring_says(window, loss_db):
    spectrum = amplitude_spectrum(sine(RATE_HZ / 4_096 * 400.5, 1.0), RATE_HZ, window)
    assert -20 * np.log10(spectrum.values.max()) == pytest.approx(loss_db, abs=0.005)


@pytest.mark.parametrize(
    ("window", "lines"),
    [  # mathworks.com/help/signal/ref/enbw.html for two; cosine sums have a closed form
        (Window.HANN, 1.5),
        (Window.HAMMING, 1.3628),
        (Window.BLACKMAN, 1 + (0.5**2 + 0.08**2) / 2 / 0.42**2),
        (Window.FLAT_TOP, 3.7702),
        (Window.RECTANGULAR, 1.0),
    ],
)
def test_the_noise_bandwidth_of_a_window(window, lines):
    assert window.noise_bandwidth_lines == pytest.approx(lines, abs=1e-4)


@pytest.mark.parametrize("window", Window)
def test_squared_lines_over_the_noise_bandwidth_are_the_power(window):
    tone = sine(400.3, 3.0)
    spectrum = amplitude_spectrum(tone, RATE_HZ, window, Detector.RMS)
    power = np.square(spectrum.values).sum() / window.noise_bandwidth_lines
    assert power == pytest.approx(4.5, rel=2e-3)


def test_detectors():
    samples = sine(100.0, 3.0)
    samples[::2] += 1.0  # half of it is an offset, the other half stands at the Nyquist frequency
    rms, double = (
        amplitude_spectrum(samples, RATE_HZ, Window.RECTANGULAR, detector).values
        for detector in (Detector.RMS, Detector.PEAK_TO_PEAK)
    )
    assert (rms[200], rms[-1]) == pytest.approx((3 / 2**0.5, 0.5))
    assert (double[200], double[-1]) == pytest.approx((6.0, 1.0))
    assert np.square(rms).sum() == pytest.approx(samples.var())


def test_amplitudes_against_scipy():
    spectrum = amplitude_spectrum(NOISE, RATE_HZ)
    frequencies_hz, power = scipy.signal.periodogram(
        NOISE, RATE_HZ, "hann", scaling="spectrum", detrend="constant"
    )
    np.testing.assert_allclose(spectrum.frequencies_hz, frequencies_hz)
    # scipy gives mean squares: half of a squared peak, but at 0 Hz and the Nyquist frequency.
    np.testing.assert_allclose(spectrum.values[..., 1:-1] ** 2 / 2, power[..., 1:-1], rtol=1e-9)
    np.testing.assert_allclose(spectrum.values[..., -1] ** 2, power[..., -1], rtol=1e-9)


def test_a_cosine_at_the_nyquist_frequency_is_not_doubled():
    samples = np.tile([1.0, -1.0], 64)
    assert amplitude_spectrum(samples, RATE_HZ, Window.RECTANGULAR).values[-1] == pytest.approx(1)


def test_amplitudes_of_float32_are_as_exact_as_their_samples():
    samples = sine(128.0, 1.0, 100_000, offset=50.0)
    spectrum = amplitude_spectrum(samples.astype(np.float32), RATE_HZ)
    np.testing.assert_allclose(
        spectrum.values, amplitude_spectrum(samples, RATE_HZ).values, atol=5e-6
    )


def test_the_area_under_the_density_is_the_mean_square():
    noise = np.random.default_rng(2).normal(scale=3.0, size=200_000)
    density = power_spectral_density(noise, RATE_HZ)
    assert density.values.sum() * density.resolution_hz == pytest.approx(noise.var(), rel=0.01)


def test_the_density_of_white_noise_is_flat_and_twice_the_variance_over_the_rate():
    noise = np.random.default_rng(3).normal(scale=2.0, size=400_000)
    density = power_spectral_density(noise, RATE_HZ, 512).values[2:-2]
    assert density == pytest.approx(2 * 4.0 / RATE_HZ, rel=0.25)


@pytest.mark.parametrize("window", Window)
@pytest.mark.parametrize("overlap", [0.0, 0.6, 0.95])
def test_windows_and_overlaps_leave_the_density_of_noise_as_it_is(window, overlap):
    noise = np.random.default_rng(7).normal(scale=2.0, size=100_000)
    density = power_spectral_density(noise, RATE_HZ, 512, window, overlap)
    assert density.values[4:-4].mean() == pytest.approx(2 * 4.0 / RATE_HZ, rel=0.03)


def test_averages_are_counted():
    assert power_spectral_density(NOISE, RATE_HZ, 1_000, overlap=0.0).averages == 5
    assert power_spectral_density(NOISE, RATE_HZ, 1_000).averages == 9
    assert power_spectral_density(NOISE, RATE_HZ, 5_000).averages == 1
    assert amplitude_spectrum(NOISE, RATE_HZ).averages == 1


def test_the_density_of_a_sine_holds_its_power():
    density = power_spectral_density(sine(256.0, 3.0, 65_536), RATE_HZ, 1_024)
    near = np.abs(density.frequencies_hz - 256.0) < 10
    assert density.values[near].sum() * density.resolution_hz == pytest.approx(4.5, rel=1e-6)


def test_rows_do_not_touch_each_other():
    for compute in (amplitude_spectrum, power_spectral_density):
        whole = compute(NOISE, RATE_HZ).values
        np.testing.assert_allclose(whole[1, 2], compute(NOISE[1, 2], RATE_HZ).values)


@pytest.mark.parametrize(
    ("count", "length"), [(8, 8), (300, 256), (60_000, 4_096), (10_000_000, 65_536)]
)
def test_a_segment_suits_the_signal(count, length):
    assert segment_length(count, None) == length


@pytest.mark.parametrize(
    ("samples", "rate", "says"),
    [
        (np.ones(7), 1.0, "8 samples or more, got 7"),
        (np.float64(1.0), 1.0, "got 0"),
        (np.ones(9), 0.0, "above 0 Hz, got 0 Hz"),
        (np.ones(9), np.nan, "above 0 Hz"),
        (np.full(9, np.inf), 1.0, "not finite"),
    ],
)
def test_refuses_what_has_no_spectrum(samples, rate, says):
    for compute in (amplitude_spectrum, power_spectral_density):
        with pytest.raises(SignalError, match=says):
            compute(samples, rate)


@pytest.mark.parametrize("length", [7, 5_001])
def test_refuses_segments_that_do_not_fit(length):
    with pytest.raises(SignalError, match=f"got {length}"):
        power_spectral_density(NOISE, RATE_HZ, length)


@pytest.mark.parametrize("overlap", [-0.1, 0.96, np.nan])
def test_refuses_overlaps_out_of_range(overlap):
    with pytest.raises(SignalError, match="overlap by 0 to 95 %"):
        power_spectral_density(NOISE, RATE_HZ, overlap=overlap)
