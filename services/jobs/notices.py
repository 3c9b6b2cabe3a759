"""Write notices into inboxes, in the transaction of what they tell about."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import Experiment, Job, JobStatus, Notice, RepeatedExperiment, RepeatedRun

# Kinds that somebody waits for in front of the page tell of their end there.
QUIET = frozenset(
    {
        "preview_import",
        "predict_recording",
        "explain_recording",
        "check_signatures",
        "measure_classifier",
        "check_leakage",
    }
)
LEVELS = {
    JobStatus.DONE: "success",
    JobStatus.FAILED: "error",
    JobStatus.CANCELLED: "warning",
    JobStatus.PAUSED: "info",
}
WORDS = {
    JobStatus.DONE: "is done",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "was cancelled",
    JobStatus.PAUSED: "is paused",
}


def notify_of_job(session: Session, job_id: int) -> None:
    """Tell the owner of a job how it ended."""
    job = session.get_one(Job, job_id, populate_existing=True)
    if job.owner_id is None or job.status not in LEVELS:
        return
    if job.kind in QUIET and job.status is not JobStatus.FAILED:
        return
    if job.status is JobStatus.DONE and _is_run(session, job):
        _notify_of_runs(session, job)
        return
    session.add(
        Notice(
            user_id=job.owner_id,
            type=f"job.{job.status}",
            level=LEVELS[job.status],
            text=f"{job.title} {WORDS[job.status]}." + (f" {job.error}" if job.error else ""),
            link=_link(job),
        )
    )


def _is_run(session: Session, job: Job) -> bool:
    return session.scalar(_runs().where(Experiment.job_id == job.id).limit(1)) is not None


def _notify_of_runs(session: Session, job: Job) -> None:
    """Tell of a repeated experiment once, when none of its runs goes on."""
    repeated_id = session.scalar(_runs().where(Experiment.job_id == job.id))
    repeated = session.get_one(RepeatedExperiment, repeated_id)
    ends = (
        select(Job.status)
        .join(Experiment, Experiment.job_id == Job.id)
        .join(RepeatedRun, RepeatedRun.experiment_id == Experiment.id)
        .where(RepeatedRun.repeated_id == repeated_id)
    )
    statuses = list(session.scalars(ends))
    if any(status not in LEVELS or status is JobStatus.PAUSED for status in statuses):
        return
    done = statuses.count(JobStatus.DONE)
    whole = done == len(statuses)
    session.add(
        Notice(
            user_id=job.owner_id,
            type="repeated.done",
            level="success" if whole else "warning",
            text=f"“{repeated.name}”: {done} of {len(statuses)} runs are done.",
            link=f"/repeated/{repeated_id}",
        )
    )


def _runs() -> Select[int]:
    return select(RepeatedRun.repeated_id).join(
        Experiment, Experiment.id == RepeatedRun.experiment_id
    )


def _link(job: Job) -> str:
    made = (job.result or {}).get("feature_set_id")
    if made:
        return f"/features/{made}"
    kind, _, number = job.subject.partition(":")
    pages = {
        "experiment": "/experiments/",
        "leakage": "/experiments/",
        "dataset": "/datasets/",
    }
    return f"{pages[kind]}{number}" if kind in pages and number else f"/jobs?id={job.id}"
