"""The same training under a split by group and under random windows, set against each other."""

from __future__ import annotations

from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from diagnostics.evaluation.grouping import LISTED_INSTEAD
from diagnostics.training.config import RandomWindows, TrainingConfig
from diagnostics.training.split import Side
from models import Experiment, ExperimentCounterpart, Job, JobStatus
from services.experiments.sides import random_windows, recordings_on, split_by
from services.experiments.views import ExperimentState, experiment_state

LEVELS = ("windows", "recordings")
SCORES = ("balanced_accuracy", "accuracy", "macro_f1")
# Shares that lie between these train and test something.
LEAST, MOST = 0.05, 0.6


class GapScore(TypedDict):
    """A score under both splits; ``gap`` is random less by group. ``low`` is of the group's."""

    level: str
    name: str
    by_windows: float
    by_windows_n: int
    by_group: float
    by_group_n: int
    low: float | None
    high: float | None
    gap: float


class SideOfGap(TypedDict):
    experiment_id: int
    name: str
    state: ExperimentState
    split_by: str
    leak: str | None


class GapView(TypedDict):
    """``scores`` is empty until both are tested; ``no_interval`` says why the gap has none."""

    by_windows: SideOfGap
    by_group: SideOfGap
    scores: list[GapScore]
    no_interval: str
    notes: list[str]


NO_INTERVAL = (
    "The gap has no interval: under random windows no group is new, so how the score would vary"
    " with new groups cannot be said there. The interval beside the split by group is its own."
)


def find(session: Session, experiment: Experiment) -> Experiment | None:
    """The one that it was made from, or the newest one made from it."""
    link = ExperimentCounterpart
    made = select(link.experiment_id).where(link.other_id == experiment.id)
    source = select(link.other_id).where(link.experiment_id == experiment.id)
    newest = (
        select(Experiment)
        .where(Experiment.id.in_(made.union(source)), Experiment.archived_at.is_(None))
        .options(defer(Experiment.leakage))
        .order_by(Experiment.id.desc())
        .limit(1)
    )
    return session.scalars(newest).one_or_none()


def has_failed(session: Session, experiment: Experiment) -> bool:
    """Whether its training ended without a result."""
    job = session.get(Job, experiment.job_id) if experiment.job_id else None
    return job is None or job.status in (JobStatus.FAILED, JobStatus.CANCELLED)


def other_split(
    session: Session, experiment: Experiment, config: TrainingConfig
) -> tuple[dict[str, Any], str]:
    """The config under the other kind of split, with about the same shares, and its short name."""
    plain = config.to_dict()
    if isinstance(config.split, RandomWindows):
        split = {"by": "fractions", **_shares(config.split), "seed": config.split.seed}
        return {**plain, "split": split}, f"split by {config.group_by}"
    on = {side: len(recordings_on(experiment.split, side.value)) for side in Side}
    total = sum(on.values())
    shares = {
        "test": min(max(on[Side.TEST] / total, LEAST), MOST),
        "validation": on[Side.VALIDATION] / total
        and min(max(on[Side.VALIDATION] / total, LEAST), 0.9 - MOST),
    }
    drawn = {name: round(share, 3) for name, share in shares.items()}
    return {**plain, "split": {"by": "windows", **drawn, "seed": config.seed}}, "random windows"


def gap(session: Session, experiment: Experiment, other: Experiment) -> GapView:
    """Both with their scores, whichever was first."""
    pair = [experiment, other]
    drawn = next((one for one in pair if random_windows(one.split) is not None), other)
    grouped = other if drawn is experiment else experiment
    return {
        "by_windows": _side(session, drawn),
        "by_group": _side(session, grouped),
        "scores": _scores(drawn, grouped),
        "no_interval": NO_INTERVAL,
        "notes": _notes(drawn, grouped),
    }


def _shares(split: RandomWindows) -> dict[str, float]:
    return {"test": split.test, "validation": split.validation}


def _side(session: Session, experiment: Experiment) -> SideOfGap:
    job = session.get_one(Job, experiment.job_id)
    return {
        "experiment_id": experiment.id,
        "name": experiment.name,
        "state": experiment_state(job.status),
        "split_by": split_by(experiment.split),
        "leak": experiment.leak,
    }


def _scores(drawn: Experiment, grouped: Experiment) -> list[GapScore]:
    if drawn.summary is None or grouped.summary is None:
        return []
    found: list[GapScore] = []
    for level in LEVELS:
        for name in SCORES:
            one, own = drawn.summary[level][name], grouped.summary[level][name]
            found.append(
                {
                    "level": level,
                    "name": name,
                    "by_windows": one["value"],
                    "by_windows_n": drawn.summary["n"][level],
                    "by_group": own["value"],
                    "by_group_n": grouped.summary["n"][level],
                    "low": own["low"],
                    "high": own["high"],
                    "gap": one["value"] - own["value"],
                }
            )
    return found


def _notes(drawn: Experiment, grouped: Experiment) -> list[str]:
    """What has to be known of the two beside their scores."""
    notes = []
    if grouped.summary is not None and grouped.summary["no_interval"] is not None:
        reason = grouped.summary["no_interval"].removesuffix(LISTED_INSTEAD)
        notes.append(f"Split by group: {reason}")
    same = {key: value for key, value in drawn.config.items() if key != "split"} == {
        key: value for key, value in grouped.config.items() if key != "split"
    }
    if not same:
        notes.append("The two differ in more than their split.")
    return notes
