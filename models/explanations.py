"""Why a network decided as it did: one stored explanation. The arrays are an artefact."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now


class Explanation(Base):
    __tablename__ = "explanations"
    __table_args__ = (
        Index(
            "ix_explanations_experiment_id_recording_id_method",
            *("experiment_id", "recording_id", "method"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"))
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id"), index=True)
    method: Mapped[str]
    target_class: Mapped[str]
    # Of the parameters that were asked for; "" where all are those of the method by default.
    question: Mapped[str] = mapped_column(default="", server_default="")
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # An explanation belongs to these weights and these samples, and to no others.
    checkpoint_hash: Mapped[str]
    data_hash: Mapped[str]
    artefact_key: Mapped[str]
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
