"""What the first page shows: how much there is, what runs, what was found lately."""

from __future__ import annotations

import shutil
from typing import TypedDict

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Dataset, Experiment, Explanation, Job, JobStatus, Recording, Role, User
from services import actor
from services.experiment_service import ExperimentService
from services.experiments.views import ExperimentRow
from services.runtime import unit_of_work

LATEST = 5


class Steps(TypedDict):
    """What a new installation has not seen yet is False. ``people`` is None but for admins."""

    data: bool
    experiment: bool
    explanation: bool
    people: bool | None


class Overview(TypedDict):
    dataset_count: int
    recording_count: int
    signal_s: float
    running_jobs: int
    waiting_jobs: int
    experiment_count: int
    latest: list[ExperimentRow]
    disk_free_bytes: int
    disk_total_bytes: int
    steps: Steps


class HomeService:
    """What the first page shows."""

    @staticmethod
    def get_overview() -> Overview:
        """Counts over data sets that are not archived; the disk is the one of the data folder."""
        acting = actor.reader()
        disk = shutil.disk_usage(current_app.config["DATA_FOLDER"])
        with unit_of_work(writing=False) as session:
            datasets, recordings, signal_s = _count_data(session)
            jobs = _count_jobs(session)
            latest = ExperimentService.list_experiments(limit=LATEST, by_people=True)
            return {
                "dataset_count": datasets,
                "recording_count": recordings,
                "signal_s": signal_s,
                "running_jobs": jobs.get(JobStatus.RUNNING, 0),
                "waiting_jobs": jobs.get(JobStatus.WAITING, 0),
                "experiment_count": ExperimentService.count_experiments(),
                "latest": latest,
                "disk_free_bytes": disk.free,
                "disk_total_bytes": disk.total,
                "steps": _steps(session, acting.role, recordings),
            }


def _count_data(session: Session) -> tuple[int, int, float]:
    seconds = func.sum(Recording.sample_count / Recording.sample_rate_hz)
    datasets = select(func.count()).select_from(Dataset).where(Dataset.archived_at.is_(None))
    recordings = (
        select(func.count(Recording.id), seconds)
        .join(Dataset, Dataset.id == Recording.dataset_id)
        .where(Dataset.archived_at.is_(None))
    )
    count, signal_s = session.execute(recordings).one()
    return session.scalar(datasets) or 0, count, float(signal_s or 0.0)


def _count_jobs(session: Session) -> dict[JobStatus, int]:
    counted = select(Job.status, func.count()).group_by(Job.status)
    return {row[0]: row[1] for row in session.execute(counted)}


def _steps(session: Session, role: Role, recordings: int) -> Steps:
    ended = select(Experiment.id).where(Experiment.summary.is_not(None)).limit(1)
    people = session.scalar(select(func.count()).select_from(User)) or 0
    explained = session.scalar(select(Explanation.id).limit(1)) is not None
    return {
        "data": recordings > 0,
        "experiment": session.scalar(ended) is not None,
        "explanation": explained,
        "people": people > 1 if role is Role.ADMIN else None,
    }
