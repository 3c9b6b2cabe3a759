"""The second step of signing in: authenticators, backup codes, and who must have them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now
from models.users import Role


class TwoFactor(Base):
    """An authenticator of a person; it counts once ``confirmed_at`` is set."""

    __tablename__ = "two_factors"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    # Sealed; see services/sealing.py.
    secret: Mapped[str] = mapped_column(info={"sealed": True})
    created_at: Mapped[datetime] = mapped_column(default=now)
    confirmed_at: Mapped[datetime | None]
    # The time step of the last code that was accepted: none of it or before it is taken again.
    last_step: Mapped[int | None]
    # Of the backup codes that there are now.
    backup_salt: Mapped[str | None]


class BackupCode(Base):
    __tablename__ = "backup_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    code_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class SecondStep(Base):
    """Somebody gave the right password and owes the code: no session yet."""

    __tablename__ = "second_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    remembered: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class TwoFactorRole(Base):
    """Whoever has this role must have an authenticator."""

    __tablename__ = "two_factor_roles"

    role: Mapped[Role] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
