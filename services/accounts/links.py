"""Links that are good once, in the transaction of the caller."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import AccountLink, LinkPurpose
from models.base import now
from services.accounts.sessions import hashed
from services.errors import Forbidden

LIFETIME = {
    LinkPurpose.SETUP: timedelta(hours=24),
    LinkPurpose.INVITE: timedelta(days=7),
    LinkPurpose.RESET: timedelta(hours=24),
}
BAD_LINK = "This link has been used, is too old, or is not whole. Ask for another."


def make_link(session: Session, purpose: LinkPurpose, user_id: int | None) -> str:
    end_links(session, user_id)
    token = secrets.token_urlsafe(32)
    link = AccountLink(
        purpose=purpose,
        token_hash=hashed(token),
        user_id=user_id,
        expires_at=now() + LIFETIME[purpose],
    )
    session.add(link)
    return token


def end_links(session: Session, user_id: int | None) -> None:
    """Let no older link of a person be good any more; None stands for the first admin's."""
    open_links = update(AccountLink).where(
        AccountLink.user_id == user_id, AccountLink.used_at.is_(None)
    )
    session.execute(open_links.values(used_at=now()))


def use(session: Session, link: AccountLink) -> None:
    """Take the link, unless somebody else was faster."""
    used = (
        update(AccountLink)
        .where(AccountLink.id == link.id, AccountLink.used_at.is_(None))
        .values(used_at=now())
        .returning(AccountLink.id)
    )
    if session.scalar(used) is None:
        raise Forbidden(BAD_LINK)


def good_link(session: Session, token: str) -> AccountLink:
    wanted = select(AccountLink).where(AccountLink.token_hash == hashed(token))
    link = session.scalar(wanted)
    if link is None or link.used_at is not None or link.expires_at < now():
        raise Forbidden(BAD_LINK)
    return link
