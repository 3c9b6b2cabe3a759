from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from diagnostics.errors import SignalError
from diagnostics.features import envelope_features as features
from diagnostics.features.batch import Batch, Context
from diagnostics.signals.envelope import Band, envelope_spectrum

RATE_HZ = 20_480.0
TIME_S = np.arange(20_480) / RATE_HZ
SWELL = 1 + 0.5 * np.sin(2 * np.pi * 107.0 * TIME_S)
RINGING = SWELL * np.sin(2 * np.pi * 6_000.0 * TIME_S)
# Does not fit into the window a whole number of times: it begins anew with a jump.
SLOW = 20 * np.sin(2 * np.pi * 30.7 * TIME_S + 0.2)


def batch_of(*waves, **context) -> Batch:
    return Batch(np.stack(waves), RATE_HZ, Context(**context))


def test_closed_forms_of_a_tone_that_swells():
    given = batch_of(RINGING)
    assert features.envelope_rms(given) == pytest.approx(np.sqrt(1 + 0.125), rel=0.002)
    assert features.envelope_peak(given) == pytest.approx(1.5, rel=0.001)
    assert features.envelope_kurtosis(given) == pytest.approx(1.5, rel=0.01)
    assert features.modulation_frequency(given) == pytest.approx(107.0, abs=0.6)


def test_a_strong_slow_tone_outside_the_band_changes_nothing():
    alone, both = batch_of(RINGING), batch_of(RINGING + SLOW)
    for feature, within in [
        (features.envelope_rms, 0.002),
        (features.envelope_peak, 0.02),
        (features.envelope_kurtosis, 0.02),
        (features.modulation_frequency, 1e-9),
    ]:
        np.testing.assert_allclose(feature(both), feature(alone), rtol=within)


def test_the_envelope_of_noise_has_a_rayleigh_distribution():
    noise = np.random.default_rng(0).normal(size=(20, 20_480))
    given = Batch(noise, RATE_HZ)
    assert features.envelope_kurtosis(given).mean() == pytest.approx(3.245, abs=0.1)


def test_against_a_filter_and_the_hilbert_transform():
    rng = np.random.default_rng(1)
    wave = rng.normal(size=20_480) * SWELL
    sections = scipy.signal.butter(8, (3_700, 8_200), "band", fs=RATE_HZ, output="sos")
    expected = np.abs(scipy.signal.hilbert(scipy.signal.sosfiltfilt(sections, wave)))
    given = batch_of(wave)
    assert features.envelope_rms(given) == pytest.approx(np.sqrt(np.mean(expected**2)), rel=0.05)
    assert features.envelope_peak(given) == pytest.approx(expected.max(), rel=0.1)


def test_the_spectrum_is_that_of_the_signals_page():
    found = features.envelope_lines(batch_of(RINGING, band=Band(5_000, 7_000)))
    line = int(found.power[0, 3:].argmax()) + 3
    amplitude = np.sqrt(2 * found.power[0, line - 2 : line + 3].sum())
    shown = envelope_spectrum(RINGING, RATE_HZ, Band(5_000, 7_000))
    assert amplitude == pytest.approx(shown.values[3:].max(), rel=0.02)
    assert found.highest_hz == pytest.approx(1_500, rel=0.02)


def test_a_steady_tone_does_not_swell():
    steady = batch_of(np.sin(2 * np.pi * 6_000.0 * TIME_S))
    assert features.envelope_kurtosis(steady).tolist() == [0.0]
    assert features.modulation_frequency(steady).tolist() == [0.0]


@pytest.mark.parametrize(
    ("band", "words"),
    [(Band(9_000, 10_241), "10240 Hz that a sampling"), (Band(3_000, 3_010), "holds 11 lines")],
)
def test_bands_that_cannot_be_are_refused(band, words):
    with pytest.raises(SignalError, match=words):
        features.envelope_rms(batch_of(RINGING, band=band))
