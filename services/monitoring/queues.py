"""How long the queues are, and for how long their jobs have waited."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from models import Job, JobStatus
from services.jobs.queues import QUEUES, queue_of

# Trainings take hours, and a row of them is a plan and no jam as long as one of them runs.
PLANNED = "training"


class QueueView(TypedDict):
    """``waits_s``: how long the oldest job has waited while it could have been begun."""

    name: str
    waiting: int
    running: int
    waits_s: float


def measure_queues(session: Session, moment: datetime) -> list[QueueView]:
    """All queues by what the rows of jobs say, in their usual order."""
    # A job that is tried again waits since then, and not since it was made.
    since = case((Job.attempt == 0, Job.created_at), else_=Job.updated_at)
    counted = (
        select(Job.kind, Job.status, func.count(), func.min(since))
        .where(Job.status.in_((JobStatus.WAITING, JobStatus.RUNNING)))
        .group_by(Job.kind, Job.status)
    )
    queues = {name: QueueView(name=name, waiting=0, running=0, waits_s=0.0) for name in QUEUES}
    for kind, status, count, oldest in session.execute(counted):
        queue = queues[queue_of(kind)]
        if status is JobStatus.RUNNING:
            queue["running"] += count
            continue
        queue["waiting"] += count
        queue["waits_s"] = max(queue["waits_s"], (moment - oldest).total_seconds())
    if queues[PLANNED]["running"]:
        queues[PLANNED]["waits_s"] = 0.0
    return list(queues.values())
