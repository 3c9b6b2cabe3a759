from __future__ import annotations

import pytest
from sqlalchemy import func, select

from models import DatasetExport, Job, JobStatus
from services.export_service import ExportService
from services.files.staging import staging_folder
from services.job_service import JobService
from services.jobs import job_runs
from services.runtime import artefacts, unit_of_work
from tasks.exports import export_dataset
from tasks.runner import run_job
from tests import factories


@pytest.fixture
def dataset_id(analyst) -> int:
    with unit_of_work() as session:
        owner = {"owner_id": analyst.user_id}
        data = factories.dataset(session, **owner)
        ids = [factories.recording(session, dataset_id=data.id, **owner).id for _ in range(3)]
        factories.version(session, dict.fromkeys(ids), data.id, created_by=analyst.user_id)
        return data.id


@pytest.mark.parametrize("name", ["hdf5", "mat", "csv", "parquet"])
def test_the_job_leaves_a_file_and_its_row(dataset_id, name):
    job_id = ExportService.submit_export(dataset_id, format=name)
    run_job(job_id, export_dataset)
    job = JobService.get_job(job_id)
    assert (job["status"], job["error"]) == (JobStatus.DONE, None)
    found = ExportService.get_export(job["result"]["export_id"])
    assert found["size"] == job["result"]["size"] == artefacts().size(found["artefact_key"])
    assert list(staging_folder().iterdir()) == []


def test_a_second_attempt_leaves_no_second_row(dataset_id):
    job_id = ExportService.submit_export(dataset_id)
    run_job(job_id, export_dataset)
    with unit_of_work() as session:
        session.get_one(Job, job_id).status = JobStatus.WAITING
    run_job(job_id, export_dataset)
    with unit_of_work(writing=False) as session:
        assert session.scalar(select(func.count()).select_from(DatasetExport)) == 1


def test_a_cancelled_job_leaves_nothing(dataset_id, monkeypatch):
    def cancelled(*_given):
        raise job_runs.JobCancelled

    job_id = ExportService.submit_export(dataset_id, format="csv")
    monkeypatch.setattr(job_runs.JobRunService, "report", staticmethod(cancelled))
    run_job(job_id, export_dataset)
    assert JobService.get_job(job_id)["status"] is JobStatus.CANCELLED
    assert ExportService.list_exports(dataset_id) == []
    assert list(staging_folder().iterdir()) == []
