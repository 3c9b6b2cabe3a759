from __future__ import annotations

import pytest

from diagnostics.classical.cost import classical_cost
from diagnostics.classical.registry import CLASSICAL
from diagnostics.training.cost import CostQuestion
from tests.unit.diagnostics.classical.test_fitted import FEW


@pytest.mark.parametrize("name", [card.name for card in CLASSICAL])
def test_a_classifier_is_fitted_to_noise_and_asked_about_one_window(name):
    seen = []
    cost = classical_cost(CostQuestion(name, FEW.get(name, {}), 1024, 2, 3), seen.append)
    assert cost.numbers > 0
    assert cost.operations > 0
    assert cost.latency.median_ms > 0
    assert "501 windows of noise" in cost.counted
    assert {"train", "measure"} <= {progress.stage for progress in seen}


def test_every_class_is_there_even_if_there_are_many():
    cost = classical_cost(CostQuestion("logistic_regression", {}, 1024, 1, 200))
    assert cost.numbers == 200 * 8 + 200 + 2 * 8
    assert "800 windows" in cost.counted
