"""Of the trainings that wait the most urgent is begun, whichever message came."""

from __future__ import annotations

import pytest

from models import Job, JobKind, JobStatus
from services import actor
from services.actor import WORKER, acting_as
from services.errors import Conflict, Invalid
from services.experiment_service import ExperimentService
from services.job_service import JobService
from services.jobs.job_runs import JobRunService
from services.repeated_service import RepeatedExperimentService
from services.runtime import unit_of_work
from tests import factories

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("analyst")]


def submit(kind=JobKind.TRAIN_EXPERIMENT):
    return JobService.submit(kind, {}, "Training")


def claim(job_id):
    with acting_as(WORKER):
        run = JobRunService.claim(job_id)
    return None if run is None else run.job_id


def test_messages_begin_the_most_urgent_first_and_nothing_is_left():
    first, second, third, fourth = (submit() for _ in range(4))
    JobService.set_priority(third, "high")
    JobService.set_priority(first, "low")
    assert [claim(job_id) for job_id in (first, second, third, fourth)] == [
        *(third, second, fourth, first),
    ]
    assert claim(first) is None


def test_equal_ones_are_begun_as_their_messages_come():
    first, second = submit(), submit()
    assert (claim(second), claim(first)) == (second, first)


def test_a_message_about_one_that_was_cancelled_begins_another():
    first, second = submit(), submit()
    JobService.cancel(first)
    assert claim(first) == second


def test_other_kinds_have_no_priorities():
    cleaning, other = submit(JobKind.CLEAN_UP), submit(JobKind.CLEAN_UP)
    with pytest.raises(Conflict):
        JobService.set_priority(cleaning, "high")
    assert claim(other) == other
    assert claim(other) is None


def test_only_what_waits_or_rests_has_another_priority():
    job_id = submit()
    assert JobService.set_priority(job_id, "high")["priority"] == "high"
    JobService.pause(job_id)
    assert JobService.set_priority(job_id, "low")["priority"] == "low"
    with pytest.raises(Invalid, match="one of low, normal, high"):
        JobService.set_priority(job_id, "urgent")
    with unit_of_work() as session:
        session.get_one(Job, job_id).status = JobStatus.RUNNING
    with pytest.raises(Conflict, match="change the priority"):
        JobService.set_priority(job_id, "high")


def test_experiments_and_all_runs_of_a_repeated_one():
    with unit_of_work() as session:
        alone = factories.experiment(session, owner_id=actor.user_id()).id
        several = factories.repeated(session, owner_id=actor.user_id()).id
    assert ExperimentService.set_priority(alone, "low")["job"]["priority"] == "low"
    runs = RepeatedExperimentService.set_priority(several, "high")["members"]
    assert {run["priority"] for run in runs} == {"high"}
