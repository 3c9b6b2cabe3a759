import numpy as np
import pytest
from scipy import stats

from diagnostics.evaluation.comparison import compare
from diagnostics.evaluation.shared_test import share_test
from tests.unit.diagnostics.evaluation.held_out import held_out, wrong

TARGETS = [0, 1, 2] * 8


def compared(*misses, groups=None, windows=False):
    tests = [held_out(TARGETS, wrong(TARGETS, places), groups) for places in misses]
    return compare(share_test(tests), tests if windows else None)


def test_recordings_decide_where_each_is_a_group_of_its_own():
    found = compared([], range(12))
    pair = found.pairs[0]
    assert not pair.by_groups
    assert (pair.recordings.only_first, pair.recordings.only_second) == (12, 0)
    assert pair.recordings_holm == pair.recordings.mid == pytest.approx(2**-12)
    assert pair.is_supported
    assert found.no_interval is None
    assert (found.cochran, found.friedman) == (None, None)


def test_groups_decide_where_they_hold_several_recordings():
    groups = [f"bearing {n // 3}" for n in range(24)]
    found = compared([], [0, 3, 6, 9], groups=groups)
    pair = found.pairs[0]
    assert pair.by_groups
    assert pair.groups.groups == 8
    assert pair.groups_holm == pytest.approx(2 / 2**4)
    assert not pair.is_supported
    # All errors in one bearing are hardly more than one observation.
    once = compared([], [0, 1, 2], groups=groups).pairs[0]
    assert once.groups.p_value == 1.0
    assert once.recordings.mid < once.groups.p_value


def test_few_groups_leave_the_decision_to_recordings_and_no_interval():
    found = compared([], range(12), groups=["load 3"] * 24)
    assert "one group" in found.no_interval
    pair = found.pairs[0]
    assert not pair.by_groups
    assert pair.is_supported
    assert pair.differences == {}


def test_p_values_of_pairs_are_adjusted_for_their_number():
    found = compared([], range(5), range(7))
    raw = [pair.recordings.mid for pair in found.pairs]
    adjusted = [pair.recordings_holm for pair in found.pairs]
    assert [(p.first, p.second) for p in found.pairs] == [(0, 1), (0, 2), (1, 2)]
    assert adjusted[1] == pytest.approx(3 * raw[1])
    assert adjusted[0] == pytest.approx(2 * raw[0])


def test_three_get_q_and_ranks_over_blocks():
    groups = [f"bearing {n // 3}" for n in range(24)]
    found = compared([], [0, 3, 6, 9, 12], range(0, 24, 2), groups=groups)
    right = np.ones((3, 24))
    right[1, [0, 3, 6, 9, 12]] = right[2, ::2] = 0
    assert found.cochran.statistic == pytest.approx(stats.friedmanchisquare(*right).statistic)
    blocks = right.reshape(3, 8, 3).mean(axis=2)
    assert found.friedman.statistic == pytest.approx(stats.friedmanchisquare(*blocks).statistic)
    few = compared([], [0], [1], groups=[f"load {n // 8}" for n in range(24)])
    assert few.friedman is None
    assert "has 3" in few.no_friedman


def test_windows_are_tested_on_request_only_and_decide_nothing():
    asked = compared([], [0, 1], groups=["load 3"] * 24, windows=True)
    assert asked.pairs[0].windows.items == 48
    assert asked.pairs[0].windows.only_first == 4
    plain = compared([], [0, 1], groups=["load 3"] * 24)
    assert plain.pairs[0].windows is None
    assert plain.pairs[0].supported == asked.pairs[0].supported == frozenset()


def test_windows_that_differ_say_why_they_are_not_tested():
    tests = [held_out(TARGETS, TARGETS), held_out(TARGETS, TARGETS, windows=5)]
    found = compare(share_test(tests), tests)
    assert "different windows" in found.no_windows
    assert found.pairs[0].windows is None


def test_scores_are_those_of_the_common_recordings():
    found = compared([0, 1], [])
    accuracy = found.experiments[0].recordings[0]
    assert (accuracy.name, accuracy.value) == ("accuracy", pytest.approx(22 / 24))
    assert accuracy.low < accuracy.value < accuracy.high
    assert found.experiments[0].windows[0].low is None
    assert found.experiments[0].window_count == 48
    assert found.experiments[1].confusion.tolist() == (np.eye(3, dtype=int) * 8).tolist()
