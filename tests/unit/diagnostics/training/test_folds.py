"""Every group is tested once, whatever the seed, and classes are spread over the folds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from diagnostics.errors import TrainingError
from diagnostics.training.config import GroupFolds, TrainingConfig
from diagnostics.training.folds import deal_groups, scarce_classes
from diagnostics.training.split import Side, class_counts, split_recordings
from tests.unit.diagnostics.training.test_split import bearings, by_load


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("folds", [2, 3, 4])
def test_each_group_is_tested_once_and_each_class_in_every_fold(seed, folds):
    tested = []
    for fold in range(1, folds + 1):
        split = split_recordings(bearings(), GroupFolds(folds, 0.25, seed, fold), "bearing")
        assert {c.target for c in split.sides[Side.TEST]} == {"B", "IR", "OR"}
        assert {c.target for c in split.sides[Side.TRAIN]} == {"B", "IR", "OR"}
        groups = [set(split.groups(side)) for side in Side]
        assert sum(map(len, groups)) == 12
        assert set.union(*groups) == {c.group for c in bearings()}
        tested += split.groups(Side.TEST)
    assert sorted(tested) == sorted({c.group for c in bearings()})


def test_the_seed_decides_and_nothing_else():
    counts = class_counts(bearings())
    assert deal_groups(counts, 3, 7) == deal_groups(dict(reversed(counts.items())), 3, 7)
    assert len({tuple(sorted(deal_groups(counts, 3, seed).items())) for seed in range(5)}) > 1


def test_the_folds_of_one_run_are_those_of_all_runs():
    dealt = deal_groups(class_counts(bearings()), 4, 3, "bearing")
    for fold in range(1, 5):
        split = split_recordings(bearings(), GroupFolds(4, 0.2, 3, fold))
        assert set(split.groups(Side.TEST)) == {g for g, f in dealt.items() if f == fold}


def test_classes_with_few_groups_do_not_crowd_the_first_folds():
    counts = {f"{name}{n}": Counter({name: 3}) for name in "ABCDEF" for n in range(2)}
    sizes = Counter(deal_groups(counts, 4, 0).values())
    assert set(sizes.values()) == {3}


def test_large_groups_are_evened_out():
    rng = np.random.default_rng(0)
    counts = {
        str(n): Counter({"A": int(rng.integers(1, 30)), "B": int(rng.integers(1, 30))})
        for n in range(40)
    }
    sizes: Counter[int] = Counter()
    for group, fold in deal_groups(counts, 5, 1).items():
        sizes[fold] += counts[group].total()
    assert max(sizes.values()) < 1.15 * min(sizes.values())


def test_leave_one_load_out_is_as_many_folds_as_loads():
    tests = [
        split_recordings(by_load(bearings()), GroupFolds(4, 0.3, 0, fold), "load").groups(Side.TEST)
        for fold in range(1, 5)
    ]
    assert sorted(tests) == [("0",), ("1",), ("2",), ("3",)]


@pytest.mark.parametrize(
    ("counts", "folds", "sentence"),
    [
        ({"1": Counter("AB"), "2": Counter("AB")}, 3, "3 folds need 3 groups or more"),
        ({"1": Counter("AB"), "2": Counter("A"), "3": Counter("A")}, 2, "“B” has one bearing only"),
    ],
)
def test_what_cannot_be_dealt_is_refused(counts, folds, sentence):
    with pytest.raises(TrainingError, match=sentence):
        deal_groups(counts, folds, 0, "bearing")


def test_a_fold_that_takes_all_of_a_class_is_refused():
    # Wherever the second goes, one class has no other group left to be learned from.
    counts = {"1": Counter(D=8), "2": Counter(B=5, D=2), "3": Counter(B=8)}
    with pytest.raises(TrainingError, match="nothing of it could have been learned"):
        deal_groups(counts, 2, 0)


def test_a_class_of_few_groups_is_told():
    counts = class_counts([replace(c, group=c.name) for c in bearings()])
    assert scarce_classes(counts, 4) == []
    assert len(scarce_classes(class_counts(bearings()), 5, "bearing")) == 3


def test_validation_takes_groups_of_the_others_or_none():
    split = split_recordings(bearings(), GroupFolds(4, 0.0, 0, 1), "bearing")
    assert split.sides[Side.VALIDATION] == ()
    assert len(split.groups(Side.TRAIN)) == 9
    few = [c for c in by_load(bearings()) if c.group in "01"]
    with pytest.raises(TrainingError, match="Choose more folds, or no validation"):
        split_recordings(few, GroupFolds(2, 0.2, 0, 1), "load")


def test_one_training_needs_one_fold():
    with pytest.raises(TrainingError, match="choose one of 1 to 4"):
        split_recordings(bearings(), GroupFolds(4), "bearing")


def test_folds_are_part_of_the_config():
    config = TrainingConfig(GroupFolds(4, 0.25, 3, 2))
    plain = config.to_dict()
    assert plain["split"] == {"by": "folds", "folds": 4, "validation": 0.25, "seed": 3, "fold": 2}
    assert TrainingConfig.from_dict(plain) == config
    for wrong in ({"folds": 1}, {"fold": 9}, {"seed": -1}, {"validation": 1}):
        with pytest.raises(TrainingError):
            TrainingConfig.from_dict({"split": {"by": "folds", **wrong}})
