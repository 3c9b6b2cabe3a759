"""What is refused before anything is trained, and with which sentence."""

from __future__ import annotations

import pytest

from services.errors import Conflict, Forbidden, Invalid
from services.hpo_service import HPOService
from tests.searched import SPACE, begun, begun_forest, dataset_of
from tests.trained import tiny_version

RATE = "learning_rate"


def of(kind="float", **given):
    return {RATE: {"type": kind, **given}}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"space": {}}, "The search space is empty"),
        ({"space": of(low=0.1, high=0.001)}, "goes from 0.1 down to 0.001"),
        ({"space": of(low=0.1, high=0.1)}, "nothing to search"),
        ({"space": of(low=0, high=0.1, log=True)}, "bounds must be above 0, got 0"),
        ({"space": of(low=0.1, high=0.2, step=0.5)}, "at most 0.1, got 0.5"),
        ({"space": of(low=0.1, high=0.2, stp=1)}, "unknown entry “stp”"),
        ({"space": of("triangle", low=0, high=1)}, "“type” of float, int, categorical"),
        ({"space": of(low="a", high=1)}, "must be a number, got 'a'"),
        ({"space": of(low=1e-4, high=100)}, "“learning_rate” at 100.0: The learning rate must be"),
        (
            {"space": {"colour": {"type": "int", "low": 1, "high": 2}}},
            "nothing that can be searched",
        ),
        ({"space": {"seed": {"type": "int", "low": 1, "high": 2}}}, "nothing that can be searched"),
        (
            {"space": {"optimiser": {"type": "categorical", "choices": ["adam"]}}},
            "2 to 100 choices",
        ),
        (
            {"space": {"optimiser": {"type": "categorical", "choices": ["adam", "eve"]}}},
            "must be one of adamw, adam, sgd, got 'eve'",
        ),
        (
            {"space": of(low=0.1, high=0.2, when={"loss": ["focal"]})},
            "no categorical setting of the space",
        ),
        ({"space": [1]}, "must be a JSON object"),
        ({"trials": 0}, "from 1 to 20000, got 0"),
        ({"trials": True}, "from 1 to 20000, got True"),
        ({"method": "guessing"}, "bayesian, random, grid, hyperband, got 'guessing'"),
        ({"method": "grid"}, "“learning_rate” has no steps"),
        (
            {
                "method": "grid",
                "space": {"batch_size": {"type": "int", "low": 1, "high": 64}},
                "trials": 10,
            },
            "The grid has 64 points, and there are 10 trials",
        ),
        ({"metric": "beauty"}, "There is no metric 'beauty'"),
        ({"metric": "val_loss"}, "better the lower it is"),
        ({"direction": "sideways"}, "one of maximize, minimize"),
        ({"pruner": "axe"}, "The pruner is one of"),
        ({"method": "hyperband", "pruner": "median"}, "by its own rule"),
        ({"pruner": "median", "config": {"epochs": 2}}, "takes 3 epochs or more, got 2"),
        ({"also": ["beauty"]}, "One of parameters, latency_ms may be kept low"),
        ({"also": ["parameters"], "method": "hyperband"}, "end no trial early"),
        ({"parallel": 0}, "at once must be a whole number from 1 to 64, got 0"),
        ({"hours": -1}, "above 0"),
        ({"patience": 0}, "without a better one"),
        ({"seed": -1}, "The seed must be"),
        ({"name": " "}, "Give the campaign a name"),
        ({"name": "x" * 86}, "may have 85 characters"),
        ({"config": {"group_by": "bearing_number"}}, "No recording of this data set has"),
        ({"config": {"split": {"by": "windows"}}}, "Part by groups"),
        (
            {"config": {"split": {"by": "groups", "test": ["2"]}, "patience": 0}},
            "Hold groups out for validation",
        ),
        (
            {"config": {"split": {"by": "folds", "folds": 2}}},
            "needs two more at least",
        ),
    ],
)
def test_wrong_input_has_a_sentence(analyst, given, sentence):
    with pytest.raises(Invalid) as refused:
        begun(**given)
    assert sentence in str(refused.value)
    assert HPOService.get_all_campaigns() == []


@pytest.mark.parametrize(
    ("bearings", "group_by", "split", "sentence"),
    [
        (
            1,
            "load_hp",
            {"by": "fractions"},
            "needs 3 groups or more, one for each part; by load_hp",
        ),
        (
            2,
            "load_hp",
            {"by": "folds", "folds": 3},
            "need 3 groups or more; by load_hp there are 2",
        ),
        (3, "", {"by": "fractions"}, "The group must be named"),
    ],
)
def test_data_without_groups_are_refused(analyst, bearings, group_by, split, sentence):
    config = {"group_by": group_by, "split": split}
    with pytest.raises(Invalid) as refused:
        begun(version_id=tiny_version(bearings), config=config)
    assert sentence in str(refused.value)
    assert HPOService.get_all_campaigns() == []


def test_early_ends_need_epochs(analyst):
    with pytest.raises(Invalid, match="learns at one go"):
        begun_forest(method="hyperband")


def test_a_name_is_taken_once(analyst):
    version = tiny_version()
    begun("Once", version_id=version)
    with pytest.raises(Conflict, match="You have a campaign “Once” already"):
        begun(" Once", version_id=version)


def test_no_data_set_is_none_and_nobody_begins_for_others(analyst):
    assert HPOService.create_campaign("A", "random", "cnn1d", 999, SPACE, 3) is None
    version = tiny_version()
    with pytest.raises(Forbidden, match="whoever begins it"):
        HPOService.create_campaign(
            "A", "random", "cnn1d", dataset_of(version), SPACE, 3, created_by=9
        )


def test_a_small_grid_is_done_once(analyst):
    grid = {"optimiser": {"type": "categorical", "choices": ["adam", "sgd"]}}
    made = begun(method="grid", space=grid, trials=50)
    assert made["budget"] == 2
    assert made["plan"]["grid_size"] == 2
