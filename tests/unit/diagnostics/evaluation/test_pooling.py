"""Folds put together and seeds averaged give what a count by hand gives."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.pooling import (
    Run,
    merge_folds,
    pool_runs,
    run_scores,
    spread_of_runs,
)
from diagnostics.evaluation.predictions import Predictions

NAMES = ("good", "inner", "outer")


def a_test(recordings, rng, right=0.8, windows=3):
    """Windows of recordings, of which a share is named rightly; two recordings to a bearing."""
    ids = np.repeat(recordings, windows)
    targets = ids % 3
    sure = rng.random(len(recordings)) < right
    named = np.where(np.repeat(sure, windows), targets, (targets + 1) % 3)
    probabilities = np.full((ids.size, 3), 0.1)
    probabilities[np.arange(ids.size), named] = 0.8
    groups = {int(n): f"bearing {n % 3}-{n // 6}" for n in recordings}
    starts = np.tile(np.arange(windows) * 0.1, len(recordings))
    return Predictions(probabilities, targets, ids, starts, 0.1, groups, NAMES)


def campaign(folds=4, seeds=(0, 1), recordings=72, right=0.8):
    rng = np.random.default_rng(5)
    bearings = np.arange(recordings) // 6
    return [
        Run(fold + 1, seed, a_test(np.flatnonzero(bearings % folds == fold), rng, right))
        for seed in seeds
        for fold in range(folds)
    ]


def test_every_recording_counts_once_for_each_seed():
    runs = campaign()
    pooled = pool_runs(runs, folds=4)
    votes = [run.predictions.vote() for run in runs]
    right = sum(int((v.probabilities.argmax(1) == v.targets).sum()) for v in votes)
    assert pooled.recordings == 72
    assert pooled.windows == 72 * 3
    assert pooled.seeds == (0, 1)
    assert pooled.score("accuracy").value == pytest.approx(right / 144)
    assert np.sum(pooled.confusion) == 144
    assert sum(group.right for group in pooled.groups) == right
    assert {group.tried for group in pooled.groups} == {4}
    assert {group.recordings for group in pooled.groups} == {2}


def test_the_interval_is_over_groups_and_follows_from_the_seed():
    score = pool_runs(campaign(), 4, seed=3).score("accuracy")
    assert score.low < score.value < score.high
    assert pool_runs(campaign(), 4, seed=3).score("accuracy") == score


def test_seeds_narrow_the_interval_less_than_as_many_groups_would():
    """Ten seeds that say the same know no more of bearings than one."""
    once = campaign(seeds=(0,))
    again = [Run(run.fold, seed, run.predictions) for seed in range(10) for run in once]
    one, ten = (pool_runs(runs, 4).score("accuracy") for runs in (once, again))
    assert (ten.value, ten.low, ten.high) == (one.value, one.low, one.high)


def test_a_seed_that_lacks_a_fold_is_left_out():
    runs = [run for run in campaign() if (run.fold, run.seed) != (2, 1)]
    assert pool_runs(runs, 4).seeds == (0,)
    assert pool_runs([run for run in runs if run.fold == 1], 4) is None


def test_with_few_groups_there_is_a_reason_and_no_interval():
    pooled = pool_runs(campaign(folds=2, recordings=12), 2)
    assert pooled.score("accuracy").low is None
    assert "no interval can be given" in pooled.no_interval
    assert "listed" not in pooled.no_interval


def test_seeds_without_folds_share_one_test():
    runs = [Run(0, seed, run.predictions) for seed, run in enumerate(campaign()[:1] * 3)]
    assert pool_runs(runs, 0).seeds == (0, 1, 2)
    runs[1] = Run(0, 1, campaign()[1].predictions)
    with pytest.raises(EvaluationError, match="same recordings"):
        pool_runs(runs, 0)


def test_a_recording_in_two_folds_is_refused():
    first = campaign()[0].predictions
    with pytest.raises(EvaluationError, match="test of two folds"):
        merge_folds([first, first])


def test_scores_of_a_run_are_those_of_its_recordings():
    run = campaign(right=1.0)[0]
    assert set(run_scores(run.predictions).values()) == {1.0}


def test_the_spread_tells_folds_from_seeds():
    folds, seeds = [1, 1, 2, 2, 3, 3], [0, 1] * 3
    only_folds = spread_of_runs("accuracy", [0.9, 0.9, 0.7, 0.7, 0.5, 0.5], folds, seeds)
    assert only_folds.between_seeds == pytest.approx(0)
    assert only_folds.between_folds == pytest.approx(0.2)
    assert only_folds.interval is None
    assert (only_folds.low, only_folds.high, only_folds.runs) == (0.5, 0.9, 6)
    one = spread_of_runs("accuracy", [0.9], [1], [0])
    assert (one.deviation, one.between_folds, one.between_seeds) == (0.0, None, None)


def test_seeds_alone_have_students_interval():
    from scipy import stats

    values = [0.91, 0.95, 0.9, 0.97]
    found = spread_of_runs("accuracy", values, [0] * 4, range(4))
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high))
    assert found.between_folds is None
