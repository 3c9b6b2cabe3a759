"""One experiment trained several times: with other folds, other seeds, or both."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Timestamps


class RepeatedExperiment(Timestamps, Base):
    """What its runs have in common; how far they are follows from their jobs."""

    __tablename__ = "repeated_experiments"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    version_id: Mapped[int] = mapped_column(
        ForeignKey("dataset_versions.id", ondelete="CASCADE"), index=True
    )
    classifier: Mapped[str]
    # Of all runs: its fold is 0, its seed the first one.
    config: Mapped[dict[str, Any]]
    # 0: all runs have the same split.
    folds: Mapped[int]
    seeds: Mapped[list[Any]]
    # Classes, sampling rate, and what there was to know before the start.
    plan: Mapped[dict[str, Any]]
    # The pooled result, with the runs that it rests on.
    summary: Mapped[dict[str, Any] | None]


class RepeatedRun(Base):
    """An experiment that is a part of a repeated one."""

    __tablename__ = "repeated_runs"

    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    repeated_id: Mapped[int] = mapped_column(
        ForeignKey("repeated_experiments.id", ondelete="CASCADE"), index=True
    )
    fold: Mapped[int]
    seed: Mapped[int]
