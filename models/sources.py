"""Sources: whatever has rows that can be judged, kept as Parquet, in versions by their content."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Timestamps, new_ulid, now


class SourceKind(enum.StrEnum):
    TABLE = "table"
    FEATURE_SET = "feature_set"
    DATASET = "dataset"
    RECORDING = "recording"
    DATABASE_VIEW = "database_view"


class Source(Timestamps, Base):
    """A name for rows. Whether it can be used follows from its versions and its job."""

    __tablename__ = "sources"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_ulid)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    kind: Mapped[SourceKind]
    # What it is made from: the name of the file, the number of the feature set and so on.
    config: Mapped[dict[str, Any]]
    # Read as missing, as texts: they are compared with numbers as numbers.
    missing_codes: Mapped[list[Any]]
    # None: found by looking; empty: there is none.
    time_column: Mapped[str | None]
    job_id: Mapped[int | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="SET NULL"), index=True
    )
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)


class SourceVersion(Base):
    """Never changed: other rows, or other rows read as missing, are the next version."""

    __tablename__ = "source_versions"
    __table_args__ = (UniqueConstraint("source_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    number: Mapped[int]
    # Of the rows and of how they are read.
    content_hash: Mapped[str] = mapped_column(index=True)
    parquet_key: Mapped[str] = mapped_column(index=True)
    # The first rows, and what each column amounts to: JSON, which pages read.
    profile_key: Mapped[str] = mapped_column(index=True)
    row_count: Mapped[int]
    # Name, type and role of each column.
    columns: Mapped[list[Any]]
    missing_codes: Mapped[list[Any]]
    time_column: Mapped[str | None]
    # Sentences about what was found while reading.
    notes: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
