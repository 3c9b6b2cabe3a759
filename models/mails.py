"""Mail that waits or has left, what became of each try, and what is gathered for digests."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now


class MailStatus(enum.StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class DigestPeriod(enum.StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"


class Digest(Base):
    """One mail about a day or a week; the key keeps it one.

    By the date and not the moment: a person who moves to another time zone gets no second one.
    """

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("user_id", "period", "local_date"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    period: Mapped[DigestPeriod]
    # The day in the person's time zone on whose morning it was due, as in 2026-11-30.
    local_date: Mapped[str]
    due_at: Mapped[datetime]
    entry_count: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class DigestEntry(Base):
    """Something that a digest will tell, or has told."""

    __tablename__ = "digest_entries"
    __table_args__ = (
        UniqueConstraint("event_id", "user_id"),
        Index("ix_digest_entries_digest_id_user_id", "digest_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # Numbers of events that may be gone by now.
    event_id: Mapped[int]
    event_type: Mapped[str]
    period: Mapped[DigestPeriod]
    text: Mapped[str]
    # A path inside the application.
    link: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"))


class Mail(Base):
    """A mail as it leaves. A sender takes one that waits by moving ``next_attempt_at`` ahead."""

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("event_id", "user_id"),
        Index("ix_mails_status_next_attempt_at", "status", "next_attempt_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int | None]
    digest_id: Mapped[int | None] = mapped_column(
        ForeignKey("digests.id", ondelete="CASCADE"), unique=True
    )
    # The type of its event, ``digest.daily``, ``digest.weekly`` or ``test``.
    type: Mapped[str]
    to_email: Mapped[str]
    subject: Mapped[str]
    text_body: Mapped[str]
    html_body: Mapped[str]
    # Where one click ends mail of this type; none in what somebody has just asked for.
    unsubscribe_url: Mapped[str | None]
    # The same at each try, so that a mail server can tell a second copy.
    message_id: Mapped[str] = mapped_column(unique=True)
    status: Mapped[MailStatus] = mapped_column(default=MailStatus.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]


class MailAttempt(Base):
    """The log of the sender: one line for each try."""

    __tablename__ = "mail_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    number: Mapped[int]
    provider: Mapped[str]
    ok: Mapped[bool]
    seconds: Mapped[float]
    # What the provider calls the mail, or why it did not take it.
    answer: Mapped[str]
