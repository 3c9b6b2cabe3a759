"""The definition as a sum, PyWavelets and tones say what the picture must show."""

from __future__ import annotations

import numpy as np
import pytest
import pywt

from diagnostics.errors import SignalError
from diagnostics.signals.wavelet_transform import scalogram, wavelet_amplitudes

RATE_HZ = 1_000.0
TIME_S = np.arange(4_000) / RATE_HZ
NOISE = np.random.default_rng(15).normal(size=4_000)
NOISE -= NOISE.mean()


@pytest.mark.parametrize("cycles", [4.0, 6.0, 12.0])
@pytest.mark.parametrize("frequency_hz", [20.0, 77.0, 300.0])
def test_a_tone_has_its_amplitude_at_its_frequency(frequency_hz, cycles):
    tone = 2.5 * np.cos(2 * np.pi * frequency_hz * TIME_S + 0.4)
    picture = scalogram(tone, RATE_HZ, frequency_hz / 4, frequency_hz * 1.5, 96, 100, cycles)
    middle = picture.values[:, 40:60]
    row = middle.mean(axis=1).argmax()
    step = picture.frequencies_hz[1] / picture.frequencies_hz[0]
    assert picture.frequencies_hz[row] == pytest.approx(frequency_hz, rel=step - 1)
    assert middle[row] == pytest.approx(2.5, rel=0.02)


def amplitudes_of_noise(frequency_hz: float):
    """At each sample, with 200 zeros after the last."""
    lines = np.fft.rfft(NOISE, 4_200)
    lines[1:] *= 2
    return wavelet_amplitudes(lines, frequency_hz * 4.2, 6.0, 4_200, 4_200)[:4_000]


@pytest.mark.parametrize("frequency_hz", [20.0, 100.0, 200.0])
def test_against_the_sum_that_defines_it(frequency_hz):
    spread_s = 6.0 / (2 * np.pi * frequency_hz)
    around_s = np.arange(-2_000, 2_001) / RATE_HZ
    weights = np.exp(-0.5 * (around_s / spread_s) ** 2)
    wavelet = 2 * weights / weights.sum() * np.exp(2j * np.pi * frequency_hz * around_s)
    expected = np.abs(np.convolve(NOISE, wavelet)[2_000:6_000])
    error = np.abs(amplitudes_of_noise(frequency_hz) - expected)[300:-300].max()
    assert error < 1e-3 * expected.max()


@pytest.mark.parametrize("frequency_hz", [20.0, 50.0])
def test_against_pywavelets(frequency_hz):
    name = f"cmor{2 * (6 / (2 * np.pi)) ** 2:.6f}-1.0"
    scale = RATE_HZ / frequency_hz
    transform, _ = pywt.cwt(NOISE, [scale], name, 1 / RATE_HZ, method="fft", precision=14)
    expected = 2 * np.abs(transform[0]) / np.sqrt(scale)  # its wavelets have equal energy
    error = np.abs(amplitudes_of_noise(frequency_hz) - expected)[300:-300].max()
    assert error < 0.03 * expected.max()  # it is half a sample late


def test_a_column_has_its_highest_value():
    picture = scalogram(NOISE, RATE_HZ, 20.0, 200.0, 2, 200)
    for row, frequency_hz in zip(picture.values, picture.frequencies_hz, strict=True):
        columns = amplitudes_of_noise(frequency_hz).reshape(200, 20).max(axis=1)
        assert np.corrcoef(row, columns)[0, 1] > 0.94  # the borders of columns differ a little
        assert row.max() > 0.9 * columns.max()


def test_no_impact_is_lost_in_a_small_picture():
    samples = np.zeros(2**17)
    places = [10_000, 10_400, 70_003, 120_000]
    samples[places] = 1.0
    picture = scalogram(samples, 1e5, 2_000.0, 40_000.0, 24, 256)
    columns = np.unique(np.array(places) * 256 // 2**17)
    highest = picture.values[-1]
    assert (highest[columns] > 0.5 * highest.max()).all()
    assert np.count_nonzero(highest > 0.1 * highest.max()) <= 2 * columns.size
    assert picture.times_s[columns[-1]] == pytest.approx(1.2, abs=1 / 256)


def test_a_short_impact_is_wide_below_and_narrow_above():
    samples = np.zeros(4_000)
    samples[2_000] = 1.0
    picture = scalogram(samples, RATE_HZ, 20.0, 400.0, 2, 4_000)
    for row, frequency_hz in enumerate(picture.frequencies_hz):
        values = picture.values[row]
        # At sqrt(2) standard deviations the wavelet has fallen to 1/e.
        reach = np.count_nonzero(values > values.max() / np.e) / RATE_HZ / 2
        assert reach == pytest.approx(picture.edges_s[row], abs=2 / RATE_HZ)
        assert picture.edges_s[row] == pytest.approx(2**0.5 * 6 / (2 * np.pi * frequency_hz))


def test_a_tone_is_lower_only_near_the_ends():
    tone = np.cos(2 * np.pi * 40 * TIME_S)
    picture = scalogram(tone, RATE_HZ, 20.0, 40.0, 2, 400)
    inside = (picture.times_s > 1.5 * picture.edges_s[1]) & (
        picture.times_s < 4 - 1.5 * picture.edges_s[1]
    )
    assert picture.values[1, inside].min() > 0.98
    assert picture.values[1, 0] < 0.75
    assert picture.values[1, -1] < 0.75


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((0.0, 100.0), "rise from above 0 to at most 500 Hz"),
        ((100.0, 100.0), "got 100 to 100 Hz"),
        ((100.0, 501.0), "at most 500 Hz"),
        ((1.0, 100.0), "6 periods of 1 Hz last 6 s, but the signal 4 s"),
        ((10.0, 100.0, 1), "got 1 and 400"),
        ((10.0, 100.0, 96, 5_000), "to 4096 columns"),
        ((10.0, 100.0, 96, 400, 2.0), "3 to 50 cycles, got 2"),
    ],
)
def test_refuses_pictures_that_cannot_be(arguments, says):
    samples = np.ones(5_000)[: 4_000 if len(arguments) != 4 else 5_000]
    with pytest.raises(SignalError, match=says):
        scalogram(samples, RATE_HZ, *arguments)
