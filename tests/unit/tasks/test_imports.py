from __future__ import annotations

import pytest

from diagnostics.progress import silent
from models import Job, JobStatus
from services.actor import WORKER, acting_as
from services.dataset_service import DatasetService
from services.errors import NotFound
from services.import_service import ImportService
from services.job_service import JobService
from services.jobs.job_runs import JobRunService
from services.runtime import unit_of_work
from services.upload_service import UploadService
from tasks.imports import import_recordings, preview_import
from tasks.runner import run_job
from tests.unit.services.test_upload_service import append


def uploaded(name, content):
    upload = UploadService.begin(name, len(content))
    return append(upload, 0, content)["id"]


@pytest.fixture
def uploads(analyst):
    return [uploaded("good.csv", b"1\n2\n3\n" * 20), uploaded("bad.mat", b"nonsense")]


def previewed(upload_ids, **more):
    """The job of a preview, done here; its number."""
    job_id = ImportService.start_preview(upload_ids, **more)
    with unit_of_work() as session:
        job = session.get(Job, job_id)
        job.result = preview_import(silent, **job.arguments)
        job.status = JobStatus.DONE
    return job_id


def test_preview_names_every_file_those_with_problems_first(uploads):
    job_id = previewed(uploads)
    assert [(f["file_name"], bool(f["error"])) for f in ImportService.list_preview(job_id)] == [
        ("bad.mat", True),
        ("good.csv", False),
    ]
    assert JobService.get_job(job_id)["result"]["unreadable"] == 1


def test_import_takes_what_is_good_and_keeps_the_rest_for_another_try(uploads):
    dataset_id = DatasetService.create("pumps")
    typed = {"sample_rate_hz": 100, "unit": "V"}
    result = import_recordings(silent, uploads, dataset_id, "", typed, {})
    assert (result["imported"], result["refused_files"]) == (1, 1)
    assert [upload["file_name"] for upload in UploadService.list_own()] == ["bad.mat"]


def test_files_that_are_gone_are_named(analyst):
    with pytest.raises(NotFound, match="Choose them again"):
        preview_import(silent, ["gone"], "", 1, {})


class Killed(BaseException):
    """What a kill looks like to the code: nothing after it happens."""


def started(upload_ids):
    dataset_id = DatasetService.create("pumps")
    typed = {"sample_rate_hz": 100, "unit": "V"}
    return dataset_id, ImportService.start_import(upload_ids, dataset_id, shared=typed)


def killed_at(monkeypatch, job_id, owner, name):
    """The worker is lost when it is about to call a method."""

    def kill(*_, **__):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, kill)
        with pytest.raises(Killed):
            run_job(job_id, import_recordings)
    with acting_as(WORKER):
        JobRunService.requeue_all()


def test_a_worker_lost_after_the_version_was_made_imports_nothing_twice(uploads, monkeypatch):
    dataset_id, job_id = started(uploads)
    killed_at(monkeypatch, job_id, UploadService, "discard_many")
    run_job(job_id, import_recordings)
    job = JobService.get_job(job_id)
    assert (job["status"], job["attempt"], job["result"]["imported"]) == (JobStatus.DONE, 2, 1)
    assert len(DatasetService.get_dataset_details(dataset_id)["versions"]) == 1
    assert [upload["file_name"] for upload in UploadService.list_own()] == ["bad.mat"]


def test_a_worker_lost_after_all_files_were_discarded_does_not_miss_them(analyst, monkeypatch):
    dataset_id, job_id = started([uploaded("good.csv", b"1\n2\n3\n" * 20)])
    killed_at(monkeypatch, job_id, JobRunService, "finish")
    assert UploadService.list_own() == []
    run_job(job_id, import_recordings)
    job = JobService.get_job(job_id)
    assert (job["status"], job["error"], job["result"]["imported"]) == (JobStatus.DONE, None, 1)
    assert DatasetService.get_dataset_details(dataset_id)["version"] == 1


def test_a_worker_that_was_given_up_for_dead_makes_no_version(uploads, monkeypatch):
    """It comes back when the job is another worker's: what it has read is of no effect."""
    dataset_id, job_id = started(uploads)
    locate = UploadService.locate

    def slowly(upload_id):
        with acting_as(WORKER):
            JobRunService.requeue_all()
        return locate(upload_id)

    monkeypatch.setattr(UploadService, "locate", slowly)
    run_job(job_id, lambda report, **given: import_recordings(lambda _: None, **given))
    assert JobService.get_job(job_id)["status"] is JobStatus.WAITING
    assert DatasetService.get_dataset_details(dataset_id)["versions"] == []
    assert len(UploadService.list_own()) == 2
