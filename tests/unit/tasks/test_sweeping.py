from __future__ import annotations

from datetime import timedelta

from models import Job, JobKind, JobStatus
from models.base import now
from services.actor import WORKER, acting_as
from services.job_service import JobService
from services.runtime import unit_of_work
from tasks.sweeping import sweep

STALE_AFTER = timedelta(seconds=30)


def test_a_lost_job_is_sent_again_and_the_daily_one_made(analyst, sent):
    job_id = JobService.submit(JobKind.PREDICT_RECORDING, {}, "Prediction")
    with unit_of_work() as session:
        job = session.get_one(Job, job_id)
        job.status, job.heartbeat_at = JobStatus.RUNNING, now() - 2 * STALE_AFTER
    sent.clear()
    with acting_as(WORKER):
        sweep(STALE_AFTER)
        assert sent[0] == (JobKind.PREDICT_RECORDING, job_id)
        assert [kind for kind, _ in sent[1:]] == [JobKind.CLEAN_UP]
        sweep(STALE_AFTER)
    assert len(sent) == 2
