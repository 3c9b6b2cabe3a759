"""An echo has a cepstrum in closed form: log|1 + a z| is a sum over its powers."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.signals.cepstrum import CepstrumKind, cepstrum, smooth_spectrum
from diagnostics.signals.spectrum import Window

RATE_HZ = 1_000.0
RNG = np.random.default_rng(14)


@pytest.mark.parametrize("count", [4_096, 4_095])
@pytest.mark.parametrize(("kind", "factor"), [(CepstrumKind.REAL, 0.5), (CepstrumKind.POWER, 1.0)])
def test_an_echo_in_closed_form(kind, factor, count):
    strike = np.zeros(count)
    strike[0], strike[300] = 1.0, 0.4
    result = cepstrum(strike, RATE_HZ, kind, Window.RECTANGULAR)
    for multiple in (1, 2, 3):
        height = -factor * (-0.4) ** multiple / multiple
        assert result.values[300 * multiple] == pytest.approx(height, abs=1e-3)
    assert np.abs(np.delete(result.values, [300, 600, 900, 1_200, 1_500, 1_800])).max() < 2e-3
    assert result.quefrencies_s[300] == 0.3
    assert result.values.size == count // 2 + 1


def test_against_the_definition():
    samples = RNG.normal(size=(2, 501)) + 3
    weights = Window.HANN.weights(501)
    magnitudes = np.abs(np.fft.fft((samples - samples.mean(axis=-1, keepdims=True)) * weights))
    magnitudes[:, 0] = magnitudes[:, 1]
    expected = np.fft.ifft(np.log(magnitudes)).real[:, :251]
    np.testing.assert_allclose(cepstrum(samples, RATE_HZ).values, expected, atol=1e-12)


def test_the_unit_changes_the_value_at_0_only():
    samples = RNG.normal(size=2_000)
    one, other = cepstrum(samples, RATE_HZ).values, cepstrum(1e3 * samples, RATE_HZ).values
    assert other[0] - one[0] == pytest.approx(np.log(1e3))
    np.testing.assert_allclose(other[1:], one[1:], atol=1e-9)


def test_sidebands_of_a_gear_mesh_show_as_the_period_of_the_shaft():
    rate_hz, count = 10_000.0, 40_000
    time_s = np.arange(count) / rate_hz
    # A damaged tooth swells the mesh of 1003 Hz for a moment in each turn of 25 Hz.
    swell = 1 + np.exp(-((((time_s * 25) % 1) - 0.5) ** 2) / 0.002)
    samples = swell * np.sin(2 * np.pi * 1_003 * time_s) + RNG.normal(scale=1e-3, size=count)
    result = cepstrum(samples, rate_hz)
    searched = (result.quefrencies_s > 0.01) & (result.quefrencies_s < 0.06)
    peak_s = result.quefrencies_s[searched][result.values[searched].argmax()]
    assert peak_s == pytest.approx(0.04, abs=2 / rate_hz)


def test_a_lifter_keeps_the_resonance_and_drops_the_lines():
    rate_hz, count = 10_000.0, 20_000
    ringing_s = np.arange(200) / rate_hz
    ringing = np.exp(-600 * ringing_s) * np.sin(2 * np.pi * 2_000 * ringing_s)
    strikes = np.zeros(count)
    strikes[::100] = 1.0
    samples = np.fft.irfft(np.fft.rfft(strikes) * np.fft.rfft(ringing, count), count)
    samples += RNG.normal(scale=1e-2, size=count)
    frequencies_hz, values = smooth_spectrum(samples, rate_hz, 0.002)
    assert frequencies_hz[values.argmax()] == pytest.approx(2_000, abs=150)
    assert np.abs(np.diff(np.log(values))).max() < 0.02


@pytest.mark.parametrize("longest_s", [0.0, 1.0, np.nan])
def test_refuses_quefrencies_out_of_range(longest_s):
    with pytest.raises(SignalError, match=r"between 0\.001 s and half of the 2 s"):
        smooth_spectrum(RNG.normal(size=2_000), RATE_HZ, longest_s)


def test_refuses_constant_and_short_signals():
    with pytest.raises(SignalError, match="constant signal has no cepstrum"):
        cepstrum(np.full(100, 0.1), RATE_HZ)
    with pytest.raises(SignalError, match="8 samples or more"):
        cepstrum(np.float64(1.0), RATE_HZ)
