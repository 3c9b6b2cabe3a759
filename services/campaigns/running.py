"""What a worker does for a campaign: choose a trial, keep what came out, make room for the next.

Each step is kept before the next one begins, so a worker may be lost at any moment: the trial
goes on with another worker, from its checkpoint, or ends with a reason. The study is told before
the row: what is told twice counts once, and a row that says “complete” is known to the sampler.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from diagnostics.training.config import HeldOutGroups, TrainingConfig
from diagnostics.training.history import EpochRecord
from models import (
    Campaign,
    CampaignAim,
    CampaignRun,
    CampaignTrial,
    Experiment,
    ExperimentEpoch,
    TrialState,
)
from models.base import now
from services import actor, events
from services.campaigns import filling, rows
from services.campaigns.kinds import Asked, PastTrial, Suggestion, searching
from services.errors import Conflict, Invalid, NotFound
from services.experiment_service import keep_experiment
from services.experiments.runs import environment
from services.experiments.views import find as find_experiment
from services.files.kept_files import hold
from services.jobs.job_runs import running_job
from services.runtime import artefacts, unit_of_work

if TYPE_CHECKING:
    from diagnostics.search.study import SearchStudy

NO_TRAINING = "What was chosen is no training: {}"
NEVER_BEGAN = "It has no training: that was refused, or deleted, and the worker was lost."


@dataclass(frozen=True)
class TrialTraining:
    """One training of a trial: ``fold`` counts from 1, and is 0 where there is only one.

    ``done``: an earlier worker has kept its model already.
    """

    experiment_id: int
    fold: int
    done: bool


@dataclass(frozen=True)
class TrialPlan:
    """What a worker has to train."""

    campaign: Campaign
    trial_id: int
    number: int
    params: dict[str, Any]
    study_number: int | None
    trainings: tuple[TrialTraining, ...]

    @property
    def metric(self) -> str:
        return str(self.campaign.metrics[0])


@dataclass(frozen=True)
class TrialModel:
    """What a training leaves: no predictions of the test part, which nobody looks at here."""

    path: Path
    best_epoch: int | None
    parameter_count: int | None
    seconds: float
    peak_bytes: int | None


class CampaignRunService:
    """Begin a trial, report on it, end it."""

    @staticmethod
    def begin(campaign_id: int) -> TrialPlan | None:
        """The trial of the running job: the one it had, or a new one; None if none is due.

        Raises
        ------
        NotFound
            If there is no such campaign.
        """
        actor.writer()
        with unit_of_work() as session:
            campaign = rows.hold(session, campaign_id)
            actor.owner_or_admin(campaign.owner_id)
            filling.tidy(session, campaign_id)
            trial = _of_job(session) or _new(session, campaign)
            if trial is None:
                filling.fill(session, campaign, without=running_job())
                return None
            trial_id, number, same_as = trial.id, trial.number, trial.same_as
            plan = None if trial.params is None else _plan(session, trial, campaign)
            session.expunge(campaign)
        if plan is None:
            return _chosen(campaign, trial_id, number)
        if same_as is not None:  # an earlier worker was lost before it had copied
            _copy(trial_id, same_as)
            return None
        if not plan.trainings:
            CampaignRunService.fail(plan, NEVER_BEGAN)
            return None
        return plan

    @staticmethod
    def report(trial: TrialPlan, record: EpochRecord) -> bool:
        """Note the score after an epoch; whether the trial is to end now."""
        actor.writer()
        actor.owner_or_admin(trial.campaign.owner_id)
        if trial.campaign.pruner == "none":
            return False  # nobody asks about epochs, so the study is not opened for each
        study, score = _study(trial), scores_of(record)[trial.metric]
        if study is None or score is None:
            return False
        return study.report(_number(trial), record.epoch, score)

    @staticmethod
    def keep_model(experiment_id: int, model: TrialModel) -> None:
        """Keep what a training of a trial has learned."""
        actor.writer()
        with unit_of_work() as session:
            experiment = find_experiment(session, experiment_id)
            actor.owner_or_admin(experiment.owner_id)
            hold(session)
            key = artefacts().put_file("models", model.path.suffix, model.path)
            experiment.checkpoint_key, experiment.checkpoint_hash = key, Path(key).stem
            experiment.best_epoch = model.best_epoch
            experiment.parameter_count = model.parameter_count
            experiment.wall_time_s = model.seconds
            experiment.peak_bytes = model.peak_bytes
            experiment.environment = environment()

    @staticmethod
    def complete(trial: TrialPlan, measured: Mapping[str, Any]) -> None:
        """End a trial with its scores."""
        actor.writer()
        values = [measured[name] for name in trial.campaign.metrics]
        study = _study(trial)
        if study is not None:
            study.tell(_number(trial), values)
        _end(trial, TrialState.COMPLETE, value=values[0], measured=dict(measured))

    @staticmethod
    def prune(trial: TrialPlan, epoch: int, measured: Mapping[str, Any]) -> None:
        """End a trial early, with the score of its last epoch."""
        actor.writer()
        study = _study(trial)
        if study is not None:
            study.tell_pruned(_number(trial))
        reason = f"Ended early after epoch {epoch}: others were better by then."
        value = measured[trial.metric]
        _end(trial, TrialState.PRUNED, value=value, measured=dict(measured), reason=reason)

    @staticmethod
    def fail(trial: TrialPlan, reason: str) -> None:
        """End a trial that has no score, and never gets one."""
        actor.writer()
        study = _study(trial)
        if study is not None:
            study.tell_failed(_number(trial))
        _end(trial, TrialState.FAILED, reason=reason)

    @staticmethod
    def cancel(trial: TrialPlan) -> None:
        """End a trial that a person has stopped."""
        actor.writer()
        study = _study(trial)
        if study is not None:
            study.tell_failed(_number(trial))
        _end(trial, TrialState.CANCELLED, reason="Cancelled.")

    @staticmethod
    def final_training(campaign_id: int) -> int:
        """The experiment of the best trial: that of its first part of validation.

        Raises
        ------
        Conflict
            If no trial has come to its end.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            campaign = rows.find(session, campaign_id)
            actor.owner_or_admin(campaign.owner_id)
            best = rows.find_best(session, campaign)
            if best is None:
                raise Conflict(f"No trial of “{campaign.name}” has come to its end.")
            if best.same_as is not None:
                best = session.scalars(
                    select(CampaignTrial).where(
                        CampaignTrial.campaign_id == campaign_id,
                        CampaignTrial.number == best.same_as,
                    )
                ).one()
            first = select(CampaignRun.experiment_id).where(CampaignRun.trial_id == best.id)
            found = session.scalar(first.order_by(CampaignRun.fold).limit(1))
            if found is None:
                raise Conflict(f"The training of trial {best.number} was deleted.")
            return found

    @staticmethod
    def save_final(campaign_id: int, experiment_id: int, final: Mapping[str, Any]) -> None:
        """Keep what the one look at the test part has shown."""
        actor.writer()
        with unit_of_work() as session:
            campaign = rows.hold(session, campaign_id)
            actor.owner_or_admin(campaign.owner_id)
            find_experiment(session, experiment_id)
            run = session.get(CampaignRun, experiment_id)
            if run is None:
                raise NotFound(f"Experiment {experiment_id} belongs to no campaign.")
            trial = rows.find_trial(session, run.trial_id)
            campaign.final = {
                **final,
                "experiment_id": experiment_id,
                "trial": trial.number,
                "trials": rows.count_trials(session, campaign_id, rows.USED),
                "at": now().isoformat(),
            }
            events.record(
                session, "campaign.evaluated", f"campaign:{campaign_id}", trial=trial.number
            )

    @staticmethod
    def save_importance(campaign_id: int, found: Mapping[str, Any]) -> None:
        """Keep how much each setting decides."""
        actor.writer()
        with unit_of_work() as session:
            campaign = rows.find(session, campaign_id)
            actor.owner_or_admin(campaign.owner_id)
            campaign.importance = {**found, "at": now().isoformat()}

    @staticmethod
    def epochs_of(experiment_id: int) -> list[EpochRecord]:
        """What is kept of the epochs of a training, first to last."""
        actor.reader()
        kept = select(ExperimentEpoch).where(ExperimentEpoch.experiment_id == experiment_id)
        with unit_of_work(writing=False) as session:
            return [
                EpochRecord(
                    epoch=row.epoch,
                    train_loss=row.train_loss,
                    train_accuracy=row.train_accuracy or 0.0,
                    validation_loss=row.validation_loss,
                    validation_accuracy=row.validation_accuracy,
                    learning_rate=row.learning_rate,
                    windows_per_s=row.windows_per_s,
                    seconds=row.seconds,
                )
                for row in session.scalars(kept.order_by(ExperimentEpoch.epoch))
            ]

    @staticmethod
    def tend() -> int:
        """See after all campaigns at work: trials that were lost, jobs that are missing."""
        actor.worker()
        with unit_of_work(writing=False) as session:
            at_work = select(Campaign.id).where(
                (Campaign.aim == CampaignAim.RUN) | Campaign.ended_at.is_(None)
            )
            found = [
                number for number in session.scalars(at_work) if filling.needs_care(session, number)
            ]
        for campaign_id in found:
            with unit_of_work() as session:
                campaign = rows.hold(session, campaign_id)
                filling.tidy(session, campaign_id)
                filling.fill(session, campaign)
        return len(found)


def scores_of(record: EpochRecord) -> dict[str, float | None]:
    """What a trial can be judged by after an epoch."""
    return {"val_accuracy": record.validation_accuracy, "val_loss": record.validation_loss}


def _study(trial: TrialPlan) -> SearchStudy | None:
    """What has to be told of the trial; None where its point was chosen without a study."""
    actor.owner_or_admin(trial.campaign.owner_id)
    if trial.study_number is None:
        return None
    return searching(trial.campaign.kind).study(trial.campaign)


def _number(trial: TrialPlan) -> int:
    assert trial.study_number is not None
    return trial.study_number


def _of_job(session: Session) -> CampaignTrial | None:
    """The trial that an earlier attempt at the running job has begun."""
    job_id = running_job()
    if job_id is None:
        return None
    begun = select(CampaignTrial).where(
        CampaignTrial.job_id == job_id, CampaignTrial.state == TrialState.RUNNING
    )
    return session.scalars(begun).one_or_none()


def _new(session: Session, campaign: Campaign) -> CampaignTrial | None:
    if campaign.aim is not CampaignAim.RUN:
        return None
    if filling.over(session, campaign, rows.count_by_state(session, campaign.id)):
        return None
    last = select(func.max(CampaignTrial.number)).where(CampaignTrial.campaign_id == campaign.id)
    trial = CampaignTrial(
        campaign_id=campaign.id,
        number=(session.scalar(last) or 0) + 1,
        job_id=running_job(),
        started_at=now(),
    )
    session.add(trial)
    session.flush()
    return trial


def _chosen(campaign: Campaign, trial_id: int, number: int) -> TrialPlan | None:
    """Have the trial chosen and its trainings made; None if it has ended by that."""
    kind = searching(campaign.kind)
    _forget_lost(kind.study(campaign), campaign.id, trial_id)
    suggestion = kind.suggest(Asked(campaign, number, lambda: past_trials(campaign.id, number)))
    try:
        with unit_of_work() as session:
            # Both or none: a worker may be lost between any two units of work.
            trial = _note(session, trial_id, suggestion)
            if suggestion.same_as is None:
                _make_trainings(session, trial, campaign, suggestion)
                return _plan(session, trial, campaign)
    except Invalid as error:
        with unit_of_work() as session:
            plan = _plan(session, _note(session, trial_id, suggestion), campaign)
        CampaignRunService.fail(plan, str(error))
        return None
    _copy(trial_id, suggestion.same_as)
    return None


def _note(session: Session, trial_id: int, suggestion: Suggestion) -> CampaignTrial:
    trial = rows.find_trial(session, trial_id)
    trial.params = suggestion.params
    trial.study_number = suggestion.study_number
    trial.fingerprint = suggestion.fingerprint
    trial.same_as = suggestion.same_as
    session.flush()
    return trial


def _make_trainings(
    session: Session, trial: CampaignTrial, campaign: Campaign, suggestion: Suggestion
) -> None:
    config = suggestion.config
    if config is None:
        raise Invalid(NO_TRAINING.format(suggestion.refusal))
    parted = TrainingConfig.from_dict(campaign.config).split
    assert isinstance(parted, HeldOutGroups)
    several = len(campaign.folds) > 1
    for place, groups in enumerate(campaign.folds, start=1):
        own = replace(config, split=HeldOutGroups(parted.test, tuple(groups)))
        part = f", fold {place} of {len(campaign.folds)}" if several else ""
        name = f"{campaign.name}, trial {trial.number}{part}"
        version_id, job_id = campaign.version_id, trial.job_id
        made = keep_experiment(session, campaign.owner_id, name, version_id, own, job_id)
        fold = place if several else 0
        session.add(CampaignRun(experiment_id=made.id, trial_id=trial.id, fold=fold))


def _copy(trial_id: int, number: int) -> None:
    """Give a trial the results of an equal one: it would come to the same."""
    with unit_of_work(writing=False) as session:
        trial = rows.find_trial(session, trial_id)
        campaign = rows.find(session, trial.campaign_id)
        plan = _plan(session, trial, campaign)
        same = session.scalars(
            select(CampaignTrial).where(
                CampaignTrial.campaign_id == plan.campaign.id, CampaignTrial.number == number
            )
        ).one()
        session.expunge(campaign)
        session.expunge(same)
    if same.state is TrialState.COMPLETE:
        CampaignRunService.complete(plan, same.measured or {})
    elif same.state is TrialState.PRUNED:
        CampaignRunService.prune(plan, same.epochs, same.measured or {})
    else:
        CampaignRunService.fail(plan, f"Trial {number} is the same, and has no score.")


def past_trials(campaign_id: int, number: int) -> list[PastTrial]:
    """The trials before one, first to last."""
    before = (
        select(CampaignTrial)
        .where(CampaignTrial.campaign_id == campaign_id, CampaignTrial.number < number)
        .order_by(CampaignTrial.number)
    )
    with unit_of_work(writing=False) as session:
        return [
            PastTrial(row.number, row.state, row.params, row.value, row.measured, row.fingerprint)
            for row in session.scalars(before)
        ]


def _forget_lost(study: SearchStudy | None, campaign_id: int, own_id: int) -> None:
    """Fail what runs for the study only, since a worker was lost between study and row.

    The study is read first: whoever asks it for a trial has a row without a number by then.
    """
    if study is None:
        return
    running = study.running()
    if not running:
        return
    alive = (
        select(CampaignTrial.id, CampaignTrial.study_number)
        .where(CampaignTrial.campaign_id == campaign_id)
        .where(CampaignTrial.state == TrialState.RUNNING)
    )
    with unit_of_work(writing=False) as session:
        found = session.execute(alive).all()
    if any(number is None and trial_id != own_id for trial_id, number in found):
        return
    known = {number for _, number in found}
    for number in running:
        if number not in known:
            study.tell_failed(number)


def _plan(session: Session, trial: CampaignTrial, campaign: Campaign) -> TrialPlan:
    runs = (
        select(CampaignRun, Experiment.checkpoint_key)
        .join(Experiment, Experiment.id == CampaignRun.experiment_id)
        .where(CampaignRun.trial_id == trial.id)
        .order_by(CampaignRun.fold)
    )
    trainings = tuple(
        TrialTraining(run.experiment_id, run.fold, key is not None)
        for run, key in session.execute(runs)
    )
    return TrialPlan(
        campaign, trial.id, trial.number, trial.params or {}, trial.study_number, trainings
    )


def _end(
    trial: TrialPlan,
    state: TrialState,
    *,
    value: float | None = None,
    measured: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Leave the end state, unless it has one, and send what comes next."""
    with unit_of_work() as session:
        campaign = rows.hold(session, trial.campaign.id)
        actor.owner_or_admin(campaign.owner_id)
        row = rows.find_trial(session, trial.trial_id)
        if row.state is TrialState.RUNNING:
            row.state, row.value, row.measured, row.reason = state, value, measured, reason
            row.epochs = _count_epochs(session, [one.experiment_id for one in trial.trainings])
            row.finished_at = now()
            subject = f"campaign:{campaign.id}"
            events.record(
                session, f"campaign.trial_{state}", subject, trial=trial.number, value=value
            )
        filling.fill(session, campaign, without=running_job())


def _count_epochs(session: Session, experiment_ids: Sequence[int]) -> int:
    counted = select(func.count()).select_from(ExperimentEpoch)
    of_trial = ExperimentEpoch.experiment_id.in_(experiment_ids)
    return session.scalar(counted.where(of_trial)) or 0
