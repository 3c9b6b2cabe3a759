"""Numbers against scipy and the standard library."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
import scipy.stats

from diagnostics.features.time_domain import kurtosis, mean, peak_value, rms, skewness, std

RNG = np.random.default_rng(0)
SKEWED = RNG.gamma(2.0, size=(3, 4_000)) - 1.0


def test_moments_against_scipy():
    np.testing.assert_allclose(kurtosis(SKEWED), scipy.stats.kurtosis(SKEWED, -1, fisher=False))
    np.testing.assert_allclose(skewness(SKEWED), scipy.stats.skew(SKEWED, -1))


def test_levels_against_the_standard_library():
    row = SKEWED[0].tolist()
    assert rms(SKEWED[0]) == pytest.approx(statistics.fmean(v * v for v in row) ** 0.5)
    assert mean(SKEWED[0]) == pytest.approx(statistics.fmean(row))
    assert std(SKEWED[0]) == pytest.approx(statistics.pstdev(row))
    assert peak_value(SKEWED[0]) == max(map(abs, row))


def test_closed_forms_of_a_sine():
    sine = 3 * np.sin(2 * np.pi * np.arange(1_000) / 100)
    assert rms(sine) == pytest.approx(3 / 2**0.5)
    assert kurtosis(sine) == pytest.approx(1.5)
    assert skewness(sine) == pytest.approx(0, abs=1e-12)
    assert peak_value(sine) == pytest.approx(3)


def test_a_constant_row_has_no_shape():
    still = np.full(1_000, 0.1)
    assert (kurtosis(still), skewness(still)) == (0, 0)
