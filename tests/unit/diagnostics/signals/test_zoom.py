from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.signals.spectrum import Detector, Window, amplitude_spectrum
from diagnostics.signals.zoom import zoom_spectrum

RATE_HZ = 1_000.0
NOISE = np.random.default_rng(10).normal(size=(2, 2_000))


@pytest.mark.parametrize("window", Window)
def test_at_lines_of_the_whole_spectrum_it_is_the_same(window):
    whole = amplitude_spectrum(NOISE, RATE_HZ, window)
    part = zoom_spectrum(NOISE, RATE_HZ, 100.0, 200.0, 401, window)
    np.testing.assert_allclose(part.frequencies_hz[::2], whole.frequencies_hz[200:401])
    np.testing.assert_allclose(part.values[:, ::2], whole.values[:, 200:401], atol=1e-10)


def test_against_zeros_appended():
    padded = np.zeros(20_000)
    padded[:2_000] = (NOISE[0] - NOISE[0].mean()) * Window.HANN.weights(2_000)
    expected = 2 * np.abs(np.fft.rfft(padded)) / Window.HANN.weights(2_000).sum()
    part = zoom_spectrum(NOISE[0], RATE_HZ, 100.0, 150.0, 1_001)
    np.testing.assert_allclose(part.values, expected[2_000:3_001], atol=1e-10)


def test_a_tone_between_two_lines_has_its_frequency_and_amplitude():
    tone = 2 * np.cos(2 * np.pi * 123.237 * np.arange(2_000) / RATE_HZ + 1)
    part = zoom_spectrum(tone, RATE_HZ, 123.0, 124.0, 1_001, detector=Detector.RMS)
    assert part.frequencies_hz[part.values.argmax()] == pytest.approx(123.237, abs=1e-9)
    assert part.values.max() == pytest.approx(2**0.5, rel=1e-3)


def test_long_signals_stay_exact():
    count = 2**20
    tone = np.cos(2 * np.pi * 40_000.25 / 100_000 * np.arange(count))
    part = zoom_spectrum(tone, 100_000.0, 40_000.0, 40_000.5, 201)
    assert part.frequencies_hz[part.values.argmax()] == pytest.approx(40_000.25)
    assert part.values.max() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("low_hz", "high_hz", "lines", "says"),
    [
        (-1.0, 10.0, 100, "between 0 and 500 Hz"),
        (10.0, 10.0, 100, "end above its beginning"),
        (10.0, 501.0, 100, "got 10 to 501 Hz"),
        (10.0, 20.0, 1, "2 to 100000 lines, got 1"),
        (10.0, 20.0, 100_001, "got 100001"),
    ],
)
def test_refuses_parts_that_are_not_there(low_hz, high_hz, lines, says):
    with pytest.raises(SignalError, match=says):
        zoom_spectrum(NOISE, RATE_HZ, low_hz, high_hz, lines)
