"""Streams of points that are judged as they come, and what was found in them."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.alarms import Severity
from models.base import Base, now


class StreamStatus(enum.StrEnum):
    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    ERROR = "error"


class StreamSession(Base):
    """One series of points and how it is judged. What was counted is as of its checkpoint."""

    __tablename__ = "stream_sessions"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(default="")
    source_id: Mapped[str | None] = mapped_column(index=True)
    algorithm: Mapped[str]
    window_size: Mapped[int]
    threshold: Mapped[float]
    # None until the first point has told them.
    columns: Mapped[list[Any] | None]
    config: Mapped[dict[str, Any]]
    status: Mapped[StreamStatus] = mapped_column(default=StreamStatus.CREATED, index=True)
    error_message: Mapped[str | None]
    shard: Mapped[int]
    total_points: Mapped[int] = mapped_column(BigInteger, default=0)
    total_alerts: Mapped[int] = mapped_column(BigInteger, default=0)
    statistics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    started_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    # Alerts that people have not been told of yet, when they were told last, and whether an
    # alarm of it is open.
    untold_alerts: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]
    has_alarm: Mapped[bool] = mapped_column(default=False)


class StreamCheckpoint(Base):
    """The detector of a session after the last point that its shard has kept as done."""

    __tablename__ = "stream_checkpoints"

    session_id: Mapped[str] = mapped_column(
        ForeignKey("stream_sessions.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[str]  # base64
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class StreamShard(Base):
    """How far a shard is done: the last entry of its Valkey stream that is in checkpoints."""

    __tablename__ = "stream_shards"

    shard: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_id: Mapped[str]
    fence: Mapped[int]


class StreamAlert(Base):
    """A point that was found unusual. Its id follows from session and sequence."""

    __tablename__ = "stream_alerts"
    __table_args__ = (
        Index("uq_stream_alerts_session_id_sequence", "session_id", "sequence", unique=True),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("stream_sessions.id", ondelete="CASCADE"))
    sequence: Mapped[int] = mapped_column(BigInteger)
    timestamp: Mapped[datetime]
    data_point: Mapped[dict[str, Any]]
    anomaly_score: Mapped[float]
    severity: Mapped[Severity]
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
