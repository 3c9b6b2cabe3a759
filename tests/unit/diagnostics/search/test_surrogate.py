"""The model of a search against scores that are known everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.search.space import Space
from diagnostics.search.surrogate import STEPS, surfaces

SPACE = Space.from_dict(
    {
        "rate": {"type": "float", "low": 1e-4, "high": 1.0, "log": True},
        "width": {"type": "int", "low": 4, "high": 8},
        "loss": {"type": "categorical", "choices": ["plain", "focal"]},
        "gamma": {"type": "float", "low": 0.0, "high": 1.0, "when": {"loss": ["focal"]}},
    }
)
NAMES = ("rate", "width", "loss")


def true(rate, width, loss):
    """Best at a rate of 0.01; wider is better; one loss costs a quarter."""
    return 1 - 0.2 * abs(np.log10(rate) + 2) + 0.02 * width - 0.25 * (loss == "plain")


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(4)
    points = [
        {
            "rate": float(10 ** rng.uniform(-4, 0)),
            "width": int(rng.integers(4, 9)),
            "loss": str(rng.choice(["plain", "focal"])),
        }
        for _ in range(150)
    ]
    return surfaces(SPACE, points, [true(**point) for point in points], NAMES, seed=0)


def test_grids_are_regular_as_the_settings_are_searched(found):
    pairs = [(one.x, one.y) for one in found.surfaces]
    assert pairs == [("rate", "width"), ("rate", "loss"), ("width", "loss")]
    first = found.surfaces[0]
    assert len(first.x_values) == STEPS
    assert np.allclose(np.diff(np.log(first.x_values)), np.log(1e4) / (STEPS - 1), atol=1e-3)
    assert first.y_values == [4, 5, 6, 7, 8]
    assert np.shape(first.scores) == (5, STEPS)
    assert found.surfaces[1].y_values == ["plain", "focal"]


def test_scores_are_near_the_truth_and_the_fit_is_told(found):
    for one in found.surfaces[:1]:
        expected = [
            [np.mean([true(x, y, loss) for loss in ("plain", "focal")]) for x in one.x_values]
            for y in one.y_values
        ]
        assert np.abs(np.array(one.scores) - expected).max() < 0.12
    plain, focal = np.array(found.surfaces[1].scores)
    assert (focal - plain).mean() == pytest.approx(0.25, abs=0.05)
    assert 0.9 < found.r2 <= 1


def test_scores_of_chance_are_not_forecast():
    rng = np.random.default_rng(5)
    points = [{"rate": 0.1 + 0.01 * n, "width": 4 + n % 5, "loss": "plain"} for n in range(40)]
    assert surfaces(SPACE, points, list(rng.normal(size=40)), NAMES, seed=0).r2 < 0.3
