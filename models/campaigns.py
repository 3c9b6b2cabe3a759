"""Campaigns: many trials of one search, over settings (HPO) or over networks (NAS)."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Timestamps


class CampaignKind(enum.StrEnum):
    HPO = "hpo"
    NAS = "nas"


class CampaignAim(enum.StrEnum):
    """What a campaign was last told to do; its state follows from this and from its jobs."""

    RUN = "run"
    PAUSE = "pause"
    STOP = "stop"
    # Budget, time or patience are used up: nobody had to tell it.
    END = "end"


class TrialState(enum.StrEnum):
    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Campaign(Timestamps, Base):
    """What is searched, by what, and how far it may go."""

    __tablename__ = "campaigns"
    __table_args__ = (UniqueConstraint("owner_id", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[CampaignKind] = mapped_column(index=True)
    name: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    version_id: Mapped[int] = mapped_column(
        ForeignKey("dataset_versions.id", ondelete="CASCADE"), index=True
    )
    method: Mapped[str]
    pruner: Mapped[str]
    classifier: Mapped[str]
    space: Mapped[dict[str, Any]]
    # Of every trial, but for what is searched. Its groups are named: no setting moves them.
    config: Mapped[dict[str, Any]]
    # Groups of validation, one list for each training of a trial.
    folds: Mapped[list[Any]]
    # Classes, sampling rate, what there was to know before the start; what a kind needs beside.
    plan: Mapped[dict[str, Any]]
    # The first one is what a trial is judged by; with others, none is better in all of them.
    metrics: Mapped[list[Any]]
    directions: Mapped[list[Any]]
    seed: Mapped[int]
    budget: Mapped[int]
    parallel: Mapped[int]
    hours: Mapped[float | None]
    # Trials without a better one after which it ends.
    patience: Mapped[int | None]
    aim: Mapped[CampaignAim] = mapped_column(default=CampaignAim.RUN, index=True)
    # Why it ended, for people.
    reason: Mapped[str] = mapped_column(default="", server_default="")
    # Seconds at work before it last began, and when that was.
    worked_s: Mapped[float] = mapped_column(default=0.0, server_default="0")
    working_since: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # The one look at the test part: of which trial, when, what came out.
    final_job_id: Mapped[int | None]
    final: Mapped[dict[str, Any] | None]
    # How much each setting decides, with the number of trials that say so.
    importance: Mapped[dict[str, Any] | None]
    # What was kept to be passed on, when somebody asked.
    artefact_key: Mapped[str | None]


class CampaignTrial(Base):
    """One point of the search; what it was trained with are experiments."""

    __tablename__ = "campaign_trials"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), index=True
    )
    # From 1, in the order in which they began.
    number: Mapped[int]
    state: Mapped[TrialState] = mapped_column(default=TrialState.RUNNING, index=True)
    job_id: Mapped[int | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="SET NULL"), index=True
    )
    # In the memory of the sampler, where that has one.
    study_number: Mapped[int | None]
    # None until they are chosen.
    params: Mapped[dict[str, Any] | None]
    # By the first metric; None as long as there is none, and never a stand-in.
    value: Mapped[float | None]
    # By all metrics, and over the trainings of a trial.
    measured: Mapped[dict[str, Any] | None]
    # Epochs over all trainings of the trial.
    epochs: Mapped[int] = mapped_column(default=0, server_default="0")
    # Why it failed, was pruned or cancelled.
    reason: Mapped[str] = mapped_column(default="", server_default="")
    # Of an architecture: equal ones are trained once.
    fingerprint: Mapped[str | None] = mapped_column(index=True)
    same_as: Mapped[int | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class CampaignRun(Base):
    """An experiment that is a training of a trial; ``fold`` is 0 where there is only one."""

    __tablename__ = "campaign_runs"

    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    trial_id: Mapped[int] = mapped_column(
        ForeignKey("campaign_trials.id", ondelete="CASCADE"), index=True
    )
    fold: Mapped[int]
