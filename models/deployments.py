"""Exported models, the names under which they answer, and what they said of data sets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now


class ModelVariant(Base):
    """One ONNX file of a trained experiment; it never changes, and its experiment neither."""

    __tablename__ = "model_variants"

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), index=True
    )
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    # How it was made, such as "int8_static"; with the share that was pruned.
    kind: Mapped[str]
    amount: Mapped[float | None]
    artefact_key: Mapped[str]
    sha256: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    # The weights that it was made of: another training makes it outdated.
    checkpoint_hash: Mapped[str]
    manifest: Mapped[dict[str, Any]]
    # How far it agrees with the network, and what was measured of it.
    agreement: Mapped[dict[str, Any]]
    measured: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


class ServedModel(Base):
    """A name that programs ask; what answers under it may change."""

    __tablename__ = "served_models"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ServedVersion(Base):
    """A variant under a name. It keeps the variant from being deleted."""

    __tablename__ = "served_versions"
    __table_args__ = (UniqueConstraint("model_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("served_models.id", ondelete="CASCADE"))
    number: Mapped[int]
    variant_id: Mapped[int] = mapped_column(ForeignKey("model_variants.id"), index=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ServedAlias(Base):
    """Which version “staging” or “production” is, and which it was before."""

    __tablename__ = "served_aliases"

    model_id: Mapped[int] = mapped_column(
        ForeignKey("served_models.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    alias: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    previous: Mapped[int | None]
    changed_by: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class ServedBatch(Base):
    """A version of a model asked about all recordings of a data set.

    How far it is follows from its job until ``completed_at`` is written with the rows.
    """

    __tablename__ = "served_batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    # As they were called: name and number stay true when the model is deleted.
    model_name: Mapped[str] = mapped_column(index=True)
    number: Mapped[int]
    variant_id: Mapped[int | None] = mapped_column(
        ForeignKey("model_variants.id", ondelete="SET NULL"), index=True
    )
    version_id: Mapped[int] = mapped_column(
        ForeignKey("dataset_versions.id", ondelete="CASCADE"), index=True
    )
    job_id: Mapped[int | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="SET NULL"), index=True
    )
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    class_names: Mapped[list[Any]]
    # How many were named so, how many were refused, and how right it was where that is known.
    summary: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    completed_at: Mapped[datetime | None]


class ServedBatchRow(Base):
    """What was said of one recording, or why nothing was."""

    __tablename__ = "served_batch_rows"
    __table_args__ = (Index("ix_served_batch_rows_batch_id_predicted", "batch_id", "predicted"),)

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("served_batches.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )
    # What the version of the data set says, and where the experiment used the same samples.
    label: Mapped[str | None]
    side: Mapped[str | None]
    predicted: Mapped[str | None]
    probability: Mapped[float | None]
    # Of each class, in the order of the batch's names.
    shares: Mapped[list[Any] | None]
    windows: Mapped[int]
    agreement: Mapped[float | None]
    # What a model says beside the class: name, unit and mean over the windows of each.
    estimates: Mapped[list[Any] | None]
    error: Mapped[str | None]
