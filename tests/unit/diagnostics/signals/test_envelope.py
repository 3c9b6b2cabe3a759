from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from diagnostics.errors import SignalError
from diagnostics.signals.envelope import Band, default_band, envelope, envelope_spectrum
from diagnostics.signals.spectrum import Detector, Window

RATE_HZ = 10_000.0
TIME_S = np.arange(20_000) / RATE_HZ
BAND = Band(2_000, 4_000)
NOISE = np.random.default_rng(5).normal(size=(2, 20_000))


def ringing(swell_hz: float = 40.0, depth: float = 0.6, offset: float = 0.0):
    swell = 1 + depth * np.cos(2 * np.pi * swell_hz * TIME_S)
    return offset + swell * np.sin(2 * np.pi * 3_000 * TIME_S)


def test_what_lies_outside_the_band_does_not_matter():
    disturbed = ringing(offset=3.0) + 5 * np.sin(2 * np.pi * 500 * TIME_S)
    expected = 1 + 0.6 * np.cos(2 * np.pi * 40 * TIME_S)
    np.testing.assert_allclose(envelope(disturbed, RATE_HZ, BAND), expected, atol=1e-9)


def test_all_frequencies_give_the_envelope_of_scipy():
    samples = NOISE - NOISE.mean(axis=-1, keepdims=True)
    expected = np.abs(scipy.signal.hilbert(samples))
    whole = envelope(samples, RATE_HZ, Band(0, RATE_HZ / 2))
    # scipy halves the line at the Nyquist frequency, which is left out here.
    np.testing.assert_allclose(whole, expected, atol=0.05)


def test_against_a_butterworth_filter_and_scipys_hilbert_transform():
    sections = scipy.signal.butter(8, [2_000, 4_000], "bandpass", fs=RATE_HZ, output="sos")
    filtered = scipy.signal.sosfiltfilt(sections, ringing())
    expected = np.abs(scipy.signal.hilbert(filtered))[1_000:-1_000]
    actual = envelope(ringing(), RATE_HZ, BAND)[1_000:-1_000]
    np.testing.assert_allclose(actual, expected, atol=0.01)


def test_rows_do_not_touch_each_other():
    alone = envelope(NOISE[1], RATE_HZ, BAND)
    np.testing.assert_allclose(envelope(NOISE, RATE_HZ, BAND)[1], alone)


def test_the_spectrum_shows_rate_and_depth_of_the_swell():
    spectrum = envelope_spectrum(ringing(), RATE_HZ, BAND)
    assert spectrum.frequencies_hz[spectrum.values.argmax()] == 40.0
    assert spectrum.values.max() == pytest.approx(0.6)
    assert spectrum.frequencies_hz[-1] == BAND.width_hz


def test_the_squared_envelope_has_twice_the_depth_and_one_multiple():
    spectrum = envelope_spectrum(ringing(), RATE_HZ, BAND, squared=True)
    lines = dict(zip(spectrum.frequencies_hz, spectrum.values, strict=True))
    assert lines[40.0] == pytest.approx(2 * 0.6)
    assert lines[80.0] == pytest.approx(0.6**2 / 2)
    assert lines[120.0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("band", "says"),
    [((-1, 5), "0 Hz or above"), ((5, 5), "above its beginning"), ((0, np.inf), "a band")],
)
def test_refuses_bands_that_are_none(band, says):
    with pytest.raises(SignalError, match=rf"(?i){says}"):
        Band(*band)


@pytest.mark.parametrize(
    ("band", "says"),
    [(Band(2_000, 5_001), "above the 5000 Hz"), (Band(2_000.1, 2_000.3), "too narrow")],
)
def test_refuses_bands_that_the_signal_does_not_have(band, says):
    with pytest.raises(SignalError, match=says):
        envelope(NOISE, RATE_HZ, band)


@pytest.mark.parametrize("rate_hz", [12_000.0, 20_480.0, 97_656.0])
def test_the_default_band_is_one_that_the_signal_has(rate_hz):
    assert envelope(NOISE, rate_hz, default_band(rate_hz)).shape == NOISE.shape


def test_another_window_and_detector():
    spectrum = envelope_spectrum(ringing(), RATE_HZ, BAND, True, Window.FLAT_TOP, Detector.RMS)
    lines = dict(zip(spectrum.frequencies_hz, spectrum.values, strict=True))
    assert lines[40.0] == pytest.approx(2 * 0.6 / 2**0.5)
    assert lines[80.0] == pytest.approx(0.6**2 / 2 / 2**0.5)
