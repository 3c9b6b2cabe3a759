"""Classifiers on features, exported: they are run, and say what scikit-learn says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest

from diagnostics.classical.columns import Columns, Recipe, fit_columns
from diagnostics.classical.fit import UNCHANGED, fit
from diagnostics.classical.fitted import FittedEstimator
from diagnostics.classical.model import Table
from diagnostics.deployment import standalone
from diagnostics.deployment.agreement import compare
from diagnostics.deployment.boosting import boosting_graph
from diagnostics.deployment.classical import columns_of, export_estimator
from diagnostics.deployment.session import open_model, softmax
from diagnostics.errors import DeploymentError
from diagnostics.evaluation.calibration import with_temperature
from diagnostics.features.catalogue import CATALOGUE
from diagnostics.features.registry import feature_matrix
from diagnostics.progress import silent
from diagnostics.training.classifiers import classifier
from diagnostics.training.config import Normalisation
from diagnostics.training.fitted import About
from diagnostics.training.normalisation import Normaliser
from tests.exported import MANIFEST
from tests.unit.diagnostics.classical.kept import config
from tests.unit.diagnostics.classical.test_svm import clouds
from tests.unit.diagnostics.training.toy import CLASSES, RATE_HZ, toy_windows

SMALL = {
    "random_forest": {"trees": 10},
    "svm": {},
    "hist_gradient_boosting": {"rounds": 10, "leaf": 5},
    "logistic_regression": {},
}
KEYS = tuple(one.key for one in CATALOGUE[:8])


def fitted_to(windows, name, **given):
    parameters = {one.name: one.default for one in classifier(name).parameters} | SMALL[name]
    return fit(config(name, parameters=parameters, **given), CLASSES, windows)


def exported(fitted, **changes):
    about = fitted.about
    manifest = replace(
        MANIFEST,
        classifier=about.classifier,
        class_names=about.class_names,
        channels=len(about.channels),
        window=about.window,
        sample_rate_hz=about.sample_rate_hz,
        features=columns_of(fitted),
        **changes,
    )
    return open_model(export_estimator(fitted, manifest))


@pytest.mark.parametrize("name", SMALL)
def test_it_says_what_the_classifier_says(name):
    fitted = fitted_to(toy_windows(0, channels=2), name, channels=(0, 1))
    model = exported(fitted)
    others = toy_windows(10, channels=2)
    windows = others.read(np.arange(len(others))).astype(np.float32)
    found = compare(fitted, model, windows, batches=(1, 3, len(windows)), lengths=False)
    assert {one.batch for one in found.trials} == {1, 3, len(windows)}
    assert found.max_difference < 1e-6
    assert model.manifest.features.width == 2 * 8


def of_table(name, table, class_names):
    """A classifier that learned of numbers, as if they were columns of a set."""
    parameters = {one.name: one.default for one in classifier(name).parameters} | SMALL[name]
    recipe = Recipe(KEYS)
    columns = fit_columns(recipe, table.features)
    scaled = Table(columns.scaled(table.features), table.targets, table.recordings)
    learned = classifier(name).load().learn(config(name, parameters=parameters), scaled, silent)
    about = About(name, parameters, class_names, (0,), 1024, RATE_HZ, UNCHANGED)
    return FittedEstimator(learned, about, columns)


@pytest.mark.parametrize("name", SMALL)
def test_three_classes_on_columns_of_a_set_and_one_that_was_absent(name):
    table = clouds()
    table = replace(table, targets=table.targets + (table.targets > 0))  # there is no class 1
    fitted = of_table(name, table, ("a", "absent", "b", "c"))
    model = exported(fitted)
    assert model.manifest.features.keys == KEYS
    values = clouds(seed=1).features
    values[:3, 0] = np.nan
    rows = fitted.columns.scaled(values)
    found = softmax(model.session.run(["scores"], {"features": rows})[0])
    np.testing.assert_allclose(found, fitted.of_values(values), atol=1e-6)
    assert (found[:, 1] == 0).all()
    assert len(np.unique(found.argmax(axis=1))) == 3


def test_temperature_softens_as_in_the_evaluation():
    fitted = fitted_to(toy_windows(0), "random_forest")
    model = exported(fitted, temperature=3.0)
    windows = toy_windows(10).read(np.arange(20)).astype(np.float32)
    plain = fitted.probabilities(windows)
    assert (plain == 0).any()
    np.testing.assert_allclose(
        model.probabilities(windows), with_temperature(plain, 3.0), atol=1e-5
    )


def test_what_is_missing_goes_where_the_tree_says():
    """The classifiers here fill what is missing; the graph is right without it, too."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(0)
    table = rng.normal(size=(300, 3))
    targets = (table[:, 0] + table[:, 1] ** 2 + rng.normal(size=300) > 1).astype(int)
    table[table > 1] = np.nan
    boosted = HistGradientBoostingClassifier(max_iter=5, early_stopping=False)
    boosted.fit(table, targets)
    graph = boosting_graph(boosted, 3, "given", "said")
    graph.ir_version = 10
    onnx.checker.check_model(graph)
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    found = session.run(None, {"given": table})[0]
    np.testing.assert_allclose(found, boosted.predict_proba(table), atol=1e-6)
    assert len(np.unique(found[:, 0].round(6))) > 2


def test_columns_that_samples_do_not_tell_are_named():
    keys = ("RMS@1", "ShaftAmplitude_1X@1", "BPFOAmplitude_H1@1")
    about = About("svm", {}, ("a", "b"), (0,), 1024, RATE_HZ, UNCHANGED)
    known = Columns(Recipe(keys), (1.0, 2.0, 0.0), (1.0, 2.0, 0.0), (1.0, 0.5, 1.0))
    with pytest.raises(DeploymentError, match=r"learned of ShaftAmplitude_1X@1, which needs"):
        columns_of(FittedEstimator(None, about, known))
    # What no training window had is 0 whoever asks.
    never = replace(known, median=(1.0, 0.0, 0.0), mean=(1.0, 0.0, 0.0), deviation=(1.0, 1.0, 1.0))
    assert columns_of(FittedEstimator(None, about, never)).keys == keys


def test_features_of_another_version_are_refused():
    fitted = fitted_to(toy_windows(0), "logistic_regression")
    other = replace(columns_of(fitted), keys=("rms@0", *columns_of(fitted).keys[1:]))
    manifest = replace(MANIFEST, class_names=fitted.about.class_names, features=other)
    with pytest.raises(DeploymentError, match="computed in another way by now"):
        open_model(export_estimator(fitted, manifest))


@pytest.mark.parametrize("kind", Normalisation)
@pytest.mark.parametrize("samples", [1024, 1025])
def test_the_program_of_the_bundle_computes_the_same_features(kind, samples):
    rng = np.random.default_rng(0)
    windows = rng.normal(3, 2, (6, 2, samples)).astype(np.float32)
    windows[1] = 3.0
    windows[2, 0] += np.sin(np.arange(samples) * 0.3).astype(np.float32) * 5
    normaliser = Normaliser(kind)
    if kind is Normalisation.TRAINING:
        normaliser = Normaliser(kind, (3.0, 2.5), (2.0, 1.5))
    expected = feature_matrix(normaliser.apply(windows), RATE_HZ).reshape(6, -1)
    given = {"normaliser": normaliser.to_dict()}
    found = standalone.basic_features(standalone.normalised(windows, given), RATE_HZ)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
