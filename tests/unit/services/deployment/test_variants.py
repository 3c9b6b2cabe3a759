"""From a trained experiment to files that are run, measured and kept: one export for all."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.deployment.session import open_model
from models import Experiment, Job, JobStatus, ModelVariant
from services.deployment.serving_service import ModelServingService
from services.deployment_service import DeploymentService
from services.errors import Conflict, Invalid, NotFound
from services.experiment_collection_service import ExperimentCollectionService
from services.prediction_service import PredictionService
from services.runtime import artefacts, unit_of_work
from tasks.deployments import make_variant
from tasks.predictions import predict_recording
from tests import exported
from tests.trained import FOREST, trained_experiment


def trained(**changes) -> int:
    """The id of a trained experiment whose job has ended."""
    made = trained_experiment(**changes)
    with unit_of_work() as session:
        job_id = session.get_one(Experiment, made).job_id
        session.get_one(Job, job_id).status = JobStatus.DONE
    return made


def test_a_variant_is_run_measured_and_kept_and_the_original_stays(analyst):
    experiment_id = trained()
    with unit_of_work(writing=False) as session:
        row = session.get_one(Experiment, experiment_id)
        key, recording_id = row.checkpoint_key, int(next(iter(row.split["sides"])))
    before = artefacts().read(key)
    made = make_variant(lambda progress: None, experiment_id, "fp32")

    (variant,) = DeploymentService.list_variants(experiment_id)
    assert variant["id"] == made["variant_id"]
    assert artefacts().read(key) == before
    assert variant["agreement"]["max_difference"] < 1e-5
    assert variant["agreement"]["agreement"] == 1.0
    assert variant["agreement"]["frozen"] == []
    assert len({one["samples"] for one in variant["agreement"]["trials"]}) > 1
    judged = variant["measured"]["judged"]
    assert (judged["difference"], judged["verdict"]) == (0.0, "undecided")
    assert judged["refused"]  # two recordings say nothing about an interval
    assert {one["batch"] for one in variant["measured"]["timings"]} == {1, 8, 32}
    assert variant["manifest"]["class_names"] == ["healthy", "worn"]
    assert (variant["manifest"]["units"], variant["manifest"]["window"]) == (["g"], 1024)
    assert DeploymentService.recommend(experiment_id) is None

    # A pruned one learns on, and its zeros stay.
    make_variant(lambda progress: None, experiment_id, "l1_unstructured", 0.5, epochs=1)
    pruned = DeploymentService.list_variants(experiment_id)[-1]
    assert pruned["measured"]["sparsity"] == pytest.approx(0.5, abs=0.05)
    assert pruned["manifest"]["tuned_epochs"] == 1
    assert variant["manifest"]["tuned_epochs"] == 0
    assert set(pruned["measured"]["memory_bytes"]) == {"1", "32"}
    assert artefacts().read(key) == before

    # What is served says what the prediction of a recording says.
    ModelServingService.publish("tiny", variant["id"])
    ModelServingService.set_alias("tiny", "production", 1)
    source = PredictionService.get_source(experiment_id, recording_id)
    from diagnostics.signals.recording_file import open_recording

    with open_recording(source.recording_file) as file:
        samples = np.asarray(file.read(0, 0, file.sample_count))
    served = ModelServingService.predict("tiny", samples, 12_000.0, "g")
    asked = predict_recording(lambda progress: None, experiment_id, recording_id)
    assert (served["predicted"], served["windows"]) == (asked["predicted"], asked["windows"])
    for one, other in zip(served["classes"], asked["classes"], strict=True):
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-5)
    with pytest.raises(Conflict, match="answers as the model tiny"):
        ExperimentCollectionService.delete_experiments([experiment_id])


def test_what_cannot_be_exported_is_said(analyst):
    forest = trained_experiment(**FOREST)
    with pytest.raises(Invalid, match="“Half precision” is for networks"):
        DeploymentService.request_variant(forest, "fp16")
    with unit_of_work() as session:
        session.get_one(Experiment, forest).classifier = "voting_ensemble"
    with pytest.raises(Invalid, match="is a vote of several experiments"):
        DeploymentService.request_variant(forest, "fp32")
    assert DeploymentService.list_networks() == []
    with pytest.raises(Invalid, match="0 to 100 epochs"):
        DeploymentService.request_variant(forest, "structured", 0.3, 101)
    with pytest.raises(NotFound):
        DeploymentService.request_variant(999, "fp32")
    with pytest.raises(Invalid, match="There is no variant"):
        DeploymentService.request_variant(forest, "fp8")


def test_files_go_with_the_experiment_and_served_variants_stay(analyst):
    experiment_id = trained(epochs=1)
    with unit_of_work() as session:
        kept = exported.variant(session, experiment_id, analyst.user_id)
        key = session.get_one(ModelVariant, kept).artefact_key
    ModelServingService.publish("pump", kept)
    with pytest.raises(Conflict, match="A served model"):
        DeploymentService.delete_variant(kept)
    ModelServingService.delete_model("pump")
    assert open_model(artefacts().read(key)).manifest.class_names == ("above", "below")
    ExperimentCollectionService.delete_experiments([experiment_id])
    assert not artefacts().exists(key)
    assert DeploymentService.list_variants(experiment_id) == []
