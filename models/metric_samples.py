"""What the collector measured: each minute, and rolled up each hour."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class MetricSample(Base):
    """Values by name, all of one stretch of time that began at ``at``.

    A row of ``seconds`` below 3600 is one measurement and holds numbers; one of 3600 is a
    roll-up and holds ``[mean, lowest, highest]``.
    """

    __tablename__ = "metric_samples"
    __table_args__ = (UniqueConstraint("seconds", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    seconds: Mapped[int]
    # The machine that the collector ran on: its processor, memory and disk were measured.
    host: Mapped[str]
    measured: Mapped[dict[str, Any]]
