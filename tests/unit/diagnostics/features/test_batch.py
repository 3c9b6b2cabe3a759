from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.features.batch import Batch, Context

NOISE = np.random.default_rng(1).normal(size=(3, 300)) + 5


def test_means_are_taken_off():
    batch = Batch(NOISE, 1_000.0)
    np.testing.assert_allclose(batch.centred, NOISE - NOISE.mean(axis=1, keepdims=True))
    np.testing.assert_allclose(batch.peak, np.abs(batch.centred).max(axis=1))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_a_broken_window_does_not_touch_the_others(bad):
    spoilt = NOISE.copy()
    spoilt[1, 7] = bad
    batch = Batch(spoilt, 1_000.0)
    assert batch.broken.tolist() == [False, True, False]
    np.testing.assert_array_equal(batch.centred[::2], Batch(NOISE, 1_000.0).centred[::2])
    assert np.isfinite(batch.centred).all()


@pytest.mark.parametrize("level", [0.0, 0.1, -1e9, 1e-30])
def test_a_constant_window_is_nothing_but_zeros(level):
    batch = Batch(np.full((1, 300), level), 1_000.0)
    assert not batch.centred.any()
    assert batch.peak.tolist() == [0.0]


def test_parts_are_made_once():
    calls = []

    def part(batch: Batch) -> int:
        calls.append(batch)
        return 7

    batch = Batch(NOISE, 1_000.0)
    assert (batch.share(part), batch.share(part), len(calls)) == (7, 7, 1)


def test_speeds_are_one_for_all_or_one_for_each():
    assert Context(shaft_hz=25.0).speeds(2).tolist() == [25.0, 25.0]
    given = Context(shaft_hz=np.array([25.0, 0.0, np.nan, -1.0]))
    np.testing.assert_array_equal(given.speeds(4), [25.0, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(given.of_rows(slice(0, 1)).speeds(1), [25.0])
    with pytest.raises(SignalError, match="one speed for each of 2 windows, got 4"):
        given.speeds(2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tolerance": 0.0}, "tolerance"),
        ({"tolerance": 0.3}, "tolerance"),
        ({"edges_hz": (0, 500, 500, 1_000, 2_000)}, "five edges"),
        ({"edges_hz": (0, 500)}, "five edges"),
        ({"edges_hz": (-1, 5, 6, 7, 8)}, "five edges"),
    ],
)
def test_numbers_out_of_range_are_refused(change, words):
    with pytest.raises(SignalError, match=words):
        Context(**change)


@pytest.mark.parametrize("shape", [(300,), (2, 255), (1, 2, 300)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(SignalError, match="256 samples"):
        Batch(np.zeros(shape), 1_000.0)


@pytest.mark.parametrize("rate", [0.0, -1.0, np.nan, np.inf])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(SignalError, match="sampling rate"):
        Batch(NOISE, rate)
