"""Tables of features of a version of a data set, and what was seen in them."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now


class AnalysisKind(enum.StrEnum):
    PROJECTION = "projection"
    CORRELATION = "correlation"
    IMPORTANCE = "importance"
    SELECTION = "selection"


class FeatureSet(Base):
    """Never changed: extracting or selecting again under the same name makes the next version."""

    __tablename__ = "feature_sets"
    __table_args__ = (UniqueConstraint("name", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    number: Mapped[int]
    # It can be made again from the version, and goes with it.
    dataset_version_id: Mapped[int] = mapped_column(
        ForeignKey("dataset_versions.id", ondelete="CASCADE"), index=True
    )
    # The set whose columns were selected.
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("feature_sets.id", ondelete="SET NULL"), index=True
    )
    domains: Mapped[list[Any]]
    config: Mapped[dict[str, Any]]
    # Columns as "name@version of the definition".
    features: Mapped[list[Any]]
    row_count: Mapped[int]
    # Windows by class, how many groups and recordings, and sentences about what is missing.
    summary: Mapped[dict[str, Any]]
    # The table as HDF5, which pages read, and as Parquet, which is only downloaded.
    artefact_key: Mapped[str] = mapped_column(index=True)
    parquet_key: Mapped[str] = mapped_column(index=True)
    content_hash: Mapped[str]
    job_id: Mapped[int | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="SET NULL"), index=True
    )
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class FeatureAnalysis(Base):
    """The newest answer of a method for a set; the numbers are an artefact."""

    __tablename__ = "feature_analyses"
    __table_args__ = (UniqueConstraint("feature_set_id", "kind", "method"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    feature_set_id: Mapped[int] = mapped_column(ForeignKey("feature_sets.id", ondelete="CASCADE"))
    kind: Mapped[AnalysisKind]
    method: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    artefact_key: Mapped[str] = mapped_column(index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
