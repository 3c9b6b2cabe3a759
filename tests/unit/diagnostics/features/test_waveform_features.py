from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from diagnostics.features import waveform_features as waveform
from diagnostics.features.batch import Batch

SKEWED = np.random.default_rng(0).gamma(2.0, size=(3, 4_000)) + 4
BATCH = Batch(SKEWED, 1_000.0)
OFF = SKEWED - SKEWED.mean(axis=1, keepdims=True)


def test_moments_against_scipy():
    np.testing.assert_allclose(
        waveform.kurtosis(BATCH), scipy.stats.kurtosis(SKEWED, axis=1, fisher=False)
    )
    np.testing.assert_allclose(waveform.skewness(BATCH), scipy.stats.skew(SKEWED, axis=1))
    np.testing.assert_allclose(waveform.rms(BATCH), SKEWED.std(axis=1))


def test_factors_as_they_are_written():
    peak = np.abs(OFF).max(axis=1)
    np.testing.assert_allclose(waveform.crest_factor(BATCH), peak / OFF.std(axis=1))
    mean = np.abs(OFF).mean(axis=1)
    np.testing.assert_allclose(waveform.shape_factor(BATCH), OFF.std(axis=1) / mean)
    np.testing.assert_allclose(waveform.impulse_factor(BATCH), peak / mean)
    roots = np.sqrt(np.abs(OFF)).mean(axis=1)
    np.testing.assert_allclose(waveform.clearance_factor(BATCH), peak / roots**2)


def test_closed_forms_of_noise():
    noise = Batch(np.random.default_rng(1).normal(size=(1, 1_000_000)), 1_000.0)
    assert waveform.shape_factor(noise) == pytest.approx(np.sqrt(np.pi / 2), rel=0.005)
    assert waveform.kurtosis(noise) == pytest.approx(3, abs=0.03)
