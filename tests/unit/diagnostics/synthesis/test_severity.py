from __future__ import annotations

import numpy as np
import pytest

from diagnostics.synthesis.faults import SEVERITIES
from diagnostics.synthesis.severity import HEALTHY, Evolution, Severity, draw_severity


def drawn(level, share, number):
    made = np.random.default_rng
    return [draw_severity(level, share, made([n, 0]), made([n, 1])) for n in range(number)]


@pytest.mark.parametrize("level", SEVERITIES)
def test_the_level_says_how_severe_the_end_is(level):
    low, high = SEVERITIES[level]
    ends = [one.end for one in drawn(level, 0.5, 200)]
    assert low <= min(ends) < max(ends) <= high
    assert np.mean(ends) == pytest.approx((low + high) / 2, abs=0.1 * (high - low))


def test_the_share_of_recordings_that_evolve():
    evolving = [one for one in drawn("mild", 0.3, 2_000) if one.evolution is not Evolution.STEADY]
    assert len(evolving) / 2_000 == pytest.approx(0.3, abs=0.04)
    assert {one.evolution for one in evolving} == set(Evolution) - {Evolution.STEADY}
    assert all(0.29 < one.start / one.end < 0.71 for one in evolving)
    assert all(one.start == one.end for one in drawn("mild", 0.0, 50))


@pytest.mark.parametrize(
    ("evolution", "middle"),
    [
        (Evolution.STEADY, 0.8),
        (Evolution.LINEAR, 0.5),
        (Evolution.EXPONENTIAL, 0.4),  # the geometric mean of 0.2 and 0.8
        (Evolution.STEP, 0.8),
    ],
)
def test_curves_follow_their_formulas(evolution, middle):
    start = 0.8 if evolution is Evolution.STEADY else 0.2
    severity = Severity("moderate", start, 0.8, evolution, 0.4)
    curve = np.broadcast_to(severity.over(101), 101)
    assert curve[[0, 50, 100]] == pytest.approx([start, middle, 0.8], rel=1e-5)
    assert (np.diff(curve) >= 0).all()
    shares = np.array([0.0, 0.5, 1.0, 0.25])
    np.testing.assert_allclose(severity.at(shares), curve[[0, 50, 100, 25]], rtol=1e-5)


def test_healthy_has_none():
    assert not HEALTHY.over(10).any()
