"""What chooses points, against what is known of the methods."""

from __future__ import annotations

import itertools
from functools import partial

import pytest
from optuna.storages import InMemoryStorage

from diagnostics.errors import TrainingError
from diagnostics.search.importance import importances
from diagnostics.search.space import Space
from diagnostics.search.study import Method, Pruner, Rules, SearchStudy

SPACE = Space.from_dict(
    {
        "x": {"type": "float", "low": -1.0, "high": 1.0},
        "y": {"type": "float", "low": -1.0, "high": 1.0},
    }
)


def study(method=Method.RANDOM, pruner=Pruner.NONE, *, seed=1, space=SPACE, name="one"):
    rules = Rules(space, method, pruner, (True,), seed, 9)
    return SearchStudy(InMemoryStorage(), name, rules)


def found(search, trials):
    best = -9.0
    for number in range(1, trials + 1):
        point = search.ask(number)
        score = -((point.params["x"] - 0.3) ** 2) - (point.params["y"] + 0.4) ** 2
        search.tell(point.study_number, [score])
        best = max(best, score)
    return best


def test_the_bayesian_method_comes_closer_than_chance():
    wins = sum(
        found(study(Method.BAYESIAN, seed=seed), 40) > found(study(seed=seed), 40)
        for seed in range(5)
    )
    assert wins >= 4


def test_points_follow_from_seed_and_number_alone():
    first, other = study(name="first"), study(name="other")
    assert [first.ask(n).params for n in (1, 2, 3)] == [other.ask(n).params for n in (1, 2, 3)]
    assert study(seed=2).ask(1).params != study(seed=1).ask(1).params


def test_grid_is_gone_through_in_order():
    space = Space.from_dict(
        {
            "a": {"type": "categorical", "choices": ["u", "v"]},
            "b": {"type": "int", "low": 1, "high": 2, "when": {"a": ["v"]}},
        }
    )
    search = study(Method.GRID, space=space)
    assert [search.ask(n).params for n in (1, 2, 3)] == list(space.grid())


def test_hyperband_gives_the_worse_fewer_epochs():
    search = study(Method.HYPERBAND, Pruner.HYPERBAND)
    epochs = {}
    for number in range(1, 31):
        point = search.ask(number)
        for epoch in range(1, 10):
            if search.report(point.study_number, epoch, point.params["x"] * epoch):
                search.tell_pruned(point.study_number)
                break
        else:
            search.tell(point.study_number, [point.params["x"] * 9])
        epochs[point.params["x"]] = epoch
    ordered = [epochs[x] for x in sorted(epochs)]
    assert set(epochs.values()) >= {1, 9}
    assert sum(ordered[:10]) < sum(ordered[-10:])


def reported(search, point, epoch):
    return not search.report(point.study_number, epoch, point.params["x"])


def test_two_searches_of_one_seed_end_the_same_trials():
    def ended(name):
        search, told = study(Method.HYPERBAND, Pruner.HYPERBAND, name=name), []
        for number in range(1, 16):
            point = search.ask(number)
            goes_on = partial(reported, search, point)
            told.append(len(list(itertools.takewhile(goes_on, range(1, 10)))))
            search.tell_pruned(point.study_number)
        return told

    assert ended("one") == ended("another")


def test_median_rule_ends_what_is_below_the_half():
    search = study(pruner=Pruner.MEDIAN)
    for number in range(1, 7):
        point = search.ask(number)
        assert not any(search.report(point.study_number, e, 0.8) for e in range(1, 10))
        search.tell(point.study_number, [0.8])
    poor = search.ask(7)
    assert [search.report(poor.study_number, epoch, 0.1) for epoch in (1, 2)] == [False, True]


def test_told_twice_counts_once():
    search = study()
    point = search.ask(1)
    search.tell(point.study_number, [0.5])
    search.tell_failed(point.study_number)
    (trial,) = search.trials()
    assert trial.state.name == "COMPLETE"
    assert search.running() == []


def test_settings_that_matter_only_together_explain_little_alone():
    steps = [-1.0, -0.4, 0.4, 1.0]
    points = [{"x": x, "y": y} for x, y in itertools.product(steps, steps)]
    together = importances(SPACE, points, [p["x"] * p["y"] for p in points], 0)
    assert sum(one.share for one in together) < 0.6
    alone = importances(SPACE, points, [2 * p["x"] + p["y"] for p in points], 0)
    assert [one.name for one in alone] == ["x", "y"]
    assert [one.share for one in alone] == pytest.approx([0.8, 0.2], abs=0.1)


def test_importance_needs_trials_that_differ():
    points = [{"x": 0.1 * n, "y": 0.0} for n in range(6)]
    with pytest.raises(TrainingError, match="5 finished trials or more; there are 4"):
        importances(SPACE, points[:4], [1.0] * 4, 0)
    with pytest.raises(TrainingError, match="same score"):
        importances(SPACE, points, [1.0] * 6, 0)
