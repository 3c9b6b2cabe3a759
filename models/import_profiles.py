"""A mapping of files to recordings that somebody saved, to use it again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Timestamps


class ImportProfile(Timestamps, Base):
    __tablename__ = "import_profiles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(default="")
    # What a person typed on the import page: base profile, rate, unit, pattern, facts.
    choices: Mapped[dict[str, Any]]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
