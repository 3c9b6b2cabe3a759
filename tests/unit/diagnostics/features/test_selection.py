from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import FeatureError
from diagnostics.features import selection
from diagnostics.features.selection import (
    SelectionMethod,
    binned_information,
    bins_of,
    hold_out_groups,
    select_features,
)

RNG = np.random.default_rng(0)
ROWS = 400
LABELS = np.repeat(["healthy", "worn"], ROWS // 2)
GROUPS = np.array([f"{name}{n}" for name in "hw" for n in np.repeat([1, 2, 3, 4], 50)])
KIND = np.repeat([0.0, 1.0], ROWS // 2)
LEVEL = KIND + 0.4 * RNG.normal(size=ROWS)
SHAPE = np.where(RNG.random(ROWS) < 0.85, KIND, 1 - KIND) + 0.1 * RNG.normal(size=ROWS)
NAMES = ["level", "same level", "shape", "noise"]
TABLE = np.stack([LEVEL, 9.81 * LEVEL, SHAPE, RNG.normal(size=ROWS)], axis=1)
TRAINING = ["h1", "h2", "h3", "w1", "w2", "w3"]


@pytest.fixture(autouse=True)
def few_trees(monkeypatch):
    monkeypatch.setattr(selection, "_TREES", 20)


def chosen(method, count=2, table=TABLE, **more):
    settings = {"groups": GROUPS, "training_groups": TRAINING, "num_features": count, **more}
    return select_features(table, LABELS, NAMES, method, **settings)


def test_mrmr_takes_no_feature_that_says_the_same():
    assert set(chosen("mrmr").names) & {"shape"} == {"shape"}
    assert len(set(chosen("mrmr").names) & {"level", "same level"}) == 1


@pytest.mark.parametrize("method", ["mutual_info", "rfe", "mrmr"])
def test_noise_is_not_among_the_first_three(method):
    assert "noise" not in chosen(method, 3).names


def test_the_variance_does_not_depend_on_the_unit():
    scores = chosen("variance", 4, threshold=0.0).scores
    assert scores["level"] == pytest.approx(scores["same level"])
    flat = np.where(np.arange(ROWS)[:, None] == 0, 100.0, TABLE)
    assert max(chosen("variance", 4, flat, threshold=0.0).scores.values()) < 0.01


@pytest.mark.parametrize("method", SelectionMethod)
def test_windows_held_out_have_no_say(method):
    other = TABLE.copy()
    held = ~np.isin(GROUPS, TRAINING)
    other[held] = 1e3 * RNG.normal(size=other[held].shape)
    one, two = chosen(method), chosen(method, table=other)
    assert one.scores == two.scores
    assert one.held_out_groups == ("h4", "w4")
    # Only what the choice is worth is measured there.
    assert one.recall_chosen > 0.8
    assert two.recall_chosen < 0.75


def test_the_threshold_and_the_number_limit():
    assert len(chosen("mutual_info", 1).names) == 1
    assert chosen("mutual_info", 4, threshold=0.2).scores.keys() == {"level", "same level", "shape"}
    with pytest.raises(FeatureError, match="threshold of 50"):
        chosen("mrmr", threshold=50.0)


def test_without_groups_held_out_nothing_is_claimed():
    found = chosen("mrmr", training_groups=set(GROUPS.tolist()))
    assert (found.recall_chosen, found.recall_all) == (None, None)
    assert found.notes == ("No group was held out, so nothing says what the choice is worth.",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"num_features": 0}, "one feature or more"),
        ({"threshold": -1.0}, "threshold of 0 or above"),
        ({"training_groups": ["h1"]}, "two classes"),
        ({"training_groups": []}, "two classes"),
    ],
)
def test_settings_that_cannot_be_are_refused(change, words):
    with pytest.raises(FeatureError, match=words):
        chosen("mrmr", **change)


def test_unknown_methods_are_refused():
    with pytest.raises(FeatureError, match="no selection “boruta”"):
        chosen("boruta")


def test_information_against_closed_forms():
    fair = RNG.integers(0, 8, 20_000)
    assert binned_information(fair, fair) == pytest.approx(np.log(8), abs=0.01)
    assert binned_information(fair, RNG.integers(0, 8, 20_000)) < 0.003
    flipped = np.where(RNG.random(20_000) < 0.1, 1 - fair % 2, fair % 2)
    known = np.log(2) + 0.1 * np.log(0.1) + 0.9 * np.log(0.9)
    assert binned_information(fair % 2, flipped) == pytest.approx(known, abs=0.01)


def test_information_against_scikit_learn():
    from sklearn.metrics import mutual_info_score

    one, two = RNG.integers(0, 5, 3_000), RNG.integers(0, 3, 3_000)
    two = np.where(one > 2, 0, two)
    expected = mutual_info_score(one, two)
    assert binned_information(one, two) == pytest.approx(expected, abs=0.003)


def test_bins_have_equal_shares():
    binned = bins_of(RNG.gamma(0.5, size=(1_000, 2)))
    assert np.bincount(binned[:, 0]).tolist() == [100] * 10


def test_whole_groups_of_each_class_are_held_out():
    training, held = hold_out_groups(LABELS, GROUPS)
    assert training | held == set(GROUPS.tolist())
    assert sorted(name[0] for name in held) == ["h", "w"]
    with pytest.raises(FeatureError, match="share"):
        hold_out_groups(LABELS, GROUPS, 0.9)
    assert hold_out_groups(LABELS, LABELS) == ({"healthy", "worn"}, frozenset())
