from __future__ import annotations

from datetime import timedelta

import pytest

from models import Job, JobKind, JobStatus
from models.base import now
from services.job_service import JobService
from services.jobs.job_runs import JobRunService
from services.runtime import unit_of_work
from tasks import sweeping
from tasks.sweeping import sweep, sweep_for_ever

STALE_AFTER = timedelta(seconds=30)


class Over(Exception):
    """The end of what has none."""


def test_a_lost_job_is_sent_again_and_the_daily_one_made(analyst, server, sent):
    job_id = JobService.submit(JobKind.PREDICT_RECORDING, {}, "Prediction")
    with unit_of_work() as session:
        job = session.get_one(Job, job_id)
        job.status, job.heartbeat_at = JobStatus.RUNNING, now() - 2 * STALE_AFTER
    sent.clear()
    sweep(server, STALE_AFTER)
    assert sent[0] == (JobKind.PREDICT_RECORDING, job_id)
    assert [kind for kind, _ in sent[1:]] == [JobKind.CLEAN_UP]
    sweep(server, STALE_AFTER)
    assert len(sent) == 2


def test_it_goes_on_when_a_look_fails(server, monkeypatch, caplog):
    looks = []

    def look(*_given):
        looks.append(len(looks))
        raise OSError("away")

    def pause(seconds):
        assert seconds == sweeping.SWEEP_EVERY_S
        if len(looks) == 3:
            raise Over

    monkeypatch.setattr(JobRunService, "sweep", look)
    monkeypatch.setattr(sweeping.time, "sleep", pause)
    with pytest.raises(Over):
        sweep_for_ever(server, STALE_AFTER)
    assert "could not be looked for" in caplog.text
