"""Windows drawn at random: the same again from seed and order, each on one side."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import TrainingError
from diagnostics.training.config import RandomWindows, TrainingConfig
from diagnostics.training.split import Candidate, Side, preview_rows, split_recordings
from tests.unit.diagnostics.training.toy import toy_windows

CHOICE = RandomWindows(test=0.25, validation=0.25, seed=3)


def parts():
    whole = toy_windows(0)
    return whole, {side: whole.part(CHOICE, side) for side in Side}


def places(windows):
    return set(zip(windows.owner.tolist(), windows.start.tolist(), strict=True))


def test_every_window_lies_on_one_side():
    whole, found = parts()
    together = [place for side in Side for place in places(found[side])]
    assert len(together) == len(set(together)) == len(whole)
    assert set(together) == places(whole)
    assert all(part.is_part for part in found.values())


def test_each_class_has_its_share_everywhere():
    whole, found = parts()
    for number in (0, 1):
        count = int((whole.targets == number).sum())
        assert int((found[Side.TEST].targets == number).sum()) == round(count / 4)


def test_the_seed_decides():
    whole, found = parts()
    again = toy_windows(0).part(CHOICE, Side.TEST)
    assert places(again) == places(found[Side.TEST])
    other = whole.part(RandomWindows(0.25, 0.25, seed=4), Side.TEST)
    assert places(other) != places(again)


def test_windows_are_read_from_where_they_lie():
    _, found = parts()
    test = found[Side.TEST]
    assert np.array_equal(test.read_all(), test.read(np.arange(len(test))))


def test_one_of_each_recording_is_one_of_its_training_windows():
    _, found = parts()
    train = found[Side.TRAIN]
    for seed in range(5):
        drawn = train.one_of_each(np.random.default_rng(seed))
        assert len(drawn) == len(np.unique(train.owner))
        assert places(drawn) <= places(train)


def test_the_preview_counts_what_is_drawn():
    rows = [Candidate(n, f"r{n}", "AB"[n % 2], f"g{n}", 6144, 1000.0) for n in range(4)]
    split = split_recordings(rows, CHOICE, "bearing")
    assert split.warnings[0].startswith("Random windows: known leak, for comparison only.")
    assert set(split.sides[Side.TRAIN]) == set(split.sides[Side.TEST]) == set(rows)
    _, found = parts()
    told = preview_rows(split, 1024, 512, 1000.0)
    for side in Side:
        assert sum(row.windows for row in told if row.side is side) == len(found[side])


def test_it_is_never_chosen_by_itself_and_kept_by_name():
    assert TrainingConfig.from_dict({"split": {"by": "fractions"}}).split != CHOICE
    config = TrainingConfig.from_dict({"split": {"by": "windows", "test": 0.3}})
    assert config.split == RandomWindows(test=0.3)
    assert TrainingConfig.from_dict(config.to_dict()) == config
    with pytest.raises(TrainingError, match=r"take 1\.1 of all windows"):
        RandomWindows(test=0.6, validation=0.5)
