"""A POST that is sent twice under one name is done once, and answered twice.

A program that got no answer does not know whether its request was done. It sends the request
again with the same ``Idempotency-Key`` and gets the answer of the first. If the process dies
between doing the work and keeping the answer, nobody knows, and a later try does it again.
"""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TypedDict

from sqlalchemy import Select, delete, select, update
from sqlalchemy.exc import IntegrityError

from models import KeptAnswer
from models.base import now
from services import actor
from services.errors import Conflict, Invalid, Unavailable
from services.runtime import unit_of_work
from services.sealing import seal, unseal

KEEP = timedelta(hours=24)
# Whoever began and did not end within this time is taken for dead.
GIVEN_UP_AFTER = timedelta(minutes=5)
SHAPE = re.compile(r"[\x21-\x7e]{1,255}")


class Answer(TypedDict):
    status: int
    content_type: str | None
    location: str | None
    body: str


class IdempotencyService:
    """Answers to the acting key or person, for a day."""

    @staticmethod
    def begin(key: str, fingerprint: str) -> Answer | None:
        """None if the request is the first of its name and to be done; else its answer.

        Raises
        ------
        Invalid
            If the name is none, or was used for another request.
        Conflict
            If the first is still being done.
        """
        sender = _sender()
        if not SHAPE.fullmatch(key):
            raise Invalid(
                "An Idempotency-Key has 1 to 255 visible ASCII characters; a random UUID is good."
            )
        if _claim(sender, key, fingerprint):
            return None
        with unit_of_work(writing=False) as session:
            found = session.scalar(_row(sender, key))
            if found is None:  # it ended without an answer a moment ago
                raise Conflict("The first request has just failed. Send it again.")
            if found.fingerprint != fingerprint:
                raise Invalid(
                    "This Idempotency-Key was used for another request: the address or the body "
                    "differs. Use a new one."
                )
            if found.status is None:
                raise Conflict("The first request with this Idempotency-Key is still being done.")
            return {
                "status": found.status,
                "content_type": found.content_type,
                "location": found.location,
                "body": _unsealed(found.body),
            }

    @staticmethod
    def keep(key: str, answer: Answer) -> None:
        """Keep what the request was answered, sealed: it may be a key that is shown once."""
        kept = update(KeptAnswer).where(KeptAnswer.sender == _sender(), KeptAnswer.key == key)
        sealed = seal(answer["body"])
        with unit_of_work() as session:
            session.execute(kept.values({**answer, "body": sealed}))

    @staticmethod
    def give_up(key: str) -> None:
        """The request failed on our side: the next one may try."""
        running = (KeptAnswer.sender == _sender(), KeptAnswer.key == key)
        with unit_of_work() as session:
            session.execute(delete(KeptAnswer).where(*running, KeptAnswer.status.is_(None)))

    @staticmethod
    def delete_old() -> int:
        """Take away answers that are older than a day."""
        actor.admin()
        old = delete(KeptAnswer).where(KeptAnswer.begun_at < now() - KEEP)
        with unit_of_work() as session:
            return len(session.scalars(old.returning(KeptAnswer.id)).all())


def fingerprint(method: str, address: str, body: bytes) -> str:
    """What tells one request from another."""
    made = hashlib.sha256(f"{method} {address}\n".encode())
    made.update(body)
    return made.hexdigest()


def _unsealed(body: str | None) -> str:
    try:
        return unseal(body) if body else ""
    except Unavailable as error:
        raise Conflict(
            "The first request was answered, but the answer cannot be read any more: the key that "
            "it was sealed with is gone. Look what came of it, and use a new Idempotency-Key."
        ) from error


def _sender() -> str:
    acting = actor.reader()
    user_id = actor.myself()
    return f"user:{user_id}" if acting.key_id is None else f"key:{acting.key_id}"


def _claim(sender: str, key: str, of: str) -> bool:
    """Whether the request is ours to do; at most one of those that come together gets it."""
    moment = now()
    over = delete(KeptAnswer).where(
        KeptAnswer.sender == sender,
        KeptAnswer.key == key,
        (KeptAnswer.begun_at < moment - KEEP)
        | (KeptAnswer.status.is_(None) & (KeptAnswer.begun_at < moment - GIVEN_UP_AFTER)),
    )
    try:
        with unit_of_work() as session:
            session.execute(over)
            session.add(KeptAnswer(sender=sender, key=key, fingerprint=of))
            session.flush()
    except IntegrityError:
        return False
    return True


def _row(sender: str, key: str) -> Select[KeptAnswer]:
    return select(KeptAnswer).where(KeptAnswer.sender == sender, KeptAnswer.key == key)
