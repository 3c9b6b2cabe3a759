"""Send again what was lost on its way, every few seconds: the work of ``cli beat``.

It is done where it is due, and not sent to a worker: each of them may be busy for long, or lost.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from flask import Flask

from models import JobKind
from services.actor import WORKER, acting_as
from services.jobs.job_runs import JobRunService
from services.valkey import valkey
from tasks.celery_app import queued_jobs

SWEEP_EVERY_S = 5.0

log = logging.getLogger(__name__)


def sweep(server: Flask, stale_after: timedelta) -> None:
    """Look once. Two at a time do no harm: every step is a conditional update."""
    with server.app_context(), acting_as(WORKER):
        JobRunService.sweep(stale_after, lambda: valkey().ask(queued_jobs))
        JobRunService.ensure_daily(JobKind.CLEAN_UP, "Daily cleaning")


def sweep_for_ever(server: Flask, stale_after: timedelta) -> None:
    """Look until the process ends, which may be at any moment."""
    while True:
        try:
            sweep(server, stale_after)
        except Exception:
            # The database may be away: the next look tries again.
            log.exception("Lost jobs could not be looked for")
        time.sleep(SWEEP_EVERY_S)
