"""Experiments as services show them, and the rows behind them."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from diagnostics.training.card import Family
from diagnostics.training.classifiers import classifier
from diagnostics.training.config import TrainingConfig
from models import (
    CampaignRun,
    Dataset,
    DatasetVersion,
    Experiment,
    ExperimentEpoch,
    Job,
    JobStatus,
    Origin,
    User,
)
from services.errors import Invalid, NotFound
from services.experiments.feature_sets import FeatureSetUsed, used_view
from services.job_service import JobView, job_view


class ExperimentState(enum.StrEnum):
    """How far an experiment is. It is not stored: it follows from the job."""

    WAITING = "waiting"
    TRAINING = "training"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


STATE_OF: dict[JobStatus, ExperimentState] = {
    JobStatus.WAITING: ExperimentState.WAITING,
    JobStatus.RUNNING: ExperimentState.TRAINING,
    JobStatus.PAUSED: ExperimentState.PAUSED,
    JobStatus.DONE: ExperimentState.FINISHED,
    JobStatus.FAILED: ExperimentState.FAILED,
    JobStatus.CANCELLED: ExperimentState.CANCELLED,
}


class ExperimentRow(TypedDict):
    """An experiment as lists show it. ``summary`` has the test scores, once there are some.

    With ``random_windows`` the groups were not kept together. ``leak`` is the verdict of the
    leakage guard; None for one that it never looked at.
    """

    id: int
    name: str
    owner_id: int
    owner_name: str
    state: ExperimentState
    fraction: float
    classifier: str
    dataset_id: int
    dataset_name: str
    generated: bool
    version_id: int
    version_number: int
    group_by: str
    random_windows: bool
    summary: dict[str, Any] | None
    leak: str | None
    archived: bool
    created_at: datetime


class ExperimentView(ExperimentRow):
    """An experiment with all that was asked and came out. ``feature_set`` is what it learned
    from; None for one on waveforms or basic features."""

    notes: str
    leakage: dict[str, Any] | None
    config: dict[str, Any]
    split: dict[str, Any]
    class_names: list[str]
    job: JobView
    best_epoch: int | None
    parameter_count: int | None
    wall_time_s: float | None
    environment: dict[str, str] | None
    estimate: dict[str, Any] | None
    peak_bytes: int | None
    has_report: bool
    has_checkpoint: bool
    feature_set: FeatureSetUsed | None


class EpochView(TypedDict):
    epoch: int
    train_loss: float
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    windows_per_s: float
    seconds: float
    head_errors: dict[str, dict[str, float]]


def experiment_state(status: JobStatus) -> ExperimentState:
    """The one mapping from the state of a job to that of its experiment."""
    return STATE_OF[status]


def find(session: Session, experiment_id: int) -> Experiment:
    experiment = session.get(Experiment, experiment_id)
    if experiment is None:
        raise NotFound(f"There is no experiment {experiment_id}.")
    return experiment


def untrained(experiment: Experiment) -> Invalid:
    """Why there are no weights to ask: an ensemble never has some, others not yet."""
    if classifier(experiment.classifier).family is Family.ENSEMBLE:
        return Invalid(
            f"“{experiment.name}” is a vote and has no weights of its own. Ask its members."
        )
    return Invalid(f"“{experiment.name}” is not trained yet. Wait until its job is done.")


def refuse_locked(session: Session, experiment: Experiment) -> None:
    """Keep the test part of a campaign's trials out of sight.

    Raises
    ------
    Invalid
        If it is a trial that was not chosen for the one look at it.
    """
    if experiment.summary is None and session.get(CampaignRun, experiment.id) is not None:
        raise Invalid(
            f"“{experiment.name}” is a trial of a campaign. Nobody looks at the test part until"
            " the campaign is over and its best trial is evaluated, once, on its page."
        )


def rows() -> Select[Experiment, Job, User, DatasetVersion, Dataset]:
    return (
        select(Experiment, Job, User, DatasetVersion, Dataset)
        .join(Job, Job.id == Experiment.job_id)
        .join(User, User.id == Experiment.owner_id)
        .join(DatasetVersion, DatasetVersion.id == Experiment.version_id)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
    )


def brief_rows() -> Select[Experiment, Job, User, DatasetVersion, Dataset]:
    """For lists, without the side of every recording, and without archived ones."""
    return in_brief().where(Experiment.archived_at.is_(None))


def in_brief() -> Select[Experiment, Job, User, DatasetVersion, Dataset]:
    """Without the side of every recording and what the leakage guard looked at."""
    return rows().options(defer(Experiment.split), defer(Experiment.leakage))


def view(session: Session, experiment_id: int) -> ExperimentView:
    found = session.execute(rows().where(Experiment.id == experiment_id)).one_or_none()
    if found is None:
        raise NotFound(f"There is no experiment {experiment_id}.")
    experiment, job, owner, *_ = found
    return {
        **row(*found),
        "notes": experiment.notes,
        "leakage": experiment.leakage,
        # With what was not there to choose when it was made, as it is usual.
        "config": TrainingConfig.from_dict(experiment.config).to_dict(),
        "split": experiment.split,
        "class_names": experiment.class_names,
        "job": job_view(job, owner.name),
        "best_epoch": experiment.best_epoch,
        "parameter_count": experiment.parameter_count,
        "wall_time_s": experiment.wall_time_s,
        "environment": experiment.environment,
        "estimate": experiment.estimate,
        "peak_bytes": experiment.peak_bytes,
        "has_report": experiment.report_key is not None,
        "has_checkpoint": experiment.checkpoint_key is not None,
        "feature_set": used_view(session, experiment_id),
    }


def row(
    experiment: Experiment, job: Job, owner: User, version: DatasetVersion, dataset: Dataset
) -> ExperimentRow:
    return {
        "id": experiment.id,
        "name": experiment.name,
        "owner_id": experiment.owner_id,
        "owner_name": owner.name,
        "state": experiment_state(job.status),
        "fraction": job.fraction,
        "classifier": experiment.classifier,
        "dataset_id": dataset.id,
        "dataset_name": dataset.name,
        "generated": dataset.origin is Origin.GENERATED,
        "version_id": version.id,
        "version_number": version.number,
        "group_by": experiment.config["group_by"],
        "random_windows": experiment.config["split"]["by"] == "windows",
        "summary": experiment.summary,
        "leak": experiment.leak,
        "archived": experiment.archived_at is not None,
        "created_at": experiment.created_at,
    }


def epoch_view(row: ExperimentEpoch) -> EpochView:
    return {
        "epoch": row.epoch,
        "train_loss": row.train_loss,
        "train_accuracy": row.train_accuracy,
        "validation_loss": row.validation_loss,
        "validation_accuracy": row.validation_accuracy,
        "learning_rate": row.learning_rate,
        "windows_per_s": row.windows_per_s,
        "seconds": row.seconds,
        "head_errors": row.head_errors or {},
    }
