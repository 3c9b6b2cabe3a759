from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from dash import no_update
from dash._callback_context import context_value
from dash._utils import AttributeDict
from plotly.utils import PlotlyJSONEncoder

from callbacks import new_experiment as wizard
from layouts.new_experiment import Ids
from services.errors import Invalid, NotFound
from services.experiment_service import ExperimentService
from services.repeated_service import RepeatedExperimentService
from services.runtime import unit_of_work
from tests import factories
from tests.factories import SMALL_TRAINING

SPLIT = {"by": "groups", "validation": ["8.5"], "test": ["9.5"]}


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


@contextmanager
def triggered(*props):
    inputs = [{"prop_id": prop, "value": 1} for prop in props]
    token = context_value.set(AttributeDict(triggered_inputs=inputs))
    try:
        yield
    finally:
        context_value.reset(token)


@pytest.fixture
def version_id(analyst):
    with unit_of_work() as session:
        return factories.trainable_version(session, analyst.user_id).id


@pytest.fixture
def config(analyst):
    return ExperimentService.complete_config(
        {**SMALL_TRAINING, "split": SPLIT, "group_by": "size_mil", "classes": ["inner", "outer"]}
    )


def fill(start=None, pasted=None):
    prop = f"{Ids.apply}.n_clicks" if pasted is not None else f"{Ids.start}.data"
    with triggered(prop):
        return wizard.fill(1, start, pasted)


def offer(version_id, given=None, current=(None, None, None, None), by=f"{Ids.version}.value"):
    with triggered(by):
        return wizard.offer_version(version_id, given, *current)


def described(version_id):
    return ExperimentService.describe_version(version_id)


def test_without_data_the_way_to_the_import_is_shown(analyst):
    options, version_id, *_ = fill({})
    assert (options, version_id) == ([], None)
    version, card, *_ = offer(None)
    assert version is None
    assert "/import" in text(card)
    sides, *_, disabled = wizard.show_document({}, None, None)
    assert "Choose a data set first" in text(sides)
    assert disabled


def test_the_newest_version_and_the_defaults_are_there_at_first(version_id):
    options, chosen, given, *typed = fill({})
    assert chosen == version_id
    assert options[0]["value"] == version_id
    assert given["classifier"] == "cnn1d"
    assert typed[1:3] == [2048, 2048]
    assert typed[-14:-8] == ["fractions", 0.2, 0.2, 0, no_update, no_update]
    assert typed[-8:] == [None, None, 0, 0, 0, 0, 0, None]


def test_a_copy_begins_as_its_original(version_id, config):
    made = ExperimentService.create_experiment("x", version_id, {**config, "epochs": 77})
    _, chosen, given, *typed = fill({"copy": made["id"]})
    assert (chosen, given["split"]) == (version_id, SPLIT)
    assert 77 in typed
    assert typed[-14:-8] == ["groups", *(no_update,) * 5]


def test_pasted_json_is_taken_over(version_id, config):
    name = described(version_id)["dataset_name"]
    _, chosen, given, *_ = fill({}, json.dumps({"name": "n", "dataset": name, **config}))
    assert (chosen, given) == (version_id, config)


@pytest.mark.parametrize(
    ("pasted", "error"),
    [
        ("{", Invalid),
        ("[]", Invalid),
        ('{"epochs": 3}', Invalid),
        ('{"dataset": "none of this name", "split": {"by": "fractions"}}', NotFound),
    ],
)
def test_pasted_nonsense_is_refused(version_id, pasted, error):
    with pytest.raises(error):
        fill({}, pasted)


def test_a_version_offers_what_can_be_chosen(version_id):
    _, card, targets, target, groups, group, channels, chosen, rate, hint = offer(version_id)
    assert (target, group, chosen, rate) == ("label", "bearing", [0], None)
    # One machine for all: nothing to choose. And the label cannot hold groups apart.
    assert [o["value"] for o in targets] == ["label", "bearing", "recording", "load_hp", "size_mil"]
    assert "label" not in [o["value"] for o in groups]
    assert channels == [{"label": "0: drive end", "value": 0}]
    assert "All recordings have 2 kHz" in hint
    assert "inner (6), outer (6)" in text(card)


def test_what_was_chosen_stays_where_it_is_possible(version_id):
    *_, target, _groups, group, _channels, chosen, rate, _hint = offer(
        version_id, None, ("size_mil", "recording", [0, 3], 1000.0)
    )
    assert (target, group, chosen, rate) == ("size_mil", "recording", [0], 1000.0)
    *_, target, _groups, group, _, _, _, _ = offer(version_id, None, ("gone", "gone", [], None))
    assert (target, group) == ("label", "bearing")


def test_a_given_config_fills_the_lists(version_id, config):
    answer = offer(version_id, config, by=f"{Ids.given}.data")
    assert (answer[3], answer[5]) == ("label", "size_mil")
    with triggered(f"{Ids.described}.data"):
        values = wizard.offer_values(
            described(version_id), "label", "size_mil", config, [], [], ["gone"]
        )
    *values, disabled = values
    assert values[1::2] == [["inner", "outer"], ["8.5"], ["9.5"]]
    assert not disabled
    assert values[0] == [
        {"label": "inner (6)", "value": "inner"},
        {"label": "outer (6)", "value": "outer"},
    ]


def test_another_group_empties_what_it_does_not_have(version_id, config):
    with triggered(f"{Ids.group_by}.value"):
        values = wizard.offer_values(
            described(version_id), "label", "load_hp", config, ["inner"], ["7.5"], ["1"]
        )
    assert values[1:6:2] == (["inner"], [], ["1"])


def test_parameters_follow_the_classifier(config):
    fields, network_hidden, note_hidden = wizard.show_parameters("random_forest", config)
    assert "Trees" in text(fields)
    assert (network_hidden, note_hidden) == (True, False)
    fields, network_hidden, note_hidden = wizard.show_parameters("cnn1d", config)
    assert '"value": 4' in text(fields)  # the width that was given
    assert (network_hidden, note_hidden) == (False, True)
    assert wizard.show_parameters(None, None) == ([], False, True)


def test_an_architecture_is_written_in_one_line(config):
    line = "stem k7 s8 w8 > conv3 w8 > conv5 w8 > conv7 w8"
    given = {**config, "classifier": "searched", "parameters": {"architecture": line}}
    fields, _, _ = wizard.show_parameters("searched", given)
    assert line in text(fields)
    usual, _, _ = wizard.show_parameters("searched", config)
    assert "stem k31 s8 w16 > " in text(usual)
    turned = line.replace("conv3 w8", "w8 conv3")
    with pytest.raises(Invalid, match="has no “conv3”"):
        ExperimentService.complete_config(
            {**config, "classifier": "searched", "parameters": {"architecture": turned}}
        )


def collected(config, **changes):
    values = {**config, **changes}
    shares = {"validation_share": 0.2, "test_share": 0.2, "seed": 0, "folds": 5, "fold": None}
    split = {**shares, **values["split"]}
    return wizard.collect(
        *(values[name] for name in wizard.FIELDS),
        *(split[name] for name in wizard.SPLIT_FIELDS),
        *wizard._augmentation_fields(values["augmentation"]),
        list(values["parameters"].values()),
        [{"name": name} for name in values["parameters"]],
    )


def test_the_fields_make_the_config_that_filled_them(config):
    assert collected(config) == config


AUGMENTED = {"noise_snr_db": [10.0, 30.0], "shift": 0.1, "mixup": 0.2}


def test_augmentation_comes_back_from_its_fields(config):
    given = ExperimentService.complete_config({**config, "augmentation": AUGMENTED})
    assert collected(given) == given
    forest = collected(given, classifier="random_forest", parameters={})
    assert "augmentation" not in forest
    assert ExperimentService.complete_config(forest)["augmentation"]["shift"] == 0


def test_augmentation_is_told_and_shown(version_id, config):
    augmented = {**config, "augmentation": AUGMENTED}
    assert wizard.tell_augmentation(augmented).startswith("noise of 10 to 30 dB SNR, shift up to")
    assert wizard.tell_augmentation({**config, "augmentation": {"shift": 7}}) == ""
    figure = wizard.show_examples(1, augmented, described(version_id)).figure
    curves = [text(trace.y) for trace in figure.data]
    assert len(set(curves)) == 4
    again = wizard.show_examples(2, augmented, described(version_id)).figure
    assert text(again.data[0].y) != curves[0]


def test_no_example_is_shown_of_nothing(version_id, config):
    assert "Nothing is changed yet" in text(wizard.show_examples(1, config, described(version_id)))
    assert "Choose a data set first" in text(wizard.show_examples(1, config, None))
    assert wizard.show_examples(None, config, None) is no_update


def test_shares_make_a_split_by_fractions(config):
    split = {"by": "fractions", "validation": [], "test": []}
    assert collected(config, split=split)["split"] == {
        "by": "fractions",
        "validation": 0.2,
        "test": 0.2,
        "seed": 0,
    }


def test_a_document_is_previewed_and_written_as_json(version_id, config):
    answer = wizard.show_document(config, described(version_id), None)
    sides, table, review, suggestion, hint, document, disabled = answer
    assert text(sides).count("4 recordings of 1 group, 16 windows") == 3
    assert not disabled
    assert "inner" in text(table)
    assert "0.512 s at 2 kHz" in hint
    assert "by size_mil: test 9.5; validation 8.5" in text(review)
    kept = json.loads(document)
    assert kept["name"] == suggestion
    assert ExperimentService.read_document(kept)["config"] == config


def test_what_is_missing_is_told_in_place_of_the_preview(version_id, config):
    wrong = {**config, "split": {"by": "groups", "test": []}}
    sides, *rest, disabled = wizard.show_document(wrong, described(version_id), None)
    assert "at least one group for the test" in text(sides)
    assert disabled
    assert rest[-1] is no_update  # the JSON stays, to be mended


def test_features_of_windows_normalised_one_by_one_are_warned_about(version_id, config):
    forest = {**config, "classifier": "random_forest", "parameters": {}}
    review = wizard.show_document(forest, described(version_id), None)[2]
    assert "tell this classifier nothing" in text(review)
    forest["normalisation"] = "training"
    review = wizard.show_document(forest, described(version_id), None)[2]
    assert "tell this classifier nothing" not in text(review)


def test_starting_makes_the_experiment_and_goes_to_it(version_id, config):
    version = described(version_id)
    href = wizard.start_training(1, config, version, "", "suggested")
    made = ExperimentService.list_experiments()[0]
    assert href.endswith(f"/experiments/{made['id']}")
    assert made["name"] == "suggested"
    with pytest.raises(Invalid):
        wizard.start_training(1, config, None, "", "")


def test_one_of_two_ways_to_hold_out_is_shown():
    assert wizard.show_split_kind("fractions") == (False, True, False, True, True)
    assert wizard.show_split_kind("groups") == (True, False, True, True, True)
    assert wizard.show_split_kind("folds") == (False, True, True, False, False)


FOLDS = {"by": "folds", "folds": 3, "validation": 0.4, "seed": 0, "fold": 0}


def test_folds_and_seeds_become_one_repeated_experiment(version_id, config):
    folded = collected(config, split={**FOLDS, "validation_share": 0.4, "test": []})
    assert folded["split"] == FOLDS
    version = described(version_id)
    sides, table, review, suggestion, _, document, disabled = wizard.show_document(
        folded, version, None, "5, 6"
    )
    assert "9 trainings" in text(sides)
    assert "3 folds × 3 seeds" in text(sides)
    assert "Fold 3" in text(table)
    assert "each fold is the test" in text(review)
    assert not disabled
    assert json.loads(document)["seeds"] == [0, 5, 6]
    href = wizard.start_training(1, folded, version, "", suggestion, "5, 6")
    (made,) = RepeatedExperimentService.list_repeated()
    assert href.endswith(f"/repeated/{made['id']}")
    assert (made["name"], made["seeds"]) == (suggestion, [0, 5, 6])
    _, chosen, given, *typed = fill({"repeated": made["id"]})
    assert (chosen, given["split"]) == (version_id, FOLDS)
    assert typed[-14:-8] == ["folds", 0.4, no_update, 0, 3, None]
    assert typed[-1] == "5, 6"
    _, _, _, *typed = fill({}, document)
    assert typed[-1] == "5, 6"


def test_one_fold_alone_is_a_single_experiment(version_id, config):
    one = {**config, "split": {**FOLDS, "fold": 2}}
    sides, table, *_ = wizard.show_document(one, described(version_id), None, None)
    assert "trainings" not in text(sides)
    assert "Recordings by class and group" in text(table)
    href = wizard.start_training(1, one, described(version_id), "one", "", "")
    assert "/experiments/" in href


def test_further_seeds_alone_share_one_split(version_id, config):
    sides, table, *_ = wizard.show_document(config, described(version_id), None, "3")
    assert "2 seeds on one split" in text(sides)
    assert table is None
    told, *_ = wizard.show_document(config, described(version_id), None, "x")
    assert "whole numbers with commas" in text(told)
    told, *_ = wizard.show_document(config, described(version_id), None, "0")
    assert "A seed comes twice" in text(told)


def test_the_button_rests_while_a_training_is_started(client):
    callbacks = client.get("/_dash-dependencies").json
    (start,) = [one for one in callbacks if one["output"] == f"{Ids.go}.href"]
    assert Ids.submit in str(start["running"])
