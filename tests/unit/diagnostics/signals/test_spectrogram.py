from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from diagnostics.errors import SignalError
from diagnostics.signals.spectrogram import spectrogram
from diagnostics.signals.spectrum import Window, power_spectral_density

NOISE = np.random.default_rng(4).normal(size=8_192)


def test_the_mean_over_time_is_the_density():
    result = spectrogram(NOISE, 1_000.0, 512)
    density = power_spectral_density(NOISE, 1_000.0, 512)
    np.testing.assert_allclose(result.values.mean(axis=1), density.values)
    np.testing.assert_allclose(result.frequencies_hz, density.frequencies_hz)


def test_values_against_another_routine_of_scipy():
    result = spectrogram(NOISE, 1_000.0, 256)
    window = scipy.signal.get_window("hann", 256)
    transform = scipy.signal.ShortTimeFFT(
        window, 128, 1_000.0, fft_mode="onesided2X", scale_to="psd"
    )
    inside = slice(transform.lower_border_end[1], transform.upper_border_begin(NOISE.size)[1])
    expected = transform.spectrogram(NOISE, detr="constant")
    columns = expected[:, inside.start - transform.p_min : inside.stop - transform.p_min]
    np.testing.assert_allclose(result.values, columns[:, : result.times_s.size], rtol=1e-9)


def test_an_impact_is_in_the_segments_around_it():
    samples = np.zeros(10_000)
    samples[7_000] = 1.0
    result = spectrogram(samples, 1_000.0, 100)
    struck = result.times_s[result.values.sum(axis=0) > 0]
    assert struck == pytest.approx([7.0, 7.05])  # in the others the window weighs it with 0


def test_overlap_and_window_leave_the_density_as_it_is():
    result = spectrogram(NOISE, 1_000.0, 256, 0.75, Window.BLACKMAN)
    density = power_spectral_density(NOISE, 1_000.0, 256, Window.BLACKMAN, 0.75)
    np.testing.assert_allclose(result.values.mean(axis=1), density.values)
    assert np.diff(result.times_s) == pytest.approx(0.064)


@pytest.mark.parametrize(("samples", "length"), [(NOISE, 9_000), (NOISE, 4), (NOISE[:5], 5)])
def test_refuses_segments_that_do_not_fit(samples, length):
    with pytest.raises(SignalError):
        spectrogram(samples, 1_000.0, length)
