"""The rows behind campaigns, as the other files of this folder read them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from models import Campaign, CampaignTrial, Job, JobKind, JobStatus, TrialState
from models.base import now
from services import locks
from services.errors import NotFound
from services.job_service import ACTIVE

# A trial that somebody cancelled is no part of the budget: another one takes its place.
USED = (TrialState.RUNNING, TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAILED)
SCORED = (TrialState.COMPLETE,)


@dataclass(frozen=True)
class AtWork:
    """Jobs of a campaign that are not over.

    ``empty`` ones wait and have no trial yet, ``held`` ones wait or rest with one, ``training``
    ones run.
    """

    empty: tuple[int, ...]
    held: tuple[int, ...]
    training: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        return (*self.empty, *self.held, *self.training)


def find(session: Session, campaign_id: int) -> Campaign:
    found = session.get(Campaign, campaign_id)
    if found is None:
        raise NotFound(f"There is no campaign {campaign_id}.")
    return found


def find_trial(session: Session, trial_id: int) -> CampaignTrial:
    found = session.get(CampaignTrial, trial_id)
    if found is None:
        raise NotFound(f"There is no trial {trial_id}.")
    return found


def hold(session: Session, campaign_id: int) -> Campaign:
    """The campaign, while nobody else counts its trials or jobs."""
    locks.alone(session, f"campaign {campaign_id}")
    return find(session, campaign_id)


def subject_of(campaign_id: int) -> str:
    return f"campaign:{campaign_id}"


def at_work(session: Session, campaign_id: int, without: int | None = None) -> AtWork:
    """Jobs that wait, run or rest, without the one that asks."""
    wanted = (
        select(Job.id, Job.status, CampaignTrial.id)
        .outerjoin(
            CampaignTrial,
            and_(CampaignTrial.job_id == Job.id, CampaignTrial.state == TrialState.RUNNING),
        )
        .where(
            Job.subject == subject_of(campaign_id),
            Job.kind == JobKind.RUN_TRIAL,
            Job.status.in_(ACTIVE),
            *([Job.id != without] if without is not None else []),
        )
        .order_by(Job.id)
    )
    rows = session.execute(wanted).all()
    training = tuple(job for job, status, _ in rows if status is JobStatus.RUNNING)
    rest = [(job, trial) for job, status, trial in rows if status is not JobStatus.RUNNING]
    return AtWork(
        tuple(job for job, trial in rest if trial is None),
        tuple(job for job, trial in rest if trial is not None),
        training,
    )


def count_trials(
    session: Session,
    campaign_id: int,
    states: Sequence[TrialState] = (),
    *more: ColumnElement[bool],
) -> int:
    counted = (
        select(func.count())
        .select_from(CampaignTrial)
        .where(CampaignTrial.campaign_id == campaign_id, *more)
    )
    if states:
        counted = counted.where(CampaignTrial.state.in_(states))
    return session.scalar(counted) or 0


def count_by_state(session: Session, campaign_id: int) -> Counter[TrialState]:
    """How many trials of a campaign are in each state."""
    return counts_by_state(session, [campaign_id])[campaign_id]


def counts_by_state(
    session: Session, campaign_ids: Sequence[int]
) -> defaultdict[int, Counter[TrialState]]:
    """:func:`count_by_state` of several campaigns, by their ids."""
    counted = (
        select(CampaignTrial.campaign_id, CampaignTrial.state, func.count())
        .where(CampaignTrial.campaign_id.in_(campaign_ids))
        .group_by(CampaignTrial.campaign_id, CampaignTrial.state)
    )
    found: defaultdict[int, Counter[TrialState]] = defaultdict(Counter)
    for campaign_id, state, number in session.execute(counted):
        found[campaign_id][state] = number
    return found


def used(trials: Counter[TrialState]) -> int:
    """How much of the budget trials in these states have used."""
    return sum(trials[state] for state in USED)


def maximises(campaign: Campaign) -> bool:
    return bool(campaign.directions[0] == "maximize")


def find_best(session: Session, campaign: Campaign) -> CampaignTrial | None:
    """The trial with the best score that came to its end; of equal ones the first."""
    return find_bests(session, [campaign]).get(campaign.id)


def find_bests(session: Session, campaigns: Sequence[Campaign]) -> dict[int, CampaignTrial]:
    """:func:`find_best` of several campaigns, by their ids; those without a score are left out."""
    found: dict[int, CampaignTrial] = {}
    for largest in (True, False):
        ids = [one.id for one in campaigns if maximises(one) is largest]
        if ids:
            best = session.scalars(_bests(ids, largest=largest))
            found |= {trial.campaign_id: trial for trial in best}
    return found


def _bests(campaign_ids: Sequence[int], *, largest: bool) -> Select[CampaignTrial]:
    value = CampaignTrial.value
    place = func.row_number().over(
        partition_by=CampaignTrial.campaign_id,
        order_by=(value.desc() if largest else value.asc(), CampaignTrial.number),
    )
    ranked = (
        select(CampaignTrial.id, place.label("place"))
        .where(
            CampaignTrial.campaign_id.in_(campaign_ids),
            CampaignTrial.state.in_(SCORED),
            value.is_not(None),
        )
        .subquery()
    )
    return (
        select(CampaignTrial)
        .join(ranked, ranked.c.id == CampaignTrial.id)
        .where(ranked.c.place == 1)
    )


def worked_s(campaign: Campaign) -> float:
    """Seconds at work so far; rests do not count."""
    since = campaign.working_since
    return campaign.worked_s + ((now() - since).total_seconds() if since else 0.0)
