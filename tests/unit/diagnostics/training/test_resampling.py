"""A stretch read by itself equals the stretch of the whole, resampled at once by scipy."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.signal import resample_poly

from diagnostics.errors import TrainingError
from diagnostics.training.resampling import common_rate, ratio, read_resampled, resampled_count


@pytest.mark.parametrize(
    "step", [Fraction(1, 4), Fraction(2, 3), Fraction(25, 128), Fraction(1, 2)]
)
@pytest.mark.parametrize("where", [(0, 100), (101, 220), (333, 334), (-150, None)])
def test_a_stretch_equals_that_of_the_whole(step, where):
    samples = np.random.default_rng(1).normal(size=5003)
    whole = resample_poly(samples, step.numerator, step.denominator)
    assert resampled_count(5003, step) == len(whole)
    start, stop, _ = slice(*where).indices(len(whole))
    part = read_resampled(lambda a, b: samples[a:b], 5003, step, start, stop)
    np.testing.assert_allclose(part, whole[start:stop], atol=1e-12)


def test_it_reads_little_more_than_the_stretch():
    asked = []

    def read(start, stop):
        asked.append(stop - start)
        return np.zeros(stop - start)

    read_resampled(read, 10**9, Fraction(1, 4), 5000, 6000)
    assert sum(asked) < 4 * 1000 + 100


def test_one_shared_rate_needs_no_choice():
    assert common_rate([12_000.0, 12_000.0], None) == 12_000.0


@pytest.mark.parametrize(
    ("rates", "chosen", "sentence"),
    [
        ([12_000.0, 48_000.0], None, r"different rates \(12000, 48000 Hz\)"),
        ([12_000.0, 48_000.0], 16_000.0, "above that of some recordings"),
        ([], None, "no recordings"),
    ],
)
def test_rates_that_do_not_fit_are_refused(rates, chosen, sentence):
    with pytest.raises(TrainingError, match=sentence):
        common_rate(rates, chosen)


def test_a_ratio_that_is_not_simple_is_refused():
    assert ratio(97_656.0, 48_828.0) == Fraction(1, 2)
    with pytest.raises(TrainingError, match="48001 Hz cannot be brought to 48000 Hz"):
        ratio(48_001.0, 48_000.0)


@pytest.mark.parametrize("taken", [48_828.0, 97_656.0, 48_828.125])
def test_rates_of_converters_are_brought_to_round_ones(taken):
    """A sine of 1 kHz is one afterwards, in the middle of the recording."""
    step = ratio(taken, 12_000.0)
    samples = np.sin(2 * np.pi * 1000 * np.arange(40_000) / taken)
    part = read_resampled(lambda a, b: samples[a:b], 40_000, step, 1000, 3000)
    expected = np.sin(2 * np.pi * 1000 * np.arange(1000, 3000) / 12_000)
    np.testing.assert_allclose(part, expected, atol=2e-3)
