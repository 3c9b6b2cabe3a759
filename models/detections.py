"""Which rows of a source are unlike the others: one run of a detector, alone or among several."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, new_ulid, now


class DetectionBatch(Base):
    """One question to several sources; how far it is follows from its items."""

    __tablename__ = "detection_batches"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_ulid)
    name: Mapped[str]
    algorithm: Mapped[str]
    config: Mapped[dict[str, Any]]
    sample_size: Mapped[int | None]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Detection(Base):
    """How far it is follows from its job until ``completed_at`` is written with the result."""

    __tablename__ = "detections"
    __table_args__ = (Index("ix_detections_source_id_created_at", "source_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_ulid)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    # Written when the work begins: the newest there is then.
    source_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("source_versions.id", ondelete="CASCADE"), index=True
    )
    job_id: Mapped[int | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="SET NULL"), index=True
    )
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    algorithm: Mapped[str]
    config: Mapped[dict[str, Any]]
    # What was asked beside algorithm and config: columns, sample_size, fit_on and so on.
    asked: Mapped[dict[str, Any]]
    total_rows: Mapped[int | None]
    anomaly_count: Mapped[int | None]
    threshold: Mapped[float | None]
    # Columns, their summaries, the highest scores, and sentences; see services/anomalies/.
    result: Mapped[dict[str, Any] | None]
    # Scores of all rows; the fitted detector in its own signed format.
    scores_key: Mapped[str | None] = mapped_column(index=True)
    detector_key: Mapped[str | None] = mapped_column(index=True)
    duration_ms: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class DetectionBatchItem(Base):
    """One source of a batch. ``outcome`` is kept when source or detection are deleted."""

    __tablename__ = "detection_batch_items"
    __table_args__ = (UniqueConstraint("batch_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("detection_batches.id", ondelete="CASCADE"))
    position: Mapped[int]
    # No reference: the batch tells of it when it is gone.
    source_id: Mapped[str]
    source_name: Mapped[str]
    detection_id: Mapped[str | None] = mapped_column(
        ForeignKey("detections.id", ondelete="SET NULL"), index=True
    )
    outcome: Mapped[dict[str, Any] | None]


class DetectionComparison(Base):
    """What several algorithms say of the same rows. Which rows each flags is an artefact."""

    __tablename__ = "detection_comparisons"
    __table_args__ = (
        Index("ix_detection_comparisons_source_id_created_at", "source_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_ulid)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    source_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("source_versions.id", ondelete="CASCADE"), index=True
    )
    job_id: Mapped[int | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="SET NULL"), index=True
    )
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    asked: Mapped[dict[str, Any]]
    total_rows: Mapped[int | None]
    result: Mapped[dict[str, Any] | None]
    records_key: Mapped[str | None] = mapped_column(index=True)
    duration_ms: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    completed_at: Mapped[datetime | None]


class DetectionExplanation(Base):
    """Why a row has its score: what each column adds to it."""

    __tablename__ = "detection_explanations"
    __table_args__ = (
        # A name of its own: the usual one would be longer than PostgreSQL takes.
        UniqueConstraint(
            *("detection_id", "row_index", "method", "max_features", "background"),
            name="uq_detection_explanations_question",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_ulid)
    detection_id: Mapped[str] = mapped_column(ForeignKey("detections.id", ondelete="CASCADE"))
    row_index: Mapped[int]
    method: Mapped[str]
    max_features: Mapped[int]
    background: Mapped[int]
    content: Mapped[dict[str, Any]]
    generated_at: Mapped[datetime] = mapped_column(default=now)


class RowLabel(Base):
    """What a person says of a row of a version, whichever detection showed it."""

    __tablename__ = "row_labels"

    source_version_id: Mapped[int] = mapped_column(
        ForeignKey("source_versions.id", ondelete="CASCADE"), primary_key=True
    )
    row_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_anomaly: Mapped[bool]
    note: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
