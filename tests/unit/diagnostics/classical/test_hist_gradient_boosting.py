"""The trees are scikit-learn's own, and a file with them is looked at before it is used."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils.class_weight import compute_sample_weight

from diagnostics.classical import hist_gradient_boosting as boosting
from diagnostics.classical.fitted import load_estimator
from diagnostics.classical.model import Table
from diagnostics.errors import TrainingError
from diagnostics.progress import silent
from diagnostics.training.config import ClassWeights
from tests.unit.diagnostics.classical.kept import config, estimator_in, keep, rewrite
from tests.unit.diagnostics.classical.test_svm import clouds

FEW = {"rounds": 20, "leaf": 5}
CONFIG = config("hist_gradient_boosting", parameters=FEW)


@pytest.mark.parametrize("kept", [90, 70])
def test_grown_in_steps_or_with_weights_it_equals_one_grown_at_once(kept):
    whole_table = clouds()
    table = Table(*(column[:kept] for column in astuple(whole_table)))
    config = replace(CONFIG, class_weights=ClassWeights.BALANCED)
    fitted = boosting.learn(config, table, silent)
    whole = HistGradientBoostingClassifier(
        max_iter=20, min_samples_leaf=5, early_stopping=False, random_state=3
    )
    weights = compute_sample_weight("balanced", table.targets) if kept < 90 else None
    whole.fit(table.features, table.targets, sample_weight=weights)
    others = clouds(seed=1).features
    np.testing.assert_allclose(fitted.predict_proba(others), whole.predict_proba(others))


def test_one_class_is_nothing_to_learn():
    table = Table(np.zeros((4, 1)), np.zeros(4, dtype=int), np.arange(4))
    with pytest.raises(TrainingError, match="two classes"):
        boosting.learn(CONFIG, table, silent)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("left", 10_000),
        ("right", 10_000),
        ("left", 0),
        ("feature_idx", 10_000),
        ("feature_idx", -1),
        ("is_categorical", 1),
    ],
)
def test_a_tree_that_points_outside_is_refused(tmp_path, part, value):
    path = keep(tmp_path / "c.skops", "hist_gradient_boosting", parameters=FEW)
    estimator = estimator_in(path, "hist_gradient_boosting")
    nodes = estimator._predictors[2][0].nodes
    assert not nodes["is_leaf"][0]
    nodes[part][0] = value
    rewrite(path, estimator)
    with pytest.raises(TrainingError, match="damaged"):
        load_estimator(path)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("n_features_in_", 2),
        ("_baseline_prediction", np.zeros((1, 5))),
        ("n_trees_per_iteration_", 5),
        ("is_categorical_", np.ones(8, dtype=bool)),
    ],
)
def test_numbers_that_do_not_fit_are_refused(tmp_path, name, wrong):
    path = keep(tmp_path / "c.skops", "hist_gradient_boosting", parameters=FEW)
    estimator = estimator_in(path, "hist_gradient_boosting")
    setattr(estimator, name, wrong)
    rewrite(path, estimator)
    with pytest.raises(TrainingError, match="damaged"):
        load_estimator(path)


def test_the_size_counts_branchings_and_leaves():
    table = Table(np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0, 0, 1, 1]), np.arange(4))
    given = config("hist_gradient_boosting", parameters={"rounds": 10, "leaf": 1})
    found = boosting.size(boosting.learn(given, table, silent))
    # Ten trees with one branching and two leaves each.
    assert (found.numbers, found.operations) == (10 * 4, 10 * 2)
