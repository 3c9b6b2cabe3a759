"""Links in mails that let somebody end mail of one type: signed, and good for nothing else."""

from __future__ import annotations

from typing import NamedTuple

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from models import MailChoice
from services.errors import NotFound
from services.notifications.event_types import EVENT_TYPES

DIGESTS = {"digest.daily": MailChoice.DAILY, "digest.weekly": MailChoice.WEEKLY}
BAD_LINK = "This link is not whole. Open the settings of notifications instead."


class Wish(NamedTuple):
    """Whose mail of which type is to end."""

    user_id: int
    type: str

    @property
    def words(self) -> str:
        if self.type in DIGESTS:
            return f"{DIGESTS[self.type].value} digests"
        return f"mail about “{EVENT_TYPES[self.type].title}”"


def token_for(user_id: int, type: str) -> str:
    return str(_signer().dumps([user_id, type]))


def read_token(token: str) -> Wish:
    """What a link asks for.

    Raises
    ------
    NotFound
        If it was not made here, or its type does not exist any more.
    """
    try:
        user_id, type = _signer().loads(token)
    except (BadSignature, ValueError, TypeError) as error:
        raise NotFound(BAD_LINK) from error
    if type not in EVENT_TYPES and type not in DIGESTS:
        raise NotFound(BAD_LINK)
    return Wish(int(user_id), str(type))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="unsubscribe")
