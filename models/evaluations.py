"""What was computed about a trained experiment by a job; the numbers are an artefact."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now


class Evaluation(Base):
    """The newest answer of its kind for an experiment."""

    __tablename__ = "evaluations"
    __table_args__ = (UniqueConstraint("experiment_id", "evaluation_type"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"))
    evaluation_type: Mapped[str]
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # It belongs to these weights, these predictions and these data, and to no others.
    fingerprint: Mapped[str]
    artefact_key: Mapped[str] = mapped_column(index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
