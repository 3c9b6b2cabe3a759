"""Experiments that are a vote of finished ones."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Ensemble, EnsembleMember, Experiment, Job, JobKind
from services import actor, events, locks
from services.ensembles import leakage, planning, views
from services.ensembles import panel as panels
from services.ensembles.panel import Panel
from services.ensembles.views import EnsemblePlanView, EnsembleView, UseView
from services.experiment_service import checked_name
from services.experiments import views as experiment_views
from services.experiments.views import ExperimentView
from services.job_service import ACTIVE, JobService
from services.runtime import unit_of_work


class EnsembleService:
    """Let finished experiments vote together, and say how."""

    @staticmethod
    def preview_ensemble(
        experiment_ids: Sequence[int],
        voting: str = "soft",
        weighting: str = "equal",
        weights: Sequence[float] | None = None,
    ) -> EnsemblePlanView:
        """What a vote would be tested on; nothing is kept, and no score is told.

        Raises
        ------
        NotFound
            If an experiment does not exist.
        Invalid
            If these cannot vote together so; the sentence says why.
        TooLarge
            If their tests hold too many windows.
        """
        actor.reader()
        panel = panels.read(experiment_ids)
        how, by, shares = planning.checked_choice(panel, voting, weighting, weights)
        return planning.plan_view(panel, how, shares, planning.notes_on(panel, how, by))

    @staticmethod
    def create_ensemble(
        name: str,
        experiment_ids: Sequence[int],
        voting: str = "soft",
        weighting: str = "equal",
        weights: Sequence[float] | None = None,
    ) -> ExperimentView:
        """Make an experiment of the vote of finished ones, and have it tested.

        One of the same name and members that is at work already is not doubled.

        Raises
        ------
        NotFound, Invalid, TooLarge
            As :meth:`preview_ensemble`; Invalid also without a name.
        """
        owner_id = actor.user_id()
        name = checked_name(name)
        panel = panels.read(experiment_ids)
        how, by, shares = planning.checked_choice(panel, voting, weighting, weights)
        notes = planning.notes_on(panel, how, by)
        with unit_of_work() as session:
            locks.alone(session, "start trainings")
            begun = _find_begun(session, owner_id, name, panel)
            if begun is not None:
                return experiment_views.view(session, begun)
            made = _add(session, owner_id, name, panel, notes)
            session.add(Ensemble(experiment_id=made, voting=how.value, weighting=by.value))
            session.flush()  # the members name it
            session.add_all(
                EnsembleMember(experiment_id=made, member_id=row.id, position=place, weight=share)
                for place, (row, share) in enumerate(zip(panel.experiments, shares, strict=True))
            )
            session.flush()
            leakage.keep(session, made)
            session.flush()
            return experiment_views.view(session, made)

    @staticmethod
    def find_ensemble(experiment_id: int) -> EnsembleView | None:
        """Who votes in an experiment, and how; None for one that is no ensemble."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            return views.view(session, experiment_id)

    @staticmethod
    def list_uses(experiment_id: int) -> list[UseView]:
        """The ensembles that an experiment votes in."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            found = views.uses(session, [experiment_id])
            return [{"experiment_id": number, "name": name} for _, number, name in found]


def _add(session: Session, owner_id: int, name: str, panel: Panel, notes: list[str]) -> int:
    config = planning.config_of(panel)
    version_id = panel.first.version_id
    experiment = Experiment(
        name=name,
        owner_id=owner_id,
        version_id=version_id,
        classifier=config.classifier,
        config=config.to_dict(),
        split=planning.split_of(panel, notes),
        class_names=list(panel.shared.class_names),
    )
    session.add(experiment)
    session.flush()  # the job names it
    experiment.job_id = JobService.submit(
        JobKind.VOTE_TOGETHER,
        {"experiment_id": experiment.id},
        title=f"Vote of {name}",
        subject=f"experiment:{experiment.id}",
    )
    events.record(
        session, "experiment.created", f"experiment:{experiment.id}", version_id=version_id
    )
    session.flush()
    return experiment.id


def _find_begun(session: Session, owner_id: int, name: str, panel: Panel) -> int | None:
    """The ensemble that a first click has made."""
    same = (
        select(Experiment.id)
        .join(Ensemble, Ensemble.experiment_id == Experiment.id)
        .join(Job, Job.id == Experiment.job_id)
        .where(
            Experiment.owner_id == owner_id,
            Experiment.name == name,
            Experiment.summary.is_(None),
            Job.status.in_(ACTIVE),
        )
        .order_by(Experiment.id)
    )
    wanted = [row.id for row in panel.experiments]
    found = (
        number
        for number in session.scalars(same)
        if [row.id for _, row in views.members(session, number)] == wanted
    )
    return next(found, None)
