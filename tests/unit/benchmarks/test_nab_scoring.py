"""The scoring of the Numenta Anomaly Benchmark, by values that follow from its definition."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.nab_scoring import Series, nab_score, windowed_gaussian, worth

ONE = Series("one", np.zeros(1000), ((400, 499), (700, 799)))


def alarms(*rows):
    found = np.zeros(1000)
    found[list(rows)] = 1.0
    return {"one": found}


def test_alarms_at_the_left_edges_are_perfect_and_none_is_nothing():
    assert nab_score([ONE], alarms(400, 700))[0] == pytest.approx(100.0)
    assert nab_score([ONE], alarms())[0] == pytest.approx(0.0)


def test_only_the_best_alarm_of_a_window_counts():
    assert nab_score([ONE], alarms(400, 450, 700))[0] == pytest.approx(100.0)
    late = nab_score([ONE], alarms(499, 700))[0]
    assert 75 < late < 76


def test_a_false_alarm_costs_less_shortly_after_a_window():
    value, inside = worth(ONE)
    assert value[300] == pytest.approx(-0.11)
    assert -0.01 < value[500] < 0
    assert value[600] == pytest.approx(-0.11, rel=0.02)
    assert value[400] == pytest.approx(1.0)
    assert inside[[399, 400, 499, 500, 750]].tolist() == [-1, 0, 0, -1, 1]


def test_false_alarms_are_taken_off():
    far = nab_score([ONE], alarms(400, 700, 350))[0]
    assert far == pytest.approx(100 * (4 - 0.11) / 4)


def test_alarms_while_learning_do_not_count():
    assert ONE.probation == 150
    assert nab_score([ONE], alarms(10, 400, 700))[0] == pytest.approx(100.0)


def test_the_threshold_is_the_best_one():
    scores = np.linspace(0, 0.1, 1000)
    scores[[400, 700]] = 0.8, 0.7
    assert nab_score([ONE], {"one": scores}) == (pytest.approx(100.0), pytest.approx(0.7))


def test_the_baseline_looks_at_the_past_only():
    rng = np.random.default_rng(0)
    values = rng.normal(size=900)
    values[650] = 8.0
    found = windowed_gaussian(values)
    assert found[100:].argmax() == 550
    np.testing.assert_array_equal(windowed_gaussian(values[:700]), found[:700])
