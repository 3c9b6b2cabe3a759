"""Gather what waits for digests into one mail a day or a week."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models import Digest, DigestEntry, DigestPeriod, User
from models.base import now
from services import actor, locks
from services.mail.outgoing import is_set_up
from services.mail.queueing import queue_digest
from services.mail.zones import last_due, zone_of
from services.runtime import unit_of_work

log = logging.getLogger(__name__)


def process_due(at: datetime | None = None) -> int:
    """Write the digests that are due; how many it was.

    Digest, its entries and its mail are one transaction, and the key of a digest is its period:
    whoever is cut short has done all of it or nothing, and nobody does it again.
    """
    actor.worker()
    moment = at or now()
    if not is_set_up():
        return 0
    waiting = (
        select(DigestEntry.user_id, DigestEntry.period, func.min(DigestEntry.created_at))
        .where(DigestEntry.digest_id.is_(None))
        .group_by(DigestEntry.user_id, DigestEntry.period)
    )
    with unit_of_work(writing=False) as session:
        found = [(row[0], row[1], row[2]) for row in session.execute(waiting)]
        people = _reachable(session, [user_id for user_id, _, _ in found])
    due = [
        (user_id, period, slot)
        for user_id, period, oldest in found
        if user_id in people
        and oldest < (slot := last_due(period, moment, zone_of(people[user_id])))
    ]
    return sum(_processed(user_id, period, slot) for user_id, period, slot in due)


def _reachable(session: Session, user_ids: list[int]) -> dict[int, str]:
    """The time zones of those who can get mail."""
    wanted = select(User.id, User.time_zone).where(
        User.id.in_(user_ids), User.disabled_at.is_(None), User.email.is_not(None)
    )
    return {row.id: row.time_zone for row in session.execute(wanted)}


def _processed(user_id: int, period: DigestPeriod, slot: datetime) -> bool:
    try:
        return _process(user_id, period, slot)
    except Exception:
        # The digests of others shall not wait for it; it is tried again at the next round.
        log.exception("The digest of user %d could not be written", user_id)
        return False


def _process(user_id: int, period: DigestPeriod, slot: datetime) -> bool:
    local_date = slot.date().isoformat()
    same = (Digest.user_id == user_id, Digest.period == period, Digest.local_date == local_date)
    with unit_of_work() as session:
        locks.alone(session, "digests")
        user = session.get(User, user_id)
        if user is None or session.scalar(select(Digest.id).where(*same)) is not None:
            return False
        digest = Digest(
            user_id=user_id, period=period, local_date=local_date, due_at=slot, entry_count=0
        )
        session.add(digest)
        session.flush()
        entries = _take_entries(session, digest)
        if not entries:
            session.delete(digest)
            return False
        digest.entry_count = len(entries)
        queue_digest(session, digest, entries, user)
        return True


def _take_entries(session: Session, digest: Digest) -> list[DigestEntry]:
    """What happened before the digest was due; what came later waits for the next one."""
    taken = (
        update(DigestEntry)
        .where(
            DigestEntry.user_id == digest.user_id,
            DigestEntry.period == digest.period,
            DigestEntry.digest_id.is_(None),
            DigestEntry.created_at < digest.due_at,
        )
        .values(digest_id=digest.id)
    )
    session.execute(taken, execution_options={"synchronize_session": False})
    own = select(DigestEntry).where(DigestEntry.digest_id == digest.id).order_by(DigestEntry.id)
    return list(session.scalars(own))
