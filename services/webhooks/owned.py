"""A person's own webhook, and no other's."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Webhook
from services.errors import NotFound


def own(session: Session, webhook_id: int, user_id: int) -> Webhook | None:
    of = select(Webhook).where(Webhook.id == webhook_id, Webhook.owner_id == user_id)
    return session.scalars(of).one_or_none()


def own_or_fail(session: Session, webhook_id: int, user_id: int) -> Webhook:
    webhook = own(session, webhook_id, user_id)
    if webhook is None:
        raise NotFound("There is no such webhook.")
    return webhook
