"""Every kind of job with a store on the network, from the files to the answers."""

from __future__ import annotations

import hashlib

import pytest

from models import JobStatus
from services.experiment_service import ExperimentService
from services.explanation_cache import ExplanationCache
from services.export_service import ExportService
from services.files.artefacts import ArtefactStore
from services.import_service import ImportService
from services.job_service import JobService
from services.prediction_service import PredictionService
from services.synthesis_service import SynthesisService
from services.upload_service import UploadService
from services.xai_service import XAIService
from tasks.registry import JOBS
from tasks.runner import run_job
from tests.trained import LABELS, planned_experiment, tiny_version

CONTENT = b"1\n2\n3\n" * 20
SYNTHESIS = {"classes": {"healthy": 1, "wear": 1}, "bearings": 1, "duration_s": 0.5}


@pytest.fixture(autouse=True)
def far(server, analyst, tmp_path):
    """A store that is not a folder of this machine."""
    store = ArtefactStore("memory://far", tmp_path / "fetched")
    server.extensions["artefacts"] = store
    yield store
    store._files.store.clear()


def done(job_id):
    run_job(job_id, JOBS[JobService.get_job(job_id)["kind"]])
    job = JobService.get_job(job_id)
    assert (job["status"], job["error"]) == (JobStatus.DONE, None)
    return job["result"]


def test_data_come_in_and_go_out(far):
    upload = UploadService.begin("pump.csv", len(CONTENT))
    UploadService.append(upload["id"], 0, CONTENT, hashlib.sha256(CONTENT).hexdigest())
    done(ImportService.start_preview([upload["id"]]))
    typed = {"sample_rate_hz": 100, "unit": "V"}
    start = ImportService.start_import([upload["id"]], None, shared=typed, new_dataset="pumps")
    result = done(start)
    assert result["imported"] == 1
    export = done(ExportService.submit_export(result["dataset_id"]))
    assert ExportService.open_export(export["export_id"])["path"].stat().st_size == export["size"]


def test_data_are_generated():
    assert done(SynthesisService.request_dataset("made", SYNTHESIS))["recordings"] == 2


def test_a_network_is_trained_asked_and_explained():
    experiment_id = planned_experiment(tiny_version(), epochs=1)
    done(ExperimentService.get_experiment(experiment_id)["job"]["id"])
    recording_id = XAIService.list_recordings(experiment_id)[0]["recording_id"]
    assert done(PredictionService.request_prediction(experiment_id, recording_id))["windows"] > 0
    done(XAIService.request_explanation(experiment_id, recording_id, LABELS[0]))
    assert ExplanationCache.get_explanation(experiment_id, recording_id, "gradcam") is not None
