"""Spaces of searches, and what becomes of their points."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from diagnostics.errors import TrainingError
from diagnostics.search.settings import apply_point, check_space, default_space, usual_config
from diagnostics.search.space import Space
from diagnostics.training.augmentation import Augmentation
from diagnostics.training.classifiers import CLASSIFIERS


@pytest.mark.parametrize("name", [card.name for card in CLASSIFIERS])
def test_default_space_of_every_classifier_is_one_of_trainings(name):
    space = default_space(name)
    check_space(space, usual_config(name))
    assert Space.from_dict(space.to_dict()) == space
    for dimension in space.dimensions:
        if dimension.name.startswith("parameters."):
            usual = usual_config(name).parameters[dimension.name.removeprefix("parameters.")]
            low, high = dimension.corners()
            assert low <= usual <= high


def test_grid_goes_through_conditions():
    space = Space.from_dict(
        {
            "loss": {"type": "categorical", "choices": ["cross_entropy", "focal"]},
            "focal_gamma": {
                "type": "float",
                "low": 0.1,
                "high": 0.3,
                "step": 0.1,
                "when": {"loss": ["focal"]},
            },
        }
    )
    assert list(space.grid()) == [
        {"loss": "cross_entropy"},
        {"loss": "focal", "focal_gamma": 0.1},
        {"loss": "focal", "focal_gamma": 0.2},
        {"loss": "focal", "focal_gamma": 0.3},
    ]


def test_what_others_depend_on_comes_first_whatever_the_order_was():
    gamma = {"type": "int", "low": 1, "high": 2, "when": {"loss": ["focal"]}}
    loss = {"type": "categorical", "choices": ["cross_entropy", "focal"]}
    assert list(Space.from_dict({"gamma": gamma, "loss": loss}).to_dict()) == ["loss", "gamma"]
    circle = {"type": "categorical", "choices": [1, 2], "when": {"b": [1]}}
    with pytest.raises(TrainingError, match="depends on it in turn"):
        Space.from_dict({"a": circle, "b": {**circle, "when": {"a": [1]}}})


def test_a_large_grid_is_not_counted_to_its_end():
    many = {f"x{i}": {"type": "int", "low": 0, "high": 99} for i in range(9)}
    assert Space.from_dict(many).grid_size() == 100_001


def test_points_reach_parameters_and_augmentation():
    made = apply_point(
        usual_config("cnn1d"),
        {"learning_rate": 0.01, "parameters.width": 8, "augmentation.shift": 0.25},
    )
    assert made.learning_rate == 0.01
    assert made.parameters["width"] == 8
    assert made.augmentation.shift == 0.25
    with pytest.raises(TrainingError, match="no parameter “depth”"):
        apply_point(usual_config("cnn1d"), {"parameters.depth": 3})


def test_the_two_bounds_of_noise_are_searched_each_by_itself():
    low, high = "augmentation.noise_low_db", "augmentation.noise_high_db"
    base = usual_config("cnn1d")
    noise = partial(noise_of, base)
    assert noise({low: 5.0, high: 30.0}) == (5.0, 30.0)
    assert noise({low: 30.0, high: 5.0}) == (5.0, 30.0)
    assert noise({low: 12.0}) == (12.0, 12.0)
    assert noise({low: None, high: 30.0}) == ()
    assert noise({}) == ()
    loud = replace(base, augmentation=Augmentation(noise_snr_db=(10.0, 20.0)))
    assert noise_of(loud, {high: 40.0}) == (10.0, 40.0)
    assert noise_of(loud, {"learning_rate": 0.01}) == (10.0, 20.0)
    wrong = {low: {"type": "float", "low": -90, "high": 10}}
    with pytest.raises(TrainingError, match=r"“augmentation.noise_low_db” at -90.0: The signal"):
        check_space(Space.from_dict(wrong), base)


def noise_of(base, params):
    return apply_point(base, params).augmentation.noise_snr_db
