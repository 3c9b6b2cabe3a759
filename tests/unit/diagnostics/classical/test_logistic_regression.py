"""The weights are those of a textbook: the gradient of the penalised loss is zero there."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.classical import logistic_regression as logistic
from diagnostics.classical.fitted import load_estimator
from diagnostics.errors import TrainingError
from diagnostics.progress import silent
from tests.unit.diagnostics.classical.kept import config, estimator_in, keep, rewrite
from tests.unit.diagnostics.classical.test_svm import clouds

CONFIG = config("logistic_regression", parameters={"penalty": 0.5})


def test_at_the_weights_the_gradient_of_the_penalised_loss_is_zero():
    table = clouds(3, 50, apart=1.0)
    fitted = logistic.learn(CONFIG, table, silent)
    scaled = (table.features - table.features.mean(axis=0)) / table.features.std(axis=0)
    weights, constants = fitted.steps[1][1].coef_, fitted.steps[1][1].intercept_
    scores = np.exp(scaled @ weights.T + constants)
    probabilities = scores / scores.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fitted.predict_proba(table.features), probabilities, atol=1e-9)
    off = probabilities - np.eye(3)[table.targets]
    np.testing.assert_allclose(off.T @ scaled + weights / 0.5, 0, atol=0.1)
    np.testing.assert_allclose(off.sum(axis=0), 0, atol=0.1)


def test_it_says_when_the_weights_had_not_settled(monkeypatch):
    monkeypatch.setattr(logistic, "_MOST_STEPS", 2)
    seen = []
    logistic.learn(CONFIG, clouds(), seen.append)
    assert "still moving after 2 steps" in seen[-1].log


@pytest.mark.parametrize(
    ("step", "name", "wrong"),
    [
        (0, "mean_", np.zeros(3)),
        (0, "scale_", np.zeros(3)),
        (1, "coef_", np.zeros((1, 3))),
        (1, "intercept_", np.zeros(4)),
    ],
)
def test_lengths_that_do_not_fit_are_refused(tmp_path, step, name, wrong):
    path = keep(tmp_path / "c.skops", "logistic_regression")
    pipeline = estimator_in(path, "logistic_regression")
    setattr(pipeline.steps[step][1], name, wrong)
    rewrite(path, pipeline)
    with pytest.raises(TrainingError, match="damaged"):
        load_estimator(path)


def test_the_size_counts_weights_constants_and_scale():
    found = logistic.size(logistic.learn(CONFIG, clouds(3), silent))
    assert found.numbers == 3 * 8 + 3 + 2 * 8
    assert found.operations == 2 * 3 * 8 + 2 * 8
