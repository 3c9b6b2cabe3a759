"""No group on two sides, every doubtful split said so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnostics.errors import TrainingError
from diagnostics.training.config import GroupFractions, HeldOutGroups
from diagnostics.training.split import (
    Candidate,
    PreviewRow,
    Side,
    check_separate,
    preview_rows,
    split_recordings,
)


def bearings(classes=("B", "IR", "OR"), sizes=(7, 14, 21, 28), loads=(0, 1, 2, 3)):
    """One bearing for each class and size, run at each load, as in the CWRU data."""
    cells = [(c, size, load) for c in classes for size in sizes for load in loads]
    return [
        Candidate(
            number,
            f"{c}{size}_{load}",
            c,
            f"{c}{size}",
            10_000,
            12_000.0,
            f"{c}{size}",
            f"#{number}",
        )
        for number, (c, size, load) in enumerate(cells)
    ]


def by_load(candidates):
    return [replace(c, group=c.name.rpartition("_")[2]) for c in candidates]


def sides_of_groups(split):
    return {side: set(split.groups(side)) for side in split.sides}


def test_named_groups_are_held_out_and_the_others_train():
    choice = HeldOutGroups(test=("B7", "IR7", "OR7"), validation=("B14", "IR14", "OR14"))
    split = split_recordings(bearings(), choice, "bearing")
    assert sides_of_groups(split)[Side.TEST] == {"B7", "IR7", "OR7"}
    assert sides_of_groups(split)[Side.VALIDATION] == {"B14", "IR14", "OR14"}
    assert len(split.sides[Side.TRAIN]) == 24
    assert split.class_names == ("B", "IR", "OR")
    assert split.warnings == ()


@pytest.mark.parametrize("seed", range(5))
def test_fractions_put_each_group_on_one_side_and_each_class_on_all(seed):
    split = split_recordings(bearings(), GroupFractions(0.25, 0.25, seed), "bearing")
    sides = sides_of_groups(split)
    assert sum(map(len, sides.values())) == len(set().union(*sides.values())) == 12
    for members in split.sides.values():
        assert {c.target for c in members} == {"B", "IR", "OR"}


def test_no_side_stays_empty_where_classes_have_few_groups():
    rows = bearings(classes=("B", "IR"), sizes=(7, 14))
    for seed in range(5):
        split = split_recordings(rows, GroupFractions(seed=seed), "bearing")
        assert all(split.sides.values())


def test_the_seed_decides_the_fractions():
    drawn = [
        sides_of_groups(split_recordings(bearings(), GroupFractions(seed=s))) for s in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_order_of_the_recordings_does_not_matter():
    one, other = (
        split_recordings(rows, GroupFractions(seed=3)) for rows in (bearings(), bearings()[::-1])
    )
    assert sides_of_groups(one) == sides_of_groups(other)


def test_shares_are_kept_where_groups_are_many():
    split = split_recordings(bearings(sizes=range(100)), GroupFractions(0.2, 0.1, 0))
    shares = {side: len(members) / 1200 for side, members in split.sides.items()}
    assert shares == pytest.approx(
        {Side.TRAIN: 0.7, Side.VALIDATION: 0.1, Side.TEST: 0.2}, abs=0.01
    )


def test_a_group_on_two_sides_is_refused():
    rows = bearings()
    sides = {Side.TRAIN: rows[:2], Side.TEST: rows[2:4]}
    with pytest.raises(TrainingError, match="“B7” is in training and in test"):
        check_separate(sides)


def test_an_unknown_group_is_refused_and_the_known_ones_are_named():
    with pytest.raises(TrainingError, match=r"no bearing “X1” in this data\. There are “B14”"):
        split_recordings(bearings(), HeldOutGroups(test=("X1",)), "bearing")


def test_an_empty_side_is_refused():
    with pytest.raises(TrainingError, match="The training part would be empty"):
        split_recordings(by_load(bearings()), HeldOutGroups(test=("0", "1"), validation=("2", "3")))


@pytest.mark.parametrize("rows", [[], bearings(classes=("B",))])
def test_one_class_is_not_enough(rows):
    with pytest.raises(TrainingError, match="at least two classes"):
        split_recordings(rows, GroupFractions())


def test_too_few_groups_for_the_shares_are_refused():
    rows = by_load(bearings(loads=(0, 1)))
    with pytest.raises(TrainingError, match="3 groups or more, one for each part; by load there"):
        split_recordings(rows, GroupFractions(), "load")


def test_the_same_samples_on_two_sides_are_refused():
    rows = bearings()
    rows[0] = replace(rows[0], content_hash="#same")  # B7
    rows[-1] = replace(rows[-1], content_hash="#same")  # OR28
    with pytest.raises(TrainingError, match="are the same samples"):
        split_recordings(rows, HeldOutGroups(test=("B7",)))
    split_recordings(rows, HeldOutGroups(test=("B14",)))


def test_a_class_with_one_group_is_warned_about():
    rows = [*bearings(), Candidate(99, "normal", "N", "N0", 10_000, 12_000.0)]
    split = split_recordings(rows, HeldOutGroups(test=("B7", "IR7", "OR7")), "bearing")
    assert split.warnings == (
        "Class “N” has one bearing only (“N0”): it can be learned or tested, not both.",
        "No recording of “N” is in the test part.",
    )


def test_bearings_on_both_sides_are_warned_about():
    split = split_recordings(by_load(bearings()), HeldOutGroups(test=("3",)), "load")
    assert len(split.warnings) == 1
    assert (
        "12 of the 12 bearings in the test part are in the training part too" in split.warnings[0]
    )


def test_preview_counts_recordings_and_windows():
    rows = [replace(r, sample_rate_hz=48_000.0) for r in by_load(bearings(classes=("B", "IR")))]
    split = split_recordings(rows, HeldOutGroups(test=("3",), validation=("2",)))
    preview = preview_rows(split, 1024, 512, 12_000.0)
    # 10 000 samples at 48 kHz are 2 500 at 12 kHz: windows begin at 0, 512, 1024.
    assert preview[0] == PreviewRow("B", "0", Side.TRAIN, 4, 12)
    assert [(r.target, r.group, r.side) for r in preview[2:5]] == [
        ("B", "2", Side.VALIDATION),
        ("B", "3", Side.TEST),
        ("IR", "0", Side.TRAIN),
    ]
