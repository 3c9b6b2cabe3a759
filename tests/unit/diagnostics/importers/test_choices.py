from __future__ import annotations

import pytest

from diagnostics.importers.choices import Choices, fill, override
from diagnostics.importers.patterns import PatternError
from diagnostics.importers.preview import ProposedChannel, ProposedRecording, Sourced
from diagnostics.signals.quality import Problem, QualityWarning
from diagnostics.signals.signal import Unit

RECORDING = ProposedRecording(
    "B007_1",
    "set B007_1",
    100,
    (
        ProposedChannel("one", "x", 0, Sourced(Unit.VELOCITY, "name")),
        ProposedChannel("two", "y", 0, None),
    ),
    Sourced(100.0, "variable fs"),
    {"label": Sourced("ball", "profile")},
)
TYPED = Choices(50.0, Unit.VOLTAGE, (("label", "inner"), ("load", "2 hp")))


def facts(recording):
    return {name: found.value for name, found in recording.facts.items()}


def test_filling_leaves_what_the_file_says():
    filled = fill(RECORDING, TYPED, "a.npz")
    assert filled.sample_rate_hz == Sourced(100.0, "variable fs")
    assert [c.unit.value for c in filled.channels] == [Unit.VELOCITY, Unit.VOLTAGE]
    assert facts(filled) == {"label": "ball", "load": "2 hp"}
    assert filled.missing == ()


def test_overriding_does_not():
    changed = override(RECORDING, TYPED, "a.npz")
    assert changed.sample_rate_hz == Sourced(50.0, "typed")
    assert {c.unit for c in changed.channels} == {Sourced(Unit.VOLTAGE, "typed")}
    assert facts(changed) == {"label": "inner", "load": "2 hp"}


def test_channels_that_are_not_wanted_stay_out():
    assert [c.name for c in fill(RECORDING, Choices(channels=("y",)), "a").channels] == ["two"]
    assert len(fill(RECORDING, Choices(channels=("absent",)), "a").channels) == 2


def test_warnings_of_channels_that_stay_out_stay_out():
    warned = RECORDING.warned(
        QualityWarning(Problem.CONSTANT, "one is constant.", 0.0, "one"),
        QualityWarning(Problem.CLIPPED, "two is clipped.", 0.1, "two"),
        QualityWarning(Problem.NO_SPEED, "No speed."),
    )
    kept = fill(warned, Choices(channels=("y",)), "a").warnings
    assert [warning.problem for warning in kept] == [Problem.CLIPPED, Problem.NO_SPEED]


def test_a_pattern_counts_more_than_a_profile():
    choices = Choices(pattern="{label}/{load_hp}_{speed_rpm}.npz")
    found = fill(RECORDING, choices, "set/outer/3_1797.npz")
    assert facts(found) == {"label": "outer", "speed_rpm": 1797.0}
    assert found.attributes["load_hp"] == Sourced(3.0, f"pattern {choices.pattern}")


def test_a_pattern_may_look_at_the_name_of_the_array():
    choices = Choices(pattern="{label:letters}{size:digits}_*", pattern_on="recording")
    assert facts(fill(RECORDING, choices, "a.npz"))["label"] == "B"


def test_a_pattern_that_does_not_fit_changes_nothing():
    assert fill(RECORDING, Choices(pattern="x{label}"), "a.npz") == RECORDING


@pytest.mark.parametrize("text", ["nan", "inf", "1_2", "20231101123456789", "1e5", "٣"])
def test_only_plain_numbers_become_numbers(text):
    found = fill(RECORDING, Choices(pattern="{serial}.npz"), f"{text}.npz")
    assert found.attributes["serial"].value == text


@pytest.mark.parametrize("text", ["fast", "nan", "0"])
def test_a_speed_that_is_none_is_told(text):
    with pytest.raises(PatternError, match="expected rpm"):
        fill(RECORDING, Choices(pattern="{speed_rpm}.npz"), f"{text}.npz")
