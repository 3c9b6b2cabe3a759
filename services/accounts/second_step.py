"""Between the right password and the session: who has an authenticator owes its code first.

What the browser gets for the password is good for one session, for a few minutes, and for
nothing else.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import SecondStep, User
from models.base import now
from services.accounts import two_factor
from services.accounts.sessions import NewSession, hashed, open_session
from services.errors import Forbidden

LIFETIME = timedelta(minutes=5)
TOO_LATE = "This sign-in took too long, or it has been finished. Begin again with the password."


@dataclass(frozen=True)
class CodeNeeded:
    """The password was right, and a code is owed; ``token`` goes into the cookie."""

    token: str
    expires_at: datetime


@dataclass(frozen=True)
class Owed:
    id: int
    user_id: int
    remembered: bool


def after_password(
    session: Session,
    user_id: int,
    ip_address: str | None,
    user_agent: str | None,
    *,
    remember: bool = False,
) -> NewSession | CodeNeeded:
    """A session, or for who has an authenticator the way to its code."""
    if not two_factor.is_on(session, user_id):
        session.get_one(User, user_id).last_sign_in_at = now()
        return open_session(session, user_id, ip_address, user_agent, remember=remember)
    token, until = secrets.token_urlsafe(32), now() + LIFETIME
    session.add(
        SecondStep(user_id=user_id, token_hash=hashed(token), remembered=remember, expires_at=until)
    )
    return CodeNeeded(token, until)


def owed(session: Session, token: str) -> Owed:
    """Who gave the password.

    Raises
    ------
    Forbidden
        If the token is unknown, used or too old, or the account is disabled.
    """
    wanted = (
        select(SecondStep)
        .join(User, User.id == SecondStep.user_id)
        .where(SecondStep.token_hash == hashed(token), User.disabled_at.is_(None))
    )
    kept = session.scalar(wanted)
    if kept is None or kept.used_at is not None or kept.expires_at < now():
        raise Forbidden(TOO_LATE)
    return Owed(kept.id, kept.user_id, kept.remembered)


def finish(
    session: Session, step: Owed, ip_address: str | None, user_agent: str | None
) -> NewSession:
    """Start the session, unless another request was faster or the password is another now.

    Raises
    ------
    Forbidden
        If the way to the code has been closed in the meantime.
    """
    used = (
        update(SecondStep)
        .where(SecondStep.id == step.id, SecondStep.used_at.is_(None))
        .values(used_at=now())
        .returning(SecondStep.id)
    )
    if session.scalar(used) is None:
        raise Forbidden(TOO_LATE)
    session.get_one(User, step.user_id).last_sign_in_at = now()
    return open_session(session, step.user_id, ip_address, user_agent, remember=step.remembered)


def close_all(session: Session, user_id: int) -> None:
    """Let nobody in who has only given a password so far: it may be another one now."""
    open_steps = update(SecondStep).where(
        SecondStep.user_id == user_id, SecondStep.used_at.is_(None)
    )
    session.execute(open_steps.values(used_at=now()))
