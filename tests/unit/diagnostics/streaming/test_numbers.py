"""The numbers of the detectors against what they should be by definition."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.streaming.base import Settings
from diagnostics.streaming.columns import ema, mad_rolling, zscore_rolling
from diagnostics.streaming.isolation_trees import grow, usual_length
from diagnostics.streaming.rrcf import RandomCutForest
from diagnostics.streaming.session import StreamState
from diagnostics.streaming.statistics import ColumnStatistics
from diagnostics.streaming.warming import WarmUp

WINDOW = 12


def points(count: int = 60) -> np.ndarray:
    return np.random.default_rng(3).normal(1e9, 1.0, size=(count, 2))


def settings(**config: float) -> Settings:
    return Settings(2, WINDOW, 3.0, config)


def test_zscore_is_that_of_the_window_before_the_point():
    values = points()
    judged = zscore_rolling(settings()).judge(values)
    for i in range(WINDOW, len(values)):
        past = values[i - WINDOW : i]
        expected = np.abs(values[i] - past.mean(axis=0)) / past.std(axis=0, ddof=1)
        np.testing.assert_allclose(judged.column_scores[i], expected, rtol=1e-6, atol=1e-6)


def test_mad_is_that_of_the_window_before_the_point():
    values = points()
    judged = mad_rolling(settings()).judge(values)
    past = values[30 - WINDOW : 30]
    middle = np.median(past, axis=0)
    spread = 1.4826 * np.median(np.abs(past - middle), axis=0)
    np.testing.assert_allclose(judged.spread[30], spread, rtol=1e-6)
    np.testing.assert_allclose(judged.expected[30], middle, rtol=1e-12)


def test_ema_follows_its_recursion_over_a_long_window():
    values = np.random.default_rng(1).normal(5.0, 1.0, size=(400, 1))
    judged = ema(Settings(1, 300, 3.0, {"alpha": 0.2, "threshold_multiplier": 2.0})).judge(values)
    mean = values[0, 0]
    for value in values[:350, 0]:
        mean += 0.2 * (value - mean)
    np.testing.assert_allclose(judged.expected[350, 0], mean, rtol=1e-9)
    assert judged.limit == 6.0


def test_ema_forgets_what_is_older_than_the_window():
    values = np.concatenate([np.full((50, 1), 100.0), np.zeros((12, 1)), np.zeros((1, 1))])
    config = {"alpha": 0.001, "threshold_multiplier": 1.0}
    judged = ema(Settings(1, WINDOW, 3.0, config)).judge(values)
    assert judged.expected[-1, 0] == 0.0


@pytest.mark.parametrize("alpha", [0.001, 0.1, 1.0])
def test_ema_is_quiet_on_noise_for_every_alpha(alpha):
    values = np.random.default_rng(2).normal(size=(1_000, 1))
    config = {"alpha": alpha, "threshold_multiplier": 1.0}
    assert ema(Settings(1, 100, 3.0, config)).judge(values).is_anomaly.mean() < 0.1


def test_a_step_of_a_constant_column_is_an_anomaly_with_a_finite_score():
    values = np.full((40, 1), 5.0)
    values[30] = 5.1
    judged = zscore_rolling(Settings(1, 20, 3.0, {})).judge(values)
    assert judged.is_anomaly.tolist() == [i == 30 for i in range(40)]
    assert np.isfinite(judged.scores).all()


def test_paths_of_an_isolation_forest_are_as_long_as_usual():
    found = usual_length(np.array([0, 1, 2, 256]))
    np.testing.assert_allclose(found, [0, 0, 1, 10.2445], atol=1e-3)
    forest = grow(np.random.default_rng(0).normal(size=(256, 3)), 50, np.random.default_rng(1))
    far, near = forest.scores(np.array([[9.0, 9.0, 9.0], [0.0, 0.0, 0.0]]))
    assert far > 0.7
    assert near < 0.5


def test_codisp_of_one_far_point_is_nearly_the_size_of_the_tree():
    forest = RandomCutForest(Settings(2, 40, 3.0, {"num_trees": 30, "tree_size": 64}))
    quiet = np.random.default_rng(0).normal(size=(63, 2))
    forest.judge(quiet)
    scaled = forest._warm.scaled(np.array([[500.0, 500.0]]))
    # With a cut beside it at the top, it displaces all others.
    assert forest._displacements(scaled)[0] == pytest.approx(63, rel=0.1)


def test_equal_points_share_a_leaf_and_are_forgotten_one_by_one():
    forest = RandomCutForest(Settings(1, 10, 3.0, {"num_trees": 2, "tree_size": 16}))
    forest.judge(np.tile([[1.0], [2.0]], (100, 1)))
    assert forest._nodes["count"][forest._nodes["column"] == -1].max() == 8
    assert (forest._nodes["meta"][:, 1] == 32 - 3).all()  # two leaves, one branch


def test_statistics_are_those_of_all_points():
    values = points(50)
    values[7, 1] = np.nan
    told, marks = ColumnStatistics(2), np.zeros((50, 2), dtype=bool)
    marks[3, 0] = True
    for part in ((0, 1), (1, 9), (9, 50)):
        told.add(values[slice(*part)], marks[slice(*part)])
    found = told.of(1, 50)
    assert found["count"] == 49
    assert found["std"] == pytest.approx(np.nanstd(values[:, 1], ddof=1), rel=1e-6)
    assert (found["min"], found["max"]) == (np.nanmin(values[:, 1]), np.nanmax(values[:, 1]))
    assert told.of(0, 50)["anomaly_rate"] == 1 / 50


def test_statistics_of_nothing_are_unknown():
    assert ColumnStatistics(1).of(0, 0)["mean"] is None


def test_a_column_without_a_value_is_no_division_by_zero():
    warm = WarmUp(2, 3)
    warm.add(np.array([[np.nan, 0.0]] * 3))
    assert np.isfinite(warm.scaled(np.array([[4.0, 5.0]]))).all()


def test_a_session_names_the_columns_of_an_unusual_point():
    values = np.random.default_rng(0).normal(size=(200, 2))
    values[150, 1] += 20
    state = StreamState("half_space_trees", Settings(2, 50, 3.0, {"n_trees": 10, "height": 5}))
    state.judge(values[:120])
    verdict = state.judge(values[120:])
    (one,) = [one for one in verdict.unusual if one.index == 30]
    assert one.is_unusual.tolist() == [False, True]
    assert one.column_scores[1] > 10
    assert state.point_count == 200
