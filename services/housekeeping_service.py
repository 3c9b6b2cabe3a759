"""Take away what nobody needs any more."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypedDict

from flask import current_app
from sqlalchemy import Column, ColumnElement, Delete, Select, delete, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from diagnostics.progress import Progress, Report, silent
from models import (
    AccountLink,
    Alarm,
    Base,
    DeliveryStatus,
    Digest,
    Event,
    Experiment,
    Job,
    JobLogLine,
    LoginAttempt,
    Mail,
    MailStatus,
    MetricSample,
    Notice,
    SecondStep,
    Upload,
    UserSession,
    WebhookDelivery,
)
from models.base import now
from services import actor
from services.api_monitoring_service import APIMonitoringService
from services.errors import Unavailable
from services.experiments.runs import checkpoints
from services.explanation_cache import ExplanationCache
from services.export_service import ExportService
from services.files.kept_files import delete_orphans
from services.files.staging import delete_left, last_change
from services.idempotency_service import IdempotencyService
from services.import_service import ImportService
from services.job_service import ENDED
from services.monitoring.samples import HOUR_S
from services.runtime import artefacts, unit_of_work
from services.synthesis_service import SynthesisService
from services.upload_service import UploadService

KEEP_SESSIONS = timedelta(days=30)
# What the setting RETENTION_DAYS changes by these names; 0 days keep for ever.
KEEP_DAYS = {
    "sign_in_attempts": 180,
    "notices": 90,
    # Those that were sent or given up, and digests.
    "mails": 90,
    # Those that arrived or were given up, with their attempts.
    "deliveries": 90,
    # What a job told while it ran; its end state and result stay longer.
    "job_log": 90,
    "jobs": 365,
    # The audit trail.
    "events": 0,
    # Those that were cleared.
    "alarms": 730,
    "metrics": 7,
    "metric_hours": 400,
}
KEEP_LOG = timedelta(days=KEEP_DAYS["job_log"])
KEEP_JOBS = timedelta(days=KEEP_DAYS["jobs"])
# A training that failed or was cancelled can go on from its checkpoint for so long.
KEEP_CHECKPOINTS = timedelta(days=90)
# One that is finished can be continued with the state of its optimiser for so long.
KEEP_STATES = timedelta(days=7)
# Files in the making, and uploads without a row: of workers and requests that were cut short.
KEEP_PIECES = timedelta(days=1)
# Copies of what lies in a store on the network, since their last use.
KEEP_FETCHED = timedelta(days=7)
STAGE = "clean up"
# How the setting calls what the cleaning tells of.
RETAINED_AS = {
    "sign-in attempts": "sign_in_attempts",
    "notices": "notices",
    "mails": "mails",
    "digests": "mails",
    "deliveries of webhooks": "deliveries",
    "lines of jobs": "job_log",
    "jobs": "jobs",
    "events": "events",
    "alarms": "alarms",
    "measurements": "metrics",
    "measurements by hours": "metric_hours",
}

Step = Callable[[], int]

log = logging.getLogger(__name__)


class RetentionView(TypedDict):
    """What the next cleaning would take of one kind of rows; ``days`` 0 keeps for ever."""

    name: str
    days: int
    count: int


class HousekeepingService:
    """Delete rows that are past their use, and files that belong to nobody."""

    @staticmethod
    def preview_cleaning() -> list[RetentionView]:
        """How many rows of each kind :meth:`clean_up` would delete now. Nothing changes."""
        actor.admin()
        found: list[RetentionView] = []
        with unit_of_work(writing=False) as session:
            for kind, rows in _old_rows(now()).items():
                counted = select(func.count()).select_from(rows.table)
                if rows.whereclause is not None:
                    counted = counted.where(rows.whereclause)
                days = _days(RETAINED_AS[kind]) if kind in RETAINED_AS else KEEP_SESSIONS.days
                found.append({"name": kind, "days": days, "count": session.scalar(counted) or 0})
        return found

    @staticmethod
    def clean_up(report: Report = silent) -> dict[str, int]:
        """How many of each kind went. A step that fails keeps no other from its work.

        Raises
        ------
        Unavailable
            If steps failed, after all the others; the sentence names them.
        """
        actor.admin()
        steps = _steps(now())
        counted: dict[str, int] = {}
        for done, (name, step) in enumerate(steps.items()):
            report(Progress(STAGE, done, len(steps), name))
            try:
                counted[name] = step()
            except Exception:
                # Whatever it was, the other steps have nothing to do with it.
                log.exception("Cleaning up failed at: %s", name)
        failed = [name for name in steps if name not in counted]
        if failed:
            report(Progress(STAGE, len(counted), len(steps), log=_told(counted)))
            raise Unavailable(
                f"{len(failed)} of {len(steps)} steps of the cleaning failed: {', '.join(failed)}. "
                "The others are done. The log has the details; the next cleaning tries all again."
            )
        return counted


def _steps(moment: datetime) -> dict[str, Step]:
    return {
        **{name: partial(_gone, rows) for name, rows in _old_rows(moment).items()},
        "requests to the API": APIMonitoringService.delete_old,
        "answers to requests": IdempotencyService.delete_old,
        "uploads": UploadService.delete_old,
        "files of previews": ImportService.delete_old_previews,
        "exports": ExportService.delete_old,
        "unfinished data sets": SynthesisService.delete_unfinished,
        "explanations": ExplanationCache.clear_old_explanations,
        "checkpoints": lambda: _delete_checkpoints(moment - KEEP_CHECKPOINTS, moment - KEEP_STATES),
        "uploaded files without a row": lambda: _delete_stray_uploads(moment - KEEP_PIECES),
        "files in the making": lambda: delete_left(moment - KEEP_PIECES),
        "fetched copies": lambda: artefacts().forget_fetched(moment - KEEP_FETCHED),
        "stored files without a row": delete_orphans,
    }


def _told(counted: dict[str, int]) -> str:
    gone = [f"{count} × {name}" for name, count in counted.items() if count]
    return f"Taken away: {', '.join(gone) or 'nothing'}."


def _old_rows(moment: datetime) -> dict[str, Delete]:
    ended = select(Job.id).where(Job.status.in_(ENDED))
    told = JobLogLine.job_id.in_(ended)
    is_hour = MetricSample.seconds >= HOUR_S
    return {
        "sessions": delete(UserSession).where(UserSession.expires_at < moment - KEEP_SESSIONS),
        "links": delete(AccountLink).where(AccountLink.expires_at < moment - KEEP_SESSIONS),
        "second steps": delete(SecondStep).where(SecondStep.expires_at < moment - KEEP_PIECES),
        "sign-in attempts": delete(LoginAttempt).where(
            _past(LoginAttempt.created_at, "sign_in_attempts", moment)
        ),
        "notices": delete(Notice).where(
            _past(Notice.created_at, "notices", moment),
            or_(Notice.read_at.is_not(None), ~Notice.in_app),
        ),
        # Each with its tries, and a digest with its mail and what it told.
        "mails": delete(Mail).where(
            _past(Mail.created_at, "mails", moment), Mail.status != MailStatus.WAITING
        ),
        "digests": delete(Digest).where(
            _past(Digest.created_at, "mails", moment), Digest.id.not_in(_unsent_digests())
        ),
        "deliveries of webhooks": delete(WebhookDelivery).where(
            _past(WebhookDelivery.created_at, "deliveries", moment),
            WebhookDelivery.status != DeliveryStatus.WAITING,
        ),
        "lines of jobs": delete(JobLogLine).where(_past(JobLogLine.at, "job_log", moment), told),
        "jobs": delete(Job).where(
            Job.status.in_(ENDED), _past(Job.finished_at, "jobs", moment), *_unreferred(Job.id)
        ),
        "events": delete(Event).where(
            _past(Event.created_at, "events", moment), *_unreferred(Event.id)
        ),
        "alarms": delete(Alarm).where(
            _past(Alarm.cleared_at, "alarms", moment), *_unreferred(Alarm.id)
        ),
        "measurements": delete(MetricSample).where(
            _past(MetricSample.at, "metrics", moment), ~is_hour
        ),
        "measurements by hours": delete(MetricSample).where(
            _past(MetricSample.at, "metric_hours", moment), is_hour
        ),
    }


def _past(column: InstrumentedAttribute[Any], name: str, moment: datetime) -> ColumnElement[bool]:
    """That a time is longer ago than is kept."""
    days = _days(name)
    return column < moment - timedelta(days=days) if days else false()


def _days(name: str) -> int:
    given: dict[str, int] = current_app.config["RETENTION_DAYS"]
    return given.get(name, KEEP_DAYS[name])


def _unsent_digests() -> Select[int | None]:
    return select(Mail.digest_id).where(
        Mail.status == MailStatus.WAITING, Mail.digest_id.is_not(None)
    )


def _gone(rows: Delete) -> int:
    with unit_of_work() as session:
        return len(session.scalars(rows.returning(rows.table.c.id)).all())


def _unreferred(key: InstrumentedAttribute[int]) -> list[ColumnElement[bool]]:
    """That no row, but those that go with it, refers to one."""
    target = Base.metadata.tables[key.class_.__tablename__].c.id
    return [~select(column).where(column == key).exists() for column in _columns_to(target)]


def _columns_to(target: Column[int]) -> list[Column[int]]:
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column is target and key.ondelete != "CASCADE"
    ]


def _delete_checkpoints(before: datetime, finished_before: datetime) -> int:
    """Delete those that no training goes on from: it ended a while ago, or was given up."""
    found = checkpoints()
    numbers = [number for number, _ in found if number is not None]
    with unit_of_work(writing=False) as session:
        wanted = (
            select(Experiment.id)
            .outerjoin(Job, Job.id == Experiment.job_id)
            .where(
                Experiment.id.in_(numbers),
                Job.status.not_in(ENDED)
                | (Experiment.checkpoint_key.is_(None) & (Job.finished_at > before))
                | (Job.finished_at > finished_before),
            )
        )
        needed = set(session.scalars(wanted))
    return _unlink([path for number, path in found if number not in needed], now() - KEEP_PIECES)


def _delete_stray_uploads(before: datetime) -> int:
    folder = Path(current_app.config["DATA_FOLDER"]) / "uploads"
    found = {path.name: path for path in folder.iterdir()} if folder.exists() else {}
    with unit_of_work(writing=False) as session:
        known = set(session.scalars(select(Upload.id)))
    return _unlink([path for name, path in found.items() if name not in known], before)


def _unlink(paths: list[Path], before: datetime) -> int:
    """Delete those files that were not written since."""
    old = [path for path in paths if last_change(path) < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
