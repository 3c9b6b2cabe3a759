from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import FeatureError
from diagnostics.features.table import fill, folds, label, prepare, standardised

NAN = np.nan


def test_columns_that_say_nothing_are_left_out_with_a_reason():
    table = np.array([[1.0, 7.0, NAN, NAN], [2.0, 7.0, NAN, 3.0], [np.inf, 7.0, NAN, 4.0]])
    found = prepare(table, ["a", "b", "c", "d"])
    assert found.names == ("a", "d")
    assert found.left_out == {
        "b": "All windows have the same number.",
        "c": "No window has a number.",
    }
    np.testing.assert_array_equal(found.values, [[1, NAN], [2, 3], [NAN, 4]])


def test_windows_without_any_number_are_left_out():
    assert prepare(np.array([[NAN], [1.0], [2.0]]), ["a"]).rows.tolist() == [1, 2]


@pytest.mark.parametrize("table", [np.ones((3, 2)), np.full((3, 2), NAN), np.ones((0, 2))])
def test_a_table_without_differences_is_refused(table):
    with pytest.raises(FeatureError, match="nothing to compare"):
        prepare(table, ["a", "b"])


def test_each_column_needs_a_name():
    with pytest.raises(FeatureError, match="one name for each"):
        prepare(np.ones((3, 2)), ["a"])


def test_medians_come_from_the_rows_that_may_be_learned_from():
    held = np.array([[NAN, 100.0], [50.0, NAN]])
    learned = np.array([[1.0, NAN], [3.0, NAN]])
    np.testing.assert_array_equal(fill(held, learned), [[2, 100], [50, 0]])


def test_standardised_columns():
    found = standardised(np.array([[1.0, 5.0], [2.0, NAN], [6.0, 5.0]]))
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=0), [1, 0], atol=1e-12)


def test_labels_follow_their_rows():
    table = np.array([[1.0], [NAN], [3.0], [4.0]])
    found = label(table, ["a"], ["x", "x", "", "y"], ["1", "2", "3", "4"])
    assert found.classes == ("x", "y")
    assert found.table.rows.tolist() == [0, 3]
    assert (found.targets.tolist(), found.groups.tolist()) == ([0, 1], ["1", "4"])


def test_two_classes_are_needed():
    with pytest.raises(FeatureError, match="got 1 of them"):
        label(np.array([[1.0], [2.0]]), ["a"], ["x", "x"], ["1", "2"])
    with pytest.raises(FeatureError, match="No window has a class"):
        label(np.array([[1.0], [2.0]]), ["a"], ["", ""], ["1", "2"])
    with pytest.raises(FeatureError, match="2 windows needs a label and a group"):
        label(np.array([[1.0], [2.0]]), ["a"], ["x"], ["1", "2"])


def test_no_group_lies_on_both_sides():
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 3, 200)
    groups = np.array([f"{t}{g}" for t, g in zip(targets, rng.integers(0, 6, 200), strict=True)])
    parts, notes = folds(targets, groups, "abc", 0)
    assert len(parts) == 5
    assert notes == []
    held_once = np.concatenate([held for _, held in parts])
    assert sorted(held_once) == list(range(200))
    for learned, held in parts:
        assert not set(groups[learned]) & set(groups[held])


def test_a_class_with_one_group_does_not_count_and_that_is_said():
    targets = np.array([0, 0, 0, 1, 1, 2, 2])
    groups = np.array(["n", "n", "n", "a", "b", "c", "d"])
    parts, notes = folds(targets, groups, ("healthy", "inner", "outer"), 0)
    assert notes == [
        "“healthy” has only one group, so nothing of it can be held out; it does not count."
    ]
    assert all((targets[np.concatenate(part)] > 0).all() for part in parts)
    assert folds(targets[:5], groups[:5], ("healthy", "inner"), 0)[0] == []
