"""The choice of a feature set in the wizard, up to the experiment that learns from it."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from dash import no_update
from dash._callback_context import context_value
from dash._utils import AttributeDict
from plotly.utils import PlotlyJSONEncoder

from callbacks import new_experiment as wizard
from callbacks import new_experiment_features as page
from callbacks.new_experiment_classifier import NOT_MEASURED, show_cost
from layouts.new_experiment import Ids, build
from services.experiment_service import ExperimentService
from services.feature_set_service import FeatureSetService
from tests.on_features import SPLIT, config, tiny_set, trained_on


@pytest.fixture
def made(analyst):
    return tiny_set()


@contextmanager
def triggered(*props):
    inputs = [{"prop_id": prop, "value": 1} for prop in props]
    token = context_value.set(AttributeDict(triggered_inputs=inputs))
    try:
        yield
    finally:
        context_value.reset(token)


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def offered(version_id, given=None, chosen="", by=f"{Ids.version}.value"):
    with triggered(by):
        return page.offer_sets(version_id, given, chosen)


def filled(start):
    with triggered(f"{Ids.start}.data"):
        return wizard.fill(None, start, None)


def test_the_page_of_a_set_leads_to_the_wizard_with_the_set_chosen(made):
    start = text(build(features=str(made.id)))
    assert f'"features": {made.id}' in start
    _, version_id, given, *_ = filled({"features": made.id})
    sets, options, chosen = offered(version_id, given, by=f"{Ids.given}.data")
    assert version_id == made.version_id
    assert chosen == FeatureSetService.get_feature_set(made.id)["content_hash"]
    assert [option["label"] for option in options] == [
        "Waveforms, or basic features of them",
        "tiny, version 1: 7 features",
    ]
    assert given["classifier"] == "random_forest"
    card, note, windows_hidden, classifiers, classifier, group_by = page.follow_set(
        chosen, sets, "random_forest", given
    )
    assert "RMS@1" in text(card)
    assert "512 samples, 50 % overlap, channel 0" in text(note)
    assert windows_hidden
    disabled = {one["value"] for one in classifiers if one["disabled"]}
    assert {"cnn1d", "resnet18"} <= disabled
    assert "svm" not in disabled
    assert (classifier, group_by) == (no_update, no_update)


def test_a_set_that_is_chosen_brings_classifier_and_group(made):
    sets, _, _ = offered(made.version_id)
    chosen = sets[0]["content_hash"]
    *_, classifier, group_by = page.follow_set(chosen, sets, "cnn1d", None)
    assert (classifier, group_by) == ("random_forest", "load_hp")
    nothing = page.follow_set("", sets, "cnn1d", None)
    assert nothing[:3] == (None, None, False)
    assert "disabled" not in nothing[3][0]
    assert nothing[4:] == (no_update, no_update)


def test_another_version_has_other_sets(made):
    chosen = FeatureSetService.get_feature_set(made.id)["content_hash"]
    assert offered(tiny_set("other").version_id, chosen=chosen)[2] == ""
    assert offered(None) == ([], [page.set_options([])[0]], "")


def test_a_copy_keeps_a_set_that_was_deleted(made):
    experiment_id = trained_on(made)
    FeatureSetService.delete_feature_set(made.id)
    _, version_id, given, *_ = filled({"copy": experiment_id})
    _, options, chosen = offered(version_id, given, by=f"{Ids.given}.data")
    assert chosen == given["feature_set"]
    assert options[-1]["label"] == "tiny, version 1: 7 features, deleted"


def collected(given):
    shares = {"validation_share": 0.2, "test_share": 0.2, "seed": 0, "folds": 5, "fold": None}
    split = {**shares, **given["split"]}
    return wizard.collect(
        *(given[name] for name in wizard.FIELDS),
        *(split[name] for name in wizard.SPLIT_FIELDS),
        *wizard._augmentation_fields(given["augmentation"]),
        list(given["parameters"].values()),
        [{"name": name} for name in given["parameters"]],
    )


def test_what_is_chosen_is_reviewed_and_started(made):
    given = ExperimentService.complete_config(config(made))
    document = collected({**given, "window": 2048, "hop": 2048, "channels": [0, 1]})
    assert ExperimentService.complete_config(document) == given
    version = ExperimentService.describe_version(made.version_id)
    sides, _, review, _, _, as_json, disabled = wizard.show_document(document, version, "On it")
    assert not disabled
    assert "46 windows" in text(sides)
    assert "tiny, version 1" in text(review)
    assert "columns by median, mean and deviation of the training part" in text(review)
    assert json.loads(as_json)["feature_set"] == given["feature_set"]
    path = wizard.start_training(1, document, version, "On it", None)
    found = ExperimentService.get_experiment(int(path.rpartition("/")[2]))
    assert found["feature_set"]["name"] == "tiny"


def test_a_document_that_names_a_set_needs_no_data_set(made):
    pasted = json.dumps({"feature_set": "tiny", "split": SPLIT})
    with triggered(f"{Ids.apply}.n_clicks"):
        _, version_id, given, *_ = wizard.fill(1, {}, pasted)
    assert version_id == made.version_id
    assert given["window"] == 512


def test_the_cost_is_not_that_of_basic_features(made):
    document = collected(ExperimentService.complete_config(config(made)))
    version = ExperimentService.describe_version(made.version_id)
    told, rests = show_cost({}, document, version)
    assert (NOT_MEASURED in text(told), rests) == (True, True)
