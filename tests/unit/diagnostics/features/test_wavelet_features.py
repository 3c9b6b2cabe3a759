from __future__ import annotations

import numpy as np
import pytest
import pywt
import scipy.stats

from diagnostics.errors import SignalError
from diagnostics.features import wavelet_features as features
from diagnostics.features.batch import Batch

RATE_HZ = 20_480.0
NOISE = np.random.default_rng(0).normal(size=(4, 20_480))


@pytest.mark.parametrize("count", [512, 1_000, 1_001, 4_096])
def test_against_pywavelets_away_from_the_ends(count):
    """What is far from the ends does not depend on how the window is continued there."""
    values = NOISE[:1, :count] - NOISE[:1, :count].mean()
    mirrored = pywt.wavedec(values, "db4", "symmetric", level=5, axis=1)
    repeated = pywt.wavedec(values, "db4", "zero", level=5, axis=1)
    found = features.decomposition(Batch(NOISE[:1, :count], RATE_HZ))
    for level in range(1, 6):
        alike = np.isclose(mirrored[-level], repeated[-level], rtol=0, atol=1e-12)[0]
        inside = mirrored[-level][0][alike]
        expected = np.mean(inside**2) / 2**level
        assert found.energies[0, level - 1] == pytest.approx(expected, rel=1e-9)
        assert found.kurtoses[0, level - 1] == pytest.approx(
            scipy.stats.kurtosis(inside, fisher=False), rel=1e-9
        )


def test_white_noise_lies_evenly_over_frequency():
    given = Batch(NOISE, RATE_HZ)
    shares = features.decomposition(given).energies.mean(axis=0)
    np.testing.assert_allclose(shares, [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 32], rtol=0.15)
    assert features.wavelet_kurtosis(given).mean() == pytest.approx(3, abs=0.1)
    np.testing.assert_allclose(features.wavelet_energy_ratio(given), 31 / 32, rtol=0.01)


def test_a_tone_whose_window_ends_in_the_middle_does_not_look_like_a_strike():
    tone = np.sin(2 * np.pi * 3_333.3 * np.arange(20_480) / RATE_HZ)
    assert features.wavelet_kurtosis(Batch(tone[None], RATE_HZ)) < 2


def test_each_level_takes_its_octave():
    time_s = np.arange(20_480) / RATE_HZ
    waves = [np.sin(2 * np.pi * f * time_s) for f in (7_700, 1_900, 480)]
    given = Batch(np.stack(waves), RATE_HZ)
    for row, feature in enumerate(
        (features.wavelet_energy_d1, features.wavelet_energy_d3, features.wavelet_energy_d5)
    ):
        assert feature(given)[row] > 0.4  # of a mean square of 0.5
        assert feature(given)[row] == feature(given).max()


@pytest.mark.parametrize("every", [256, 512, 1_024])
def test_the_cepstrum_peaks_at_the_distance_of_the_strikes(every):
    strikes = (np.arange(20_480) % every == 0) + 0.01 * NOISE[0]
    given = Batch(strikes[None], RATE_HZ)
    found = features.cepstrum(given)
    highest_s = found.quefrencies_s[found.magnitudes[0].argmax()]
    # A multiple of the distance may be higher than the first by a hair.
    assert (highest_s * RATE_HZ) % every == pytest.approx(0, abs=1e-6)
    assert features.cepstral_peak_ratio(given) > 3 * features.cepstral_peak_ratio(
        Batch(NOISE[:1], RATE_HZ)
    )


def test_the_cepstrum_against_its_formula():
    from scipy.signal import welch

    _, density = welch(NOISE[0], RATE_HZ, "hann", 4_096, detrend="constant")
    # Nothing but the level depends on how 0 Hz and Nyquist are counted.
    expected = np.fft.irfft(np.log(density))[20:2_048]
    found = features.cepstrum(Batch(NOISE[:1], RATE_HZ))
    np.testing.assert_allclose(found.magnitudes[0], np.abs(expected), atol=1e-3)
    np.testing.assert_allclose(found.quefrencies_s, np.arange(20, 2_048) / RATE_HZ)


def test_short_windows_are_refused():
    with pytest.raises(SignalError, match="512 samples"):
        features.wavelet_kurtosis(Batch(NOISE[:, :500], RATE_HZ))
    assert np.isfinite(features.cepstral_peak_ratio(Batch(NOISE[:, :300], RATE_HZ))).all()
