import numpy as np
import pytest
from scipy import stats

from diagnostics.evaluation.bootstrap import cluster_intervals
from diagnostics.evaluation.differences import paired_intervals, spread_refusal
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.metrics import SCORES, confusion_matrix
from diagnostics.evaluation.shared_test import share_test
from tests.unit.diagnostics.evaluation.held_out import held_out


def experiments(skills, groups=30, per_group=9, seed=1):
    """Experiments of different skill; groups hold all classes and are not equally hard."""
    rng = np.random.default_rng(seed)
    targets = np.tile([0, 1, 2], groups * per_group // 3)
    names = np.repeat([f"machine {n}" for n in range(groups)], per_group).tolist()
    hard = np.repeat(rng.uniform(0, 0.3, groups), per_group)
    made = []
    for skill in skills:
        misses = rng.random(targets.size) > skill - hard
        made.append(held_out(targets.tolist(), ((targets + misses) % 3).tolist(), names))
    return made


def test_the_interval_agrees_with_students_for_the_mean_over_equal_groups():
    shared = share_test(experiments([0.9, 0.75]))
    found = paired_intervals(shared, np.random.default_rng(0))
    by_group = shared.right.reshape(2, 30, 9).mean(axis=2)
    expected = stats.ttest_rel(*by_group).confidence_interval(0.95)
    one = next(d for d in found.differences if d.score == "accuracy")
    assert one.value == pytest.approx(by_group[0].mean() - by_group[1].mean())
    assert (one.interval.low, one.interval.high) == pytest.approx(tuple(expected), abs=0.012)
    assert one.leaves_out_zero


def test_values_are_the_scores_of_the_confusion_matrices():
    shared = share_test(experiments([0.9, 0.6, 0.8], groups=12))
    found = paired_intervals(shared, np.random.default_rng(0), resamples=50)
    confusions = [confusion_matrix(shared.targets, row, 3) for row in shared.predicted]
    for one in found.differences:
        first, second = (SCORES[one.score](confusions[n]) for n in (one.first, one.second))
        assert one.value == pytest.approx(float(first - second))
    assert len(found.differences) == 3 * len(SCORES)


def test_own_intervals_are_those_of_the_result_page():
    shared = share_test(experiments([0.8, 0.7], groups=14))
    found = paired_intervals(shared, np.random.default_rng(0), resamples=6000)
    groups = shared.group_numbers
    confusions = np.stack(
        [
            confusion_matrix(shared.targets[groups == n], shared.predicted[0][groups == n], 3)
            for n in range(14)
        ]
    )
    present = confusions.sum(axis=2) > 0
    expected = cluster_intervals(confusions, present, SCORES, 6000, np.random.default_rng(5))
    for name, interval in expected.items():
        own = found.scores[0][name]
        assert (own.low, own.high) == pytest.approx((interval.low, interval.high), abs=0.012)


def test_pairing_takes_out_what_is_hard_for_all():
    shared = share_test(experiments([0.9, 0.9], seed=4))
    found = paired_intervals(shared, np.random.default_rng(0))
    one = next(d for d in found.differences if d.score == "accuracy")
    widths = [scores["accuracy"].high - scores["accuracy"].low for scores in found.scores]
    assert one.interval.high - one.interval.low < np.hypot(*widths)
    assert not one.leaves_out_zero


def test_intervals_for_all_pairs_at_once_are_wider():
    found = paired_intervals(share_test(experiments([0.9, 0.8, 0.7])), np.random.default_rng(0))
    for one in found.differences:
        assert one.adjusted.low <= one.interval.low <= one.interval.high <= one.adjusted.high
    two = paired_intervals(share_test(experiments([0.9, 0.8])), np.random.default_rng(0))
    assert all(one.adjusted == one.interval for one in two.differences)


def test_groups_of_one_class_each_are_drawn_within_their_class():
    targets = np.repeat([0, 1, 2], 8)
    named = targets.copy()
    named[[0, 8, 9, 16]] += 1
    tests = [held_out(targets.tolist(), (n % 3).tolist()) for n in (targets, named)]
    found = paired_intervals(share_test(tests), np.random.default_rng(0))
    one = next(d for d in found.differences if d.score == "balanced_accuracy")
    assert one.value == pytest.approx(4 / 24)
    assert one.interval.low > 0
    # The first makes no error in any group, so that its own score shows no spread.
    assert found.scores[0]["accuracy"].low == 1


def test_one_group_or_too_few_of_a_class_give_the_reason():
    targets = [0, 1, 2, 0, 1, 2]
    one = share_test([held_out(targets, targets, ["load 3"] * 6)] * 2)
    assert "all 6 recordings are of one group (“load 3”)" in spread_refusal(one)
    few = share_test([held_out(targets, targets)] * 2)
    assert "one class has 2" in spread_refusal(few)
    with pytest.raises(EvaluationError, match="5 groups of each class"):
        paired_intervals(few, np.random.default_rng(0))


def test_the_same_seed_gives_the_same_ends():
    shared = share_test(experiments([0.9, 0.8], groups=8))
    first, again, other = (
        paired_intervals(shared, np.random.default_rng(seed), resamples=200) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
