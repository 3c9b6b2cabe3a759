"""What people do with campaigns of either kind: follow, pause, go on, stop, enlarge, delete."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from models import (
    Campaign,
    CampaignAim,
    CampaignKind,
    CampaignRun,
    CampaignTrial,
    ExperimentEpoch,
    JobKind,
    TrialState,
)
from services import actor, events
from services.campaigns import filling, rows, views
from services.campaigns.planning import Limits
from services.campaigns.views import CampaignRow, CampaignView, TrialView
from services.errors import Conflict, Invalid
from services.experiment_collection_service import ExperimentCollectionService
from services.job_service import JobService
from services.paging import paged
from services.runtime import unit_of_work

SORTED_BY: dict[str, Any] = {
    "number": CampaignTrial.number,
    "value": CampaignTrial.value,
    "state": CampaignTrial.state,
    "epochs": CampaignTrial.epochs,
    "started_at": CampaignTrial.started_at,
}
# The rest of a campaign is deleted in parts of this size.
AT_ONCE = 500
# Curves are drawn of the newest trials: more than that is a grey carpet.
MOST_CURVES = 200
# Settings are drawn of so many.
MOST_POINTS = 1000


class CurvePoint(TypedDict):
    """Validation scores after an epoch of a trial's first training."""

    number: int
    state: TrialState
    epoch: int
    val_accuracy: float | None
    val_loss: float | None


class History(TypedDict):
    """Columns of one entry for each trial, in their order."""

    numbers: list[int]
    states: list[str]
    values: list[float | None]
    epochs: list[int]
    started: list[datetime]
    finished: list[datetime | None]


class ScoredPoint(TypedDict):
    number: int
    params: dict[str, Any]
    value: float
    cost: float | None


class CampaignService:
    """Follow campaigns and change what becomes of them."""

    @staticmethod
    def get_campaign(campaign_id: int) -> CampaignView:
        """One campaign.

        Raises
        ------
        NotFound
            If there is none.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return views.view(session, campaign_id)

    @staticmethod
    def list_campaigns(
        limit: int = 50, offset: int = 0, kind: str | None = None
    ) -> list[CampaignRow]:
        """Campaigns, newest first; of one kind (``hpo``, ``nas``) when it is given."""
        actor.reader()
        wanted = _of_kind(views.campaign_rows(), kind).order_by(Campaign.id.desc())
        with unit_of_work(writing=False) as session:
            return views.brief(session, session.execute(paged(wanted, limit, offset)).all())

    @staticmethod
    def count_campaigns(kind: str | None = None) -> int:
        actor.reader()
        with unit_of_work(writing=False) as session:
            counted = _of_kind(select(func.count()).select_from(Campaign), kind)
            return session.scalar(counted) or 0

    @staticmethod
    def list_trials(
        campaign_id: int,
        limit: int = 50,
        offset: int = 0,
        states: tuple[str, ...] = (),
        sort: str = "number",
        *,
        descending: bool = False,
    ) -> list[TrialView]:
        """Trials of a campaign, as a table shows them page by page.

        Raises
        ------
        NotFound
            If there is no such campaign.
        Invalid
            If there is no such order or state.
        """
        actor.reader()
        if sort not in SORTED_BY:
            raise Invalid(f"Trials are sorted by {', '.join(SORTED_BY)}, got {sort!r}.")
        column = SORTED_BY[sort]
        order = [column.desc().nulls_last() if descending else column.asc().nulls_last()]
        if sort == "value":  # a score after few epochs is none to be compared with the others
            order.insert(0, case((CampaignTrial.state == TrialState.COMPLETE, 0), else_=1))
        wanted = _trials(select(CampaignTrial), campaign_id, states)
        wanted = paged(wanted.order_by(*order, CampaignTrial.number), limit, offset)
        with unit_of_work(writing=False) as session:
            rows.find(session, campaign_id)
            return views.trial_views(session, session.scalars(wanted).all())

    @staticmethod
    def count_trials(campaign_id: int, states: tuple[str, ...] = ()) -> int:
        """How many trials a campaign has begun, of all states or of some."""
        actor.reader()
        counted = _trials(select(func.count()).select_from(CampaignTrial), campaign_id, states)
        with unit_of_work(writing=False) as session:
            return session.scalar(counted) or 0

    @staticmethod
    def get_trial(trial_id: int) -> TrialView:
        """One trial.

        Raises
        ------
        NotFound
            If there is none.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return views.trial_views(session, [rows.find_trial(session, trial_id)])[0]

    @staticmethod
    def find_trial_of(experiment_id: int) -> tuple[TrialView, CampaignRow] | None:
        """The trial that an experiment is a training of, with its campaign, if it is one."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            run = session.get(CampaignRun, experiment_id)
            if run is None:
                return None
            trial = rows.find_trial(session, run.trial_id)
            found = views.campaign_rows().where(Campaign.id == trial.campaign_id)
            campaign = views.brief(session, session.execute(found).all())[0]
            return views.trial_views(session, [trial])[0], campaign

    @staticmethod
    def list_curves(campaign_id: int, limit: int = MOST_CURVES) -> list[CurvePoint]:
        """Scores epoch by epoch of the newest trials, in their order.

        Raises
        ------
        NotFound
            If there is no such campaign.
        """
        actor.reader()
        newest = (
            select(CampaignTrial.id, CampaignTrial.number, CampaignTrial.state)
            .where(CampaignTrial.campaign_id == campaign_id)
            .order_by(CampaignTrial.number.desc())
            .limit(min(limit, MOST_CURVES))
            .subquery()
        )
        wanted = (
            select(
                newest.c.number,
                newest.c.state,
                ExperimentEpoch.epoch,
                ExperimentEpoch.validation_accuracy,
                ExperimentEpoch.validation_loss,
            )
            .join(CampaignRun, CampaignRun.trial_id == newest.c.id)
            .join(ExperimentEpoch, ExperimentEpoch.experiment_id == CampaignRun.experiment_id)
            .where(CampaignRun.fold <= 1)
            .order_by(newest.c.number, ExperimentEpoch.epoch)
        )
        with unit_of_work(writing=False) as session:
            rows.find(session, campaign_id)
            return [
                CurvePoint(number=number, state=state, epoch=epoch, val_accuracy=a, val_loss=b)
                for number, state, epoch, a, b in session.execute(wanted)
            ]

    @staticmethod
    def get_history(campaign_id: int) -> History:
        """Scores, states and times of all trials as columns: what figures are drawn from.

        Raises
        ------
        NotFound
            If there is no such campaign.
        """
        actor.reader()
        # Columns and not objects: there may be twenty thousand.
        wanted = (
            select(
                CampaignTrial.number,
                CampaignTrial.state,
                CampaignTrial.value,
                CampaignTrial.epochs,
                CampaignTrial.started_at,
                CampaignTrial.finished_at,
            )
            .where(CampaignTrial.campaign_id == campaign_id)
            .order_by(CampaignTrial.number)
        )
        with unit_of_work(writing=False) as session:
            rows.find(session, campaign_id)
            found = session.execute(wanted).all()
        return {
            "numbers": [row[0] for row in found],
            "states": [row[1].value for row in found],
            "values": [row[2] for row in found],
            "epochs": [row[3] for row in found],
            "started": [row[4] for row in found],
            "finished": [row[5] for row in found],
        }

    @staticmethod
    def list_points(campaign_id: int, limit: int = MOST_POINTS) -> list[ScoredPoint]:
        """Settings and scores of the newest trials that came to their end, in their order.

        Raises
        ------
        NotFound
            If there is no such campaign.
        """
        actor.reader()
        newest = (
            select(
                CampaignTrial.number,
                CampaignTrial.params,
                CampaignTrial.value,
                CampaignTrial.measured,
            )
            .where(
                CampaignTrial.campaign_id == campaign_id,
                CampaignTrial.state == TrialState.COMPLETE,
                CampaignTrial.value.is_not(None),
            )
            .order_by(CampaignTrial.number.desc())
            .limit(min(limit, MOST_POINTS))
        )
        with unit_of_work(writing=False) as session:
            metrics = rows.find(session, campaign_id).metrics
            found = session.execute(newest).all()
        cost = metrics[1] if len(metrics) > 1 else ""
        return [
            ScoredPoint(
                number=number, params=params or {}, value=value, cost=(measured or {}).get(cost)
            )
            for number, params, value, measured in reversed(found)
        ]

    @staticmethod
    def pause_campaign(campaign_id: int) -> CampaignView:
        """Begin no more trials, and let those that train rest at their next epoch.

        Raises
        ------
        Conflict
            If it is not at work.
        """

        def pause(session: Session, campaign: Campaign) -> None:
            if campaign.aim is not CampaignAim.RUN:
                raise Conflict(f"“{campaign.name}” is not at work, so it cannot be paused.")
            filling.rest(session, campaign, CampaignAim.PAUSE)
            active = rows.at_work(session, campaign.id)
            _each(JobService.pause, (*active.held, *active.training))

        return _change(campaign_id, "paused", pause)

    @staticmethod
    def resume_campaign(campaign_id: int) -> CampaignView:
        """Go on with a campaign that rests, was stopped or has ended before its budget was used.

        Raises
        ------
        Conflict
            If it is at work, nothing of its budget is left, or the test part was looked at.
        """

        def resume(session: Session, campaign: Campaign) -> None:
            _refuse_after_test(campaign)
            if campaign.aim is CampaignAim.RUN:
                raise Conflict(f"“{campaign.name}” is at work already.")
            filling.tidy(session, campaign.id)
            held = rows.at_work(session, campaign.id).held
            used = rows.count_trials(session, campaign.id, rows.USED)
            if used >= campaign.budget and not held:
                raise Conflict(
                    f"All {campaign.budget} trials of “{campaign.name}” are used. Give it more"
                    " trials first."
                )
            _each(JobService.resume, held)
            filling.start(session, campaign)
            if rows.find(session, campaign.id).aim is not CampaignAim.RUN:
                raise Conflict(f"{campaign.reason} Change this limit first.")

        return _change(campaign_id, "resumed", resume)

    @staticmethod
    def stop_campaign(campaign_id: int, *, at_once: bool = False) -> CampaignView:
        """Begin no more trials; those that train come to their end, or are cancelled ``at_once``.

        Raises
        ------
        Conflict
            If it has ended.
        """

        def stop(session: Session, campaign: Campaign) -> None:
            active = rows.at_work(session, campaign.id)
            if campaign.ended_at is not None:
                raise Conflict(f"“{campaign.name}” has ended already.")
            filling.rest(session, campaign, CampaignAim.STOP, "Stopped by a person.")
            # One that rests would never end by itself.
            _each(JobService.cancel, (*active.held, *(active.training if at_once else ())))
            filling.tidy(session, campaign.id)
            filling.fill(session, campaign)

        return _change(campaign_id, "stopped", stop)

    @staticmethod
    def change_limits(
        campaign_id: int,
        budget: int,
        parallel: int = 1,
        hours: float | None = None,
        patience: int | None = None,
    ) -> CampaignView:
        """Change how far a campaign may go. One that has ended goes on when it is resumed.

        Raises
        ------
        Invalid
            If a limit makes no sense.
        Conflict
            If the test part was looked at.
        """
        actor.user_id()
        limits = Limits(budget, parallel, hours, patience)

        def change(session: Session, campaign: Campaign) -> None:
            _refuse_after_test(campaign)
            if campaign.method == "grid" and budget > campaign.plan.get("grid_size", budget):
                raise Invalid(
                    f"The grid has {campaign.plan['grid_size']} points, so more trials than that"
                    " would try them again."
                )
            campaign.budget, campaign.parallel = limits.budget, limits.parallel
            campaign.hours, campaign.patience = limits.hours, limits.patience
            filling.fill(session, campaign)

        return _change(campaign_id, "limits_changed", change)

    @staticmethod
    def evaluate_best(campaign_id: int) -> CampaignView:
        """Have the best trial looked at on the test part, once; the campaign is closed by that.

        Raises
        ------
        Conflict
            If the campaign is at work, no trial has come to its end, or it was done already.
        """

        def begin(session: Session, campaign: Campaign) -> None:
            if campaign.final is not None:
                raise Conflict(f"“{campaign.name}” was looked at on the test part already.")
            if campaign.aim is CampaignAim.RUN or rows.at_work(session, campaign.id).all:
                raise Conflict(f"“{campaign.name}” is at work. Stop it first.")
            if rows.find_best(session, campaign) is None:
                raise Conflict(f"No trial of “{campaign.name}” has come to its end.")
            campaign.final_job_id = JobService.submit_once(
                JobKind.EVALUATE_CAMPAIGN,
                {"campaign_id": campaign.id},
                title=f"Final evaluation of {campaign.name}",
                subject=rows.subject_of(campaign.id),
                of_anybody=True,
            )

        return _change(campaign_id, "final_evaluation_requested", begin)

    @staticmethod
    def get_importance(campaign_id: int) -> dict[str, Any]:
        """What was measured last of how much each setting decides, and ``at`` which time.

        None of it, and ``note`` saying so, where nobody has had it measured.

        Raises
        ------
        NotFound
            If there is no such campaign.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            found = rows.find(session, campaign_id).importance
        return found or {"n": 0, "importances": [], "note": "Not measured yet.", "at": None}

    @staticmethod
    def request_importance(campaign_id: int) -> int:
        """Have it measured how much each setting decides; the id of the job.

        Raises
        ------
        NotFound
            If there is no such campaign.
        Forbidden
            If it is somebody else's.
        """
        actor.writer()
        with unit_of_work() as session:
            campaign = rows.find(session, campaign_id)
            actor.owner_or_admin(campaign.owner_id)
            return JobService.submit_once(
                JobKind.MEASURE_IMPORTANCE,
                {"campaign_id": campaign_id},
                title=f"Importance of settings in {campaign.name}",
                subject=rows.subject_of(campaign_id),
            )

    @staticmethod
    def delete_campaign(campaign_id: int) -> int:
        """Delete a campaign with its trials, their experiments and checkpoints; how many trials.

        Raises
        ------
        NotFound
            If there is none.
        Conflict
            If a trial trains, waits or rests.
        """
        actor.writer()
        with unit_of_work() as session:
            campaign = rows.hold(session, campaign_id)
            actor.owner_or_admin(campaign.owner_id)
            if rows.at_work(session, campaign_id).all:
                raise Conflict(f"“{campaign.name}” is at work. Stop it first.")
            count = rows.count_trials(session, campaign_id)
        while some := _experiments(campaign_id):
            ExperimentCollectionService.delete_experiments(some)
        with unit_of_work() as session:
            campaign = rows.find(session, campaign_id)
            name = campaign.name
            session.delete(campaign)
            events.record(session, "campaign.deleted", f"campaign:{campaign_id}", name=name)
        return count


def _experiments(campaign_id: int) -> list[int]:
    some = (
        select(CampaignRun.experiment_id)
        .join(CampaignTrial, CampaignTrial.id == CampaignRun.trial_id)
        .where(CampaignTrial.campaign_id == campaign_id)
        .limit(AT_ONCE)
    )
    with unit_of_work(writing=False) as session:
        return list(session.scalars(some))


def _of_kind(wanted: Any, kind: str | None) -> Any:
    if kind is None:
        return wanted
    if kind not in list(CampaignKind):
        raise Invalid(f"The kind of a campaign is one of {', '.join(CampaignKind)}, got {kind!r}.")
    return wanted.where(Campaign.kind == CampaignKind(kind))


def _trials(wanted: Select[Any], campaign_id: int, states: tuple[str, ...]) -> Select[Any]:
    unknown = sorted(set(states) - set(TrialState))
    if unknown:
        raise Invalid(
            f"The state of a trial is one of {', '.join(TrialState)}, got {unknown[0]!r}."
        )
    wanted = wanted.where(CampaignTrial.campaign_id == campaign_id)
    return wanted.where(CampaignTrial.state.in_(states)) if states else wanted


def _refuse_after_test(campaign: Campaign) -> None:
    if campaign.final_job_id is not None:
        raise Conflict(
            f"The best trial of “{campaign.name}” was looked at on the test part. Going on would"
            " choose by what was seen there: begin another campaign."
        )


def _each(change: Callable[[int], object], job_ids: tuple[int, ...]) -> None:
    for job_id in job_ids:
        try:
            change(job_id)
        except Conflict:
            # It has ended between the look and this; that is what was wanted, or is seen by tidy.
            continue


def _change(
    campaign_id: int, verb: str, change: Callable[[Session, Campaign], None]
) -> CampaignView:
    actor.writer()
    with unit_of_work() as session:
        campaign = rows.hold(session, campaign_id)
        actor.owner_or_admin(campaign.owner_id)
        change(session, campaign)
        events.record(session, f"campaign.{verb}", f"campaign:{campaign_id}")
        session.flush()
        session.expire_all()
        return views.view(session, campaign_id)
