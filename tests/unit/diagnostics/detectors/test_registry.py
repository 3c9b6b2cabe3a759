"""Descriptions are complete, and what they say is what is enforced."""

from __future__ import annotations

import subprocess
import sys

import pytest

from diagnostics.detectors.algorithm import load_algorithm
from diagnostics.detectors.description import Kind, Parameter
from diagnostics.detectors.registry import ALGORITHMS, check_config, description
from diagnostics.errors import ConfigError

KEYS = "name display_name description category parameters pros cons best_for requires_scaling"
PARAMETER = "name label type default min_value max_value options description"
EACH = [(name, p) for name, each in ALGORITHMS.items() for p in each.parameters]


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm_describes_itself_and_has_a_module(name):
    told = ALGORITHMS[name].to_dict()
    assert set(told) == set(KEYS.split())
    assert all(told[key] for key in KEYS.split() if key != "requires_scaling")
    assert all(set(parameter) == set(PARAMETER.split()) for parameter in told["parameters"])
    assert ALGORITHMS[name].flags_by in check_config(name, {})
    module = load_algorithm(name)
    assert callable(module.fit)
    assert callable(module.load)


@pytest.mark.parametrize(("name", "parameter"), EACH, ids=lambda each: getattr(each, "name", each))
def test_the_ranges_are_enforced(name, parameter):
    assert parameter.check(parameter.default) == parameter.default
    wrong = [None, [], "no such word", float("nan")]
    if parameter.type in (Kind.INTEGER, Kind.FLOAT):
        low, high = parameter.min_value, parameter.max_value
        assert check_config(name, {parameter.name: low})[parameter.name] == low
        assert check_config(name, {parameter.name: high})[parameter.name] == high
        wrong += [low - 0.5, high * 2 + 1, True, str(low)]
    for value in wrong:
        with pytest.raises(ConfigError) as refused:
            check_config(name, {parameter.name: value})
        assert refused.value.field == parameter.name


def test_whole_numbers_stay_whole_and_switches_are_switches():
    assert check_config("isolation_forest", {"n_estimators": 20.0})["n_estimators"] == 20
    with pytest.raises(ConfigError):
        check_config("isolation_forest", {"n_estimators": 20.5})
    switch = Parameter("on", "On", Kind.BOOLEAN, False)
    assert switch.check(True) is True
    with pytest.raises(ConfigError, match="true or false"):
        switch.check(1)


def test_what_does_not_exist_is_named():
    with pytest.raises(ConfigError, match="no 'trees'") as refused:
        check_config("isolation_forest", {"trees": 5})
    assert refused.value.field == "trees"
    with pytest.raises(ConfigError, match="no algorithm 'magic'") as refused:
        description("magic")
    assert refused.value.field == "algorithm"


def test_the_list_loads_no_library():
    code = (
        "import sys, diagnostics.detectors.registry, diagnostics.detectors.threshold\n"
        "heavy = {'torch', 'sklearn', 'pyod', 'scipy', 'lime'}\n"
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
