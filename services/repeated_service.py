"""Train one experiment several times, with folds or seeds or both, as one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from diagnostics.training.config import TrainingConfig
from models import Experiment, Job, JobStatus, RepeatedExperiment, RepeatedRun
from services import actor, events, locks
from services.errors import Conflict, Invalid
from services.experiment_collection_service import ExperimentCollectionService
from services.experiment_service import make_experiment
from services.experiments.feature_sets import used_view
from services.job_service import ACTIVE, JobService, JobView
from services.paging import paged
from services.repeated import planning, pooled, views
from services.repeated.planning import PlanView
from services.repeated.views import CurveView, RepeatedRow, RepeatedView, RunOf
from services.runtime import unit_of_work

# Leaves room for “, fold 10 of 12, seed 2147483647” in the names of the runs.
NAME_LENGTH = 85
KEPT_OF_PLAN: tuple[Literal["class_names", "sample_rate_hz", "warnings"], ...] = (
    "class_names",
    "sample_rate_hz",
    "warnings",
)


class RepeatedExperimentService:
    """Cross-validation by group and several seeds: one experiment with many runs."""

    @staticmethod
    def plan_runs(version_id: int, config: Mapping[str, Any], seeds: Sequence[int]) -> PlanView:
        """What the runs would learn from and be tested on; nothing is kept.

        Raises
        ------
        NotFound
            If there is no such version.
        Invalid
            If something is wrong or the groups cannot be dealt out so; the sentence says why.
        """
        actor.reader()
        checked, given = planning.checked(config, seeds)
        with unit_of_work(writing=False) as session:
            return planning.plan(session, version_id, checked, given)

    @staticmethod
    def create_repeated(
        name: str, version_id: int, config: Mapping[str, Any], seeds: Sequence[int] = ()
    ) -> RepeatedView:
        """Have one experiment trained for every fold and seed.

        One of the same name, data, config and seeds that is at work already is not doubled.

        Raises
        ------
        NotFound
            If there is no such version.
        Invalid
            If something is wrong or the groups cannot be dealt out so; the sentence says why.
        """
        owner_id = actor.user_id()
        name = _name(name)
        checked, given = planning.checked(config, seeds)
        with unit_of_work() as session:
            locks.alone(session, "start trainings")
            plan = planning.plan(session, version_id, checked, given)
            begun = _find_begun(session, owner_id, name, version_id, checked, given)
            if begun is not None:
                return _view(session, begun)
            repeated = RepeatedExperiment(
                name=name,
                owner_id=owner_id,
                version_id=version_id,
                classifier=checked.classifier,
                config=checked.to_dict(),
                folds=planning.fold_count(checked),
                seeds=given,
                plan={name: plan[name] for name in KEPT_OF_PLAN},
            )
            session.add(repeated)
            session.flush()  # the runs name it
            for fold, one in planning.runs_of(checked, given):
                called = run_name(name, fold, repeated.folds, one.seed)
                made = make_experiment(session, owner_id, called, version_id, one)
                session.add(
                    RepeatedRun(
                        experiment_id=made,
                        repeated_id=repeated.id,
                        fold=fold,
                        seed=one.seed,
                    )
                )
            subject = f"repeated:{repeated.id}"
            events.record(session, "repeated.created", subject, version_id=version_id)
            session.flush()
            return _view(session, repeated.id)

    @staticmethod
    def get_repeated(repeated_id: int) -> RepeatedView:
        """One repeated experiment with its runs and its pooled result.

        Raises
        ------
        NotFound
            If there is none.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return _view(session, repeated_id)

    @staticmethod
    def list_repeated(limit: int = 50, offset: int = 0) -> list[RepeatedRow]:
        """Repeated experiments, newest first."""
        actor.reader()
        newest = paged(views.rows().order_by(RepeatedExperiment.id.desc()), limit, offset)
        with unit_of_work(writing=False) as session:
            return views.brief(session, session.execute(newest).all())

    @staticmethod
    def count_repeated() -> int:
        actor.reader()
        with unit_of_work(writing=False) as session:
            counted = select(func.count()).select_from(RepeatedExperiment)
            return session.scalar(counted) or 0

    @staticmethod
    def list_curves(repeated_id: int) -> list[CurveView]:
        """Losses and accuracies of each run, epoch by epoch.

        Raises
        ------
        NotFound
            If there is no such repeated experiment.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            views.find(session, repeated_id)
            return views.curves(session, repeated_id)

    @staticmethod
    def find_run(experiment_id: int) -> RunOf | None:
        """The repeated experiment that an experiment is a run of, if it is one."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            return views.run_of(session, experiment_id)

    @staticmethod
    def pause_repeated(repeated_id: int) -> RepeatedView:
        """Let all runs rest that train or wait.

        Raises
        ------
        Conflict
            If there is none.
        """
        changes = dict.fromkeys((JobStatus.RUNNING, JobStatus.WAITING), JobService.pause)
        return _change(repeated_id, changes, "pause")

    @staticmethod
    def resume_repeated(repeated_id: int) -> RepeatedView:
        """Let all runs go on that rest, failed or were cancelled.

        Raises
        ------
        Conflict
            If there is none.
        """
        again = dict.fromkeys((JobStatus.FAILED, JobStatus.CANCELLED), JobService.retry)
        return _change(repeated_id, {JobStatus.PAUSED: JobService.resume, **again}, "go on with")

    @staticmethod
    def set_priority(repeated_id: int, priority: str) -> RepeatedView:
        """Let all runs that wait begin before other trainings (``high``) or after them.

        Raises
        ------
        Invalid
            If there is no such priority.
        Conflict
            If no run waits or rests.
        """
        change = partial(JobService.set_priority, priority=priority)
        waiting = dict.fromkeys((JobStatus.WAITING, JobStatus.PAUSED), change)
        return _change(repeated_id, waiting, "change the priority of")

    @staticmethod
    def cancel_repeated(repeated_id: int) -> RepeatedView:
        """End all runs that are not over; those that are keep their results.

        Raises
        ------
        Conflict
            If there is none.
        """
        return _change(repeated_id, dict.fromkeys(ACTIVE, JobService.cancel), "cancel")

    @staticmethod
    def delete_repeated(repeated_id: int) -> int:
        """Delete it with all runs, their results and checkpoints; how many runs there were.

        Raises
        ------
        NotFound
            If there is none.
        Conflict
            If a run waits, trains or rests.
        """
        actor.writer()
        with unit_of_work() as session:
            repeated = views.find(session, repeated_id)
            actor.owner_or_admin(repeated.owner_id)
            wanted = select(RepeatedRun.experiment_id).where(RepeatedRun.repeated_id == repeated_id)
            runs = list(session.scalars(wanted))
        # The rows of runs go with their experiments.
        deleted = ExperimentCollectionService.delete_experiments(runs) if runs else 0
        with unit_of_work() as session:
            repeated = views.find(session, repeated_id)
            name = repeated.name
            session.delete(repeated)
            events.record(session, "repeated.deleted", f"repeated:{repeated_id}", name=name)
        return deleted


def run_name(name: str, fold: int, folds: int, seed: int) -> str:
    """What a run is called.

    Examples
    --------
    >>> run_name("Forest", 2, 4, 7), run_name("Forest", 0, 0, 7)
    ('Forest, fold 2 of 4, seed 7', 'Forest, seed 7')
    """
    part = f", fold {fold} of {folds}" if folds else ""
    return f"{name}{part}, seed {seed}"


def _view(session: Session, repeated_id: int) -> RepeatedView:
    found = session.execute(views.rows().where(RepeatedExperiment.id == repeated_id)).all()
    if not found:
        views.find(session, repeated_id)
    repeated = found[0][0]
    runs = [views.run_view(*member) for member in views.members(session, repeated_id)]
    brief = views.brief(session, found)[0]
    return {
        **brief,
        "pooled": pooled.pooled_view(session, repeated),
        "config": TrainingConfig.from_dict(repeated.config).to_dict(),
        "class_names": repeated.plan["class_names"],
        "sample_rate_hz": repeated.plan["sample_rate_hz"],
        "warnings": repeated.plan["warnings"],
        "states": views.count_states(run["state"] for run in runs),
        "members": runs,
        "spreads": views.spreads(runs),
        "feature_set": used_view(session, runs[0]["experiment_id"]) if runs else None,
    }


def _find_begun(
    session: Session,
    owner_id: int,
    name: str,
    version_id: int,
    config: TrainingConfig,
    seeds: list[int],
) -> int | None:
    """The repeated experiment that a first click has made."""
    same = (
        select(RepeatedExperiment)
        .join(RepeatedRun, RepeatedRun.repeated_id == RepeatedExperiment.id)
        .join(Experiment, Experiment.id == RepeatedRun.experiment_id)
        .join(Job, Job.id == Experiment.job_id)
        .where(
            RepeatedExperiment.owner_id == owner_id,
            RepeatedExperiment.name == name,
            RepeatedExperiment.version_id == version_id,
            Job.status.in_(ACTIVE),
        )
        .order_by(RepeatedExperiment.id)
    )
    wanted = config.to_dict()
    found = (
        one.id
        for one in session.scalars(same).unique()
        if one.config == wanted and one.seeds == seeds
    )
    return next(found, None)


def _change(
    repeated_id: int, changes: Mapping[JobStatus, Callable[[int], JobView]], verb: str
) -> RepeatedView:
    actor.writer()
    with unit_of_work() as session:
        repeated = views.find(session, repeated_id)
        actor.owner_or_admin(repeated.owner_id)
        jobs = [(job.id, job.status) for _, _, job in views.members(session, repeated_id)]
        chosen = [(job_id, changes[status]) for job_id, status in jobs if status in changes]
        if not chosen:
            raise Conflict(f"There is no run to {verb}.")
        for job_id, change in chosen:
            change(job_id)
        return _view(session, repeated_id)


def _name(given: str) -> str:
    name = (given or "").strip()
    if not name or not name.isprintable():
        raise Invalid("Give the repeated experiment a name of characters that can be shown.")
    if len(name) > NAME_LENGTH:
        raise Invalid(
            f"The name may have {NAME_LENGTH} characters, since fold and seed are added to it for"
            f" each run; got {len(name)}."
        )
    return name
