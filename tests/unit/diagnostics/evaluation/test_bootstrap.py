import numpy as np
import pytest
from scipy import stats

from diagnostics.evaluation.bootstrap import (
    cluster_intervals,
    draw_groups,
    expanded_tails,
    stratify,
)
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.metrics import SCORES, accuracy

ONE_CLASS_EACH = np.repeat(np.eye(3, dtype=bool), 6, axis=0)


def test_groups_of_one_class_are_drawn_within_their_class():
    strata = stratify(ONE_CLASS_EACH)
    assert sorted(stratum.tolist() for stratum in strata) == [
        list(range(6)),
        list(range(6, 12)),
        list(range(12, 18)),
    ]
    weights = draw_groups(ONE_CLASS_EACH, strata, 200, np.random.default_rng(0))
    assert (weights @ ONE_CLASS_EACH.astype(int) == 6).all()


def test_groups_that_hold_every_class_are_drawn_among_all():
    assert [stratum.tolist() for stratum in stratify(np.ones((5, 2), dtype=bool))] == [
        [0, 1, 2, 3, 4]
    ]


def test_strata_that_are_too_small_are_drawn_together_and_keep_every_class():
    present = np.ones((8, 2), dtype=bool)
    present[:2, 0] = False
    strata = stratify(present)
    assert [stratum.size for stratum in strata] == [8]
    weights = draw_groups(present, strata, 500, np.random.default_rng(0))
    assert (weights.sum(axis=1) == 8).all()
    assert (weights @ present.astype(int) > 0).all()


def test_too_few_groups_of_a_class_are_refused():
    present = ONE_CLASS_EACH[1:]
    confusions = np.ones((17, 3, 3), dtype=np.int64)
    with pytest.raises(EvaluationError, match=r"needs 5 groups .* got 4"):
        cluster_intervals(confusions[1:], present[1:], SCORES, 10, np.random.default_rng(0))


def test_for_a_mean_the_interval_is_that_of_student():
    # The expanded percentile interval is made to agree with t for a mean: here the
    # accuracy of ten groups of equal size.
    rng = np.random.default_rng(7)
    right = rng.integers(60, 90, size=10)
    confusions = np.array([[[n, 100 - n], [0, 0]] for n in right])
    present = np.tile([True, False], (10, 1))
    found = cluster_intervals(confusions, present, {"a": accuracy}, 20_000, rng)["a"]
    low, high = stats.t.interval(0.95, 9, right.mean() / 100, stats.sem(right / 100))
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.008)


def test_less_is_cut_off_with_fewer_groups():
    tails = [expanded_tails([np.arange(size)], 0.95) for size in (5, 10, 50, 10_000)]
    assert tails == sorted(tails)
    assert tails[-1] == pytest.approx(0.025, abs=1e-4)


def test_the_same_seed_gives_the_same_interval():
    confusions = np.random.default_rng(1).integers(0, 9, (18, 3, 3)) * ONE_CLASS_EACH[:, :, None]
    first, second = (
        cluster_intervals(confusions, ONE_CLASS_EACH, SCORES, 300, np.random.default_rng(5))
        for _ in range(2)
    )
    assert first == second


def test_the_interval_covers_the_true_score_about_as_often_as_it_says():
    # Three classes with eight bearings each, every bearing with a level of its own.
    rng = np.random.default_rng(11)
    present = np.repeat(np.eye(3, dtype=bool), 8, axis=0)
    covered = {"clustered": 0, "by window": 0}
    trials, windows = 200, 40
    for _ in range(trials):
        right = rng.binomial(windows, rng.beta(6, 2, size=24))
        confusions = np.zeros((24, 3, 3), dtype=np.int64)
        for group, hits in enumerate(right):
            own = group // 8
            confusions[group, own, own] = hits
            confusions[group, own, (own + 1) % 3] = windows - hits
        found = cluster_intervals(confusions, present, {"a": accuracy}, 400, rng)["a"]
        covered["clustered"] += found.low <= 0.75 <= found.high
        share = right.sum() / (24 * windows)
        half = 1.96 * np.sqrt(share * (1 - share) / (24 * windows))
        covered["by window"] += abs(share - 0.75) <= half
    assert 0.91 <= covered["clustered"] / trials <= 0.99
    # What counting windows as independent would have claimed.
    assert covered["by window"] / trials < 0.75
