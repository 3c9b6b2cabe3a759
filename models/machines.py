"""What is measured: a machine, its measuring points, their channels, its bearings."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from diagnostics.signals.signal import Unit
from models.base import Base, Timestamps


class Machine(Timestamps, Base):
    __tablename__ = "machines"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)


class Point(Timestamps, Base):
    """Where sensors sit, for example the drive-end bearing housing."""

    __tablename__ = "points"
    __table_args__ = (UniqueConstraint("machine_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    name: Mapped[str]


class Channel(Timestamps, Base):
    """One sensor at a point, in one direction and unit."""

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("point_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("points.id"))
    name: Mapped[str]
    unit: Mapped[Unit]
    direction: Mapped[str] = mapped_column(default="")


class Bearing(Timestamps, Base):
    """One physical bearing. Recordings of the same one never lie on both sides of a split."""

    __tablename__ = "bearings"
    __table_args__ = (
        UniqueConstraint("machine_id", "name"),
        CheckConstraint("roller_count IS NULL OR roller_count > 0", name="roller_count_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    point_id: Mapped[int | None] = mapped_column(ForeignKey("points.id"), index=True)
    name: Mapped[str]
    designation: Mapped[str] = mapped_column(default="")
    roller_count: Mapped[int | None]
    roller_diameter_mm: Mapped[float | None]
    pitch_diameter_mm: Mapped[float | None]
    contact_angle_deg: Mapped[float | None]
