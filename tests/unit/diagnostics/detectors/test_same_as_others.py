"""The same numbers as other implementations of the algorithms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN
from sklearn.covariance import MinCovDet
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor
from sklearn.svm import OneClassSVM

from diagnostics.detectors.algorithm import load_algorithm
from diagnostics.detectors.registry import check_config
from diagnostics.progress import silent

ROWS = np.random.default_rng(3).normal(size=(250, 4)) @ np.diag([1, 2, 0.5, 1.0])


def scores(name, values=ROWS, **config):
    return load_algorithm(name).fit(values, check_config(name, config), silent)[1]


def test_an_isolation_forest_is_that_of_scikit_learn():
    theirs = IsolationForest(n_estimators=20, random_state=7).fit(ROWS.astype(np.float32))
    ours = scores("isolation_forest", n_estimators=20, random_state=7)
    np.testing.assert_allclose(ours, -theirs.score_samples(ROWS.astype(np.float32)), rtol=1e-9)


def test_outlier_factors_are_those_of_scikit_learn():
    theirs = LocalOutlierFactor(n_neighbors=15).fit(ROWS).negative_outlier_factor_
    np.testing.assert_allclose(scores("lof", n_neighbors=15), -theirs, rtol=1e-6)


@pytest.mark.parametrize("kernel", ["rbf", "linear", "poly", "sigmoid"])
@pytest.mark.parametrize("gamma", ["scale", "auto", 0.3])
def test_the_border_is_that_of_scikit_learn(kernel, gamma):
    theirs = OneClassSVM(kernel=kernel, gamma=gamma, nu=0.2).fit(ROWS)
    expected = -theirs.decision_function(ROWS)
    if kernel == "rbf":
        expected = np.log(theirs.offset_) - np.log(theirs.score_samples(ROWS))
    ours = scores("one_class_svm", kernel=kernel, gamma=gamma, nu=0.2)
    np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "cosine"])
@pytest.mark.parametrize("eps", [0.02, 0.4, 1.0])
def test_noise_is_what_scikit_learn_calls_noise(metric, eps):
    theirs = DBSCAN(eps=eps, min_samples=4, metric=metric).fit(ROWS).labels_ == -1
    ours = scores("dbscan", eps=eps, min_samples=4, metric=metric) > 1
    np.testing.assert_array_equal(ours, theirs)


def test_robust_distances_are_those_of_scikit_learn():
    theirs = MinCovDet(random_state=42).fit(ROWS).mahalanobis(ROWS)
    np.testing.assert_allclose(scores("mcd"), theirs, rtol=1e-3)


def test_distances_to_neighbours_are_those_counted_one_by_one():
    ordered = np.sort(cdist(ROWS, ROWS), axis=1)[:, 1:6]
    for method, theirs in (
        ("largest", ordered[:, -1]),
        ("mean", ordered.mean(axis=1)),
        ("median", ordered[:, 2]),
    ):
        np.testing.assert_allclose(scores("knn", method=method), theirs)


def test_principal_distances_are_those_of_the_covariance():
    away = ROWS - ROWS.mean(axis=0)
    inverse = np.linalg.inv(np.cov(ROWS, rowvar=False, ddof=0))
    theirs = ((away @ inverse) * away).sum(axis=1)
    np.testing.assert_allclose(scores("pca"), theirs, rtol=1e-4)
    parts = scores("pca", part="major") + scores("pca", part="minor")
    np.testing.assert_allclose(parts, scores("pca"))


@pytest.mark.parametrize(("name", "theirs"), [("ecod", "ECOD"), ("copod", "COPOD")])
def test_tails_are_those_of_pyod(name, theirs):
    module = __import__(f"pyod.models.{name}", fromlist=[theirs])
    model = getattr(module, theirs)().fit(ROWS)
    np.testing.assert_allclose(scores(name), model.decision_scores_, rtol=1e-9)


def test_histograms_are_those_counted_by_hand():
    column = np.array([0.0, 0.0, 0.0, 1.0, 4.0])[:, None]
    found = scores("hbos", column, n_bins=5)
    np.testing.assert_allclose(found, -np.log(np.array([3, 3, 3, 1, 1]) / 5 / 0.8))


def test_clusters_of_two_states_have_their_centres_there():
    values = np.concatenate([ROWS[:100] * 0.1 - 5, ROWS[100:200] * 0.1 + 5])
    model, found = load_algorithm("cblof").fit(
        values, check_config("cblof", {"n_clusters": 2}), silent
    )
    assert np.sort(model.centres[:, 0]) == pytest.approx([-5, 5], abs=0.1)
    nearest = cdist(values, model.centres).min(axis=1)
    np.testing.assert_allclose(found, nearest)


@pytest.mark.parametrize(("method", "expected"), [("zscore", 2.0), ("mad", 6.745), ("iqr", 4.0)])
def test_limits_are_those_calculated_by_hand(method, expected):
    column = np.array([1.0, 2.0, 3.0, 4.0, 13.0])[:, None]
    found = scores("statistical", column, method=method)[-1]
    if method == "zscore":
        expected = (13 - 4.6) / column.std()
    elif method == "iqr":
        expected = (13 - 4) / 2
    assert found == pytest.approx(expected, rel=1e-3)


def excess_as_in_the_paper(window):
    """Equations 4 to 10 of Ren et al. 2019, one by one; the guess from the points before."""
    n, m, q, z = len(window) - 1, 5, 3, 21
    slope = sum((window[n - 1] - window[n - 1 - i]) / i for i in range(1, m + 1)) / m
    longer = [*window, *[window[n - m] + slope * m] * 5]
    spectrum = np.fft.fft(longer)
    logs = [np.log(abs(one)) for one in spectrum]
    count = len(longer)
    averages = [sum(logs[(k + s) % count] for s in (-1, 0, 1)) / q for k in range(count)]
    residual = np.exp(np.subtract(logs, averages) + 1j * np.angle(spectrum))
    saliency = [abs(one) for one in np.fft.ifft(residual)]
    before = sum(saliency[n - z : n]) / z
    return (saliency[n] - before) / (before + 1e-3)


def test_the_spectral_residual_is_that_of_the_paper():
    series = np.random.default_rng(5).normal(size=(400, 1))
    found = scores("spectral_residual", series, window=64)
    expected = [excess_as_in_the_paper(series[row - 63 : row + 1, 0]) for row in (63, 200, 399)]
    np.testing.assert_allclose(found[[63, 200, 399]], expected, rtol=1e-9)
