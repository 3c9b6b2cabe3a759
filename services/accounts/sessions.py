"""Rows behind the cookies of browsers, in the transaction of the caller."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TypedDict

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import UserSession
from models.base import now
from services.accounts.user_agents import browser_of, cut, device_of
from services.notifications.sign_ins import note_sign_in

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=14)
MOST_SESSIONS = 10


class SessionView(TypedDict):
    id: int
    ip_address: str | None
    user_agent: str | None
    device_type: str | None
    browser: str | None
    location: str | None
    remembered: bool
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class NewSession(SessionView):
    """``token`` goes into the cookie; only its hash is kept."""

    token: str


def open_session(
    session: Session,
    user_id: int,
    ip_address: str | None,
    user_agent: str | None,
    *,
    remember: bool = False,
    device_type: str | None = None,
    browser: str | None = None,
    location: str | None = None,
) -> NewSession:
    """Start a session for somebody who has shown who it is."""
    note_sign_in(session, user_id, ip_address, user_agent)
    _make_room(session, user_id)
    token = secrets.token_urlsafe(32)
    kept = UserSession(
        user_id=user_id,
        token_hash=hashed(token),
        remembered=remember,
        ip_address=ip_address,
        user_agent=cut(user_agent),
        device_type=device_type or device_of(user_agent),
        browser=browser or browser_of(user_agent),
        location=location,
        expires_at=now() + ABSOLUTE,
    )
    session.add(kept)
    session.flush()
    return NewSession(token=token, **view(kept))


def end_sessions(session: Session, user_id: int, but: int | None = None) -> int:
    """End all sessions of a user but one; how many there were."""
    ended = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.revoked_at.is_(None)
    )
    if but is not None:
        ended = ended.where(UserSession.id != but)
    return len(session.scalars(ended.values(revoked_at=now()).returning(UserSession.id)).all())


def is_over(kept: UserSession) -> bool:
    idle = not kept.remembered and now() - kept.last_seen_at > IDLE
    return idle or now() > kept.expires_at


def view(kept: UserSession) -> SessionView:
    return {
        "id": kept.id,
        "ip_address": kept.ip_address,
        "user_agent": kept.user_agent,
        "device_type": kept.device_type,
        "browser": kept.browser,
        "location": kept.location,
        "remembered": kept.remembered,
        "created_at": kept.created_at,
        "last_seen_at": kept.last_seen_at,
        "expires_at": kept.expires_at,
    }


def hashed(token: str) -> str:
    """What is kept of a token, which is long and random: a quick hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _make_room(session: Session, user_id: int) -> None:
    """End the oldest sessions of a user who has too many."""
    oldest = (
        select(UserSession.id)
        .where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        .offset(MOST_SESSIONS - 1)
    )
    too_many = session.scalars(oldest).all()
    if too_many:
        ended = update(UserSession).where(UserSession.id.in_(too_many))
        session.execute(ended.values(revoked_at=now()))
