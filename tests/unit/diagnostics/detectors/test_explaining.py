"""Explanations are Shapley values, and add up to the score."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import factorial

import numpy as np
import pytest

from diagnostics.detectors.detector import detect
from diagnostics.detectors.explaining import explain
from diagnostics.detectors.registry import ALGORITHMS
from diagnostics.detectors.shapley import shapley
from diagnostics.detectors.tree_shap import path_length_shap
from diagnostics.errors import ConfigError, DetectionError
from tests.unit.diagnostics.detectors.toy import ODD, QUICK, table, values

ROWS = np.array([ODD[1], 30])


def enumerated(worth, columns):
    """Shapley values by their definition, one coalition after the other."""
    found = np.zeros(columns)
    for column in range(columns):
        others = [each for each in range(columns) if each != column]
        for size in range(columns):
            weight = factorial(size) * factorial(columns - size - 1) / factorial(columns)
            for chosen in combinations(others, size):
                found[column] += weight * (worth({*chosen, column}) - worth(set(chosen)))
    return found


def fitted(name):
    return detect(name, QUICK.get(name, {}), table()).detector


def by_definition(detector, row, background, seed):
    drawn = np.random.default_rng(seed).choice(300, 2 * background, replace=False)
    raw = detector.score_values(detector.numbers(table(), drawn))
    others = detector.numbers(table(), drawn[raw <= detector.threshold][:background])
    own = detector.numbers(table(), np.array([row]))[0]

    def worth(chosen):
        mixed = others.copy()
        mixed[:, list(chosen)] = own[list(chosen)]
        return detector.score_values(mixed).mean()

    return enumerated(worth, len(own)), worth(set())


TABULAR = [name for name, each in ALGORITHMS.items() if not each.needs_order]


@pytest.mark.parametrize("name", [name for name in TABULAR if name != "isolation_forest"])
def test_values_are_those_of_the_definition(name):
    detector = fitted(name)
    found = explain(detector, table(), ROWS, background=10, seed=5)
    exact, base = by_definition(detector, ROWS[0], 10, 5)
    np.testing.assert_allclose(found.values[0], exact, rtol=1e-5, atol=1e-7)
    assert found.base[0] == pytest.approx(base, rel=1e-6)
    np.testing.assert_allclose(found.residual, 0, atol=1e-6 * np.abs(found.scores).max())


def expected_path(tree, row, chosen, node=0):
    """Path length when columns outside the chosen ones go both ways, by their rows."""
    left, right = tree.left[node], tree.right[node]
    if left < 0:
        return tree.path_lengths[node]
    if tree.feature[node] in chosen:
        side = left if row[tree.feature[node]] <= tree.threshold[node] else right
        return expected_path(tree, row, chosen, side)
    parts = [expected_path(tree, row, chosen, side) for side in (left, right)]
    return np.average(parts, weights=tree.rows[[left, right]])


def test_trees_are_explained_as_by_walking_through_them():
    forest = detect("isolation_forest", {"n_estimators": 10}, table()).detector.model
    rows = values()[[ODD[0], 30, 31]]
    base, found = path_length_shap(forest, rows)
    for row, shap in zip(rows.astype(np.float32), found, strict=True):

        def worth(chosen, row=row):
            return np.mean([expected_path(tree, row, chosen) for tree in forest.trees])

        np.testing.assert_allclose(shap, enumerated(worth, 4), atol=1e-9)
        assert base == pytest.approx(worth(set()))


def test_trees_add_up_to_the_score():
    found = explain(fitted("isolation_forest"), table(), ROWS)
    assert found.method == "tree_shap"
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    assert found.values[0].sum() > found.values[1].sum()


def test_permutations_come_near_the_exact_values_and_say_how_near():
    rng = np.random.default_rng(0)
    row, around = rng.normal(size=9), rng.normal(size=(10, 9))

    def score(x):
        return x[:, 0] * x[:, 1] * x[:, 2] + np.maximum(x[:, 3], x[:, 4]) + x[:, 5]

    exact = shapley(score, row, around, 10**6, rng)
    near = shapley(score, row, around, 4000, rng)
    assert exact.evaluations == 5120
    assert near.evaluations <= 4020
    assert near.values.sum() + near.base == pytest.approx(score(row[None])[0])
    assert (np.abs(near.values - exact.values) <= 5 * near.error + 1e-9).all()
    assert near.error.max() > 0


def test_one_column_takes_all():
    found = shapley(
        lambda x: x[:, 0], np.array([4.0]), np.zeros((3, 1)), 1, np.random.default_rng()
    )
    assert found.values.tolist() == [4.0]


@pytest.mark.parametrize("name", ["mcd", "lof"])
def test_the_column_that_is_out_is_named_by_shap(name):
    odd = values()
    odd[7, 1] = 30.0
    given = type(table()).of_values(odd)
    found = explain(detect(name, {}, given).detector, given, np.array([7]), background=20)
    assert found.columns[found.ranked(0, 1)[0]] == "c1"


@pytest.mark.parametrize("name", ["pca", "mcd"])
def test_an_explanation_begins_at_the_score_of_rows_that_are_not_flagged(name):
    far = values()
    far[::25] *= 1e3
    given = type(table()).of_values(far)
    detector = detect(name, {}, given).detector
    raw = detector.score_values(detector.numbers(given, np.arange(given.rows)))
    highest = raw[~detector.flags(raw)].max()
    bases = [explain(detector, given, ROWS, background=100, seed=s).base[0] for s in range(5)]
    assert max(bases) <= highest < raw.mean()


def test_where_all_rows_are_flagged_the_least_unusual_ones_are_the_background():
    detector = replace(fitted("pca"), threshold=-1.0)
    found = explain(detector, table(), ROWS, background=100, seed=5)
    raw = detector.score_values(detector.numbers(table(), np.arange(300)))
    assert found.base[0] < np.median(raw)


def test_lime_names_the_same_column_and_says_how_well_it_fits():
    odd = values()
    odd[7, 1] = 30.0
    given = type(table()).of_values(odd)
    detector = detect("mcd", {}, given).detector
    found = explain(detector, given, np.array([7]), method="lime", max_features=2)
    again = explain(detector, given, np.array([7]), method="lime", max_features=2)
    assert found.ranked(0, 1)[0] == 1
    assert (found.values != 0).sum() == 2
    assert 0.3 < found.fidelity[0] <= 1
    np.testing.assert_array_equal(found.values, again.values)


def test_the_same_seed_draws_the_same_background():
    detector = fitted("pca")
    one, two, other = (explain(detector, table(), ROWS, seed=s).values for s in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"method": "guess"}, "method"),
        ({"max_features": 0}, "max_features"),
        ({"background": 9}, "sample_background"),
    ],
)
def test_numbers_out_of_range_are_named(asked, field):
    with pytest.raises(ConfigError) as refused:
        explain(fitted("pca"), table(), ROWS, **asked)
    assert refused.value.field == field


def test_rows_that_are_not_there_are_refused():
    with pytest.raises(DetectionError, match="1 to 100 rows"):
        explain(fitted("pca"), table(), np.array([], dtype=int))
    with pytest.raises(DetectionError, match="from 0 to 299"):
        explain(fitted("pca"), table(), np.array([-1]))
