"""Classifiers on features and heads beside the class: from the training to an answer."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from diagnostics.classical.fitted import load_estimator
from diagnostics.features.table_export import csv_pieces
from diagnostics.features.table_file import open_table
from diagnostics.signals.recording_file import open_recording
from models import Experiment, ExperimentFeatureSet
from services.deployment.serving_service import ModelServingService
from services.deployment_service import DeploymentService
from services.errors import Invalid
from services.prediction_service import PredictionService
from services.runtime import artefacts, unit_of_work
from tasks.deployments import make_variant
from tasks.predictions import predict_recording
from tests.on_features import tiny_set, trained_on
from tests.trained import FOREST, MULTITASK, measured_version, trained_experiment


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """What is measured is not asked about here."""
    monkeypatch.setattr("diagnostics.deployment.latency.RUNS", 1)
    monkeypatch.setattr("services.deployment.building.peak_memory", lambda *_: {"1": 0, "32": 0})


def silent(_progress):
    return None


def served(experiment_id, kind="fp32"):
    """The variant, made and served as “tiny”."""
    made = make_variant(silent, experiment_id, kind)
    variant = next(
        one
        for one in DeploymentService.list_variants(experiment_id)
        if one["id"] == made["variant_id"]
    )
    number = ModelServingService.publish("tiny", variant["id"])
    ModelServingService.set_alias("tiny", "production", number)
    return variant


def a_recording(experiment_id):
    """Id and samples of one that the experiment has."""
    with unit_of_work(writing=False) as session:
        split = session.get_one(Experiment, experiment_id).split
    recording_id = int(next(iter(split["sides"])))
    source = PredictionService.get_source(experiment_id, recording_id)
    with open_recording(source.recording_file) as file:
        return recording_id, np.asarray(file.read(0, 0, file.sample_count))


def same_answer(experiment_id):
    """Whether the served model says what the prediction of a recording says; the former."""
    recording_id, samples = a_recording(experiment_id)
    found = ModelServingService.predict("tiny", samples, 12_000.0, "g")
    asked = predict_recording(silent, experiment_id, recording_id)
    assert found["windows"] == asked["windows"] == len(samples) // 1024
    for one, other in zip(found["classes"], asked["classes"], strict=True):
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-6)
    return samples, found, asked


def by_the_bundle(folder, name):
    """What the program of the bundle says of a file, in a process that knows nothing of us."""
    zipfile.ZipFile(io.BytesIO(ModelServingService.export_bundle("tiny")[1])).extractall(folder)
    done = subprocess.run(
        [sys.executable, "-I", "predict.py", name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_forest_takes_samples_as_networks_do(analyst, tmp_path):
    experiment_id = trained_experiment(**FOREST)
    choices = [one["experiment_id"] for one in DeploymentService.list_networks()]
    assert choices == [experiment_id]
    variant = served(experiment_id)
    assert variant["agreement"]["max_difference"] < 1e-6
    assert variant["agreement"]["agreement"] == 1.0
    assert variant["agreement"]["frozen"] == []
    measured = variant["measured"]
    assert measured["judged"]["difference"] == 0.0
    assert measured["numbers"] > 10
    assert {one["batch"] for one in measured["timings"]} == {1, 8, 32}
    assert measured["eager"]["p50_ms"] > 0
    assert variant["manifest"]["features"]["keys"][0] == "rms@1"
    samples, found, _ = same_answer(experiment_id)
    assert (found["variant"], found["estimates"]) == ("fp32", [])
    np.save(tmp_path / "samples.npy", samples)
    told = by_the_bundle(tmp_path, "samples.npy")
    expected = {one["name"]: one["probability"] for one in found["classes"]}
    assert told["classes"] == pytest.approx(expected)
    assert told["windows"] == found["windows"]


def test_a_classifier_on_a_set_computes_its_columns_of_samples(analyst, tmp_path):
    made = tiny_set(domains=("time", "frequency"))
    experiment_id = trained_on(
        made, classifier="hist_gradient_boosting", parameters={"rounds": 10, "leaf": 2}
    )
    variant = served(experiment_id)
    columns = variant["manifest"]["features"]
    # The speed is not known of any recording, so nothing was learned of these.
    assert "Harmonic2X1X@1" in columns["keys"]
    assert len(columns["median"]) == len(columns["keys"]) == 19
    # A prediction of a recording takes windows that overlap here; who is served, side by side.
    samples = a_recording(experiment_id)[1]
    found = ModelServingService.predict("tiny", samples, 12_000.0, "g")
    with unit_of_work(writing=False) as session:
        key = session.get_one(Experiment, experiment_id).checkpoint_key
    windows = samples.astype(np.float32).reshape(-1, 1, 512)
    expected = load_estimator(artefacts().local_path(key)).probabilities(windows).mean(axis=0)
    assert [one["probability"] for one in found["classes"]] == pytest.approx(expected, abs=1e-6)
    # The program takes the rows of a table as it is exported here.
    with unit_of_work(writing=False) as session:
        key = session.get_one(ExperimentFeatureSet, experiment_id).artefact_key
    with open_table(artefacts().local_path(key)) as table:
        text = "".join(csv_pieces(table)).splitlines()
    (tmp_path / "rows.csv").write_text("\n".join(text[:24]), encoding="utf-8")
    told = by_the_bundle(tmp_path, "rows.csv")
    assert told["windows"] == 23
    assert told["predicted"] == text[1].split(",")[5]
    (tmp_path / "rows.csv").write_text(text[0].replace("RMS@1", "RMS"), encoding="utf-8")
    with pytest.raises(AssertionError, match="lacks the columns RMS@1"):
        by_the_bundle(tmp_path, "rows.csv")


def test_columns_of_the_speed_are_refused_before_a_job_is_made(analyst):
    experiment_id = trained_experiment(**FOREST)
    with unit_of_work() as session:
        session.add(
            ExperimentFeatureSet(
                experiment_id=experiment_id,
                name="of the speed",
                number=1,
                config={},
                features=["RMS@1", "ShaftAmplitude_1X@1", "Harmonic2X1X@1"],
                unknown={"Harmonic2X1X": "The speed of the shaft is not known."},
                artefact_key="features/none.h5",
                content_hash="none",
            )
        )
    with pytest.raises(Invalid, match=r"learned of ShaftAmplitude_1X@1, which needs the speed"):
        DeploymentService.request_variant(experiment_id, "fp32")


def test_heads_answer_beside_the_class(analyst, tmp_path):
    experiment_id = trained_experiment(measured_version(4), epochs=1, **MULTITASK)
    variant = served(experiment_id)
    assert variant["agreement"]["estimate_difference"] < 1e-3
    assert [one["name"] for one in variant["manifest"]["heads"]] == ["severity", "speed_rpm"]
    samples, found, asked = same_answer(experiment_id)
    for one, other in zip(found["estimates"], asked["estimates"], strict=True):
        assert one["name"] == other["name"]
        assert one["value"] == pytest.approx(other["value"], rel=1e-4)
    assert [one["unit"] for one in found["estimates"]] == ["", "rpm"]
    np.save(tmp_path / "samples.npy", samples)
    told = by_the_bundle(tmp_path, "samples.npy")["estimates"]
    for one, other in zip(told, found["estimates"], strict=True):
        assert {**one, "value": 0} == {**other, "value": 0}
        assert one["value"] == pytest.approx(other["value"])
