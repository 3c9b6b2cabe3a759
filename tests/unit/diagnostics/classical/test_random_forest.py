"""The forest is scikit-learn's own, and its file is looked at before it is used."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from diagnostics.classical.random_forest import fit, load_forest
from diagnostics.errors import TrainingError
from diagnostics.features.registry import feature_matrix
from diagnostics.training.config import GroupFractions, Normalisation, TrainingConfig
from diagnostics.training.fitted import predict
from tests.unit.diagnostics.training.toy import CLASSES, toy_windows

CONFIG = TrainingConfig(
    GroupFractions(),
    classifier="random_forest",
    parameters={"trees": 25},
    window=1024,
    hop=512,
    normalisation=Normalisation.TRAINING,
    class_weights="none",
    seed=3,
)


@pytest.fixture
def kept(tmp_path):
    path = tmp_path / "forest.skops"
    fit(CONFIG, CLASSES, toy_windows(0)).save(path)
    return path


def rewrite(path, forest=None, **about):
    with zipfile.ZipFile(path) as file:
        kept = json.loads(file.read("about.json"))
        content = file.read("forest.skops") if forest is None else skops.io.dumps(forest)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("about.json", json.dumps({**kept, **about}))
        file.writestr("forest.skops", content)


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


def test_another_kind_of_model_is_refused(kept):
    rewrite(kept, LogisticRegression().fit([[0.0], [1.0]], [0, 1]))
    with pytest.raises(TrainingError, match="does not hold a random forest"):
        load_forest(kept)


def test_types_that_are_not_trusted_are_refused(kept):
    rewrite(kept, np.random.default_rng)
    with pytest.raises(TrainingError):
        load_forest(kept)


@pytest.mark.parametrize("part", ["left_child", "right_child", "feature"])
def test_a_tree_that_points_outside_is_refused(kept, part):
    forest = skops.io.loads(
        zipfile.ZipFile(kept).read("forest.skops"), trusted=["sklearn.tree._tree.Tree"]
    )
    tree = forest.estimators_[4].tree_
    state = tree.__getstate__()
    state["nodes"][part][0] = 10_000
    tree.__setstate__(state)
    rewrite(kept, forest)
    with pytest.raises(TrainingError, match="damaged"):
        load_forest(kept)


def test_other_versions_of_the_features_are_refused(kept):
    rewrite(kept, features=["rms@0"])
    with pytest.raises(TrainingError, match="other versions of the features"):
        load_forest(kept)
