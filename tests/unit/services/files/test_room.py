from __future__ import annotations

from pathlib import Path

import pytest

from models import Job, JobKind, JobStatus
from services.errors import Unavailable
from services.files import room
from services.files.artefacts import ArtefactStore
from services.job_service import JobService
from services.runtime import unit_of_work
from tasks.runner import run_job

MIB = 1 << 20
TRAINING = JobKind.TRAIN_EXPERIMENT


@pytest.fixture
def free(server):
    """Say how many bytes are free."""
    return lambda count: room.measure_with(server, lambda _: (10**12, 10**12 - count, count))


def test_what_is_needed_what_is_free_and_what_to_do(server, free):
    free(600_000_000)
    server.config["DISK_RESERVE_BYTES"] = 500_000_000
    room.check_room(100_000_000, "it")
    with pytest.raises(Unavailable) as refused:
        room.check_room(100_000_001, "the export of “pumps”")
    assert refused.value.message == (
        "There is no room for the export of “pumps”: it needs about 101 MB beside the 500 MB "
        "that stay free, and 600 MB are free. Delete what is not needed any more, or ask an "
        "admin to make room."
    )


def test_the_fullest_disk_counts(server, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    server.extensions["artefacts"] = ArtefactStore(str(elsewhere), tmp_path)
    room.measure_with(server, lambda at: (10**9, 0, 10**9 if at == tmp_path else 10**6))
    room.check_room(0, "it")  # the store is made by its first file: it lies beside the data yet
    elsewhere.mkdir()
    with pytest.raises(Unavailable, match="1 MB are free"):
        room.check_room(0, "it")


def test_a_store_on_the_network_has_no_disk_here(server, tmp_path):
    server.extensions["artefacts"] = ArtefactStore("memory://store", tmp_path)
    assert len(list(room.disks())) == 1


def test_the_real_disk_is_measured(server):
    for disk in room.disks():
        assert 0 < disk.free < disk.total
        assert 0 < disk.used_share < 1


@pytest.mark.parametrize("kind", JobKind)
def test_every_kind_of_job_says_what_it_needs_and_is_refused_before(analyst, sent, free, kind):
    free(100 * MIB)  # within the reserve
    if room.NEEDED_BYTES[kind]:
        with pytest.raises(Unavailable, match="no room for “A title”"):
            JobService.submit(kind, {}, "A title")
        assert (sent, JobService.count_jobs()) == ([], 0)
    else:
        assert sent == [(kind, JobService.submit(kind, {}, "A title"))]


def test_cleaning_begins_on_a_full_disk(analyst, sent, free):
    free(0)
    job_id = JobService.submit(JobKind.CLEAN_UP, {}, "Clean up")
    run_job(job_id, lambda report: {"gone": 1})
    assert JobService.get_job(job_id)["status"] is JobStatus.DONE


def test_a_job_that_waited_while_the_disk_filled_does_not_begin(analyst, sent, free):
    job_id = JobService.submit(TRAINING, {}, "Training of it")
    free(100 * MIB)
    run_job(job_id, lambda report: pytest.fail("it has begun"))
    job = JobService.get_job(job_id)
    assert job["status"] is JobStatus.FAILED
    assert job["error"].startswith("There is no room for “Training of it”: it needs about 68 MB")
    with pytest.raises(Unavailable):
        JobService.retry(job_id)
    assert JobService.get_job(job_id)["status"] is JobStatus.FAILED
    free(10**12)
    sent.clear()
    JobService.retry(job_id)
    assert sent == [(TRAINING, job_id)]


def test_a_resting_job_stays_so(analyst, sent, free):
    job_id = JobService.submit(TRAINING, {}, "Training of it")
    with unit_of_work() as session:
        session.get_one(Job, job_id).status = JobStatus.PAUSED
    free(0)
    with pytest.raises(Unavailable):
        JobService.resume(job_id)
    assert JobService.get_job(job_id)["status"] is JobStatus.PAUSED


def test_a_folder_that_is_not_there_yet_is_measured_above(server, tmp_path):
    seen: list[Path] = []
    room.measure_with(server, lambda at: (seen.append(at), (1, 0, 1))[1])
    list(room.disks())
    assert seen == [tmp_path, tmp_path]
