"""Digests, for admins: what waits for them, which were sent, and writing them now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, TypedDict

from sqlalchemy import ColumnElement, func, select

from models import Digest, DigestEntry, DigestPeriod, JobKind, Mail, MailStatus, User
from models.base import now
from services import actor, health
from services.errors import Invalid
from services.job_service import JobService
from services.mail.digests import process_due
from services.paging import paged
from services.runtime import unit_of_work

QUEUE = "notify"
# What a filter by time may ask for.
TIMES = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


class QueueStats(TypedDict):
    """Entries that wait, entries that a digest has told, and those of the last 24 hours."""

    pending_count: int
    included_count: int
    today_count: int


class PendingEntry(TypedDict):
    id: int
    user_id: int
    user_name: str
    event_type: str
    period: DigestPeriod
    text: str
    link: str | None
    created_at: datetime


class SentDigest(NamedTuple):
    """A digest; ``status`` is that of its mail."""

    id: int
    user_name: str
    period: DigestPeriod
    local_date: str
    due_at: datetime
    entry_count: int
    status: MailStatus
    sent_at: datetime | None


class EmailDigestService:
    """Look at digests, and have those that are due written."""

    @staticmethod
    def get_queue_stats() -> QueueStats:
        actor.admin()
        waits = DigestEntry.digest_id.is_(None)
        counted = select(
            func.count().filter(waits),
            func.count().filter(~waits),
            func.count().filter(DigestEntry.created_at > now() - timedelta(days=1)),
        ).select_from(DigestEntry)
        with unit_of_work(writing=False) as session:
            pending, included, today = session.execute(counted).one()
        return {"pending_count": pending, "included_count": included, "today_count": today}

    @staticmethod
    def get_pending_digests(
        event_type_filter: str | None = None,
        user_id_filter: int | None = None,
        time_filter: str | None = None,
        page: int = 1,
        page_size: int = 25,
    ) -> tuple[list[PendingEntry], int]:
        """What waits, newest first, and how much that is; ``time_filter`` is day, week or month.

        Raises
        ------
        Invalid
            If the time is none of these.
        """
        actor.admin()
        chosen = _filters(event_type_filter, user_id_filter, time_filter)
        newest = paged(
            select(DigestEntry, User.name)
            .join(User, User.id == DigestEntry.user_id)
            .where(*chosen)
            .order_by(DigestEntry.id.desc()),
            page_size,
            (page - 1) * page_size,
        )
        total = select(func.count()).select_from(DigestEntry).where(*chosen)
        with unit_of_work(writing=False) as session:
            found = [_pending(entry, name) for entry, name in session.execute(newest)]
            return found, session.scalar(total) or 0

    @staticmethod
    def get_digest_history(limit: int = 50) -> list[SentDigest]:
        """The last digests, newest first."""
        actor.admin()
        newest = paged(
            select(
                *(Digest.id, User.name, Digest.period, Digest.local_date),
                *(Digest.due_at, Digest.entry_count, Mail.status, Mail.sent_at),
            )
            .join(User, User.id == Digest.user_id)
            .join(Mail, Mail.digest_id == Digest.id)
            .order_by(Digest.id.desc()),
            limit,
        )
        with unit_of_work(writing=False) as session:
            return [SentDigest(*row) for row in session.execute(newest)]

    @staticmethod
    def get_users_with_digests() -> list[User]:
        """Those for whom something waits, by name."""
        actor.admin()
        waiting = select(DigestEntry.user_id).where(DigestEntry.digest_id.is_(None)).distinct()
        people = select(User).where(User.id.in_(waiting)).order_by(User.name)
        with unit_of_work(writing=False) as session:
            found = list(session.scalars(people))
            for user in found:
                session.expunge(user)
            return found

    @staticmethod
    def trigger_digest_processing() -> bool:
        """Have a worker write the digests that are due, by a job; False when none was heard."""
        actor.admin()
        heard = health.workers_heard() or []
        if not any(QUEUE in worker["queues"] for worker in heard):
            return False
        JobService.submit_once(JobKind.SEND_DIGESTS, {}, "Digests that are due", of_anybody=True)
        return True

    @staticmethod
    def write_due() -> int:
        """Write the digests that are due; how many it was. The work of the job."""
        actor.admin()
        with actor.acting_as(actor.WORKER):
            return process_due()


def _filters(
    event_type: str | None, user_id: int | None, time: str | None
) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = [DigestEntry.digest_id.is_(None)]
    if event_type:
        chosen.append(DigestEntry.event_type == event_type)
    if user_id is not None:
        chosen.append(DigestEntry.user_id == user_id)
    if time:
        if time not in TIMES:
            raise Invalid(f"The time is one of {', '.join(TIMES)}, not “{time}”.")
        chosen.append(DigestEntry.created_at > now() - TIMES[time])
    return chosen


def _pending(entry: DigestEntry, user_name: str) -> PendingEntry:
    return {
        "id": entry.id,
        "user_id": entry.user_id,
        "user_name": user_name,
        "event_type": entry.event_type,
        "period": entry.period,
        "text": entry.text,
        "link": entry.link,
        "created_at": entry.created_at,
    }
