"""Send again what was lost on its way, every few seconds.

It is done where it is due, and not sent to a worker: each of them may be busy for long, or lost.
"""

from __future__ import annotations

from datetime import timedelta

from models import JobKind
from services.jobs.job_runs import JobRunService
from services.valkey import valkey
from tasks.celery_app import queued_jobs


def sweep(stale_after: timedelta) -> None:
    """Look once. Two at a time do no harm: every step is a conditional update."""
    JobRunService.sweep(stale_after, lambda: valkey().ask(queued_jobs))
    JobRunService.ensure_daily(JobKind.CLEAN_UP, "Daily cleaning")
