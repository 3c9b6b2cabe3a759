"""A file on its way in: it arrives in pieces, and can go on where it broke off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Timestamps


class Upload(Timestamps, Base):
    __tablename__ = "uploads"
    __table_args__ = (CheckConstraint("received <= size", name="received_at_most_size"),)

    # A random name, so that one person cannot guess another's.
    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    file_name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    # Of its first and last bytes: who chooses a file again goes on only with the same one.
    fingerprint: Mapped[str] = mapped_column(default="", server_default="")
    completed_at: Mapped[datetime | None]
