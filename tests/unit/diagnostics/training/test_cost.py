from __future__ import annotations

import itertools

import pytest

from diagnostics.errors import TrainingError
from diagnostics.training import cost
from diagnostics.training.cost import CostQuestion, measure_cost, time_runs


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"classifier": "none"}, "no classifier"),
        ({"parameters": {"width": 1}}, "“Filters” must be a whole number"),
        ({"window": 1023}, "window must be a whole number from 1024"),
        ({"window": 2048.5}, "window must be"),
        ({"window": None}, "window must be"),
        ({"channels": 0}, "number of channels must be"),
        ({"classes": 1}, "number of classes must be"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(changed, told):
    question = {"classifier": "cnn1d", "parameters": {}, "window": 2048, "channels": 1}
    with pytest.raises(TrainingError, match=told):
        CostQuestion(**{**question, "classes": 2, **changed})


@pytest.mark.parametrize("name", ["cnn1d", "logistic_regression"])
def test_either_family_is_measured(name):
    found = measure_cost(CostQuestion(name, {}, 1024, 1, 2)).to_dict()
    assert found["numbers"] > 0
    assert found["latency"]["runs"] == 50


def test_the_median_leaves_out_the_runs_that_warm_up(monkeypatch):
    clock = itertools.accumulate(itertools.chain([0.0], itertools.cycle([0.002, 0.0])))
    monkeypatch.setattr(cost.time, "perf_counter", lambda: next(clock))
    calls = []
    found = time_runs(lambda: calls.append(1))
    assert found.median_ms == pytest.approx(2.0)
    assert len(calls) == found.runs + 3


def test_slow_classifiers_are_asked_less_often(monkeypatch):
    clock = itertools.count(step=2.0)
    monkeypatch.setattr(cost.time, "perf_counter", lambda: next(clock))
    assert time_runs(lambda: None).runs == 5
