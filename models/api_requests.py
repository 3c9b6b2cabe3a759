"""What was asked of the API: a row for each request, and sums by the minute and the hour."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

# More than 32 bits: sums of microseconds, and over all time.
Count = Annotated[int, mapped_column(BigInteger)]

# ``RequestSum.minute`` of the sums over all time.
ALL_TIME = 0


class APIRequest(Base):
    """One request. ``endpoint`` is the route, not the address, so that numbers do not scatter it.
    Samples of bodies are only kept where the installation asks for them, without secrets."""

    __tablename__ = "api_requests"
    __table_args__ = (
        Index("ix_api_requests_api_key_id_at", "api_key_id", "at"),
        Index(
            "ix_api_requests_errors",
            "at",
            sqlite_where=text("status_code >= 400"),
            postgresql_where=text("status_code >= 400"),
        ),
    )

    id: Mapped[int] = mapped_column(
        # SQLite numbers rows by itself only under this word.
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
    )
    at: Mapped[datetime] = mapped_column(index=True)
    endpoint: Mapped[str]
    method: Mapped[str]
    status_code: Mapped[int]
    duration_us: Mapped[int]
    ip_address: Mapped[str | None]
    user_agent: Mapped[str | None]
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    request_id: Mapped[str | None]
    request_size: Mapped[int]
    response_size: Mapped[int]
    error_message: Mapped[str | None]
    request_sample: Mapped[dict[str, Any] | None]
    response_sample: Mapped[dict[str, Any] | None]


class _Sums:
    """Counts that are added to; ``le_…`` is the histogram of durations, each slot counted once
    and named for its upper bound in tenths of a millisecond."""

    requests: Mapped[Count]
    # Answers of 400 to 499, and of 500 on.
    refused: Mapped[Count]
    failed: Mapped[Count]
    duration_us: Mapped[Count]
    le_5: Mapped[Count]
    le_10: Mapped[Count]
    le_20: Mapped[Count]
    le_30: Mapped[Count]
    le_50: Mapped[Count]
    le_80: Mapped[Count]
    le_120: Mapped[Count]
    le_200: Mapped[Count]
    le_300: Mapped[Count]
    le_500: Mapped[Count]
    le_800: Mapped[Count]
    le_1200: Mapped[Count]
    le_2000: Mapped[Count]
    le_3000: Mapped[Count]
    le_5000: Mapped[Count]
    le_10000: Mapped[Count]
    le_20000: Mapped[Count]
    le_50000: Mapped[Count]
    le_100000: Mapped[Count]
    le_600000: Mapped[Count]
    above: Mapped[Count]


class RequestSum(_Sums, Base):
    """By route and minute since 1970; an empty route counts what was lost on the way."""

    __tablename__ = "api_request_sums"

    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    endpoint: Mapped[str] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(primary_key=True)


class RequestHour(_Sums, Base):
    """The same by the hour since 1970, for long stretches of time."""

    __tablename__ = "api_request_hours"

    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    endpoint: Mapped[str] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(primary_key=True)


class KeySum(Base):
    """By API key and hour since 1970."""

    __tablename__ = "api_key_sums"

    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"), primary_key=True)
    requests: Mapped[Count]
    refused: Mapped[Count]
    failed: Mapped[Count]
    duration_us: Mapped[Count]
