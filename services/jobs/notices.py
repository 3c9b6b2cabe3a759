"""Write notices into inboxes, in the transaction of what they tell about."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models import Job, JobStatus, Notice

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
    session.add(
        Notice(
            user_id=job.owner_id,
            type=f"job.{job.status}",
            level=LEVELS[job.status],
            text=f"{job.title} {WORDS[job.status]}." + (f" {job.error}" if job.error else ""),
            link=_link(job),
        )
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
