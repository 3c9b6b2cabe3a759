"""A config is whole and checked, or there is a sentence that says what is wrong."""

from __future__ import annotations

import json

import pytest

from diagnostics.errors import TrainingError
from diagnostics.training.augmentation import Augmentation
from diagnostics.training.config import (
    GroupFractions,
    HeldOutGroups,
    Normalisation,
    Schedule,
    TrainingConfig,
)

LOAD = {"by": "groups", "validation": ["2"], "test": ["3"]}
FOREST = {"split": LOAD, "classifier": "random_forest"}


def test_json_there_and_back_gives_the_same_config():
    config = TrainingConfig(
        HeldOutGroups(test=("3",), validation=("2",)),
        classes=("B", "IR"),
        group_by="load_hp",
        channels=(1, 0),
        sample_rate_hz=12_000.0,
        normalisation=Normalisation.TRAINING,
        classifier="resnet18",
        parameters={"width": 16},
        schedule=Schedule.ONE_CYCLE,
    )
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_what_is_not_given_has_its_default():
    config = TrainingConfig.from_dict({"split": {"by": "fractions"}})
    assert config == TrainingConfig(GroupFractions())
    assert config.parameters == {"width": 16, "blocks": 4, "kernel": 64, "dropout": 0.2}


def test_groups_that_look_like_numbers_may_be_numbers():
    config = TrainingConfig.from_dict({"split": {"by": "groups", "test": [3], "validation": [0.5]}})
    assert config.split == HeldOutGroups(test=("3",), validation=("0.5",))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "lacks “split”"),
        ({"split": LOAD, "epoch": 3}, "unknown entry “epoch”"),
        ({"split": {**LOAD, "tests": []}}, "unknown entry “tests”"),
        ({"split": {"by": "groups"}}, "lacks “test”"),
        ({"split": {"by": "days"}}, "must be an object with"),
        ({"split": "random"}, "must be an object with"),
        ({"split": {"by": "groups", "test": []}}, "at least one group for the test"),
        ({"split": {"by": "groups", "test": ["1"], "validation": ["1"]}}, "“1” is named for"),
        ({"split": {"by": "groups", "test": ["1"]}}, "Early stopping looks at"),
        (
            {"split": {"by": "groups", "test": ["1"]}, "patience": 0, "schedule": "plateau"},
            "plateau schedule looks at",
        ),
        ({"split": {"by": "fractions", "test": 0.6, "validation": 0.4}}, "stay below 1"),
        ({"split": {"by": "fractions", "test": 0.0}}, "above 0"),
        ({"split": {"by": "fractions", "test": -0.1}}, "from 0 to below 1"),
        ({"split": {"by": "fractions", "seed": -1}}, "seed of the split"),
        ({"split": LOAD, "window": 1000}, "window must be from 1024"),
        ({"split": LOAD, "window": 2048.5}, "“window” must be a whole number"),
        ({"split": LOAD, "window": True}, "“window” must be a whole number"),
        ({"split": LOAD, "epochs": float("inf")}, "“epochs” must be a whole number"),
        ({"split": LOAD, "epochs": 10**400}, "“epochs” must be a whole number"),
        ({"split": LOAD, "learning_rate": "fast"}, "“learning_rate” must be a number"),
        ({"split": LOAD, "learning_rate": 0}, "learning rate must be from"),
        ({"split": LOAD, "hop": 4096, "window": 2048}, "hop of 4096 samples is longer"),
        ({"split": LOAD, "channels": []}, "one or more different channels"),
        ({"split": LOAD, "channels": [0, 0]}, "one or more different channels"),
        ({"split": LOAD, "channels": [-1]}, "counted from 0"),
        ({"split": LOAD, "channels": 0}, "“channels” must be a list"),
        ({"split": LOAD, "classes": ["B"]}, "at least two classes"),
        ({"split": LOAD, "target": ""}, "target must be named"),
        ({"split": LOAD, "target": "load", "group_by": "load"}, "target and the group"),
        ({"split": LOAD, "sample_rate_hz": 0}, "above 0 Hz"),
        ({"split": LOAD, "optimiser": "lion"}, "“optimiser” must be one of adamw, adam, sgd"),
        ({"split": LOAD, "optimiser": ["sgd"]}, "“optimiser” must be one of"),
        ({"split": LOAD, "classifier": "transformer"}, "no classifier 'transformer'"),
        ({"split": LOAD, "classifier": 3}, "“classifier” must be a text"),
        ({"split": LOAD, "parameters": {"depth": 3}}, "1-D CNN has no parameter “depth”"),
        ({"split": LOAD, "parameters": {"width": 1}}, "“Filters” must be a whole number from 4"),
        ({"split": LOAD, "parameters": {"width": 8.5}}, "“Filters” must be a whole number from 4"),
        ({"split": LOAD, "parameters": {"dropout": "x"}}, "“Dropout” must be a number from 0"),
        ({"split": LOAD, "parameters": 7}, "“parameters” must be an object"),
        ({"split": LOAD, "schedule": "plateau", "warmup_epochs": 2}, "warm-up goes before"),
        ({"split": LOAD, "epochs": 5, "warmup_epochs": 5}, "leaves nothing of 5"),
        ({"split": LOAD, "label_smoothing": 0.6}, "label smoothing must be from 0 to 0.5"),
        ({"split": LOAD, "loss": "hinge"}, "“loss” must be one of cross_entropy, focal"),
        ({"split": LOAD, "augmentation": {"gain_db": 3}}, "gain has no effect"),
        ({"split": LOAD, "augmentation": {"noise": 3}}, "unknown entry “noise”"),
        ({"split": LOAD, "augmentation": {"noise_snr_db": [30, 10]}}, "must go up from"),
        ({"split": LOAD, "augmentation": 3}, "“augmentation” must be an object"),
        ({**FOREST, "class_weights": "sampled"}, "sees all windows at once"),
        ({**FOREST, "draw": "one_each"}, "has no epochs"),
        ({**FOREST, "augmentation": {"shift": 0.1}}, "has no epochs"),
        ([], "must be a JSON object"),
    ],
)
def test_what_is_wrong_is_refused_with_a_sentence(given, sentence):
    with pytest.raises(TrainingError, match=sentence):
        TrainingConfig.from_dict(given)


def test_augmentation_and_loss_come_back_from_json():
    given = {
        "split": LOAD,
        "normalisation": "training",
        "loss": "focal",
        "draw": "one_each",
        "class_weights": "sampled",
        "schedule": "step",
        "warmup_epochs": 3,
        "augmentation": {"noise_snr_db": [10, 30], "gain_db": 3, "mixup": 0.2},
    }
    config = TrainingConfig.from_dict(given)
    assert config.augmentation == Augmentation(noise_snr_db=(10.0, 30.0), gain_db=3.0, mixup=0.2)
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_without_validation_patience_must_be_off():
    split = {"by": "groups", "test": ["3"]}
    assert TrainingConfig.from_dict({"split": split, "patience": 0}).split.validation == ()


def test_a_forest_needs_no_validation():
    given = {"split": {"by": "groups", "test": ["3"]}, "classifier": "random_forest"}
    assert TrainingConfig.from_dict(given).parameters["trees"] == 200
