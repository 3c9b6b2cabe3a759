"""Words that people put on experiments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now


class Tag(Base):
    __tablename__ = "tags"
    __table_args__ = (Index("ix_tags_usage_count_name", "usage_count", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    # "Bearing wear", "bearing-wear" and "BEARING WEAR" are one tag.
    slug: Mapped[str] = mapped_column(unique=True)
    # As pages write colours: "#" and six digits.
    color: Mapped[str]
    # How many experiments have it.
    usage_count: Mapped[int] = mapped_column(default=0)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ExperimentTag(Base):
    __tablename__ = "experiment_tags"
    # Who has a tag is found without a look at the table itself.
    __table_args__ = (Index("ix_experiment_tags_tag_id_experiment_id", "tag_id", "experiment_id"),)

    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)
    added_by: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
