from __future__ import annotations

from datetime import timedelta

import pytest

from models import Event, Job, JobKind, JobStatus, Role
from models.base import now
from services.actor import WORKER, Actor, acting_as
from services.errors import Conflict, Forbidden, NotFound
from services.job_service import JobService
from services.jobs.job_runs import MAX_LOSSES, JobLost, JobPaused, JobRunService
from services.notice_service import NoticeService
from services.runtime import unit_of_work

pytestmark = pytest.mark.database

LONG_AGO = now() - timedelta(hours=1)
KIND = JobKind.CLEAN_UP


@pytest.fixture
def job_id(analyst, sent):
    job_id = JobService.submit(KIND, {"recording_id": 1}, "Clean up")
    sent.clear()
    return job_id


def claim(job_id):
    with acting_as(WORKER):
        return JobRunService.claim(job_id)


def sweep():
    with acting_as(WORKER):
        return JobRunService.sweep(timedelta(minutes=2))


def change(job_id, **values):
    with unit_of_work() as session:
        job = session.get_one(Job, job_id)
        for name, value in values.items():
            setattr(job, name, value)


def test_only_one_worker_gets_a_job(job_id):
    assert claim(job_id).arguments == {"recording_id": 1}
    assert claim(job_id) is None


def test_waiting_job_is_cancelled_at_once(job_id):
    assert JobService.cancel(job_id)["status"] is JobStatus.CANCELLED
    assert claim(job_id) is None
    with pytest.raises(Conflict, match="it is cancelled"):
        JobService.cancel(job_id)


def test_running_job_is_asked_to_stop(job_id):
    claim(job_id)
    job = JobService.cancel(job_id)
    assert (job["status"], job["cancel_requested"]) == (JobStatus.RUNNING, True)


def test_cancel_is_written_down_with_who_did_it(job_id, analyst):
    JobService.cancel(job_id)
    with unit_of_work(writing=False) as session:
        event = session.query(Event).one()
        assert (event.type, event.actor) == ("job.cancel_requested", f"user:{analyst.user_id}")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
def test_others_may_look_but_not_cancel(job_id, role):
    with acting_as(Actor(999, role, frozenset(), "page")):
        assert JobService.get_job(job_id)["id"] == job_id
        with pytest.raises(Forbidden):
            JobService.cancel(job_id)


def test_unknown_job(analyst):
    with pytest.raises(NotFound):
        JobService.get_job(7)


def test_silent_job_is_requeued_and_its_first_worker_changes_nothing(job_id, sent):
    lost = claim(job_id)
    change(job_id, heartbeat_at=LONG_AGO)
    assert sweep() == [job_id]
    assert sent == [(KIND, job_id)]
    with acting_as(WORKER), pytest.raises(JobLost):
        JobRunService.report(lost, "measure", 0.5, "")
    again = claim(job_id)
    with acting_as(WORKER):
        JobRunService.finish(lost, JobStatus.DONE, result={"from": "the lost worker"})
    assert again.attempt == 2
    assert JobService.get_job(job_id)["status"] is JobStatus.RUNNING


def test_job_that_takes_its_workers_down_is_given_up(job_id, sent):
    claim(job_id)
    change(job_id, heartbeat_at=LONG_AGO, losses=MAX_LOSSES - 1)
    assert (sweep(), sent) == ([], [])
    assert "lost 3 times" in JobService.get_job(job_id)["error"]


def test_job_that_the_broker_never_got_is_sent_once_more(job_id, sent):
    assert sweep() == []
    change(job_id, updated_at=LONG_AGO)
    assert sweep() == [job_id]
    assert sweep() == []


def test_jobs_of_workers_that_were_stopped_on_purpose_count_no_loss(analyst, sent):
    running, cancelled, waiting = (JobService.submit(KIND, {}, str(n)) for n in range(3))
    for job_id in (running, cancelled):
        claim(job_id)
    JobService.cancel(cancelled)
    change(running, losses=MAX_LOSSES - 1)
    sent.clear()
    with acting_as(WORKER):
        assert JobRunService.requeue_all() == [waiting, running]
    assert JobService.get_job(running)["status"] is JobStatus.WAITING
    assert JobService.get_job(cancelled)["status"] is JobStatus.CANCELLED
    assert sent == [(KIND, waiting), (KIND, running)]


def test_lists_are_newest_first_and_counted(analyst):
    ids = [JobService.submit(KIND, {}, "Clean up") for _ in range(3)]
    assert [job["id"] for job in JobService.list_jobs(limit=2)] == ids[:0:-1]
    assert JobService.count_jobs() == 3


def test_resting_work_goes_on_and_only_work_with_checkpoints_rests(job_id, sent, monkeypatch):
    run = claim(job_id)
    with pytest.raises(Conflict, match="Cannot pause"):
        JobService.pause(job_id)
    monkeypatch.setattr("services.job_service.PAUSABLE", {"clean_up"})
    assert JobService.pause(job_id)["pause_requested"]
    with acting_as(WORKER):
        with pytest.raises(JobPaused):
            JobRunService.report(run, "train", 0.5, "")
        JobRunService.finish(run, JobStatus.PAUSED)
    assert JobService.get_job(job_id)["status"] is JobStatus.PAUSED
    resumed = JobService.resume(job_id)
    assert (resumed["status"], resumed["pause_requested"]) == (JobStatus.WAITING, False)
    assert sent == [(KIND, job_id)]


def test_failed_job_can_be_tried_again(job_id, sent):
    run = claim(job_id)
    with pytest.raises(Conflict):
        JobService.retry(job_id)
    with acting_as(WORKER):
        JobRunService.finish(run, JobStatus.FAILED, error="No.")
    assert JobService.retry(job_id)["error"] is None
    assert (claim(job_id).attempt, sent) == (2, [(KIND, job_id)])


def test_log_is_kept_oldest_first(job_id):
    run = claim(job_id)
    with acting_as(WORKER):
        for text in ("one", "two", "three"):
            JobRunService.log(run, text)
    assert [line["message"] for line in JobService.list_log(job_id, limit=2)] == ["two", "three"]


def test_owner_is_told_of_the_end(job_id):
    run = claim(job_id)
    with acting_as(WORKER):
        JobRunService.finish(run, JobStatus.FAILED, error="No.")
    (notice,) = NoticeService.list_notices()
    assert (notice["text"], notice["level"]) == ("Clean up failed. No.", "error")
    assert (NoticeService.count_unread(), NoticeService.mark_all_read()) == (1, 1)
    assert NoticeService.count_unread() == 0


def test_pulse_has_what_lives_and_what_just_ended(job_id, analyst):
    old = JobService.submit(KIND, {}, "Old")
    change(old, status=JobStatus.DONE, finished_at=LONG_AGO)
    just = JobService.submit(KIND, {}, "Just now")
    change(just, status=JobStatus.DONE, finished_at=now())
    assert [job["id"] for job in JobService.list_pulse()] == [just, job_id]
    assert JobService.find_latest("") == JobService.get_job(just)
    assert JobService.find_latest("experiment:1") is None


def test_lists_are_filtered(job_id, analyst):
    claim(job_id)
    JobService.submit(KIND, {}, "Another")
    assert [j["id"] for j in JobService.list_jobs(statuses=["running"])] == [job_id]
    assert JobService.count_jobs(owner_id=analyst.user_id, kind="clean_up") == 2
    assert JobService.count_jobs(owner_id=999) == 0


def test_a_cancelled_job_whose_worker_was_lost_ends_as_cancelled(job_id):
    claim(job_id)
    JobService.cancel(job_id)
    change(job_id, heartbeat_at=LONG_AGO, losses=MAX_LOSSES - 1)
    assert sweep() == []
    assert JobService.get_job(job_id)["status"] is JobStatus.CANCELLED
    (notice,) = NoticeService.list_notices()
    assert notice["text"] == "Clean up was cancelled."
    with unit_of_work(writing=False) as session:
        assert "job.cancelled" in {event.type for event in session.query(Event)}


def test_waiting_jobs_are_not_sent_again_while_they_lie_in_the_queue(job_id, sent):
    another = JobService.submit(KIND, {}, "Clean up")
    sent.clear()
    for one in (job_id, another):
        change(one, updated_at=LONG_AGO)
    with acting_as(WORKER):
        assert JobRunService.sweep(timedelta(minutes=2), lambda: {job_id, another, 99}) == []
        assert JobRunService.sweep(timedelta(minutes=2), lambda: {job_id}) == [another]
        assert sent == [(KIND, another)]
        # Not known, as the broker is away: it may be a new and empty one soon.
        assert JobRunService.sweep(timedelta(minutes=2), lambda: None) == [job_id]


def test_the_broker_is_asked_only_when_a_job_waits_for_long(job_id):
    with acting_as(WORKER):
        assert JobRunService.sweep(timedelta(minutes=2), lambda: pytest.fail("asked")) == []


def test_a_job_is_submitted_once_as_long_as_it_is_not_over(analyst, viewer):
    first = JobService.submit_once(KIND, {"a": 1}, "Clean up", "dataset:1")
    assert JobService.submit_once(KIND, {"a": 1}, "Again", "dataset:1") == first
    assert JobService.submit_once(KIND, {"a": 2}, "Another", "dataset:1") != first
    assert JobService.submit_once(KIND, {"a": 1}, "Another", "dataset:2") != first
    JobService.cancel(first)
    assert JobService.submit_once(KIND, {"a": 1}, "After it", "dataset:1") != first


def test_somebody_elses_job_counts_only_where_its_outcome_is_for_all(analyst, admin):
    with acting_as(analyst):
        theirs = JobService.submit_once(KIND, {}, "Clean up")
    assert JobService.submit_once(KIND, {}, "Clean up", of_anybody=True) == theirs
    assert JobService.submit_once(KIND, {}, "Clean up") != theirs


def test_what_is_given_back_counts_as_no_loss(job_id, sent):
    run = claim(job_id)
    with acting_as(WORKER):
        JobRunService.give_back(run)
        assert sent == [(KIND, job_id)]
        again = JobRunService.claim(job_id)
        JobRunService.give_back(run)  # it is another worker's by now
    assert JobService.get_job(job_id)["status"] is JobStatus.RUNNING
    assert again.attempt == 2
