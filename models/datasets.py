"""A data set and its immutable versions: which recordings belong to it, and what they show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Timestamps, now
from models.recordings import Origin


class Dataset(Timestamps, Base):
    __tablename__ = "datasets"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(default="")
    origin: Mapped[Origin]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    archived_at: Mapped[datetime | None]
    # How generated recordings were made: configuration, seed, version of the generator.
    provenance: Mapped[dict[str, Any] | None]


class DatasetVersion(Base):
    """Never changed: adding or relabelling recordings makes the next one."""

    __tablename__ = "dataset_versions"
    __table_args__ = (UniqueConstraint("dataset_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("datasets.id"))
    number: Mapped[int]
    reason: Mapped[str]
    # Over the members' content hashes and labels: equal versions have equal hashes.
    content_hash: Mapped[str]
    recording_count: Mapped[int]
    # Totals of the members: a version never changes, so lists need not count again.
    duration_s: Mapped[float] = mapped_column(default=0.0, server_default="0")
    class_count: Mapped[int] = mapped_column(default=0, server_default="0")
    warned_count: Mapped[int] = mapped_column(default=0, server_default="0")
    # What it changed against the version before it.
    added_count: Mapped[int] = mapped_column(default=0, server_default="0")
    removed_count: Mapped[int] = mapped_column(default=0, server_default="0")
    relabelled_count: Mapped[int] = mapped_column(default=0, server_default="0")
    # Recordings by class, group and load, counted once: see services/datasets/tallies.py.
    # None for a version that is older than this column; lists do not load it.
    tally: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class DatasetMember(Base):
    __tablename__ = "dataset_members"
    # All of a member: two versions are compared without a look at the table itself.
    __table_args__ = (
        Index(
            "ix_dataset_members_version_id_recording_id_label",
            "version_id",
            "recording_id",
            "label",
        ),
    )

    version_id: Mapped[int] = mapped_column(
        ForeignKey("dataset_versions.id", ondelete="CASCADE"), primary_key=True
    )
    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id"), primary_key=True, index=True
    )
    label: Mapped[str | None]


class DatasetExport(Base):
    """A version of a data set as one file of a common format, made by a job."""

    __tablename__ = "dataset_exports"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(
        ForeignKey("dataset_versions.id", ondelete="CASCADE"), index=True
    )
    # "hdf5", "mat", "csv", "parquet".
    format: Mapped[str]
    file_name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    artefact_key: Mapped[str] = mapped_column(index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
