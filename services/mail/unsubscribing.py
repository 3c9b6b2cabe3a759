"""One click in a mail that ends mail of its type.

The signed token is the key: nobody has to sign in for it, so there is no actor to ask for.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import MailChoice, NotificationPreference, User
from services import actor, events
from services.errors import NotFound
from services.mail.tokens import BAD_LINK, DIGESTS, Wish, read_token
from services.notifications.event_types import EVENT_TYPES
from services.notifications.preferences import default_row
from services.runtime import unit_of_work


def unsubscribe(token: str) -> Wish:
    """End mail of the link's type; a second click changes nothing.

    Raises
    ------
    NotFound
        As :func:`read_token` does.
    """
    wish = read_token(token)
    with unit_of_work() as session:
        user = session.get(User, wish.user_id)
        if user is None:
            raise NotFound(BAD_LINK)
        _end(session, wish)
        acting = actor.Actor(user.id, user.role, frozenset(), "link", user.name)
        with actor.acting_as(acting):
            events.record(session, "mail.unsubscribed", f"user:{user.id}", about=wish.type)
    return wish


def _end(session: Session, wish: Wish) -> None:
    ended = DIGESTS.get(wish.type)
    types = [EVENT_TYPES[wish.type]] if ended is None else list(EVENT_TYPES.values())
    chosen = select(NotificationPreference).where(NotificationPreference.user_id == wish.user_id)
    rows = {row.event_type: row for row in session.scalars(chosen)}
    for about in types:
        row = rows.get(about.name) or default_row(wish.user_id, about)
        if ended is None or row.email is ended:
            row.email = MailChoice.OFF
            session.add(row)
