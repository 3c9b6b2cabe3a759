from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from diagnostics.errors import FeatureError
from diagnostics.features.correlation import feature_correlation

RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(200, 4)) @ RNG.normal(size=(4, 4))
NAMES = ["a", "b", "c", "d"]


def coefficient(found, one, two):
    return found.matrix[found.names.index(one), found.names.index(two)]


@pytest.mark.parametrize(
    ("method", "reference"),
    [("pearson", scipy.stats.pearsonr), ("spearman", scipy.stats.spearmanr)],
)
def test_coefficients_against_scipy(method, reference):
    found = feature_correlation(TABLE, NAMES, method)
    for i, one in enumerate(NAMES):
        for j, two in enumerate(NAMES):
            expected = reference(TABLE[:, i], TABLE[:, j]).statistic
            assert coefficient(found, one, two) == pytest.approx(expected)


def test_each_pair_counts_the_windows_that_have_both():
    table = TABLE.copy()
    table[:50, 0] = np.nan
    table[150:, 1] = np.nan
    found = feature_correlation(table, NAMES)
    expected = scipy.stats.pearsonr(TABLE[50:150, 0], TABLE[50:150, 1]).statistic
    assert coefficient(found, "a", "b") == pytest.approx(expected)
    table[52:, 0] = np.nan
    table[50:52, 0] = [1, 2]
    assert np.isnan(coefficient(feature_correlation(table, NAMES), "a", "b"))


def test_features_that_go_together_are_neighbours_and_named():
    table = np.column_stack([TABLE, -3 * TABLE[:, 0] + 1, np.ones(200)])
    found = feature_correlation(table, [*NAMES, "like a", "still"])
    places = [found.names.index("a"), found.names.index("like a")]
    assert abs(places[0] - places[1]) == 1
    assert {frozenset(pair[:2]) for pair in found.alike} >= {frozenset(("a", "like a"))}
    assert found.alike[0][2] == pytest.approx(-1)
    assert found.left_out == {"still": "All windows have the same number."}


def test_a_large_offset_does_no_harm():
    moved = feature_correlation(TABLE + 1e6, NAMES)
    np.testing.assert_allclose(moved.matrix, feature_correlation(TABLE, NAMES).matrix, atol=1e-6)


def test_one_feature_goes_with_itself():
    assert feature_correlation(TABLE[:, :1], ["a"]).matrix.tolist() == [[1.0]]


def test_unknown_methods_are_refused():
    with pytest.raises(FeatureError, match="no correlation “kendall”"):
        feature_correlation(TABLE, NAMES, "kendall")
