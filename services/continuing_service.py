"""Go on with a training that has ended: a new experiment that begins where the other stopped."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.errors import TrainingError
from diagnostics.training.card import Family
from diagnostics.training.config import TrainingConfig
from diagnostics.training.continuing import continued_config, usual_rate
from diagnostics.training.history import EpochRecord
from models import Experiment, ExperimentEpoch, Job, JobKind
from services import actor, events, locks
from services.errors import Conflict, NotFound
from services.experiments import views
from services.experiments.data import as_invalid
from services.experiments.runs import state_of_ended
from services.experiments.views import ExperimentView
from services.job_service import ACTIVE, JobService
from services.runtime import artefacts, unit_of_work

NAME_LENGTH = 120


class OfferView(TypedDict):
    """How a training could go on; ``with_state`` says whether the optimiser's state is there."""

    epochs: int
    learning_rate: float
    with_state: bool


class SourceView(TypedDict):
    """The experiment that another one goes on with; ``name`` is None when it is gone."""

    experiment_id: int
    name: str | None
    epochs: int


@dataclass(frozen=True)
class Start:
    """Where a training goes on: the state of the other one, or its weights alone."""

    state: Path | None
    model: Path
    history: tuple[EpochRecord, ...]
    best_epoch: int


class ContinuedTrainingService:
    """Continue finished trainings of networks for some epochs."""

    @staticmethod
    def continue_experiment(
        experiment_id: int, epochs: int, learning_rate: float | None = None
    ) -> ExperimentView:
        """A new experiment on the same split that trains on, for exactly so many epochs.

        It begins with the history of the other one, which keeps its result. The learning rate
        stays the same throughout; by default it is a tenth of what it was.

        Raises
        ------
        NotFound
            If there is no such experiment.
        Invalid
            If its classifier has no epochs, or a number is out of bounds.
        Conflict
            If it is not finished.
        """
        owner_id = actor.user_id()
        with unit_of_work() as session:
            locks.alone(session, "start trainings")
            source, done = _finished(session, experiment_id)
            old = TrainingConfig.from_dict(source.config)
            rate = usual_rate(old) if learning_rate is None else learning_rate
            try:
                config = continued_config(old, done, epochs, rate)
            except TrainingError as error:
                raise as_invalid(error) from error
            begun = _find_begun(session, owner_id, experiment_id, config)
            if begun is not None:
                return views.view(session, begun)
            made = Experiment(
                name=continued_name(source.name, config.epochs),
                owner_id=owner_id,
                version_id=source.version_id,
                classifier=source.classifier,
                config=config.to_dict(),
                split=source.split,
                class_names=source.class_names,
                leak=source.leak,
                leakage=source.leakage,
                continued_from=source.id,
            )
            session.add(made)
            session.flush()  # the job names it
            subject = f"experiment:{made.id}"
            made.job_id = JobService.submit(
                JobKind.TRAIN_EXPERIMENT,
                {"experiment_id": made.id},
                title=f"Training of {made.name}",
                subject=subject,
            )
            events.record(session, "experiment.continued", subject, source=source.id)
            session.flush()
            return views.view(session, made.id)

    @staticmethod
    def find_offer(experiment_id: int) -> OfferView | None:
        """How it could go on; None where it cannot, since it has no epochs or no result.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            views.find(session, experiment_id)
            try:
                source, done = _finished(session, experiment_id)
            except Conflict:
                return None
            config = TrainingConfig.from_dict(source.config)
            if config.card.family is not Family.NETWORK:
                return None
            return {
                "epochs": done,
                "learning_rate": usual_rate(config),
                "with_state": state_of_ended(experiment_id) is not None,
            }

    @staticmethod
    def find_source(experiment_id: int) -> SourceView | None:
        """What an experiment goes on with, if it does."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            wanted = select(Experiment.continued_from).where(Experiment.id == experiment_id)
            source_id = session.scalar(wanted)
            if source_id is None:
                return None
            source = session.get(Experiment, source_id)
            name = None if source is None else source.name
            return {"experiment_id": source_id, "name": name, "epochs": _count(session, source_id)}

    @staticmethod
    def find_start(experiment_id: int) -> Start | None:
        """Where the training of an experiment goes on, if it continues another one.

        Raises
        ------
        NotFound
            If the other one is gone.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            experiment = views.find(session, experiment_id)
            actor.owner_or_admin(experiment.owner_id)
            if experiment.continued_from is None:
                return None
            source = session.get(Experiment, experiment.continued_from)
            if source is None or source.checkpoint_key is None or source.best_epoch is None:
                raise NotFound("The experiment that this one was to go on with is gone.")
            rows = session.scalars(
                select(ExperimentEpoch)
                .where(ExperimentEpoch.experiment_id == source.id)
                .order_by(ExperimentEpoch.epoch)
            )
            history = tuple(_record(row) for row in rows)
            key, best_epoch = source.checkpoint_key, source.best_epoch
            state = state_of_ended(source.id)
        return Start(state, artefacts().local_path(key), history, best_epoch)


def continued_name(name: str, epochs: int) -> str:
    """What the new experiment is called.

    Examples
    --------
    >>> continued_name("Pump", 40), continued_name("Pump, to epoch 40", 60)
    ('Pump, to epoch 40', 'Pump, to epoch 60')
    """
    added = f", to epoch {epochs}"
    return f"{name.rpartition(', to epoch ')[0] or name}"[: NAME_LENGTH - len(added)] + added


def _finished(session: Session, experiment_id: int) -> tuple[Experiment, int]:
    source = views.find(session, experiment_id)
    if source.checkpoint_key is None or source.summary is None:
        raise Conflict("Only a finished training can go on; one that rests or failed is resumed.")
    return source, _count(session, experiment_id)


def _count(session: Session, experiment_id: int) -> int:
    wanted = select(ExperimentEpoch.epoch).where(ExperimentEpoch.experiment_id == experiment_id)
    return max(session.scalars(wanted), default=0)


def _find_begun(
    session: Session, owner_id: int, source_id: int, config: TrainingConfig
) -> int | None:
    """The experiment that a first click has made."""
    same = (
        select(Experiment.id, Experiment.config)
        .join(Job, Job.id == Experiment.job_id)
        .where(
            Experiment.owner_id == owner_id,
            Experiment.continued_from == source_id,
            Job.status.in_(ACTIVE),
        )
    )
    wanted = config.to_dict()
    return next((row.id for row in session.execute(same) if row.config == wanted), None)


def _record(row: ExperimentEpoch) -> EpochRecord:
    """The same names in both."""
    kept = {one.name: getattr(row, one.name) for one in fields(EpochRecord)}
    return EpochRecord(**{**kept, "head_errors": row.head_errors or {}})
