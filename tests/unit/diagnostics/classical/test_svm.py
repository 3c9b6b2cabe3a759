"""Borders of scikit-learn's own machine, probabilities from windows it had not learned."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from diagnostics.classical import svm
from diagnostics.classical.fitted import load_estimator
from diagnostics.classical.model import Table
from diagnostics.errors import TrainingError
from diagnostics.progress import silent
from diagnostics.training.config import ClassWeights
from tests.unit.diagnostics.classical.kept import config, estimator_in, keep, rewrite

CONFIG = config("svm")
THREE = ("low", "high", "other")


def clouds(classes=3, windows=30, seed=0, apart=3.0):
    """Windows around as many corners as there are classes, six to a recording."""
    rng = np.random.default_rng(seed)
    targets = np.repeat(np.arange(classes), windows)
    features = rng.normal(size=(targets.size, 8))
    features[np.arange(targets.size), targets] += apart
    return Table(features, targets, np.arange(targets.size) // 6)


def test_the_borders_are_those_of_a_machine_on_standardised_features():
    table = clouds()
    fitted = svm.learn(CONFIG, table, silent)
    scaler = StandardScaler().fit(table.features)
    alone = SVC(C=10.0, gamma="scale").fit(scaler.transform(table.features), table.targets)
    machine = fitted.steps[1][1].calibrated_classifiers_[0].estimator
    others = scaler.transform(clouds(seed=1).features)
    np.testing.assert_allclose(machine.decision_function(others), alone.decision_function(others))


def test_where_the_clouds_overlap_the_probabilities_are_about_right():
    fitted = svm.learn(CONFIG, clouds(2, 150, apart=1.0), silent)
    others = clouds(2, 2000, seed=1, apart=1.0)
    probabilities = fitted.predict_proba(others.features)[:, 1]
    for low, high in ((0.2, 0.4), (0.4, 0.6), (0.6, 0.8)):
        there = (probabilities > low) & (probabilities <= high)
        assert there.sum() > 100
        # Not right on the edge: two sigmoids over a few hundred windows know no better.
        assert low - 0.15 < others.targets[there].mean() < high + 0.15


def test_a_recording_lies_in_one_part_and_every_class_in_two_at_least():
    table = clouds()
    parts = svm.parts_of(table)
    assert all(len(set(parts[table.recordings == one])) == 1 for one in table.recordings)
    assert all(len(set(parts[table.targets == one])) == 3 for one in range(3))


def test_a_class_of_one_recording_is_dealt_out():
    table = Table(np.zeros((5, 1)), np.array([0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 2]))
    assert svm.parts_of(table).tolist() == [0, 1, 2, 0, 1]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (Table(np.zeros((4, 1)), np.array([0, 0, 0, 1]), np.arange(4)), "two windows of each"),
        (Table(np.zeros((4, 1)), np.zeros(4, dtype=int), np.arange(4)), "two classes"),
    ],
)
def test_what_cannot_be_learned_is_told(table, told):
    with pytest.raises(TrainingError, match=told):
        svm.learn(CONFIG, table, silent)


def test_too_many_windows_are_refused_before_hours_pass():
    count = svm.MOST_WINDOWS + 1
    table = Table(np.zeros((count, 1)), np.arange(count) % 2, np.arange(count))
    with pytest.raises(TrainingError, match="at most 20000, got 20001"):
        svm.learn(CONFIG, table, silent)


def test_rare_classes_count_more_when_they_are_asked_to():
    table = clouds(2, 60, apart=1.0)
    few = np.concatenate([np.arange(60), np.arange(60, 72)])
    table = Table(table.features[few], table.targets[few], table.recordings[few])
    named = [
        svm.learn(config("svm", class_weights=ClassWeights(weights)), table, silent)
        .predict_proba(clouds(2, 300, seed=1, apart=1.0).features)[:, 1]
        .mean()
        for weights in ("none", "balanced")
    ]
    assert named[1] > named[0] + 0.1


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("_n_support", np.array([900, 900], dtype=np.int32)),
        ("_n_support", np.array([-4, 8], dtype=np.int32)),
        ("support_", np.zeros(1, dtype=np.int32)),
        ("support_vectors_", np.zeros((1, 8))),
        ("_dual_coef_", np.zeros((1, 1))),
        ("_intercept_", np.zeros(0)),
        ("_probA", np.zeros(1)),
        ("kernel", "linear"),
        ("n_features_in_", 2),
        ("shape_fit_", (1, 2)),
    ],
)
def test_lengths_that_do_not_fit_are_refused(tmp_path, name, wrong):
    path = keep(tmp_path / "c.skops", "svm")
    pipeline = estimator_in(path, "svm")
    setattr(pipeline.steps[1][1].calibrated_classifiers_[0].estimator, name, wrong)
    rewrite(path, pipeline)
    with pytest.raises(TrainingError, match="damaged"):
        load_estimator(path)


def test_the_size_counts_vectors_weights_sigmoids_and_scale():
    fitted = svm.learn(CONFIG, clouds(3), silent)
    machine = fitted.steps[1][1].calibrated_classifiers_[0].estimator
    vectors = len(machine.support_)
    found = svm.size(fitted)
    assert found.numbers == vectors * 8 + 2 * vectors + 3 + 2 * 3 + 2 * 8
    assert found.operations == 3 * 8 * vectors + vectors + 2 * 2 * vectors
