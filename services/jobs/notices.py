"""What the owner of a job is told about it."""

from __future__ import annotations

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from models import Event, Experiment, Job, JobKind, JobStatus, RepeatedExperiment, RepeatedRun
from services.jobs.places import place_of
from services.notifications.messages import Message, number_in

# Kinds that somebody waits for in front of the page tell of their end there.
QUIET = frozenset(
    {
        "preview_import",
        "predict_recording",
        "explain_recording",
        "check_signatures",
        "measure_classifier",
        "check_leakage",
        "send_digests",
        "import_source",
        "detect_anomalies",
        "detect_in_batch",
        "compare_detectors",
        "explain_anomalies",
        # A campaign tells of its end, not each of its trials.
        "run_trial",
        "evaluate_campaign",
        "measure_importance",
        "time_variant",
    }
)
# By what was stored: of trainings, and of all other jobs.
TYPES = {
    "job.started": ("training.started", None),
    "job.done": ("training.complete", "job.done"),
    "job.failed": ("training.failed", "job.failed"),
    "job.cancelled": ("job.cancelled", "job.cancelled"),
    "job.paused": ("training.paused", None),
    "job.resume_requested": ("training.resumed", None),
}
FAILED, DONE = "job.failed", "job.done"
ENDED = (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED)
# What is told of every single run of a repeated experiment.
OF_RUNS = (FAILED, "job.cancelled", "job.paused")


def message_of_job(session: Session, event: Event) -> Message | None:
    """Tell the owner of a job what became of it."""
    job = session.get(Job, number_in(event))
    if job is None or job.owner_id is None or (job.kind in QUIET and event.type != FAILED):
        return None
    if job.kind is JobKind.RUN_TRIAL:  # a trial that fails is a result of its campaign
        return None
    of_training, of_other = TYPES[event.type]
    type = of_training if job.kind is JobKind.TRAIN_EXPERIMENT else of_other
    repeated_id = session.scalar(_runs().where(Experiment.job_id == job.id))
    if repeated_id is not None and event.type not in OF_RUNS:
        return _message_of_runs(session, event, repeated_id) if event.type == DONE else None
    if type is None:
        return None
    data = {"title": job.title, "kind": job.kind.value, "error": event.payload.get("error")}
    return Message(type, [job.owner_id], data, place_of(job) or f"/jobs?id={job.id}")


def _message_of_runs(session: Session, event: Event, repeated_id: int) -> Message | None:
    """Tell of a repeated experiment once, when none of its runs goes on.

    Where several of them ended before the first was told of, the last one tells.
    """
    repeated = session.get_one(RepeatedExperiment, repeated_id)
    runs = (
        select(Job.id, Job.status)
        .join(Experiment, Experiment.job_id == Job.id)
        .join(RepeatedRun, RepeatedRun.experiment_id == Experiment.id)
        .where(RepeatedRun.repeated_id == repeated_id)
    )
    found = session.execute(runs).all()
    statuses = [run.status for run in found]
    objects = [f"job:{run.id}" for run in found]
    later = exists().where(Event.id > event.id, Event.type == DONE, Event.object.in_(objects))
    if any(status not in ENDED for status in statuses) or session.scalar(select(later)):
        return None
    done = statuses.count(JobStatus.DONE)
    data = {"name": repeated.name, "done": done, "count": len(statuses)}
    level = None if done == len(statuses) else "warning"
    link = f"/repeated/{repeated_id}"
    return Message("training.runs_complete", [repeated.owner_id], data, link, level)


def _runs() -> Select[int]:
    return select(RepeatedRun.repeated_id).join(
        Experiment, Experiment.id == RepeatedRun.experiment_id
    )
