"""Repeated experiments as services show them, and the rows behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, defer

from diagnostics.evaluation.pooling import spread_of_runs
from models import (
    Dataset,
    DatasetVersion,
    Experiment,
    ExperimentEpoch,
    Job,
    Origin,
    RepeatedExperiment,
    RepeatedRun,
    User,
)
from services.errors import NotFound
from services.experiments.feature_sets import FeatureSetUsed
from services.experiments.leaks import worst
from services.experiments.views import ExperimentState, experiment_state
from services.jobs.priorities import Priority, name_of

# What the whole is, as long as one of its runs is that.
FIRST_OF = (
    ExperimentState.TRAINING,
    ExperimentState.WAITING,
    ExperimentState.PAUSED,
    ExperimentState.FAILED,
    ExperimentState.CANCELLED,
)
SCORES = ("accuracy", "balanced_accuracy", "macro_f1")


class RunView(TypedDict):
    """One training; ``fold`` is 0 without folds, ``scores`` are those over its recordings."""

    experiment_id: int
    name: str
    fold: int
    seed: int
    state: ExperimentState
    fraction: float
    message: str
    error: str | None
    priority: Priority
    scores: dict[str, float] | None
    recordings: int | None
    leak: str | None
    best_epoch: int | None
    wall_time_s: float | None


class SpreadView(TypedDict):
    """A score over runs: see :class:`diagnostics.evaluation.pooling.SpreadOfRuns`."""

    name: str
    runs: int
    mean: float
    deviation: float
    low: float
    high: float
    between_folds: float | None
    between_seeds: float | None
    mean_low: float | None
    mean_high: float | None


class RepeatedRow(TypedDict):
    """A repeated experiment as lists show it; ``pooled`` has its scores, once there are some.

    ``leak`` is the worst verdict of its runs.
    """

    id: int
    name: str
    owner_id: int
    owner_name: str
    state: ExperimentState
    fraction: float
    runs: int
    finished: int
    folds: int
    seeds: list[int]
    classifier: str
    dataset_id: int
    dataset_name: str
    generated: bool
    version_id: int
    version_number: int
    group_by: str
    random_windows: bool
    leak: str | None
    pooled: dict[str, Any] | None
    created_at: datetime


class RepeatedView(RepeatedRow):
    """With its runs. ``pooled`` is None while no seed has all of its folds."""

    config: dict[str, Any]
    class_names: list[str]
    sample_rate_hz: float
    warnings: list[str]
    states: dict[str, int]
    members: list[RunView]
    spreads: list[SpreadView]
    feature_set: FeatureSetUsed | None


class CurveView(TypedDict):
    """The epochs of one run, first to last."""

    experiment_id: int
    fold: int
    seed: int
    epochs: list[dict[str, Any]]


class RunOf(TypedDict):
    """Where a single experiment belongs."""

    repeated_id: int
    name: str
    fold: int
    folds: int
    seed: int


def find(session: Session, repeated_id: int) -> RepeatedExperiment:
    found = session.get(RepeatedExperiment, repeated_id)
    if found is None:
        raise NotFound(f"There is no repeated experiment {repeated_id}.")
    return found


def rows() -> Select[RepeatedExperiment, User, DatasetVersion, Dataset]:
    return (
        select(RepeatedExperiment, User, DatasetVersion, Dataset)
        .join(User, User.id == RepeatedExperiment.owner_id)
        .join(DatasetVersion, DatasetVersion.id == RepeatedExperiment.version_id)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
    )


def brief(
    session: Session, found: Sequence[Row[RepeatedExperiment, User, DatasetVersion, Dataset]]
) -> list[RepeatedRow]:
    """Rows of :func:`rows` for a list."""
    ids = [row[0].id for row in found]
    jobs, leaks = _jobs(session, ids), _leaks(session, ids)
    return [
        _brief(repeated, owner, version, dataset, jobs.get(repeated.id, []), leaks.get(repeated.id))
        for repeated, owner, version, dataset in found
    ]


def members(session: Session, repeated_id: int) -> list[tuple[RepeatedRun, Experiment, Job]]:
    """The runs by seed and fold, without the side of every recording."""
    wanted = (
        select(RepeatedRun, Experiment, Job)
        .join(Experiment, Experiment.id == RepeatedRun.experiment_id)
        .join(Job, Job.id == Experiment.job_id)
        .where(RepeatedRun.repeated_id == repeated_id)
        .options(defer(Experiment.split))
        .order_by(RepeatedRun.seed, RepeatedRun.fold)
    )
    return [(run, experiment, job) for run, experiment, job in session.execute(wanted)]


def run_view(run: RepeatedRun, experiment: Experiment, job: Job) -> RunView:
    summary = experiment.summary
    scores = None
    if summary is not None:
        scores = {name: summary["recordings"][name]["value"] for name in SCORES}
    return {
        "experiment_id": experiment.id,
        "name": experiment.name,
        "fold": run.fold,
        "seed": run.seed,
        "state": experiment_state(job.status),
        "fraction": job.fraction,
        "message": job.message,
        "error": job.error,
        "priority": name_of(job.priority),
        "scores": scores,
        "recordings": None if summary is None else summary["n"]["recordings"],
        "leak": experiment.leak,
        "best_epoch": experiment.best_epoch,
        "wall_time_s": experiment.wall_time_s,
    }


def spreads(runs: Sequence[RunView]) -> list[SpreadView]:
    """How the scores differ from run to run; empty before two have ended."""
    tested = [(run, run["scores"]) for run in runs if run["scores"] is not None]
    if len(tested) < 2:
        return []
    folds, seeds = [run["fold"] for run, _ in tested], [run["seed"] for run, _ in tested]
    found = [
        spread_of_runs(name, [scores[name] for _, scores in tested], folds, seeds)
        for name in SCORES
    ]
    return [
        {
            "name": one.name,
            "runs": one.runs,
            "mean": one.mean,
            "deviation": one.deviation,
            "low": one.low,
            "high": one.high,
            "between_folds": one.between_folds,
            "between_seeds": one.between_seeds,
            "mean_low": None if one.interval is None else one.interval.low,
            "mean_high": None if one.interval is None else one.interval.high,
        }
        for one in found
    ]


def run_of(session: Session, experiment_id: int) -> RunOf | None:
    """The repeated experiment that an experiment is a run of, if it is one."""
    wanted = (
        select(RepeatedRun, RepeatedExperiment)
        .join(RepeatedExperiment, RepeatedExperiment.id == RepeatedRun.repeated_id)
        .where(RepeatedRun.experiment_id == experiment_id)
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        return None
    run, repeated = row
    return {
        "repeated_id": repeated.id,
        "name": repeated.name,
        "fold": run.fold,
        "folds": repeated.folds,
        "seed": run.seed,
    }


def state_of(states: Iterable[ExperimentState]) -> ExperimentState:
    """The one mapping from the states of runs to that of the whole.

    Examples
    --------
    >>> finished, failed = ExperimentState.FINISHED, ExperimentState.FAILED
    >>> state_of([finished, failed]).value, state_of([finished]).value
    ('failed', 'finished')
    """
    there = set(states)
    return next((state for state in FIRST_OF if state in there), ExperimentState.FINISHED)


def curves(session: Session, repeated_id: int) -> list[CurveView]:
    """Losses and accuracies of all runs, epoch by epoch."""
    wanted = (
        select(RepeatedRun, ExperimentEpoch)
        .join(ExperimentEpoch, ExperimentEpoch.experiment_id == RepeatedRun.experiment_id)
        .where(RepeatedRun.repeated_id == repeated_id)
        .order_by(RepeatedRun.seed, RepeatedRun.fold, ExperimentEpoch.epoch)
    )
    found: dict[int, CurveView] = {}
    for run, epoch in session.execute(wanted):
        one = found.setdefault(
            run.experiment_id,
            {
                "experiment_id": run.experiment_id,
                "fold": run.fold,
                "seed": run.seed,
                "epochs": [],
            },
        )
        one["epochs"].append(
            {
                "epoch": epoch.epoch,
                "train_loss": epoch.train_loss,
                "validation_loss": epoch.validation_loss,
                "train_accuracy": epoch.train_accuracy,
                "validation_accuracy": epoch.validation_accuracy,
            }
        )
    return list(found.values())


def count_states(states: Iterable[ExperimentState]) -> dict[str, int]:
    counted = Counter(state.value for state in states)
    return {state.value: counted[state.value] for state in ExperimentState if counted[state.value]}


def _jobs(session: Session, ids: Sequence[int]) -> dict[int, list[tuple[ExperimentState, float]]]:
    """State and progress of every run, by repeated experiment."""
    wanted = (
        select(RepeatedRun.repeated_id, Job.status, Job.fraction)
        .join(Experiment, Experiment.id == RepeatedRun.experiment_id)
        .join(Job, Job.id == Experiment.job_id)
        .where(RepeatedRun.repeated_id.in_(ids))
    )
    found: dict[int, list[tuple[ExperimentState, float]]] = {}
    for repeated_id, status, fraction in session.execute(wanted):
        found.setdefault(repeated_id, []).append((experiment_state(status), fraction))
    return found


def _leaks(session: Session, ids: Sequence[int]) -> dict[int, str | None]:
    """The worst verdict on the runs, by repeated experiment."""
    wanted = (
        select(RepeatedRun.repeated_id, Experiment.leak)
        .join(Experiment, Experiment.id == RepeatedRun.experiment_id)
        .where(RepeatedRun.repeated_id.in_(ids))
        .distinct()
    )
    found: dict[int, list[str | None]] = {}
    for repeated_id, leak in session.execute(wanted):
        found.setdefault(repeated_id, []).append(leak)
    return {repeated_id: worst(leaks) for repeated_id, leaks in found.items()}


def _brief(
    repeated: RepeatedExperiment,
    owner: User,
    version: DatasetVersion,
    dataset: Dataset,
    jobs: Sequence[tuple[ExperimentState, float]],
    leak: str | None,
) -> RepeatedRow:
    states = [state for state, _ in jobs]
    return {
        "id": repeated.id,
        "name": repeated.name,
        "owner_id": repeated.owner_id,
        "owner_name": owner.name,
        "state": state_of(states),
        "fraction": sum(fraction for _, fraction in jobs) / len(jobs) if jobs else 0.0,
        "runs": len(jobs),
        "finished": states.count(ExperimentState.FINISHED),
        "folds": repeated.folds,
        "seeds": repeated.seeds,
        "classifier": repeated.classifier,
        "dataset_id": dataset.id,
        "dataset_name": dataset.name,
        "generated": dataset.origin is Origin.GENERATED,
        "version_id": version.id,
        "version_number": version.number,
        "group_by": repeated.config["group_by"],
        "random_windows": repeated.config["split"]["by"] == "windows",
        "leak": leak,
        "pooled": (repeated.summary or {}).get("pooled"),
        "created_at": repeated.created_at,
    }
