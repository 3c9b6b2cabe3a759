"""Sign in and out: passwords, sessions behind the cookie, and what was tried."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TypedDict

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import LoginAttempt, User, UserSession
from models.base import now
from services import actor, events
from services.accounts import limits
from services.accounts.passwords import is_right
from services.actor import Actor
from services.errors import Forbidden
from services.runtime import unit_of_work

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=14)
MOST_SESSIONS = 10
# The time a session was last seen is written at most this often.
SEEN_EVERY = timedelta(minutes=1)


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


class AuthenticationService:
    """Sign in and out, and look after sessions."""

    @staticmethod
    def sign_in(
        name: str,
        password: str,
        ip_address: str | None = None,
        user_agent: str | None = None,
        remember: bool = False,
    ) -> NewSession:
        """Start a session for who knows the password. Asks for no actor.

        Raises
        ------
        RateLimited
            After too many failures for this name or from this address.
        Forbidden
            If name and password do not belong together, or the account is disabled.
        """
        known_as = name.strip().lower()
        who = (f"name:{known_as}", limits.address(ip_address))
        limits.check(limits.SIGN_IN, *who)
        with unit_of_work(writing=False) as session:
            user = session.scalar(select(User).where(User.name == known_as))
            found = (user.id, user.password_hash, user.disabled_at) if user else (None, None, None)
        user_id, password_hash, disabled_at = found
        right = is_right(password, password_hash)
        if user_id is None or not right or disabled_at is not None:
            limits.count_failure(limits.SIGN_IN, *who)
            reason = "disabled" if right and disabled_at else "name or password"
            AuthenticationService.record_login_attempt(
                user_id, False, "password", ip_address, user_agent, None, reason
            )
            raise Forbidden("Name and password do not belong together, or the account is disabled.")
        limits.forget(limits.SIGN_IN, who[0])
        AuthenticationService.record_login_attempt(
            user_id, True, "password", ip_address, user_agent
        )
        with unit_of_work() as session:
            session.get_one(User, user_id).last_sign_in_at = now()
            return _open_session(session, user_id, ip_address, user_agent, remember)

    @staticmethod
    def actor_of_session(token: str) -> Actor | None:
        """Whom the cookie's token stands for, or None. Asks for no actor: here one begins."""
        wanted = (
            select(UserSession, User)
            .join(User, User.id == UserSession.user_id)
            .where(UserSession.token_hash == _hash(token), UserSession.revoked_at.is_(None))
        )
        with unit_of_work(writing=False) as session:
            row = session.execute(wanted).one_or_none()
            if row is None:
                return None
            kept, user = row
            if user.disabled_at is not None or _is_over(kept):
                return None
            found = Actor(user.id, user.role, frozenset(), "page", user.name, kept.id)
            seen = kept.last_seen_at
        if now() - seen > SEEN_EVERY:
            with unit_of_work() as session:
                one = update(UserSession).where(UserSession.id == found.session_id)
                session.execute(one.values(last_seen_at=now()))
        return found

    @staticmethod
    def actor_of_user(user_id: int, via: str) -> Actor | None:
        """The actor that a user is, or None. Asks for no actor: here one begins."""
        with unit_of_work(writing=False) as session:
            user = session.get(User, user_id)
            if user is None or user.disabled_at is not None:
                return None
            return Actor(user.id, user.role, frozenset(), via, user.name)

    @staticmethod
    def create_session(
        user_id: int,
        ip_address: str | None = None,
        user_agent: str | None = None,
        device_type: str | None = None,
        browser: str | None = None,
        location: str | None = None,
    ) -> NewSession | None:
        """Start a session for a user; None if there is no such user or it is disabled."""
        actor.self_or_admin(user_id)
        with unit_of_work() as session:
            user = session.get(User, user_id)
            if user is None or user.disabled_at is not None:
                return None
            return _open_session(
                session, user_id, ip_address, user_agent, False, device_type, browser, location
            )

    @staticmethod
    def list_sessions(user_id: int) -> list[SessionView]:
        """Sessions that are good now, last used first."""
        actor.self_or_admin(user_id)
        wanted = (
            select(UserSession)
            .where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))
            .order_by(UserSession.last_seen_at.desc())
        )
        with unit_of_work(writing=False) as session:
            return [_view(kept) for kept in session.scalars(wanted) if not _is_over(kept)]

    @staticmethod
    def revoke_session(session_id: int, user_id: int) -> tuple[bool, str]:
        """End a session at once: ``(success, error_message)``."""
        actor.self_or_admin(user_id)
        ended = (
            update(UserSession)
            .where(
                UserSession.id == session_id,
                UserSession.user_id == user_id,
                UserSession.revoked_at.is_(None),
            )
            .values(revoked_at=now())
            .returning(UserSession.id)
        )
        with unit_of_work() as session:
            if session.scalar(ended) is None:
                return False, "There is no such session, or it has ended already."
            events.record(session, "session.revoked", f"user:{user_id}", session_id=session_id)
        return True, ""

    @staticmethod
    def record_login_attempt(
        user_id: int | None,
        success: bool,
        login_method: str,
        ip_address: str | None = None,
        user_agent: str | None = None,
        location: str | None = None,
        failure_reason: str | None = None,
    ) -> None:
        """Keep what was tried. Asks for no actor: who signs in is nobody yet."""
        attempt = LoginAttempt(
            user_id=user_id,
            success=success,
            login_method=login_method,
            ip_address=ip_address,
            user_agent=_cut(user_agent),
            location=location,
            failure_reason=failure_reason,
        )
        with unit_of_work() as session:
            session.add(attempt)


def end_sessions(session: Session, user_id: int, but: int | None = None) -> None:
    """End all sessions of a user, in the transaction of the caller."""
    ended = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.revoked_at.is_(None)
    )
    if but is not None:
        ended = ended.where(UserSession.id != but)
    session.execute(ended.values(revoked_at=now()))


def open_session_for(
    session: Session, user_id: int, ip_address: str | None, user_agent: str | None
) -> NewSession:
    """Start a session in the transaction of the caller, who has checked who it is."""
    return _open_session(session, user_id, ip_address, user_agent, False)


def _open_session(
    session: Session,
    user_id: int,
    ip_address: str | None,
    user_agent: str | None,
    remember: bool,
    device_type: str | None = None,
    browser: str | None = None,
    location: str | None = None,
) -> NewSession:
    _make_room(session, user_id)
    token = secrets.token_urlsafe(32)
    kept = UserSession(
        user_id=user_id,
        token_hash=_hash(token),
        remembered=remember,
        ip_address=ip_address,
        user_agent=_cut(user_agent),
        device_type=device_type,
        browser=browser,
        location=location,
        expires_at=now() + ABSOLUTE,
    )
    session.add(kept)
    session.flush()
    return NewSession(token=token, **_view(kept))


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


def _is_over(kept: UserSession) -> bool:
    idle = not kept.remembered and now() - kept.last_seen_at > IDLE
    return idle or now() > kept.expires_at


def _view(kept: UserSession) -> SessionView:
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


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _cut(text: str | None) -> str | None:
    return text[:400] if text else None
