from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.quality import Problem, check_rate, check_samples

TIME = np.arange(20_000) / 10_000
NOISE = np.random.default_rng(0).normal(size=(3, TIME.size))


def problems(samples, names=("a",)):
    return {warning.problem: warning.value for warning in check_samples(samples, names)}


def test_sound_channels_give_no_warning():
    assert problems(NOISE, ("a", "b", "c")) == {}
    assert problems(NOISE.astype(np.float32), ("a", "b", "c")) == {}


def test_counts_values_that_are_not_finite():
    bad = NOISE[:1].copy()
    bad[0, [3, 5, 7]] = np.nan, np.inf, -np.inf
    assert problems(bad) == {Problem.MISSING_VALUES: 3}


def test_constant():
    assert problems(np.full((1, 50), 2.5)) == {Problem.CONSTANT: 2.5}


def test_clipped_share_is_what_was_cut():
    sine = np.sin(2 * np.pi * 13.7 * TIME)
    cut = np.clip(sine, -0.9, 0.9)
    share = np.mean(np.abs(sine) >= 0.9)
    assert problems(cut[np.newaxis])[Problem.CLIPPED] == pytest.approx(share, rel=0.02)


def test_coarse_steps_are_not_clipping():
    assert problems(np.round(NOISE[:1], 1)) == {}


@pytest.mark.parametrize("factor", [1.0, -0.9848, 2e-5])
def test_copies_are_found_up_to_scale_and_offset(factor):
    found = problems(np.stack([NOISE[0], factor * NOISE[0] + 3 * abs(factor)]), ("a", "b"))
    assert found == {Problem.IDENTICAL: pytest.approx(factor)}


def test_alike_is_not_identical():
    copy = NOISE[0] + 0.01 * NOISE[1]
    assert np.corrcoef(NOISE[0], copy)[0, 1] > 0.9999
    late = NOISE[0].copy()
    late[15_000:] *= -1  # the same at first
    for other in (copy, late):
        assert problems(np.stack([NOISE[0], other]), ("a", "b")) == {}


def test_huge_and_tiny_values_do_not_overflow():
    assert problems(np.stack([1e300 * NOISE[0], 1e-300 * NOISE[0]]), ("a", "b"))


@pytest.mark.parametrize(
    ("rate", "count", "speed", "found"),
    [
        (12_000, 120_000, 1797, []),
        (12_000, 120_000, None, []),
        (12, 120_000, None, [Problem.RATE]),
        (1e8, 10**9, None, [Problem.RATE]),
        (500, 120_000, 1797, [Problem.RATE]),
        (25_600, 2_560, 1800, [Problem.SHORT]),
    ],
)
def test_rates_that_do_not_fit(rate, count, speed, found):
    assert [warning.problem for warning in check_rate(rate, count, speed)] == found
