"""Keep a campaign at work: as many jobs as may run at once, until a limit is reached.

All of it needs rows only. What chooses a point runs in the job itself, so pages start, stop and
enlarge a campaign without loading a sampler, and a worker that was lost is replaced by any other.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import Campaign, CampaignAim, CampaignTrial, Job, JobKind, JobStatus, TrialState
from models.base import now
from services import events, runtime
from services.campaigns import rows
from services.errors import Unavailable
from services.files import room
from services.job_service import ENDED

LOST = "Its job ended without a word. See the worker's log."
# So many failures in a row, and none that succeeded: whatever is wrong, it is not chance.
MOST_FAILURES = 5


def start(session: Session, campaign: Campaign) -> None:
    """Let a campaign work from now on."""
    campaign.aim, campaign.reason, campaign.ended_at = CampaignAim.RUN, "", None
    campaign.working_since = now()
    fill(session, campaign)


def rest(session: Session, campaign: Campaign, aim: CampaignAim, reason: str = "") -> None:
    """Begin no more trials; those that train are another matter."""
    campaign.worked_s, campaign.working_since = rows.worked_s(campaign), None
    campaign.aim, campaign.reason = aim, reason
    idle = update(Job).where(
        Job.id.in_(rows.at_work(session, campaign.id).empty), Job.status == JobStatus.WAITING
    )
    session.execute(idle.values(status=JobStatus.CANCELLED, finished_at=now()))


def fill(session: Session, campaign: Campaign, without: int | None = None) -> None:
    """Send as many jobs as may work beside those that do; end the campaign where it is over.

    ``without`` is the job that asks, which ends after this.
    """
    session.flush()
    trials = rows.count_by_state(session, campaign.id)
    if campaign.aim is CampaignAim.RUN:
        reason = over(session, campaign, trials)
        if reason:
            rest(session, campaign, CampaignAim.END, reason)
    active = rows.at_work(session, campaign.id, without)
    if campaign.aim is CampaignAim.RUN:
        left = campaign.budget - rows.used(trials) - len(active.empty)
        wanted = min(campaign.parallel - len(active.all), left)
        try:
            for _ in range(wanted):
                _send(session, campaign)
        except Unavailable as error:
            # What trained until now is kept; a person makes room and lets it go on.
            rest(session, campaign, CampaignAim.PAUSE, str(error))
    ends = campaign.aim in (CampaignAim.END, CampaignAim.STOP)
    if ends and campaign.ended_at is None and not active.all:
        campaign.ended_at = now()
        events.record(
            session,
            f"{campaign.kind}.campaign_ended",
            f"campaign:{campaign.id}",
            name=campaign.name,
            owner_id=campaign.owner_id,
            done=sum(trials[state] for state in rows.SCORED),
            reason=campaign.reason,
        )


def tidy(session: Session, campaign_id: int) -> int:
    """End trials whose job has ended without them; how many."""
    lost = (
        select(CampaignTrial, Job)
        .outerjoin(Job, Job.id == CampaignTrial.job_id)
        .where(
            CampaignTrial.campaign_id == campaign_id,
            CampaignTrial.state == TrialState.RUNNING,
            Job.id.is_(None) | Job.status.in_(ENDED),
        )
    )
    found = session.execute(lost).all()
    for trial, job in found:
        cancelled = job is not None and job.status is JobStatus.CANCELLED
        trial.state = TrialState.CANCELLED if cancelled else TrialState.FAILED
        trial.reason = "Cancelled." if cancelled else ((job and job.error) or LOST)
        trial.finished_at = now()
    session.flush()
    return len(found)


def needs_care(session: Session, campaign_id: int) -> bool:
    """Whether something is to be done that no job does.

    As cheap as can be, since it is asked every few seconds.
    """
    campaign = rows.find(session, campaign_id)
    active = rows.at_work(session, campaign_id)
    trials = rows.count_by_state(session, campaign_id)
    if trials[TrialState.RUNNING] > len(active.held) + len(active.training):
        return True
    if campaign.aim is CampaignAim.RUN:
        left = campaign.budget - rows.used(trials)
        missing = len(active.all) < min(campaign.parallel, left)
        return missing or bool(over(session, campaign, trials))
    ends = campaign.aim in (CampaignAim.END, CampaignAim.STOP)
    return ends and campaign.ended_at is None and not active.all


def _send(session: Session, campaign: Campaign) -> None:
    """Submit a job of the campaign's owner, whoever is at work here."""
    title = f"Trial of {campaign.name}"
    room.check_job(JobKind.RUN_TRIAL, title)
    job = Job(
        kind=JobKind.RUN_TRIAL,
        arguments={"campaign_id": campaign.id},
        title=title,
        subject=rows.subject_of(campaign.id),
        owner_id=campaign.owner_id,
    )
    session.add(job)
    session.flush()
    runtime.queue(session, JobKind.RUN_TRIAL, job.id)


def over(session: Session, campaign: Campaign, trials: Counter[TrialState]) -> str:
    """Why a campaign with so many trials in each state ends by itself, or nothing."""
    if campaign.hours is not None and rows.worked_s(campaign) >= campaign.hours * 3600:
        return f"Its time of {campaign.hours:g} h is over."
    if rows.used(trials) >= campaign.budget:
        return f"All {campaign.budget} trials have begun."
    return _tired(session, campaign) or _hopeless(trials)


def _tired(session: Session, campaign: Campaign) -> str:
    if campaign.patience is None:
        return ""
    best = rows.find_best(session, campaign)
    if best is None:
        return ""
    ended = (TrialState.COMPLETE, TrialState.PRUNED)
    since = rows.count_trials(session, campaign.id, ended, CampaignTrial.number > best.number)
    if since < campaign.patience:
        return ""
    return f"None of the {since} trials after trial {best.number} was better."


def _hopeless(trials: Counter[TrialState]) -> str:
    failed = trials[TrialState.FAILED]
    if failed < MOST_FAILURES or trials[TrialState.COMPLETE] or trials[TrialState.PRUNED]:
        return ""
    return f"The first {failed} trials all failed; see the reasons beside them."
