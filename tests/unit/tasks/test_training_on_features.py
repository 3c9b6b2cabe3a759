"""Experiments on a stored feature set: from the config to the answer about a new recording."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.classical.fitted import load_estimator
from diagnostics.classical.registry import CLASSICAL
from diagnostics.progress import silent
from models import Experiment, ExperimentFeatureSet, Recording
from services.comparison_service import ComparisonService
from services.ensemble_service import EnsembleService
from services.errors import Invalid
from services.evaluation.computing import validation_score_of
from services.experiment_collection_service import ExperimentCollectionService
from services.experiment_service import ExperimentService
from services.experiments.runs import ExperimentRunService
from services.feature_analysis_service import FeatureAnalysisService
from services.feature_service import FeatureService
from services.feature_set_service import FeatureSetService
from services.features.tables import stored_table
from services.leakage_service import LeakageService
from services.prediction_service import PredictionService
from services.runtime import artefacts, unit_of_work
from tasks.ensembles import vote_together
from tasks.leakage import check_leakage
from tasks.predictions import predict_recording
from tests.on_features import EXTRACTION, config, tiny_set, trained_on
from tests.trained import trained_experiment


@pytest.fixture
def made(analyst):
    return tiny_set()


def checks_of(experiment_id):
    found = LeakageService.get_leakage(experiment_id)
    return {one["name"]: one for one in found["checks"]}


def recordings(experiment_id, side):
    with unit_of_work(writing=False) as session:
        sides = session.get_one(Experiment, experiment_id).split["sides"]
    return [int(number) for number, where in sides.items() if where == side]


@pytest.mark.parametrize("card", CLASSICAL, ids=lambda card: card.name)
def test_every_classifier_learns_from_a_stored_set(made, card):
    experiment_id = trained_on(made, classifier=card.name, parameters={})
    found = ExperimentService.get_experiment(experiment_id)
    assert found["summary"]["recordings"]["accuracy"]["value"] == 1.0
    assert found["summary"]["n"]["recordings"] == 2
    assert found["feature_set"]["features"][0] == "RMS@1"
    assert found["feature_set"]["feature_set_id"] == made.id
    assert (found["config"]["window"], found["config"]["hop"]) == (512, 256)
    assert found["leak"] == "none"


def test_a_new_recording_is_asked_by_the_same_features(made):
    experiment_id = trained_on(made)
    fitted = load_estimator(ExperimentRunService.local_classifier(experiment_id))
    assert fitted.feature_names[:2] == ("RMS@1", "Kurtosis@1")
    number = recordings(experiment_id, "test")[0]
    answer = predict_recording(silent, experiment_id, number)
    with stored_table(FeatureSetService.get_feature_set(made.id)["artefact_key"]) as table:
        rows = np.flatnonzero(table.of_windows("recording_id") == number)
        by_table = fitted.of_values(table.rows(rows).values).mean(axis=0)
    assert answer["windows"] == len(rows) == 23
    shares = {one["name"]: one["probability"] for one in answer["classes"]}
    assert list(shares.values()) == pytest.approx(by_table, abs=1e-6)
    assert answer["predicted"].split()[0] in ("healthy", "worn")


def test_the_columns_are_scaled_by_the_training_part_alone(made):
    experiment_id = trained_on(made, classifier="svm", parameters={})
    fitted = load_estimator(ExperimentRunService.local_classifier(experiment_id))
    with stored_table(FeatureSetService.get_feature_set(made.id)["artefact_key"]) as table:
        ids, levels = table.of_windows("recording_id"), table.column("RMS@1")
    train = levels[np.isin(ids, recordings(experiment_id, "train"))]
    assert fitted.columns.mean[0] == pytest.approx(train.mean())
    assert fitted.columns.deviation[0] == pytest.approx(train.std())
    check = checks_of(experiment_id)["statistics"]
    assert (check["finding"], "as they are computed" in check["sentence"]) == ("clear", True)
    # Asked again of the stored split, the answer is the same.
    check_leakage(silent, experiment_id)
    assert checks_of(experiment_id)["statistics"]["finding"] == "clear"


def test_a_table_that_was_scaled_as_a_whole_is_told(made):
    with stored_table(FeatureSetService.get_feature_set(made.id)["artefact_key"]) as table:
        rows = table.rows(np.arange(table.row_count))
        names = table.columns
    scaled = (rows.values - rows.values.mean(axis=0)) / rows.values.std(axis=0)
    given = {
        "name": "scaled",
        "config": {"window": 512, "overlap": 0.5, "channel": 0, "group_by": "load_hp"},
        "groups": rows.groups,
        "recording_ids": rows.recording_ids,
        "first_samples": rows.first_samples,
    }
    FeatureService.save_feature_set(made.dataset_id, scaled, rows.labels, names, "time", given)
    experiment_id = trained_on(made, feature_set="scaled")
    check = checks_of(experiment_id)["statistics"]
    assert check["finding"] == "suspect"
    assert "RMS@1" in check["sentence"]
    assert ExperimentService.get_experiment(experiment_id)["leak"] == "suspected"


def test_columns_that_the_test_part_helped_to_choose_are_a_known_leak(made):
    chosen = FeatureAnalysisService.analyse(made.id, "selection", "mrmr", {"num_features": 3})
    kept = FeatureSetService.get_feature_set(chosen["feature_set_id"])["summary"]["selection"]
    assert kept["methods"] == ["mrmr"]
    looked_at = sorted(kept["groups"])
    free = sorted({"0", "1", "2"} - set(looked_at))
    split = {"by": "groups", "test": looked_at[:1], "validation": []}
    leaky = config(made, feature_set=chosen["feature_set_id"], split=split)
    preview = ExperimentService.preview_split(made.version_id, leaky)
    assert preview["leakage"]["verdict"] == "known"
    assert "2 of 2 tested recordings" in preview["warnings"][-1]
    clean = config(made, feature_set=chosen["feature_set_id"], split={**split, "test": free})
    assert ExperimentService.preview_split(made.version_id, clean)["leakage"]["verdict"] == "open"
    planned = ExperimentService.create_experiment("leaks", made.version_id, leaky)
    assert planned["leak"] == "known"
    assert checks_of(planned["id"])["selection"]["value"] == 2.0


def test_a_choice_without_the_classes_is_suspected_and_every_choice_counts(made):
    first = FeatureAnalysisService.analyse(made.id, "selection", "variance", {"num_features": 5})
    second = first["feature_set_id"]
    kept = FeatureSetService.get_feature_set(second)["summary"]["selection"]
    split = {"by": "groups", "test": kept["groups"][:1], "validation": []}
    found = ExperimentService.preview_split(
        made.version_id, config(made, feature_set=second, split=split)
    )
    assert found["leakage"]["verdict"] == "suspected"
    third = FeatureAnalysisService.analyse(second, "selection", "mutual_info", {"num_features": 2})
    kept = FeatureSetService.get_feature_set(third["feature_set_id"])["summary"]["selection"]
    assert kept["methods"] == ["variance", "mutual_info"]


def test_an_experiment_outlives_its_set(made):
    experiment_id = trained_on(made)
    key = FeatureSetService.get_feature_set(made.id)["artefact_key"]
    assert FeatureSetService.get_feature_set(made.id)["experiment_count"] == 1
    assert FeatureSetService.delete_feature_set(made.id) == 1
    found = ExperimentService.get_experiment(experiment_id)
    assert found["feature_set"]["feature_set_id"] is None
    assert artefacts().exists(key)
    check_leakage(silent, experiment_id)
    again = ExperimentService.create_experiment("copy", made.version_id, found["config"])
    assert again["feature_set"]["name"] == "tiny"
    # The table goes with the last one that needs it.
    with unit_of_work() as session:
        session.delete(session.get_one(ExperimentFeatureSet, again["id"]))
    ExperimentCollectionService.delete_experiments([experiment_id])
    assert not artefacts().exists(key)


def test_it_is_compared_with_others_and_votes_with_them(made):
    on_set = trained_on(made)
    on_waves = trained_experiment(made.version_id)
    data = ComparisonService.get_comparison_data([on_set, on_waves])
    assert (data["test_set"]["identical"], data["test_set"]["common"]) == (True, 2)
    differing = {row["name"]: row["values"] for row in data["config_differences"]}
    assert differing["feature_set"] == ["tiny, version 1", None]
    made_vote = EnsembleService.create_ensemble("both", [on_set, on_waves])["id"]
    vote_together(silent, made_vote)
    scores = [
        one["scores"]["accuracy"] for one in EnsembleService.find_ensemble(made_vote)["members"]
    ]
    assert (len(scores), scores[0]) == (2, 1.0)
    answer = predict_recording(silent, made_vote, recordings(on_set, "test")[0])
    assert [one["windows"] for one in answer["members"]] == [23, 6]
    assert validation_score_of(on_set, silent)["recordings"] == 2


def test_features_of_the_speed_need_it_of_a_new_recording(analyst):
    made = tiny_set(domains=("order",))
    unknown = config(made)
    with unit_of_work() as session:
        for one in session.query(Recording):
            one.speed_rpm = 1800.0
    known = tiny_set_again(made)
    experiment_id = trained_on(made, feature_set=known)
    test = recordings(experiment_id, "test")[0]
    assert predict_recording(silent, experiment_id, test)["windows"] == 23
    with unit_of_work() as session:
        session.get_one(Recording, test).speed_rpm = None
    with pytest.raises(Invalid, match="speed of the shaft"):
        PredictionService.request_prediction(experiment_id, test)
    # Nobody knew any of them when this one was extracted, so nothing was learned from the speed.
    without = ExperimentService.create_experiment("none known", made.version_id, unknown)
    assert without["feature_set"]["number"] == 1


def tiny_set_again(made):
    again = FeatureService.make_feature_set(made.dataset_id, "tiny", ["order"], EXTRACTION)
    return again["feature_set_id"]
