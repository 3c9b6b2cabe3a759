from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from diagnostics.features.running import RunningSummary


def summary_of(*blocks):
    running = RunningSummary()
    for block in blocks:
        running.add(block)
    return running.summary()


@pytest.fixture
def samples():
    return np.random.default_rng(3).gamma(2.0, 1.5, 10_007) + 1e6


@pytest.mark.parametrize("size", [1, 7, 1_000, 20_000])
def test_the_blocks_make_no_difference(samples, size):
    found = summary_of(*np.array_split(samples, range(size, samples.size, size)))
    assert found.count == samples.size
    assert (found.minimum, found.maximum) == (samples.min(), samples.max())
    assert found.mean == pytest.approx(samples.mean(), rel=1e-12)
    assert found.rms == pytest.approx(np.sqrt(np.mean(samples**2)), rel=1e-12)
    assert found.skewness == pytest.approx(stats.skew(samples), rel=1e-6)
    assert found.kurtosis == pytest.approx(stats.kurtosis(samples, fisher=False), rel=1e-6)


def test_peak_and_crest_factor_count_both_sides():
    found = summary_of(np.array([1.0, -4.0, 2.0]))
    assert found.peak == 4.0
    assert found.crest_factor == pytest.approx(4.0 / np.sqrt(7.0))


def test_what_is_not_finite_is_left_out():
    found = summary_of(np.array([np.nan, 1.0, np.inf]), np.array([np.nan]), np.array([3.0]))
    assert (found.count, found.mean, found.maximum) == (2, 2.0, 3.0)
    assert summary_of() is None
    assert summary_of(np.array([np.nan, -np.inf])) is None


def test_a_constant_channel_has_no_shape():
    found = summary_of(np.full(5, 0.1), np.full(9, 0.1))
    assert (found.skewness, found.kurtosis) == (0.0, 0.0)
    assert summary_of(np.zeros(3)).crest_factor == 0.0


def test_whole_numbers_are_welcome():
    assert summary_of(np.array([-3, 3], dtype=np.int16)).rms == 3.0
