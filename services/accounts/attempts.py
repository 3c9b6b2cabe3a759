"""The history of what was tried to get in."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from sqlalchemy import func, select

from models import LoginAttempt, User
from services.accounts.user_agents import browser_of, cut, device_of
from services.errors import NotFound
from services.paging import paged
from services.runtime import unit_of_work


class AttemptView(TypedDict):
    id: int
    success: bool
    login_method: str
    ip_address: str | None
    device_type: str | None
    browser: str | None
    location: str | None
    failure_reason: str | None
    created_at: datetime


def record(
    user_id: int | None,
    success: bool,
    login_method: str,
    ip_address: str | None = None,
    user_agent: str | None = None,
    location: str | None = None,
    failure_reason: str | None = None,
) -> None:
    attempt = LoginAttempt(
        user_id=user_id,
        success=success,
        login_method=login_method,
        ip_address=ip_address,
        user_agent=cut(user_agent),
        location=location,
        failure_reason=failure_reason,
    )
    with unit_of_work() as session:
        if user_id is not None and session.get(User, user_id) is None:
            raise NotFound("There is no such user.")
        session.add(attempt)


def newest(user_id: int, limit: int, offset: int) -> list[AttemptView]:
    wanted = (
        select(LoginAttempt)
        .where(LoginAttempt.user_id == user_id)
        .order_by(LoginAttempt.created_at.desc(), LoginAttempt.id.desc())
    )
    with unit_of_work(writing=False) as session:
        return [_view(kept) for kept in session.scalars(paged(wanted, limit, offset))]


def count(user_id: int) -> int:
    wanted = select(func.count()).where(LoginAttempt.user_id == user_id)
    with unit_of_work(writing=False) as session:
        return session.scalar(wanted) or 0


def _view(kept: LoginAttempt) -> AttemptView:
    return {
        "id": kept.id,
        "success": kept.success,
        "login_method": kept.login_method,
        "ip_address": kept.ip_address,
        "device_type": device_of(kept.user_agent),
        "browser": browser_of(kept.user_agent),
        "location": kept.location,
        "failure_reason": kept.failure_reason,
        "created_at": kept.created_at,
    }
