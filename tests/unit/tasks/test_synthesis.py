from __future__ import annotations

import pytest

from diagnostics.synthesis import demo
from diagnostics.synthesis.bearing_faults import Fault
from models import JobStatus, Origin
from services.dataset_service import DatasetService
from services.job_runs import JobCancelled
from services.job_service import JobService
from services.synthesis_service import SynthesisService
from tasks.runner import run_job
from tasks.synthesis import generate_demo_dataset


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(demo, "BEARINGS_PER_CLASS", 2)
    monkeypatch.setattr(demo, "RECORDINGS_PER_BEARING", 1)


def test_from_the_button_to_the_data_set(analyst):
    job_id = SynthesisService.request_demo_dataset()
    run_job(job_id, generate_demo_dataset)
    job = JobService.get_job(job_id)
    assert (job["status"], job["error"]) == (JobStatus.DONE, None)
    dataset_id = job["result"]["dataset_id"]
    statistics = DatasetService.get_dataset_statistics(dataset_id)
    assert statistics["classes"] == dict.fromkeys((f.value for f in Fault), 2)
    assert statistics["sample_rates_hz"] == [20_480]
    assert statistics["duration_s"] == pytest.approx(8 * demo.DURATION_S)
    assert DatasetService.get_dataset_details(dataset_id)["origin"] is Origin.GENERATED


def test_every_recording_is_reported_and_a_cancelled_demo_leaves_nothing(analyst):
    told = []

    def report(progress):
        told.append(progress)
        if len(told) == 3:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        generate_demo_dataset(report, "demo", 1)
    assert [one.fraction for one in told] == [0, 1 / 8, 2 / 8]
    assert DatasetService.list_datasets() == []
