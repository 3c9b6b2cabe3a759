"""A network with three heads through everything that an experiment goes through."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sqlalchemy import select

from diagnostics.evaluation.predictions import Predictions
from diagnostics.progress import Progress, silent
from diagnostics.training.checkpoint import load_checkpoint
from models import Experiment, Recording
from services.continuing_service import ContinuedTrainingService
from services.ensemble_service import EnsembleService
from services.evaluation_service import EvaluationService
from services.evaluation_view_service import EvaluationViewService
from services.experiment_service import ExperimentService
from services.experiments.runs import ExperimentRunService
from services.jobs.job_runs import JobPaused
from services.prediction_service import PredictionService
from services.runtime import artefacts, unit_of_work
from services.search.values import values_of
from services.xai_service import XAIService
from tasks.ensembles import vote_together
from tasks.predictions import predict_recording
from tasks.runner import run_job
from tasks.training import train_experiment
from tests.trained import MULTITASK, measured_version, planned_experiment, trained_experiment


def stored(experiment_id):
    with unit_of_work(writing=False) as session:
        found = session.get_one(Experiment, experiment_id)
        session.expunge(found)
        return found


def recordings():
    with unit_of_work(writing=False) as session:
        rows = session.scalars(select(Recording).order_by(Recording.id)).all()
        return {row.name: row.id for row in rows}


@pytest.fixture
def made(analyst):
    return trained_experiment(measured_version(4), epochs=3, **MULTITASK)


def test_the_split_keeps_what_the_heads_learn_from(made):
    split = stored(made).split
    first = str(recordings()["healthy 0"])
    assert set(split["quantities"]) == {"severity", "speed_rpm"}
    assert first not in split["quantities"]["severity"]
    assert len(split["quantities"]["speed_rpm"]) == 7
    assert any("1 of 8 recordings does not say the severity" in w for w in split["warnings"])
    # What becomes known of a recording afterwards changes nothing.
    with unit_of_work() as session:
        session.get_one(Recording, int(first)).speed_rpm = 9000.0
    known = {
        one.recording_id: one.speed_rpm
        for side in ExperimentRunService.plan(made).sides.values()
        for one in side
    }
    assert known[int(first)] is None


def test_a_head_with_one_value_to_learn_from_is_off(analyst):
    """Of the two recordings of the training part, one says its severity."""
    made = trained_experiment(measured_version(3), epochs=1, **MULTITASK)
    severity, _ = EvaluationService.get_report(made).heads
    assert severity.off == "all training recordings that say it say 0.3"
    assert EvaluationViewService.get_estimates(made, "recordings")["heads"][0]["points"] == []


def test_others_keep_no_quantities(analyst):
    made = planned_experiment(measured_version())
    assert "quantities" not in stored(made).split


def test_history_summary_and_report_have_the_error_of_each_head(made):
    epochs = ExperimentService.list_epochs(made)
    assert all(set(epoch["head_errors"]) == {"severity", "speed_rpm"} for epoch in epochs)
    assert set(epochs[-1]["head_errors"]["speed_rpm"]) == {"train", "validation"}
    summary = stored(made).summary
    speed = summary["heads"]["speed_rpm"]
    assert (speed["items"], speed["groups"]) == (2, 1)
    assert "an interval needs 5" in speed["no_interval"]
    report = EvaluationService.get_report(made)
    assert [set(head.sides) for head in report.heads] == [{"validation", "test"}] * 2
    assert [(head.off, head.trained_on) for head in report.heads] == [("", 3)] * 2
    found = values_of(stored(made))
    assert found["speed_rpm_mae"].number == pytest.approx(speed["mae"])


def test_the_scale_is_that_of_the_training_part(analyst):
    made = trained_experiment(measured_version(4), epochs=1, **MULTITASK)
    sides = stored(made).split["sides"]
    with unit_of_work(writing=False) as session:
        speeds = {str(row.id): row.speed_rpm for row in session.scalars(select(Recording))}
    state = load_checkpoint(artefacts().local_path(stored(made).checkpoint_key))
    of_training = [speeds[key] for key, side in sides.items() if side == "train"]
    scale = state["about"]["heads"][1]
    known = [speed for speed in of_training if speed is not None]
    assert scale["mean"] == pytest.approx(np.mean(known))
    assert scale["deviation"] == pytest.approx(np.std(known))


def test_predictions_are_those_of_the_view_and_of_a_question(analyst):
    made = trained_experiment(measured_version(4), epochs=2, **MULTITASK)
    found = EvaluationViewService.get_estimates(made, "recordings")
    severity, speed = found["heads"]
    assert (severity["off"], speed["off"]) == ("", "")
    assert speed["score"]["items"] == len(speed["points"]) == 2
    point = speed["points"][0]
    run_job(PredictionService.request_prediction(made, point["recording_id"]), predict_recording)
    answer = PredictionService.find_prediction(made, point["recording_id"])["estimates"][1]
    assert answer["value"] == pytest.approx(point["value"], rel=1e-4)
    assert answer["low"] <= answer["value"] <= answer["high"]
    assert answer["recorded"] == point["truth"]
    windows = EvaluationViewService.get_estimates(made, "windows")["heads"][1]
    kept = Predictions.from_npz(artefacts().read(stored(made).predictions_key))
    assert windows["score"]["items"] == len(kept.targets)
    few = EvaluationViewService.get_estimates(made, "windows", most=3)["heads"][1]["points"]
    assert few[0] == windows["points"][0]
    assert few[-1] == windows["points"][-1]
    table = EvaluationViewService.export_part(made, "estimates", "recordings").splitlines()
    assert table[0] == "quantity,recording_id,recording,group,class,true,estimated,low,high,leak"
    assert len(table) == 5


def test_a_classifier_without_heads_estimates_nothing(analyst):
    made = trained_experiment()
    found = EvaluationViewService.get_estimates(made, "recordings")
    assert found == {"level": "recordings", "heads": []}
    said = predict_recording(silent, made, recordings()["worn 2"])
    assert said["estimates"] == []


def test_without_severity_and_speed_it_is_a_classifier_that_says_so(analyst):
    version_id = measured_version(severity=False, speed=False)
    made = trained_experiment(version_id, epochs=1, **MULTITASK)
    warnings = stored(made).split["warnings"]
    for title in ("severity", "speed"):
        assert any(f"the head for the {title} is off" in told for told in warnings)
    report = EvaluationService.get_report(made)
    assert [head.off for head in report.heads] == ["no training recording says it"] * 2
    assert ExperimentService.list_epochs(made)[0]["head_errors"] == {}
    estimates = predict_recording(silent, made, recordings()["worn 2"])["estimates"]
    assert [one["value"] for one in estimates] == [None, None]
    json.dumps(report.to_dict(), allow_nan=False)


def test_paused_and_resumed_it_has_the_errors_of_an_undisturbed_run(analyst):
    version_id = measured_version(4)
    whole = trained_experiment(version_id, epochs=3, **MULTITASK)
    made = planned_experiment(version_id, "Paused", epochs=3, **MULTITASK)

    def pause(progress: Progress):
        if progress.message.startswith("epoch 2"):
            raise JobPaused

    with pytest.raises(JobPaused):
        train_experiment(pause, made)
    train_experiment(silent, made)
    errors = [
        [epoch["head_errors"] for epoch in ExperimentService.list_epochs(one)]
        for one in (whole, made)
    ]
    assert errors[0] == errors[1]
    assert stored(whole).summary["heads"] == stored(made).summary["heads"]


@pytest.mark.parametrize("with_state", [True, False])
def test_it_can_be_trained_on(made, with_state):
    if not with_state:
        from services.experiments.runs import state_of_ended

        state_of_ended(made).unlink()
    longer = ContinuedTrainingService.continue_experiment(made, 1)["id"]
    train_experiment(silent, longer)
    epochs = ExperimentService.list_epochs(longer)
    assert len(epochs) == (4 if with_state else stored(made).best_epoch + 1)
    own = ExperimentService.list_epochs(made)
    assert epochs[0]["head_errors"] == own[0]["head_errors"]
    assert "speed_rpm" in stored(longer).summary["heads"]


def test_what_needs_probabilities_only_works_as_for_any_classifier(made):
    other = trained_experiment(stored(made).version_id, name="Beside", epochs=1)
    assert EvaluationService.test_robustness(made, [0.1])["clean"]["n"] == 2
    model = XAIService.load_model(made)
    window = np.zeros((1, 1024), dtype=np.float32)
    assert len(XAIService.get_model_prediction(model, window)["probabilities"]) == 2
    explained = XAIService.generate_gradcam(model, window, target_class=1)
    assert np.isfinite(explained["attribution"]).all()
    voted = EnsembleService.create_ensemble("Both", [made, other])["id"]
    vote_together(silent, voted)
    assert "heads" not in stored(voted).summary
    said = predict_recording(silent, voted, recordings()["worn 2"])
    assert len(said["members"]) == 2
