"""From events to people: after the commit of what happened, and by a round for what was missed.

An event is taken by a conditional update in the transaction that fills the channels: both happen
or neither, so that nothing is told twice or not at all, whenever a process is lost.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import Event, User
from models.base import now
from services import actor
from services.actor import WORKER, acting_as
from services.notifications.channels import deliver
from services.notifications.messages import Message
from services.notifications.preferences import choices_of
from services.notifications.sources import message_of
from services.runtime import unit_of_work

log = logging.getLogger(__name__)

AT_ONCE = 100
# What nobody could be told of for so long is no news.
NEWS_FOR = timedelta(days=2)


def route_now(event_id: int) -> None:
    """Tell of an event that has just been committed, whoever made it happen."""
    with acting_as(WORKER):
        _routed(event_id)


def route_due() -> int:
    """Tell of what has not been told, oldest first; how many events it was."""
    actor.worker()
    waiting = (
        select(Event.id)
        .where(Event.routed_at.is_(None), Event.created_at > now() - NEWS_FOR)
        .order_by(Event.id)
        .limit(AT_ONCE)
    )
    with unit_of_work(writing=False) as session:
        event_ids = list(session.scalars(waiting))
    return sum(_routed(event_id) for event_id in event_ids)


def route(event_id: int) -> bool:
    """Tell of one event; False when somebody else has."""
    actor.worker()
    taken = (
        update(Event)
        .where(Event.id == event_id, Event.routed_at.is_(None))
        .values(routed_at=now())
        .returning(Event.id)
    )
    with unit_of_work() as session:
        if session.scalar(taken) is None:
            return False
        event = session.get_one(Event, event_id, populate_existing=True)
        message = message_of(session, event)
        if message is not None:
            _tell(session, event, message)
        return True


def _routed(event_id: int) -> bool:
    try:
        return route(event_id)
    except Exception:
        # The others shall not wait for it; it is tried again at the next round.
        log.exception("Nobody could be told of event %d", event_id)
        return False


def _tell(session: Session, event: Event, message: Message) -> None:
    known = select(User).where(User.id.in_(message.user_ids), User.disabled_at.is_(None))
    users = session.scalars(known.order_by(User.id)).all()
    choices = choices_of(session, [user.id for user in users], message.about)
    for user in users:
        deliver(session, event, message, user, choices[user.id])
