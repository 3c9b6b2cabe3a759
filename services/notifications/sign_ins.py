"""Tell a person of a sign-in with a device that the account does not know."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import UserSession
from services import events
from services.accounts.user_agents import browser_of, device_of
from services.actor import WORKER, acting_as

LONGEST_DEVICE = 200
# Programs get a new version every month: that is no other device.
VERSION = re.compile(r"[\d._]+")


def note_sign_in(
    session: Session, user_id: int, ip_address: str | None, user_agent: str | None
) -> None:
    """Keep an event where no session of the person came from such a browser before.

    Called before the row of the new session is added. The very first sign-in is no news.
    """
    agents = select(UserSession.user_agent).where(UserSession.user_id == user_id).distinct()
    known = {_kind_of(agent) for agent in session.scalars(agents)}
    if not known or _kind_of(user_agent) in known:
        return
    with acting_as(WORKER):  # who signs in is nobody yet
        events.record(
            session,
            "session.new_device",
            f"user:{user_id}",
            device=_named(user_agent),
            address=ip_address or "an unknown address",
        )


def _named(user_agent: str | None) -> str:
    """As the list of sessions names it, or else what the program says of itself."""
    known = [name for name in (browser_of(user_agent), device_of(user_agent)) if name]
    return " on ".join(known) or (user_agent or "an unknown program")[:LONGEST_DEVICE]


def _kind_of(user_agent: str | None) -> str:
    return VERSION.sub("", user_agent or "")
