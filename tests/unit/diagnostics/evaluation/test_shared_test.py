import numpy as np
import pytest

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.shared_test import HeldOutTest, pair_windows, share_test
from tests.unit.diagnostics.evaluation.held_out import CLASSES, held_out, wrong

TARGETS = [0, 0, 1, 1, 2, 2]


def test_identical_tests_are_compared_as_they_are():
    shared = share_test([held_out(TARGETS, TARGETS), held_out(TARGETS, wrong(TARGETS, [1, 4]))])
    assert shared.overlap.is_identical
    assert shared.overlap.common == 6
    assert shared.right.tolist() == [[True] * 6, [True, False, True, True, False, True]]
    assert [level.items for level in shared.windows] == [12, 12]
    assert np.trace(shared.windows[1].confusion) == 8
    assert not shared.joined


def test_overlapping_tests_are_restricted_and_counted():
    first = held_out(TARGETS, TARGETS, ids=[1, 2, 3, 4, 5, 6])
    second = held_out(TARGETS[2:], wrong(TARGETS[2:], [0]), ids=[3, 4, 5, 6])
    shared = share_test([first, second])
    assert (shared.overlap.sizes, shared.overlap.common) == ((6, 4), 4)
    assert not shared.overlap.is_identical
    assert shared.recording_ids.tolist() == [[3, 4, 5, 6]] * 2
    assert shared.right[1].tolist() == [False, True, True, True]


def test_the_same_samples_in_two_data_sets_are_the_same_recording():
    contents = {n: f"samples {n}" for n in range(1, 7)}
    elsewhere = {n + 100: text for n, text in contents.items()}
    ids = [106, 105, 104, 103, 102, 101]
    other = held_out(TARGETS[::-1], wrong(TARGETS[::-1], [0]), ids=ids, contents=elsewhere)
    shared = share_test([held_out(TARGETS, TARGETS), other])
    assert shared.overlap.is_identical
    assert shared.recording_ids[1].tolist() == ids[::-1]
    assert shared.right[1].tolist() == [True] * 5 + [False]


def test_other_labels_and_copies_are_left_out_and_counted():
    contents = {n: f"samples {n}" for n in range(1, 7)}
    first = held_out(TARGETS, TARGETS, contents=contents)
    relabelled = held_out([1, *TARGETS[1:]], TARGETS, contents={**contents, 3: "samples 4"})
    shared = share_test([first, relabelled])
    assert (shared.overlap.relabelled, shared.overlap.copies) == (1, 1)
    assert shared.recording_ids[0].tolist() == [2, 4, 5, 6]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ids": [11, 12, 13, 14, 15, 16]}, "6 and 6. and have none in common"),
        ({"classes": ("ball", "inner", "cage")}, "“outer”, “cage” are not in all"),
    ],
)
def test_tests_that_cannot_be_compared_are_refused(change, sentence):
    with pytest.raises(EvaluationError, match=sentence):
        share_test([held_out(TARGETS, TARGETS), held_out(TARGETS, TARGETS, **change)])


def test_only_relabelled_recordings_in_common_are_refused_as_such():
    with pytest.raises(EvaluationError, match="samples of 6 recordings, but under different"):
        share_test([held_out(TARGETS, TARGETS), held_out(wrong(TARGETS, range(6)), TARGETS)])


def test_classes_in_another_order_are_brought_to_the_first_one():
    turned = ("outer", "ball", "inner")
    renumbered = [turned.index(CLASSES[n]) for n in TARGETS]
    other = held_out(renumbered, renumbered, classes=turned)
    shared = share_test([held_out(TARGETS, TARGETS), other])
    assert shared.right.all()
    assert shared.predicted[1].tolist() == TARGETS
    assert shared.of_true == pytest.approx(np.full((2, 6), 0.9))
    assert np.diag(shared.windows[1].confusion).tolist() == [4, 4, 4]


def test_groups_of_different_splits_are_joined_until_no_split_parts_them():
    by_load = held_out(TARGETS, TARGETS, ["a", "a", "b", "b", "c", "d"])
    by_bearing = held_out(TARGETS, TARGETS, ["1", "2", "2", "3", "4", "5"])
    shared = share_test([by_load, by_bearing])
    assert shared.joined
    assert shared.group_numbers[:4].tolist() == [shared.group_numbers[0]] * 4
    assert len(set(shared.group_numbers.tolist())) == 3
    renamed = held_out(TARGETS, TARGETS, ["x", "x", "y", "y", "z", "w"])
    assert not share_test([by_load, renamed]).joined


def test_windows_are_paired_by_recording_and_begin():
    first, second = held_out(TARGETS, TARGETS), held_out(TARGETS, wrong(TARGETS, [2]))
    given = second.predictions
    order = np.random.default_rng(0).permutation(12)
    mixed = type(given)(
        given.probabilities[order],
        given.targets[order],
        given.recording_ids[order],
        given.starts_s[order],
        given.window_s,
        given.groups,
        given.class_names,
    )
    tests = [first, HeldOutTest(mixed, second.contents)]
    right = pair_windows(tests, share_test(tests))
    assert right.shape == (2, 12)
    assert np.flatnonzero(~right[1]).tolist() == [4, 5]


def test_windows_that_were_cut_differently_cannot_be_paired():
    tests = [held_out(TARGETS, TARGETS), held_out(TARGETS, TARGETS, windows=3)]
    with pytest.raises(EvaluationError, match="different windows"):
        pair_windows(tests, share_test(tests))
