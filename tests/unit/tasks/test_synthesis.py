from __future__ import annotations

import pytest

from diagnostics.progress import silent
from diagnostics.synthesis.config import usual_config
from diagnostics.synthesis.config_json import as_json
from diagnostics.synthesis.faults import Kind
from models import JobStatus, Origin
from services.dataset_service import DatasetService
from services.job_service import JobService
from services.jobs.job_runs import JobCancelled, JobLost
from services.recording_service import RecordingService
from services.synthesis_service import SynthesisService
from tasks import synthesis
from tasks.runner import run_job
from tasks.synthesis import generate_dataset, generate_demo_dataset

CONFIG = as_json(
    usual_config(
        Kind.ROLLING, classes={"healthy": 2, "cage": 2}, bearings=2, duration_s=0.5, seed=3
    )
)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(synthesis, "BATCH", 3)


def contents(dataset_id):
    return {
        one["name"]: one["content_hash"] for one in RecordingService.list_recordings(dataset_id)
    }


def stop_at(number, error):
    told = []

    def report(progress):
        told.append(progress)
        if len(told) == number:
            raise error

    return report, told


def test_from_the_request_to_the_data_set(analyst):
    job_id = SynthesisService.request_dataset("cages", CONFIG)
    run_job(job_id, generate_dataset)
    job = JobService.get_job(job_id)
    assert (job["status"], job["error"]) == (JobStatus.DONE, None)
    details = DatasetService.get_dataset_details(job["result"]["dataset_id"])
    assert (details["origin"], details["recording_count"]) == (Origin.GENERATED, 8)
    assert (details["version"], details["archived_at"]) == (1, None)
    statistics = DatasetService.get_dataset_statistics(details["id"])
    assert statistics["classes"] == {"healthy": 4, "cage": 4}
    log = JobService.list_log(job_id)
    assert "8 recordings generated, seed 3; signatures:" in log[-1]["message"]


def test_a_lost_worker_leaves_what_the_next_one_goes_on_with(analyst, monkeypatch):
    whole = generate_dataset(silent, "whole", CONFIG, "a")
    report, _ = stop_at(7, JobLost())
    with pytest.raises(JobLost):
        generate_dataset(report, "twice", CONFIG, "b")
    # Out of sight until it is complete.
    assert [one["name"] for one in DatasetService.list_datasets()] == ["whole"]
    generated = []
    original = synthesis.generate
    monkeypatch.setattr(
        synthesis,
        "generate",
        lambda config, planned: generated.append(planned.name) or original(config, planned),
    )
    resumed = generate_dataset(silent, "twice", CONFIG, "b")
    assert len(generated) == 5  # a batch of three was kept
    assert contents(resumed["dataset_id"]) == contents(whole["dataset_id"])
    again = generate_dataset(silent, "twice", CONFIG, "b")
    assert again == resumed
    assert DatasetService.get_dataset_details(again["dataset_id"])["version"] == 1


@pytest.mark.parametrize("at", [1, 2, 6, 10])
def test_a_cancelled_generation_leaves_nothing(analyst, at, server):
    report, _ = stop_at(at, JobCancelled())
    with pytest.raises(JobCancelled):
        generate_dataset(report, "cages", CONFIG, "a")
    assert DatasetService.list_datasets() == DatasetService.list_datasets(archived=True) == []


def test_every_recording_is_reported(analyst):
    report, told = stop_at(99, JobCancelled())
    generate_dataset(report, "cages", CONFIG, "a")
    assert [one.stage for one in told] == ["check the signatures", *["generate"] * 8, "save"]
    assert [one.fraction for one in told[1:]] == [n / 8 for n in range(9)]


def test_the_demo_is_made_by_the_same_code(analyst, monkeypatch):
    from dataclasses import replace

    whole = synthesis.demo_config
    monkeypatch.setattr(
        synthesis, "demo_config", lambda seed: replace(whole(seed), bearings=1, duration_s=0.5)
    )
    job_id = SynthesisService.request_demo_dataset()
    run_job(job_id, generate_demo_dataset)
    job = JobService.get_job(job_id)
    assert (job["status"], job["error"]) == (JobStatus.DONE, None)
    statistics = DatasetService.get_dataset_statistics(job["result"]["dataset_id"])
    assert statistics["classes"] == {"healthy": 3, "outer race": 3, "inner race": 3, "ball": 3}
