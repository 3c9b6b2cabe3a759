from __future__ import annotations

import pytest

from diagnostics.progress import silent
from models import Job, JobStatus
from services.dataset_service import DatasetService
from services.errors import NotFound
from services.import_service import ImportService
from services.job_service import JobService
from services.runtime import unit_of_work
from services.upload_service import UploadService
from tasks.imports import import_recordings, preview_import
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
