from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from diagnostics.errors import SynthesisError
from diagnostics.synthesis.bearing_faults import Fault
from diagnostics.synthesis.demo import SEVERITIES, demo_size, generate_demo, plan_demo


def test_every_class_has_several_bearings_and_each_bearing_one_damage():
    planned = list(plan_demo(6, 2, np.random.default_rng(0)))
    assert len({p.name for p in planned}) == len(planned) == 48
    bearings = {p.specimen.name: p.specimen for p in planned}
    assert Counter(s.fault for s in bearings.values()) == dict.fromkeys(Fault, 6)
    for p in planned:
        assert bearings[p.specimen.name] == p.specimen


def test_the_level_says_how_severe_the_damage_is():
    for p in plan_demo(5, 1, np.random.default_rng(1)):
        if p.specimen.fault is Fault.HEALTHY:
            assert (p.severity_level, p.specimen.severity) == ("none", 0)
        else:
            low, high = SEVERITIES[p.severity_level]
            assert low <= p.specimen.severity <= high


def test_loads_differ_within_a_bearing():
    planned = list(plan_demo(1, 3, np.random.default_rng(2)))
    assert len({p.operation.load for p in planned[:3]}) == 3


@pytest.mark.parametrize("numbers", [(0, 1), (1, 0)])
def test_refuses_empty_plans(numbers):
    with pytest.raises(SynthesisError, match="1 bearing"):
        list(plan_demo(*numbers, np.random.default_rng(0)))


def test_the_usual_demo_is_the_same_for_the_same_seed():
    first, again = list(generate_demo(3, 0.1)), list(generate_demo(3, 0.1))
    assert len(first) == demo_size() == 72
    for (planned, signal), (planned_again, signal_again) in zip(first, again, strict=True):
        assert planned == planned_again
        np.testing.assert_array_equal(signal.samples, signal_again.samples)
    _, other = next(generate_demo(4, 0.1))
    assert not np.array_equal(first[0][1].samples, other.samples)
