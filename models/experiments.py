"""An experiment: one classifier trained and tested on one version of a data set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Timestamps


class Experiment(Timestamps, Base):
    """Its state is that of its job; what is here is what it was asked and what came out."""

    __tablename__ = "experiments"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    notes: Mapped[str] = mapped_column(default="", server_default="")
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("dataset_versions.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    classifier: Mapped[str] = mapped_column(index=True)
    config: Mapped[dict[str, Any]]
    # The side of every recording and group, as it was decided when the experiment was made.
    split: Mapped[dict[str, Any]]
    class_names: Mapped[list[Any]]
    # What lists show: test scores with n and interval. The whole report is an artefact.
    summary: Mapped[dict[str, Any] | None]
    report_key: Mapped[str | None]
    predictions_key: Mapped[str | None]
    checkpoint_key: Mapped[str | None]
    checkpoint_hash: Mapped[str | None]
    best_epoch: Mapped[int | None]
    parameter_count: Mapped[int | None]
    wall_time_s: Mapped[float | None]
    # What was expected before the start, and the most memory that the training took.
    estimate: Mapped[dict[str, Any] | None]
    peak_bytes: Mapped[int | None] = mapped_column(BigInteger)
    # The experiment whose training this one goes on with; it may be gone.
    continued_from: Mapped[int | None]
    # Versions of what it was made with.
    environment: Mapped[dict[str, Any] | None]
    archived_at: Mapped[datetime | None]
    # Verdict of the leakage guard, for lists, and all that it looked at.
    leak: Mapped[str | None]
    leakage: Mapped[dict[str, Any] | None]


class ExperimentCounterpart(Base):
    """An experiment that was made to set the same under another split against the other one."""

    __tablename__ = "experiment_counterparts"

    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    other_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), index=True
    )


class ExperimentFeatureSet(Base):
    """The feature set that an experiment learned from, with all that it needs of it.

    The set may be deleted: its table is kept as long as a row here names it.
    """

    __tablename__ = "experiment_feature_sets"

    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    feature_set_id: Mapped[int | None] = mapped_column(
        ForeignKey("feature_sets.id", ondelete="SET NULL"), index=True
    )
    name: Mapped[str] = mapped_column(index=True)
    number: Mapped[int]
    config: Mapped[dict[str, Any]]
    features: Mapped[list[Any]]
    # Why some columns have no number in any window.
    unknown: Mapped[dict[str, Any]]
    # How the columns were chosen, and which groups had a say; None for all that were extracted.
    selection: Mapped[dict[str, Any] | None]
    artefact_key: Mapped[str] = mapped_column(index=True)
    content_hash: Mapped[str] = mapped_column(index=True)


class ExperimentEpoch(Base):
    __tablename__ = "experiment_epochs"

    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True
    )
    epoch: Mapped[int] = mapped_column(primary_key=True)
    train_loss: Mapped[float]
    train_accuracy: Mapped[float | None]
    validation_loss: Mapped[float | None]
    validation_accuracy: Mapped[float | None]
    learning_rate: Mapped[float]
    windows_per_s: Mapped[float]
    seconds: Mapped[float]
    # By quantity and side, of networks that estimate some beside the class.
    head_errors: Mapped[dict[str, Any] | None]
