from __future__ import annotations

import json

import pytest
from plotly.utils import PlotlyJSONEncoder

from callbacks import jobs
from models import JobKind, JobStatus
from services.actor import WORKER, acting_as
from services.job_service import JobService
from services.jobs.job_runs import JobRunService


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture
def job_id(analyst):
    return JobService.submit(JobKind.CLEAN_UP, {}, "Clean up", subject="dataset:3")


def test_empty_list_says_what_belongs_there(analyst):
    table, pages, one_page = jobs.show_jobs({}, [], False, 1)
    assert "No jobs here" in text(table)
    assert (pages, one_page) == (1, True)


def test_list_shows_state_owner_and_what_can_be_done(job_id, analyst, viewer):
    shown = text(jobs.show_jobs({}, ["waiting"], True, 1)[0])
    for word in ("Clean up", analyst.name, "waiting", "Cancel"):
        assert word in shown
    assert "No jobs here" in text(jobs.show_jobs({}, ["failed"], False, 1)[0])
    with acting_as(viewer):
        assert "Cancel" not in text(jobs.show_jobs({}, [], False, 1)[0])


def test_pages_are_counted(analyst):
    for number in range(26):
        JobService.submit(JobKind.CLEAN_UP, {}, f"Job {number}")
    table, pages, one_page = jobs.show_jobs({}, [], False, 2)
    assert (pages, one_page) == (2, False)
    assert "Job 0" in text(table)


def test_detail_has_log_error_and_the_way_to_what_it_is_about(job_id):
    with acting_as(WORKER):
        run = JobRunService.claim(job_id)
        JobRunService.log(run, "Read 3 files")
        JobRunService.finish(run, JobStatus.FAILED, error="The disk is full.")
    shown = text(jobs.show_detail({}, job_id))
    for word in ("Read 3 files", "The disk is full.", "/datasets/3", "the data set", "Try again"):
        assert word in shown


def test_unknown_job_is_told(analyst):
    assert jobs.show_detail({}, None) == []
    assert "There is no job 7." in text(jobs.show_detail({}, 7))


def test_paused_job_can_go_on(job_id):
    with acting_as(WORKER):
        JobRunService.finish(JobRunService.claim(job_id), JobStatus.PAUSED)
    assert "Go on" in text(jobs.show_jobs({}, [], False, 1)[0])
