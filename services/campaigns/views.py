"""Campaigns and trials as services show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from models import (
    Campaign,
    CampaignKind,
    CampaignRun,
    CampaignTrial,
    Dataset,
    DatasetVersion,
    Job,
    JobStatus,
    Origin,
    TrialState,
    User,
)
from models.base import now
from services.campaigns import rows
from services.campaigns.states import CampaignState, state_of


class TrialView(TypedDict):
    """One trial. ``value`` is None as long as there is no score; of a pruned one, its last."""

    id: int
    number: int
    state: TrialState
    params: dict[str, Any] | None
    value: float | None
    measured: dict[str, Any] | None
    epochs: int
    reason: str
    fingerprint: str | None
    same_as: int | None
    job_id: int | None
    experiment_ids: list[int]
    started_at: datetime
    finished_at: datetime | None
    seconds: float | None


class CampaignRow(TypedDict):
    """A campaign as lists show it. ``trials`` has a number for each state there is."""

    id: int
    kind: CampaignKind
    name: str
    owner_id: int
    owner_name: str
    state: CampaignState
    method: str
    pruner: str
    classifier: str
    dataset_id: int
    dataset_name: str
    generated: bool
    version_id: int
    version_number: int
    metric: str
    direction: str
    budget: int
    trials: dict[str, int]
    best_value: float | None
    best_trial: int | None
    reason: str
    created_at: datetime
    ended_at: datetime | None


class CampaignView(CampaignRow):
    """With all that was asked. ``expected_s`` is the time that is left, if it goes on like this;
    ``worked_s`` is that at work so far."""

    space: dict[str, Any]
    config: dict[str, Any]
    folds: list[list[str]]
    plan: dict[str, Any]
    metrics: list[str]
    directions: list[str]
    seed: int
    parallel: int
    hours: float | None
    patience: int | None
    worked_s: float
    expected_s: float | None
    best: TrialView | None
    final: dict[str, Any] | None
    final_job_id: int | None
    importance: dict[str, Any] | None
    artefact_key: str | None


CampaignData = Row[Campaign, User, DatasetVersion, Dataset]


def campaign_rows() -> Select[Campaign, User, DatasetVersion, Dataset]:
    return (
        select(Campaign, User, DatasetVersion, Dataset)
        .join(User, User.id == Campaign.owner_id)
        .join(DatasetVersion, DatasetVersion.id == Campaign.version_id)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
    )


def brief(session: Session, found: Sequence[CampaignData]) -> list[CampaignRow]:
    """Rows of :func:`campaign_rows` for a list."""
    return _briefs(session, found, rows.find_bests(session, [row[0] for row in found]))


def _briefs(
    session: Session, found: Sequence[CampaignData], best: Mapping[int, CampaignTrial]
) -> list[CampaignRow]:
    counts = rows.counts_by_state(session, [row[0].id for row in found])
    training = _training(session, [row[0].id for row in found])
    return [
        _brief(
            row,
            counts[row[0].id],
            training.get(row[0].id, 0),
            best.get(row[0].id),
        )
        for row in found
    ]


def view(session: Session, campaign_id: int) -> CampaignView:
    found = session.execute(campaign_rows().where(Campaign.id == campaign_id)).all()
    if not found:
        rows.find(session, campaign_id)
    campaign = found[0][0]
    bests = rows.find_bests(session, [campaign])
    row = _briefs(session, found, bests)[0]
    best = bests.get(campaign.id)
    return {
        **row,
        "space": campaign.space,
        "config": campaign.config,
        "folds": campaign.folds,
        "plan": campaign.plan,
        "metrics": campaign.metrics,
        "directions": campaign.directions,
        "seed": campaign.seed,
        "parallel": campaign.parallel,
        "hours": campaign.hours,
        "patience": campaign.patience,
        "worked_s": rows.worked_s(campaign),
        "expected_s": _expected_s(session, campaign, row),
        "best": None if best is None else trial_views(session, [best])[0],
        "final": campaign.final,
        "final_job_id": campaign.final_job_id,
        "importance": campaign.importance,
        "artefact_key": campaign.artefact_key,
    }


def trial_views(session: Session, trials: Sequence[CampaignTrial]) -> list[TrialView]:
    runs: dict[int, list[int]] = {}
    wanted = (
        select(CampaignRun.trial_id, CampaignRun.experiment_id)
        .where(CampaignRun.trial_id.in_([trial.id for trial in trials]))
        .order_by(CampaignRun.trial_id, CampaignRun.fold)
    )
    for trial_id, experiment_id in session.execute(wanted):
        runs.setdefault(trial_id, []).append(experiment_id)
    return [trial_view(trial, runs.get(trial.id, [])) for trial in trials]


def trial_view(trial: CampaignTrial, experiment_ids: list[int]) -> TrialView:
    ended = trial.finished_at
    return {
        "id": trial.id,
        "number": trial.number,
        "state": trial.state,
        "params": trial.params,
        "value": trial.value,
        "measured": trial.measured,
        "epochs": trial.epochs,
        "reason": trial.reason,
        "fingerprint": trial.fingerprint,
        "same_as": trial.same_as,
        "job_id": trial.job_id,
        "experiment_ids": experiment_ids,
        "started_at": trial.started_at,
        "finished_at": ended,
        "seconds": None if ended is None else (ended - trial.started_at).total_seconds(),
    }


def _training(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """How many trials train at this moment."""
    wanted = (
        select(CampaignTrial.campaign_id, func.count())
        .join(Job, Job.id == CampaignTrial.job_id)
        .where(
            CampaignTrial.campaign_id.in_(ids),
            CampaignTrial.state == TrialState.RUNNING,
            Job.status == JobStatus.RUNNING,
        )
        .group_by(CampaignTrial.campaign_id)
    )
    return {row[0]: row[1] for row in session.execute(wanted)}


def _brief(
    found: CampaignData, counts: Counter[TrialState], training: int, best: CampaignTrial | None
) -> CampaignRow:
    campaign, owner, version, dataset = found
    return {
        "id": campaign.id,
        "kind": campaign.kind,
        "name": campaign.name,
        "owner_id": campaign.owner_id,
        "owner_name": owner.name,
        "state": state_of(campaign.aim, training, counts[TrialState.COMPLETE]),
        "method": campaign.method,
        "pruner": campaign.pruner,
        "classifier": campaign.classifier,
        "dataset_id": dataset.id,
        "dataset_name": dataset.name,
        "generated": dataset.origin is Origin.GENERATED,
        "version_id": version.id,
        "version_number": version.number,
        "metric": campaign.metrics[0],
        "direction": campaign.directions[0],
        "budget": campaign.budget,
        "trials": {state.value: counts[state] for state in TrialState},
        "best_value": None if best is None else best.value,
        "best_trial": None if best is None else best.number,
        "reason": campaign.reason,
        "created_at": campaign.created_at,
        "ended_at": campaign.ended_at,
    }


def _expected_s(session: Session, campaign: Campaign, row: CampaignRow) -> float | None:
    """By the pace of the trials that ended; None before the first one and after the last."""
    trials = row["trials"]
    over = sum(trials[state.value] for state in rows.USED) - trials[TrialState.RUNNING.value]
    if campaign.ended_at is not None or campaign.working_since is None or not over:
        return None
    first = select(func.min(CampaignTrial.started_at)).where(
        CampaignTrial.campaign_id == campaign.id
    )
    begun = session.scalar(first)
    if begun is None:
        return None
    spent = min(rows.worked_s(campaign), (now() - begun).total_seconds())
    left = max(campaign.budget - over, 0) * spent / over
    if campaign.hours is not None:
        left = min(left, max(campaign.hours * 3600 - rows.worked_s(campaign), 0.0))
    return left
