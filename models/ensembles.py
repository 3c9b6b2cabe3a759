"""An experiment that is a vote of other ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Ensemble(Base):
    """How its members vote, and what came of it beside the result of every experiment."""

    __tablename__ = "ensembles"

    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    voting: Mapped[str]
    # Where weights come from: all alike, typed, or from the validation part of each member.
    weighting: Mapped[str]
    # Scores of the members on the common test, and the predictions that were counted.
    result: Mapped[dict[str, Any] | None]


class EnsembleMember(Base):
    """One that votes. It cannot be deleted while the ensemble is there."""

    __tablename__ = "ensemble_members"

    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("ensembles.experiment_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    member_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id"), primary_key=True, autoincrement=False, index=True
    )
    position: Mapped[int]
    # None until a job has found it in the validation part.
    weight: Mapped[float | None]
