"""The forest is scikit-learn's own, and its file is looked at before it is used."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from diagnostics.classical.fit import fit
from diagnostics.classical.fitted import load_estimator
from diagnostics.classical.random_forest import size
from diagnostics.errors import TrainingError
from diagnostics.features.registry import feature_matrix
from diagnostics.training.fitted import predict
from tests.unit.diagnostics.classical.kept import config, estimator_in, keep, rewrite
from tests.unit.diagnostics.training.toy import CLASSES, toy_windows

CONFIG = config("random_forest", parameters={"trees": 25})


@pytest.fixture
def kept(tmp_path):
    return keep(tmp_path / "forest.skops", "random_forest", parameters={"trees": 25})


def test_grown_step_by_step_it_equals_a_forest_grown_at_once():
    windows = toy_windows(0)
    fitted = fit(CONFIG, CLASSES, windows)
    scaled = fitted.about.normaliser.apply(windows.read_all())
    features = feature_matrix(scaled, 1000.0)[:, 0]
    whole = RandomForestClassifier(25, random_state=3).fit(features, windows.targets)
    np.testing.assert_allclose(predict(fitted, windows), whole.predict_proba(features))


def test_it_tells_once_what_came_out():
    records = []
    fit(CONFIG, CLASSES, toy_windows(0), toy_windows(4, 2), on_epoch=records.append)
    assert [record.epoch for record in records] == [1]
    assert records[0].train_accuracy == 1.0
    assert 0.5 < records[0].validation_accuracy <= 1.0


def test_a_file_of_the_time_when_there_were_only_forests_is_read(kept):
    windows = toy_windows(4)
    before = predict(load_estimator(kept), windows)
    rewrite(kept, member="forest.skops")
    np.testing.assert_array_equal(predict(load_estimator(kept), windows), before)


@pytest.mark.parametrize("part", ["left_child", "right_child", "feature"])
def test_a_tree_that_points_outside_is_refused(kept, part):
    forest = estimator_in(kept, "random_forest")
    tree = forest.estimators_[4].tree_
    state = tree.__getstate__()
    state["nodes"][part][0] = 10_000
    tree.__setstate__(state)
    rewrite(kept, forest)
    with pytest.raises(TrainingError, match="damaged"):
        load_estimator(kept)


def test_the_size_counts_branchings_and_leaves():
    # One branching over x, a leaf with two shares on each side.
    forest = RandomForestClassifier(3, bootstrap=False).fit([[0.0], [1.0]], [0, 1])
    found = size(forest)
    assert found.numbers == 3 * (2 + 2 * 2)
    assert found.operations == 3 * (1 + 2)
